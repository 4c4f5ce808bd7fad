"""Reads HSDS as JSON: a list of services, each with all that belongs to it, or a page of an HSDS service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from desk.hsds_fields import TABLES, faults

Record = dict[str, Any]
PARTS = {
    "organization": "organization",
    "phones": "phone",
    "schedules": "schedule",
    "service_areas": "service_area",
    "service_at_locations": "service_at_location",
    "languages": "language",
    "attributes": "attribute",
    "location": "location",
    "addresses": "address",
}
"""Where a record holds records of which table."""


def read_services(path: Path) -> tuple[list[tuple[str, Record]], list[str]]:
    """((file: which service, the service), …) and what is wrong with them."""
    try:
        found = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        return [], [f"{path}: cannot be read ({error.strerror}), name a file of services or a folder of CSV files"]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return [], [f"{path}: this is not JSON ({error}), save it as JSON in UTF-8"]
    if isinstance(found, dict):
        found = found.get("services", found.get("contents"))
    if not isinstance(found, list):
        return [], [f'{path}: there is no list of services, write `[…]` or `{{"services": […]}}`']
    services: list[tuple[str, Record]] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for number, record in enumerate(found, start=1):
        place = f"{path}: service {number}"
        if not isinstance(record, dict):
            problems.append(f"{place}: this is no service, write `{{…}}` with its fields")
            continue
        service_id = str(record.get("id", ""))
        place += f" (`{service_id}`)" if service_id else ""
        problems += [f"{place}: {what}" for what in _faults("service", record)]
        if service_id and seen.setdefault(service_id, number) != number:
            problems.append(f"{place}: this is the id of service {seen[service_id]} too, give one of them another id")
        services.append((place, record))
    return services, problems


def _faults(table: str, record: Record) -> Iterator[str]:
    yield from faults(table, record, tabular=False)
    for name, part in PARTS.items():
        value = record.get(name)
        if value is None or name in TABLES[table]:
            continue
        single = name in ("organization", "location")
        if not isinstance(value, dict if single else list):
            yield f"`{name}` should be {'one record' if single else 'a list of records'}, write it so"
            continue
        for number, inner in enumerate([value] if single else value, start=1):
            where = name if single else f"{name} {number}"
            if isinstance(inner, dict):
                yield from (f"{where}: {what}" for what in _faults(part, inner))
            else:
                yield f"{where}: should be a record, write `{{…}}` with its fields"
