"""The register of agreements: with whom it is settled what is shared, and for how long still."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Literal

from msgspec import Struct

from routing.fit import SENDABLE_KINDS
from storage.records import Directory, Organisation

State = Literal["missing", "ended", "ending", "not_begun", "valid", "not_needed"]
STATES: tuple[State, ...] = ("missing", "ended", "ending", "not_begun", "valid", "not_needed")
WARNED_DAYS = 30  # so long before its end an agreement is brought up


class Entry(Struct, frozen=True):
    """One organisation. `days_left`: 0 on the last day, below 0 after it, None without an agreement. `not_needed`: the
    own team, or one to which the desk only points the way."""

    organisation: str
    name: str
    state: State
    version: str = ""
    signatory: str = ""
    valid_from: str = ""
    valid_until: str = ""
    days_left: int | None = None
    categories: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()  # empty: all themes of its services

    @property
    def key(self) -> str:
        """This agreement and no other of the same organisation."""
        return f"{self.organisation}:{self.version}:{self.valid_until}"


def register(directory: Directory, today: date) -> tuple[Entry, ...]:
    """Every organisation: first what is missing, ended or ends within 30 days, soonest first; then the rest."""
    receives = {
        service.organisation_id
        for service in directory.services
        if service.kind in SENDABLE_KINDS and not service.own_team
    }
    entries = [_entry(organisation, receives, today) for organisation in directory.organisations]
    return tuple(
        sorted(
            entries, key=lambda entry: (STATES.index(entry.state), entry.valid_until, entry.name, entry.organisation)
        )
    )


def to_renew(directory: Directory, today: date) -> tuple[Entry, ...]:
    """The agreements that end within 30 days, and those that ended: nothing is sent there any more."""
    return tuple(entry for entry in register(directory, today) if entry.state in ("ended", "ending"))


def _entry(organisation: Organisation, receives: Collection[str], today: date) -> Entry:
    agreement, needed = organisation.agreement, organisation.id in receives
    if agreement is None:
        return Entry(organisation.id, organisation.name, "missing" if needed else "not_needed")
    days_left = (date.fromisoformat(agreement.valid_until) - today).days
    state: State = "valid"
    if not needed:
        state = "not_needed"
    elif days_left < 0:
        state = "ended"
    elif days_left <= WARNED_DAYS:
        state = "ending"
    elif today.isoformat() < agreement.valid_from:
        state = "not_begun"
    return Entry(
        organisation.id,
        organisation.name,
        state,
        version=agreement.version,
        signatory=agreement.signatory,
        valid_from=agreement.valid_from,
        valid_until=agreement.valid_until,
        days_left=days_left,
        categories=agreement.categories,
        themes=agreement.themes,
    )
