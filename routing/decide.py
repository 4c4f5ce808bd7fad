"""The routing decision: a need, a snapshot of the directory and a policy in, up to three options with reasons out.

Pure: same need, same roster, same policy, same decision."""

from __future__ import annotations

from collections.abc import Iterable

from routing.conditions import holds
from routing.fit import (
    SENDABLE_KINDS,
    is_medical,
    is_under_age,
    known_place,
    left_out,
    may_receive,
    not_sent,
    preference,
    reaches,
    suits,
    team_form,
    themes_of,
)
from routing.model import Decision, Follower, Group, Kind, Need, Option, Right, Roster, Service
from routing.policy import OWN, Policy, Rule
from routing.reasons import reasons
from routing.themes import RIGHTS_BESIDE
from routing.weights import WEIGHED, Weights, weigh

MOST_OPTIONS = 3
MOST_LEFT_OUT = 20

OWN_NETWORK = Service(id="own_network", organisation_id="", organisation="", kind="own_network", name="", themes=())
"""Somebody the resident knows; its words are `route.own_network.name`, `.does` and `.how`."""

PERSON_HERE = Service(id="person_here", organisation_id="", organisation="", kind="team", name="", themes=())
"""Somebody of the team in this conversation, when the directory has no team that can be offered; its words are
`route.person_here.name` and `.does`."""

NEARBY_ROLES = frozenset({"neighbour", "friend", "acquaintance", "housemate"})
"""Roles that are nearby by nature. Family may live anywhere, so it is not counted among them."""


def decide(policy: Policy, roster: Roster, need: Need) -> Decision:
    """At least one and at most three options; the team stands among them unless something else can be sent to.

    What a resident can do themselves never weighs, and whom they know only ever adds the option of own network: no
    answer to those questions, given or skipped, lowers another option."""
    place = known_place(roster, need)
    form = team_form(roster, place)
    fitting, kept_out = _sort_out(roster, need, place)
    room = {kind for kind, services in fitting.items() if services}
    rule = next((rule for rule in policy.rules if holds(rule.when, need, place, form, room)), policy.rules[-1])
    order, of_each = _within_borders(rule, need)

    teams = fitting["team"] or _any_team(roster, need, place)
    team = teams[0] if teams else PERSON_HERE
    helping = [
        service
        for kind in order
        if kind not in OWN
        for service in (teams if kind == "team" else fitting[kind])[:of_each]
    ]
    chosen = _choose(_own_strength(order, rule, need, fitting), helping, team, need, roster.today)
    others = [
        service
        for kind in order
        if kind in WEIGHED
        for service in fitting[kind]
        if not_sent(service, need, roster.today) is None
    ]
    chosen, weighed = weigh(chosen, others, _weights(roster, place), need, MOST_OPTIONS)

    options: list[Option] = []
    for service in chosen:
        added = None
        if service is team and service not in helping:
            added = "team_can_call" if len(chosen) > 1 else "last_resort"
        options.append(_option(service, need, rule, place, roster.today, added, weighed.get(service.id)))
    return Decision(
        rule=rule.id,
        policy=policy.hash,
        options=tuple(options),
        follower=_follower(roster, place),
        left_out=tuple(_explained(kept_out, fitting, order, chosen, need, roster.today)),
        rights=_rights(roster, need, place),
        team=_option(team, need, rule, place, roster.today, "team_can_call"),
    )


def _within_borders(rule: Rule, need: Need) -> tuple[tuple[Kind, ...], int]:
    """The order that may be followed. Under 16 and medical needs have one of their own, whatever the rule says."""
    if is_under_age(need):
        return ("team", "elsewhere"), 2 if is_medical(need) else 1
    if is_medical(need):
        return ("team",), 2
    return rule.order, rule.of_each


def _sort_out(roster: Roster, need: Need, place: str | None) -> tuple[dict[Kind, list[Service]], list[tuple[str, str]]]:
    """What fits, per kind and best first, and what would fit but is not offered, with the code of the reason."""
    fitting: dict[Kind, list[Service]] = {
        "own_steps": [],
        "own_network": [],
        "initiative": [],
        "volunteers": [],
        "team": [],
        "elsewhere": [],
    }
    kept_out: list[tuple[str, str]] = []
    for service in roster.about(themes_of(need)):
        if not reaches(service, place) or not suits(service, need):
            continue
        code = left_out(service, need, roster.today)
        if code is None:
            fitting[service.kind].append(service)
        else:
            kept_out.append((service.id, code))
    for services in fitting.values():
        services.sort(key=lambda service: preference(service, need, place, roster.today))
    return fitting, kept_out


def _any_team(roster: Roster, need: Need, place: str | None) -> list[Service]:
    """Teams that do not name the theme: better than nobody."""
    found = [
        service for service in roster.teams if reaches(service, place) and left_out(service, need, roster.today) is None
    ]
    found.sort(key=lambda service: (not service.own_team, preference(service, need, place, roster.today)))
    return found


def _own_strength(
    order: tuple[Kind, ...], rule: Rule, need: Need, fitting: dict[Kind, list[Service]]
) -> Service | None:
    """At most one of the three: own strength comes first and never crowds out help from others."""
    for kind in order:
        if kind == "own_steps" and fitting["own_steps"]:
            return fitting["own_steps"][0]
        if kind == "own_network":
            named = need.own_network if rule.network == "named" else NEARBY_ROLES.intersection(need.own_network)
            if named:
                return OWN_NETWORK
    return None


def _choose(own: Service | None, helping: list[Service], team: Service, need: Need, today: str) -> list[Service]:
    """Up to three. A contact card never stands alone: then the team stands beside it, and when nothing among the
    options can be sent to, the best that can be takes the last place."""

    def sendable(service: Service) -> bool:
        return not_sent(service, need, today) is None

    chosen = _with_sendable(helping[:MOST_OPTIONS], helping, team, need, today)
    if team not in chosen and len(chosen) < MOST_OPTIONS and not all(sendable(service) for service in chosen):
        chosen.append(team)
    if own is None:
        return chosen
    room = MOST_OPTIONS - 1
    return [own, *_with_sendable(chosen[:room], chosen, team, need, today, most=room)]


def _with_sendable(
    chosen: list[Service],
    candidates: Iterable[Service],
    team: Service,
    need: Need,
    today: str,
    most: int = MOST_OPTIONS,
) -> list[Service]:
    if team in chosen or any(not_sent(service, need, today) is None for service in chosen):
        return chosen
    instead = next((service for service in candidates if not_sent(service, need, today) is None), team)
    return [*chosen[: most - 1], instead]


def _weights(roster: Roster, place: str | None) -> Weights:
    return next((one.weights for one in roster.neighbourhoods if one.id == place), {})


def _option(
    service: Service,
    need: Need,
    rule: Rule,
    place: str | None,
    today: str,
    added: str | None,
    weighed: Group | None = None,
) -> Option:
    if service is OWN_NETWORK:
        return Option(service=service, reasons=("own_network",), sendable=False, may_receive=())
    if service is PERSON_HERE:
        return Option(service=service, reasons=("person_here",), sendable=False, may_receive=())
    sendable = not_sent(service, need, today) is None
    codes = reasons(service, need, rule, place, added, weighed)
    if not sendable and service.kind in SENDABLE_KINDS:
        codes = (*codes, "contact_card")
    return Option(
        service=service, reasons=codes, sendable=sendable, may_receive=may_receive(service) if sendable else ()
    )


def _follower(roster: Roster, place: str | None) -> Follower | None:
    general = roster.followers.get("")
    return general if place is None else roster.followers.get(place, general)


def _rights(roster: Roster, need: Need, place: str | None) -> tuple[Right, ...]:
    codes = RIGHTS_BESIDE.get(need.theme, ())
    if not codes:
        return ()
    found = [service for service in roster.rights if reaches(service, place)]
    found.sort(key=lambda service: (bool(service.neighbourhoods) != (place is not None), service.id))
    return tuple(Right(code, next((service for service in found if service.right == code), None)) for code in codes)


def _explained(
    kept_out: list[tuple[str, str]],
    fitting: dict[Kind, list[Service]],
    order: tuple[Kind, ...],
    chosen: list[Service],
    need: Need,
    today: str,
) -> list[tuple[str, str]]:
    """Why nothing can be sent to some of the chosen, why others were kept out, and what came after them; at most 20."""
    ids = {service.id for service in chosen}
    found: list[tuple[str, str]] = []
    for service in chosen:
        code = not_sent(service, need, today) if service.kind in SENDABLE_KINDS else None
        if code is not None and service is not PERSON_HERE:
            found.append((service.id, code))
    found += kept_out
    for kind, services in fitting.items():
        code = "after_the_others" if kind in order else "other_kind"
        found += [(service.id, code) for service in services if service.id not in ids]
    return found[:MOST_LEFT_OUT]
