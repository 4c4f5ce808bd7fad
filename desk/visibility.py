"""Who sees what of a hand-off, and who may accept it. The one place where this is decided."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from routing.model import Service
from routing.themes import MEDICAL_THEMES
from storage.records import Alert, Directory, Referral, Request, User

Relation = Literal["own", "follows", "team", "neighbourhood"]
"""own: the organisation it was sent to · follows: the professional who stays responsible at a distance ·
team: team lead · neighbourhood: host there. From most to least that may be seen."""

WhyNoWords = Literal["reason", "not_now", "not_taken", "late"]

ORGANISATION_ROLES = frozenset({"volunteer", "coordinator", "professional", "team_lead"})
PROFESSIONAL_ROLES = frozenset({"professional", "team_lead"})
LOG_ROLES = PROFESSIONAL_ROLES
AGREEMENT_ROLES = frozenset({"team_lead", "operator"})
TAKE_OVER_ROLES = frozenset({"host", "professional", "team_lead"})

# A host is a neighbour of the people in the list; these themes are shown to hosts as "for the team".
SENSITIVE_THEMES = frozenset({"addiction", "mental_health", "money_debt"})


def is_sensitive(theme: str) -> bool:
    return theme in SENSITIVE_THEMES or theme.startswith("alert")


def has_role(user: User, names: frozenset[str]) -> bool:
    return not user.disabled and any(role.name in names for role in user.roles)


def team_organisations(directory: Directory) -> frozenset[str]:
    """The organisations that are the neighbourhood team itself; care from outside stands beside it."""
    return frozenset(service.organisation_id for service in directory.services if service.own_team)


def own_organisations(user: User, directory: Directory) -> frozenset[str]:
    """Organisations whose referrals this user reads. A professional or team lead without one belongs to the team."""
    own: set[str] = set()
    for role in user.roles:
        if role.name not in ORGANISATION_ROLES:
            continue
        if role.organisation_id:
            own.add(role.organisation_id)
        elif role.name in PROFESSIONAL_ROLES:
            own |= team_organisations(directory)
    return frozenset(own)


def sees_alerts(user: User, directory: Directory) -> bool:
    """The professionals of the team, wherever in the municipality: an alert that waits for the right neighbourhood
    waits too long. Not hosts and volunteers, who are neighbours; not other organisations, to which nothing was sent;
    not the operator, who sees no requests."""
    team = team_organisations(directory)
    return not user.disabled and any(
        role.name in PROFESSIONAL_ROLES and (role.organisation_id is None or role.organisation_id in team)
        for role in user.roles
    )


def why_no_words(user: User, alert: Alert, directory: Directory, now: datetime, hours: timedelta) -> WhyNoWords | None:
    """Why what the resident wrote around an alert stays closed for this user; None: it may be opened, with a reason.
    Nothing else opens what a resident did not share: no role, no setting."""
    if alert.level != "now":
        return "not_now"
    if not sees_alerts(user, directory) or alert.acknowledged_by != user.id:
        return "not_taken"
    return "late" if now >= alert.at + hours else None


def is_host_of(user: User, neighbourhood: str | None) -> bool:
    """A host without a neighbourhood is a host of the whole municipality."""
    return any(
        role.name == "host" and (role.neighbourhood is None or role.neighbourhood == neighbourhood)
        for role in user.roles
    )


def relation(user: User, referral: Referral, directory: Directory, request: Request | None) -> Relation | None:
    """How this user stands to this referral; None: it does not exist for them. Without its request (not looked up)
    nobody follows it, and no volunteer is a member of the team."""
    if user.disabled:
        return None
    if referral.organisation_id in own_organisations(user, directory) and (
        referral.kind != "team"
        or _is_professional_there(user, referral, directory)
        or (request is not None and volunteers_inside(request))
    ):
        return "own"
    if request is not None and request.responsible == user.id and has_role(user, PROFESSIONAL_ROLES):
        return "follows"
    if has_role(user, frozenset({"team_lead"})):
        return "team"
    if is_host_of(user, referral.neighbourhood):
        return "neighbourhood"
    return None


def volunteers_inside(request: Request) -> bool:
    """Whether the card to which the resident said yes named the team's volunteers among those who see it. What the
    municipality configures later changes nothing about that."""
    facts: dict[str, str] = request.option.get("facts") or {}
    return facts.get("volunteers") == "inside"


def is_medical(referral: Referral, request: Request, service: Service | None) -> bool:
    """Whether medical acts are part of the need: by its theme, by what routing found, or by who does it. Such acts are
    for professionals only, and no setting changes that."""
    return (
        referral.theme in MEDICAL_THEMES
        or request.theme in MEDICAL_THEMES
        or "medical" in (request.option.get("reasons") or ())
        or bool(request.option.get("medical"))
        or (service is not None and service.medical)
    )


def may_accept(user: User, referral: Referral, request: Request, directory: Directory) -> bool:
    """Only the organisation it was sent to, and for a medical need only a professional there."""
    if relation(user, referral, directory, request) != "own":
        return False
    service = next((one for one in directory.services if one.id == referral.service_id), None)
    return not is_medical(referral, request, service) or _is_professional_there(user, referral, directory)


def _is_professional_there(user: User, referral: Referral, directory: Directory) -> bool:
    """A professional of the organisation it was sent to; one without an organisation belongs to the team."""
    team = team_organisations(directory)
    return any(
        role.name in PROFESSIONAL_ROLES
        and (
            role.organisation_id == referral.organisation_id
            or (role.organisation_id is None and referral.organisation_id in team)
        )
        for role in user.roles
    )
