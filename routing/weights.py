"""What weighs more in a neighbourhood: where many elderly live, what is there for them comes first among its kind.

A weight orders services of one kind that fit, and lets one in where there is room among the options. Nothing that would
be offered without weights is dropped for it, no kind moves, and the team and other professionals are left as they are:
who needs one gets the one that fits. What the resident prefers goes before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from routing.model import Group, Kind, Need, Service

WEIGHED: frozenset[Kind] = frozenset({"initiative", "volunteers"})
Weights = Mapping[Group, int]


def weigh(
    chosen: list[Service], others: Iterable[Service], weights: Weights, need: Need, most: int
) -> tuple[list[Service], dict[str, Group]]:
    """The options in their new order, and for each that came forward or in by its weight the group that did it.

    `others` fit too and may be offered, best first; at most one of them comes in, while there are fewer than `most`."""

    def weight(service: Service) -> int:
        speaks = need.language in service.languages
        if not speaks or (need.prefer_experts and not service.experts_by_experience):
            return 0
        return max((weights.get(group, 0) for group in service.groups), default=0)

    def outweighs(other: Service) -> bool:
        """More than every option of its kind; one must be there, for no kind comes in by a weight."""
        same = [weight(service) for service in chosen if service.kind == other.kind]
        return bool(same) and weight(other) > max(same)

    among = list(chosen)
    if len(chosen) < most:
        best = max(filter(outweighs, others), key=weight, default=None)
        if best is not None:
            among.insert(max(place for place, service in enumerate(among) if service.kind == best.kind) + 1, best)
    moved: dict[str, Group] = {}
    for kind in WEIGHED:
        places = [place for place, service in enumerate(among) if service.kind == kind]
        before = [among[place] for place in places]
        after = sorted(before, key=lambda service: -weight(service))
        for number, (place, service) in enumerate(zip(places, after, strict=True)):
            among[place] = service
            if number < before.index(service):
                moved[service.id] = max(service.groups, key=lambda group: weights.get(group, 0))
    return among, moved
