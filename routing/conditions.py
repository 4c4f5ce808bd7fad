"""The conditions of a rule: whether they hold for a need, whether they ever can, and whether others include them."""

from __future__ import annotations

from collections.abc import Set
from typing import Literal

from msgspec import Struct

from routing.fit import is_medical
from routing.model import Kind, Need, TeamForm
from routing.themes import DOMAINS, MEDICAL_THEMES, domains


class When(Struct, frozen=True):
    """The conditions of a rule; all that are given must hold. Nothing given: the rule always holds."""

    themes: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()  # life domain of the theme
    domains_at_least: int | None = None  # life domains touched by the theme and the other themes heard
    domains_at_most: int | None = None
    medical: bool | None = None
    urgent: bool = False  # holds only when it was heard that it cannot wait; nothing can be asked of who did not say so
    age_under: int | None = None  # holds only when the age was told
    for_whom: Literal["self", "other"] | None = None
    neighbourhoods: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    team_forms: tuple[TeamForm, ...] = ()  # the form of the team where the resident lives
    room: tuple[Kind, ...] = ()  # each of these kinds has a service for the need that is open and has room today


def holds(when: When, need: Need, place: str | None, form: TeamForm, room: Set[Kind]) -> bool:
    """`place`: where the resident lives, None when unknown. `room`: the kinds that have a service with room."""
    touched, parts = domains(need.theme), len(domains(need.theme, *need.also))
    return (
        (not when.themes or need.theme in when.themes)
        and (not when.domains or not touched.isdisjoint(when.domains))
        and (when.domains_at_least is None or parts >= when.domains_at_least)
        and (when.domains_at_most is None or parts <= when.domains_at_most)
        and (not when.team_forms or form in when.team_forms)
        and (when.medical is None or when.medical == is_medical(need))
        and (not when.urgent or need.urgent)
        and (when.age_under is None or (need.age is not None and need.age < when.age_under))
        and (when.for_whom is None or when.for_whom == need.for_whom)
        and (not when.neighbourhoods or place in when.neighbourhoods)
        and (not when.languages or need.language in when.languages)
        and all(kind in room for kind in when.room)
    )


def contradiction(when: When) -> str:
    """What in these conditions can never be so together; empty when they can hold."""
    themes = _themes(when)
    if themes is not None and not themes:
        return "none of its `themes` is in its `domains`"
    if themes is not None and when.medical is False and themes <= MEDICAL_THEMES:
        return f"{', '.join(sorted(themes))} is always medical"
    if when.domains_at_most is not None and (when.domains_at_least or 0) > when.domains_at_most:
        return "`domains_at_least` is above `domains_at_most`"
    return ""


def covers(earlier: When, later: When) -> bool:
    """Whether `earlier` holds for every need that `later` holds for."""
    wide, narrow = _themes(earlier), _themes(later)
    if wide is not None and (narrow is None or not narrow <= wide):
        return False
    for name in ("neighbourhoods", "languages", "team_forms"):
        some, fewer = getattr(earlier, name), getattr(later, name)
        if some and (not fewer or not set(fewer) <= set(some)):
            return False
    if earlier.domains_at_least is not None and (later.domains_at_least or 0) < earlier.domains_at_least:
        return False
    if earlier.domains_at_most is not None and (
        later.domains_at_most is None or later.domains_at_most > earlier.domains_at_most
    ):
        return False
    if earlier.age_under is not None and (later.age_under is None or later.age_under > earlier.age_under):
        return False
    medical = True if narrow is not None and narrow <= MEDICAL_THEMES else later.medical
    return (
        earlier.medical in (None, medical)
        and earlier.for_whom in (None, later.for_whom)
        and (later.urgent or not earlier.urgent)
        and set(earlier.room) <= set(later.room)
    )


def _themes(when: When) -> frozenset[str] | None:
    """The themes that the conditions leave open; None: every theme, also one that an operator added."""
    if not when.themes and not when.domains:
        return None
    of_domains = frozenset(theme for domain in when.domains for theme in DOMAINS[domain])
    if not when.themes:
        return of_domains
    return of_domains.intersection(when.themes) if when.domains else frozenset(when.themes)
