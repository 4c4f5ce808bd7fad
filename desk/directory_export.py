"""Writes the directory as HSDS, for others to use: CSV files or JSON. Accounts, agreements and seats stay out."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from desk.hsds_csv import file_names
from desk.hsds_fields import TABLES
from routing.hsds import TERM, to_hsds
from storage.records import Directory, Organisation

Record = dict[str, Any]
PARTS = {
    "phones": "phone",
    "service_areas": "service_area",
    "languages": "language",
    "schedules": "schedule",
    "attributes": "attribute",
}


def records(directory: Directory) -> list[Record]:
    """Every service as HSDS nests it, with its organisation in full."""
    owners = {organisation.id: _organisation(organisation) for organisation in directory.organisations}
    return [{**to_hsds(service), "organization": owners[service.organisation_id]} for service in directory.services]


def write_json(directory: Directory, file: Path) -> None:
    """Raises OSError."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(records(directory)), indent=1))


def write_tables(directory: Directory, folder: Path) -> None:
    """One CSV file per table, in UTF-8 with commas. Makes the folder. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, list[Record]] = {table: [] for table in TABLES}
    for table, row in _rows(directory):
        tables[table].append(row)
    for table, rows in tables.items():
        columns = list(dict.fromkeys([*TABLES[table], *(name for row in rows for name in row)]))
        with (folder / file_names(table)[0]).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _rows(directory: Directory) -> Iterator[tuple[str, Record]]:
    terms: dict[str, str] = defaultdict(str)
    for organisation in directory.organisations:
        record = _organisation(organisation)
        for phone in record.pop("phones", ()):
            yield "phone", {**phone, "organization_id": organisation.id}
        yield "organization", record
    for service in directory.services:
        record = to_hsds(service)
        record.pop("organization")
        for there in record.pop("service_at_locations", ()):
            location = there.pop("location")
            yield "location", location
            yield "service_at_location", {**there, "service_id": service.id, "location_id": location["id"]}
        for name, table in PARTS.items():
            for part in record.pop(name, ()):
                link = {"service_id": service.id}
                if table == "attribute":
                    link = {"link_id": service.id, "link_entity": "service"}
                    terms[part["taxonomy_term_id"]] = part["taxonomy_term_id"].removeprefix(TERM)
                yield table, {**part, **link}
        yield "service", {**record, "organization_id": service.organisation_id}
    for term, name in terms.items():
        yield "taxonomy_term", {"id": term, "name": name, "description": f"{name}, as this desk uses it"}


def _organisation(organisation: Organisation) -> Record:
    record: Record = {"id": organisation.id, "name": organisation.name, "description": organisation.name}
    if organisation.email:
        record["email"] = organisation.email
    if organisation.url:
        record["website"] = organisation.url
    if organisation.phone:
        record["phones"] = [{"id": f"{organisation.id}:organization:phone", "number": organisation.phone}]
    return record
