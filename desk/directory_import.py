"""Takes over a directory of services from HSDS, as CSV files or JSON.

What the municipality wrote itself stays: neighbourhoods, letters of agreement, accounts, whom the team has met, and the
organisations of its own files. An import replaces what an earlier one brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from desk.directory_file import DirectoryError
from desk.hsds_csv import nested, read_tables
from desk.hsds_json import read_services
from routing.areas import Areas
from routing.hsds import NO_TERMS, NotAService, area_names, from_hsds, is_there, phone_of
from routing.model import Service
from routing.service_rules import faults
from storage.directory import new_edition
from storage.records import Directory, Organisation

if TYPE_CHECKING:
    from desk.bootstrap import Desk

PART = 500  # services in one work: the writer is busy for some 20 ms, and residents' messages go in between
SHOWN = 50  # problems that are told at once; who mended these can import again

Record = dict[str, Any]


class Progress(Protocol):
    """Told what is being done, and how much of how much of it is done."""

    def __call__(self, what: str, done: int, every: int) -> None: ...


class Found(Struct, frozen=True):
    """A directory that was read and can be put in place, and how it differs from the present one: ids of services."""

    organisations: tuple[Organisation, ...]
    services: tuple[Service, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    other_towns: int  # services that are not there for anybody here
    ended: int  # inactive, defunct, or closed until nobody knows when
    without_theme: int  # taken over, but no question leads to them


def read_import(desk: Desk, source: Path, progress: Progress, terms: Mapping[str, str] = NO_TERMS) -> Found:
    """Reads and compares; changes nothing. `source`: a folder of CSV files, or a JSON file. `terms`: what a term of
    another taxonomy (its id, code or name) means here, as a theme. Raises DirectoryError."""
    present = desk.database.read(lambda uow: uow.directory.load())
    if not present.neighbourhoods:
        what = f"{source}: the desk knows no neighbourhoods yet, import the folder with municipality.yml first"
        raise DirectoryError([what])
    records = _records(source, partial(progress, "reading"))
    areas = Areas(desk.settings.municipality, present.neighbourhoods)
    services, counts, problems = [], Counter[str](), []
    own_teams = {service.organisation_id for service in present.services if service.own_team}
    for number, (place, record) in enumerate(records, start=1):
        if number % PART == 0:
            progress("checking", number, len(records))
        area = areas.named(area_names(record))
        if area is None or not is_there(record):
            counts["ended" if area else "other_towns"] += 1
            continue
        try:
            service = from_hsds(record, area, terms)
        except NotAService as error:
            problems.append(f"{place}: {error}")
            continue
        service = replace(service, own_team=service.organisation_id in own_teams)
        problems += [f"{place}: {what}" for _, what in faults(service)]
        counts["without_theme"] += not (service.themes or service.right)
        services.append(service)
    _stop_at(problems)
    mentioned = {str(record["organization"].get("id")) for _, record in records}
    return _merged(present, services, _organisations(records, services, present), mentioned, counts)


def put_in_place(desk: Desk, found: Found, progress: Progress) -> None:
    """Stages the services in small works, so that no conversation waits, and switches to them at once. When it is cut
    off, what is served stays as it was. Raises `Outrun` when another import was put in place meanwhile."""
    edition, every = new_edition(), len(found.services)
    desk.database.run(lambda uow: uow.directory.stage(edition, found.organisations, ()))
    for first in range(0, every, PART):
        part = found.services[first : first + PART]
        desk.database.run(lambda uow, first=first, part=part: uow.directory.stage(edition, (), part, first))  # type: ignore[misc]
        progress("putting in place", first + len(part), every)
    desk.database.run(lambda uow: uow.directory.switch(edition, every))
    while desk.database.run(lambda uow: uow.directory.sweep(PART)):
        pass


def _records(source: Path, progress: Callable[[int, int], None]) -> Sequence[tuple[str, Record]]:
    if not source.is_dir():
        services, problems = read_services(source)
        _stop_at(problems)
        return services
    tables = read_tables(source, progress)
    _stop_at(tables.problems)
    return list(nested(tables))


def _stop_at(problems: list[str]) -> None:
    if len(problems) > SHOWN:
        problems = [*problems[:SHOWN], f"and {len(problems) - SHOWN} more; mend these and import again"]
    if problems:
        raise DirectoryError(problems)


def _organisations(
    records: Sequence[tuple[str, Record]], services: Sequence[Service], present: Directory
) -> list[Organisation]:
    """Those that run one of the services, with what only the municipality knows of them."""
    known = {one.id: one for one in present.organisations}
    said = {str(record["organization"].get("id")): record["organization"] for _, record in records}
    found = []
    for organisation_id in dict.fromkeys(service.organisation_id for service in services):
        record = said[organisation_id]
        ours = known.get(organisation_id, Organisation(organisation_id, ""))
        found.append(
            replace(
                ours,
                name=str(record.get("name") or ""),
                phone=phone_of(record) or ours.phone,
                email=str(record.get("email") or ours.email),
                url=str(record.get("website") or ours.url),
                imported=True,
            )
        )
    return found


def _merged(
    present: Directory,
    services: Sequence[Service],
    organisations: Sequence[Organisation],
    mentioned: set[str],
    counts: Counter[str],
) -> Found:
    own = [one for one in present.organisations if not one.imported and one.id not in mentioned]
    own_ids = {organisation.id for organisation in own}
    kept = [service for service in present.services if service.organisation_id in own_ids]
    before = {service.id: _as_imported(service) for service in present.services}
    every = (*kept, *services)
    after = {service.id: _as_imported(service) for service in every}
    twice = [one.id for one in services if one.id in {service.id for service in kept}]
    _stop_at([f"`{name}` is a service of the municipality's own files too, give one another id" for name in twice])
    return Found(
        organisations=(*own, *organisations),
        services=every,
        added=tuple(name for name in after if name not in before),
        changed=tuple(name for name, service in after.items() if name in before and before[name] != service),
        removed=tuple(name for name in before if name not in after),
        other_towns=counts["other_towns"],
        ended=counts["ended"],
        without_theme=counts["without_theme"],
    )


def _as_imported(service: Service) -> Service:
    """What an import says of it, to compare by."""
    return replace(service, has_account=False, agreement=None, reserved=0)
