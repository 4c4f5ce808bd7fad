"""The codes of why: why an option is offered (for the resident) and why a service is not (for the team).

Their words are in flows/locales/*/routing.yml, as `route.reason.<code>` and `route.left_out.<code>`."""

from __future__ import annotations

from routing.fit import is_medical, is_under_age
from routing.model import Group, Need, Service
from routing.policy import Rule

REASONS = (
    "own_steps",
    "own_network",
    "run_by_residents",
    "volunteers_have_time",
    "medical",
    "young_person",
    "young_other",
    "talk_place",
    "talk_place_other",
    "cannot_wait",
    "several_domains",
    "team_beside_you",
    "team_can_call",
    "last_resort",
    "person_here",
    "owner_elsewhere",
    "many_children",
    "many_young",
    "many_elderly",
    "nearby",
    "place_unknown",
    "experts_by_experience",
    "speaks_your_language",
    "contact_card",
)

LEFT_OUT = (
    "under_16",
    "medical",
    "minimum_age",
    "maximum_age",
    "complex_only",
    "closed",
    "full",
    "other_kind",
    "after_the_others",
    "child_alone",
    "no_account",
    "agreement_missing",
    "agreement_expired",
    "agreement_not_begun",
    "agreement_other_theme",
)


def reasons(
    service: Service, need: Need, rule: Rule, place: str | None, asked_for: str | None, weighed: Group | None
) -> tuple[str, ...]:
    """The codes for an option, heaviest first; `asked_for` replaces the main one (`team_can_call`, `last_resort`).
    `weighed`: the group whose weight in this neighbourhood brought it forward."""
    codes = [asked_for or _main(service, need, rule)]
    if weighed is not None:
        codes.append(f"many_{weighed}")
    if place is not None and place in service.neighbourhoods and service.kind != "elsewhere":
        codes.append("nearby")
    if place is None and service.neighbourhoods:
        codes.append("place_unknown")
    if service.experts_by_experience:
        codes.append("experts_by_experience")
    if need.language != "nl" and need.language in service.languages:
        codes.append("speaks_your_language")
    return tuple(codes)


def _main(service: Service, need: Need, rule: Rule) -> str:
    if service.kind == "own_steps":
        return "own_steps"
    if service.kind == "initiative":
        return "run_by_residents"
    if service.kind == "volunteers":
        return "volunteers_have_time"
    if service.kind == "elsewhere":
        if service.for_children:
            return "talk_place_other" if need.for_whom == "other" else "talk_place"
        return "owner_elsewhere"
    if is_medical(need):
        return "medical"
    if is_under_age(need):
        return "young_other" if need.for_whom == "other" else "young_person"
    if rule.when.urgent:
        return "cannot_wait"
    return "several_domains" if rule.when.domains_at_least is not None else "team_beside_you"
