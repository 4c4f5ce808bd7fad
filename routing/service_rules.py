"""What a single service must be, wherever it comes from: our own files or an import."""

from __future__ import annotations

from collections.abc import Iterator

from routing.model import Service
from routing.themes import MEDICAL_THEMES

FRAME = ("does", "does_not", "who", "when", "how")
FRAMED_KINDS = frozenset({"own_steps", "initiative", "volunteers"})
"""Their frame is what residents are told to expect; source: findings 9 and 10 of the field."""


def faults(service: Service) -> Iterator[tuple[str, str]]:
    """(field, what is wrong and what to do) for each."""
    if service.kind in FRAMED_KINDS:
        for name in FRAME:
            if not getattr(service, name):
                yield "", f"`{service.id}` needs its frame, add `{name}`"
    border = service.medical or not MEDICAL_THEMES.isdisjoint(service.themes)
    if border and service.kind not in ("team", "elsewhere"):
        where = "medical" if service.medical else "themes"
        yield where, "medical acts are for professionals only, remove it here or correct `kind`"
    if service.specialist and service.kind != "team":
        yield "specialist", "only a team can be the specialist one, correct `kind`"
    if service.maximum_age is not None and service.maximum_age < service.minimum_age:
        yield "maximum_age", "`maximum_age` is below `minimum_age`, correct one of the two"
    if service.for_children and service.kind != "elsewhere":
        yield "for_children", "only a place elsewhere can be for children, correct `kind`"
    if service.own_team and service.capacity is not None:
        yield "capacity", "the team is the last resort and is never full, remove `capacity`"
