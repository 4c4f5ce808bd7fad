"""Whether one service fits one need: theme, place, borders, room, and whether a request may be sent there."""

from __future__ import annotations

from routing.model import CATEGORIES, Need, Ring, Roster, Service, TeamForm
from routing.themes import COMPLEX, MEDICAL_THEMES, UNDER_AGE, domains

SENDABLE_KINDS = frozenset({"initiative", "volunteers", "team"})


def is_medical(need: Need) -> bool:
    """Medical acts are involved, by the theme or because they were mentioned."""
    return need.medical or need.theme in MEDICAL_THEMES


def is_under_age(need: Need) -> bool:
    """Under 16, when the age was told."""
    return need.age is not None and need.age < UNDER_AGE


def is_complex(need: Need) -> bool:
    """Three or more parts of life at once."""
    return len(domains(need.theme, *need.also)) >= COMPLEX


def team_form(roster: Roster, place: str | None) -> TeamForm:
    """The form of the team there. Where the place was not told and the forms differ, the broad one, which closes
    nothing: skipping blocks nothing."""
    forms = {one.team_form for one in roster.neighbourhoods if place in (None, one.id)}
    return forms.pop() if len(forms) == 1 else "broad"


def volunteers_ring(roster: Roster, place: str | None) -> Ring:
    """Where volunteers stand there; outside where the place was not told and it differs, for then fewer people see."""
    rings = {one.volunteers for one in roster.neighbourhoods if place in (None, one.id)}
    return rings.pop() if len(rings) == 1 else "outside"


def known_place(roster: Roster, need: Need) -> str | None:
    """The need's neighbourhood when this municipality has it, else None."""
    known = any(need.neighbourhood == neighbourhood.id for neighbourhood in roster.neighbourhoods)
    return need.neighbourhood if known else None


def reaches(service: Service, place: str | None) -> bool:
    """The service is there for this neighbourhood. Without a place every service is: skipping blocks nothing."""
    return place is None or not service.neighbourhoods or place in service.neighbourhoods


def themes_of(need: Need) -> frozenset[str]:
    """The themes whose services can matter: the need's own, those of medical acts when these are involved, and all
    that were heard when it is complex."""
    also = need.also if is_complex(need) else ()
    return frozenset({need.theme, *also}) | (MEDICAL_THEMES if is_medical(need) else frozenset())


def suits(service: Service, need: Need) -> bool:
    """A service of one of these themes does something about the need. One of another theme than the need's own does
    so only by doing medical acts, or as a team for one part of what is complex; what is for children suits children."""
    if need.theme not in service.themes and not (
        (service.medical and is_medical(need) and not MEDICAL_THEMES.isdisjoint(service.themes))
        or (service.kind == "team" and is_complex(need) and not set(need.also).isdisjoint(service.themes))
    ):
        return False
    return not service.for_children or is_under_age(need)


def left_out(service: Service, need: Need, today: str) -> str | None:
    """The code of the reason why this service is not offered for this need, None when it can be.

    The two borders come first; no policy and no setting can change them."""
    if is_under_age(need) and not (service.kind == "team" or service.for_children):
        return "under_16"
    professional = service.kind == "team" or (service.kind == "elsewhere" and service.medical)
    # A place for children to talk does no medical acts; it stands beside the professional and does not replace one.
    if is_medical(need) and not (professional or service.for_children):
        return "medical"
    if need.age is not None and need.age < service.minimum_age:
        return "minimum_age"
    if need.age is not None and service.maximum_age is not None and need.age > service.maximum_age:
        return "maximum_age"
    if service.specialist and not is_complex(need):
        return "complex_only"
    if service.closed_until is not None and today < service.closed_until:
        return "closed"
    if service.full_until is not None and today < service.full_until:
        return "full"
    if service.capacity is not None and service.reserved >= service.capacity:
        return "full"
    return None


def not_sent(service: Service, need: Need, today: str) -> str | None:
    """The code of the reason why no request can be sent there, None when it can. The resident still gets the contact
    card: only what would be shared is at stake."""
    if service.kind not in SENDABLE_KINDS:
        return "no_requests"
    if is_under_age(need) and need.for_whom != "other":
        return "child_alone"
    if not service.has_account:
        return "no_account"
    agreement = service.agreement
    if agreement is None:
        return None if service.own_team else "agreement_missing"
    if today > agreement.valid_until:
        return "agreement_expired"
    if today < agreement.valid_from:
        return "agreement_not_begun"
    if agreement.themes and need.theme not in agreement.themes:
        return "agreement_other_theme"
    return None


def may_receive(service: Service) -> tuple[str, ...]:
    """The data categories that may stand on the card for this service."""
    if service.agreement is not None:
        return service.agreement.categories
    return CATEGORIES if service.own_team else ()


def preference(service: Service, need: Need, place: str | None, today: str) -> tuple[bool | int | str, ...]:
    """Sorts services of one kind, best first: what the resident prefers, what it does most, how near, whether a
    request can be sent, the language; the id last, so that the same need gives the same order."""
    theme = service.themes.index(need.theme) if need.theme in service.themes else len(service.themes)
    bound = bool(service.neighbourhoods)
    return (
        is_medical(need) and not service.medical,
        not service.specialist,  # it is here only when the need is complex
        (service.maximum_age is None) == (need.age is not None),  # a team for an age, when the age was told
        need.prefer_experts and not service.experts_by_experience,
        theme,
        bound if place is None else not bound,
        not_sent(service, need, today) is not None,
        need.language not in service.languages,
        service.id,
    )
