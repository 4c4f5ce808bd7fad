"""What in the directory asks for attention: not checked for a year, not met, found by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from storage.records import Directory

A_YEAR = timedelta(days=365)
What = Literal["not_checked", "not_met", "no_theme"]


class Attention(Struct, frozen=True):
    """`id` is a service's, or for `not_met` an organisation's. `since`: when it was checked last, empty for never."""

    what: What
    id: str
    name: str
    since: str = ""
    by: str = ""


def attention(directory: Directory, today: date) -> Iterator[Attention]:
    """The longest unchecked first; then the organisations that run something and that the team has not met (finding 4
    of the field); then services to which no question leads."""
    before = (today - A_YEAR).isoformat()
    for service in sorted(directory.services, key=lambda one: one.last_checked):
        if service.last_checked < before:
            yield Attention("not_checked", service.id, service.name, service.last_checked, service.checked_by)
    running = {service.organisation_id for service in directory.services if not service.own_team}
    for organisation in directory.organisations:
        if organisation.id in running and not organisation.met:
            yield Attention("not_met", organisation.id, organisation.name)
    for service in directory.services:
        if not service.themes and not service.right:
            yield Attention("no_theme", service.id, service.name)
