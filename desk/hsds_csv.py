"""Reads the tabular form of HSDS, a folder of CSV files, into its nested form: a service with what belongs to it."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from msgspec import Struct

from desk.hsds_fields import TABLES, faults

Record = dict[str, Any]
Progress = Callable[[int, int], None]  # how much is done, of how much
NEEDED = ("organization", "service")


class Row(Struct):
    """`line`: where it begins in its file."""

    line: int
    cells: dict[str, str]


class Tables(Struct):
    """The rows of every table that is there, with the names of their files, and what is wrong with them."""

    rows: dict[str, list[Row]]
    files: dict[str, str]
    problems: list[str]


def file_names(table: str) -> tuple[str, str]:
    """HSDS's schemas name the files in the plural, its examples as the tables."""
    return ("addresses.csv", "address.csv") if table == "address" else (f"{table}s.csv", f"{table}.csv")


def read_tables(folder: Path, progress: Progress) -> Tables:
    """Every table of the folder, checked row by row: fields, ids that stand twice, references that lead nowhere.
    `progress` is told how many bytes of how many were read."""
    tables = Tables({}, {}, [])
    paths: dict[str, Path] = {}
    for table in TABLES:
        path = next((path for name in file_names(table) if (path := folder / name).exists()), None)
        if path is not None:
            paths[table] = path
        elif table in NEEDED:
            tables.problems.append(f"{folder}: {file_names(table)[0]} is missing, put it there")
    every, done = sum(path.stat().st_size for path in paths.values()), 0
    for table, path in paths.items():
        tables.files[table] = str(path)
        tables.rows[table] = list(_rows(path, table, tables.problems))
        progress(done := done + path.stat().st_size, every)
    for table in tables.rows:
        _check(table, tables)
    return tables


def nested(tables: Tables) -> Iterator[tuple[str, Record]]:
    """(file:line, the service as HSDS nests it) in the order of the file."""
    rows = tables.rows
    organizations: dict[str, Record] = {row.cells["id"]: dict(row.cells) for row in rows["organization"]}
    for phone in rows.get("phone", ()):
        if owner := organizations.get(phone.cells.get("organization_id", "")):
            owner.setdefault("phones", []).append(phone.cells)
    parts: dict[str, Record] = defaultdict(dict)
    for table, name in (("phone", "phones"), ("service_area", "service_areas"), ("language", "languages")):
        for row in rows.get(table, ()):
            if service_id := row.cells.get("service_id"):
                parts[service_id].setdefault(name, []).append(row.cells)
    locations: dict[str, Record] = {row.cells["id"]: dict(row.cells) for row in rows.get("location", ())}
    for row in rows.get("address", ()):
        if place := locations.get(row.cells.get("location_id", "")):
            place.setdefault("addresses", []).append(row.cells)
    service_of: dict[str, str] = {}
    for row in rows.get("service_at_location", ()):
        service_of[row.cells["id"]] = service_id = row.cells["service_id"]
        there = {**row.cells, "location": locations.get(row.cells["location_id"], {})}
        parts[service_id].setdefault("service_at_locations", []).append(there)
    for row in rows.get("schedule", ()):
        there_only = service_of.get(row.cells.get("service_at_location_id", ""), "")
        if service_id := row.cells.get("service_id") or there_only:
            parts[service_id].setdefault("schedules", []).append(row.cells)
    terms = {row.cells["id"]: row.cells for row in rows.get("taxonomy_term", ())}
    for row in rows.get("attribute", ()):
        if row.cells["link_entity"] in ("service", "services"):
            attribute = {**row.cells, "taxonomy_term": terms.get(row.cells["taxonomy_term_id"], {})}
            parts[row.cells["link_id"]].setdefault("attributes", []).append(attribute)
    for row in rows["service"]:
        owner = organizations.get(row.cells["organization_id"], {})
        yield (
            f"{tables.files['service']}:{row.line}",
            {**row.cells, "organization": owner, **parts.get(row.cells["id"], {})},
        )


def _rows(path: Path, table: str, problems: list[str]) -> Iterator[Row]:
    text = _text(path, problems)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            begins, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                if wrong := _wrong_header(table, header):
                    problems.append(f"{path}:{begins}: {wrong}")
                    return
            elif len(cells) != len(header):
                problems.append(
                    f"{path}:{begins}: this row has {len(cells)} cells and the first one {len(header)}, "
                    "put double quotes around a text that holds a comma"
                )
            else:
                yield Row(begins, {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell})
    except csv.Error as error:
        problems.append(f"{path}:{line}: this row cannot be read ({error}), look for a double quote that is not closed")
    if not header:
        problems.append(f"{path}:1: the file is empty, fill it or take it away")


def _text(path: Path, problems: list[str]) -> str | None:
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems.append(f"{path}:1: cannot be read ({error.strerror}), see who may read it")
        return None
    try:
        return raw.decode("utf-8-sig")  # spreadsheets put a byte order mark in front
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = "is UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "holds characters that are not UTF-8"
        problems.append(f"{path}:{line}: {what}, save the file as CSV UTF-8")
        return None


def _wrong_header(table: str, header: list[str]) -> str:
    if len(header) == 1 and ";" in header[0]:
        return "the cells are separated by semicolons, save the file with commas (CSV UTF-8, comma delimited)"
    if len(header) == 1 and "\t" in header[0]:
        return "the cells are separated by tabs, save the file with commas (CSV UTF-8, comma delimited)"
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice:
        return f"the column `{twice}` stands here twice, keep one"
    for name, field in TABLES[table].items():
        if (field.required or field.tabular) and name not in header:
            near = get_close_matches(name, header, 1, 0.7)
            return f"the column `{name}` is missing, " + (f"did you mean it with `{near[0]}`?" if near else "add it")
    return ""


def _check(table: str, tables: Tables) -> None:
    file, seen = tables.files[table], dict[str, int]()
    ids = {
        other: {row.cells.get("id") for row in tables.rows[other]}
        for field in TABLES[table].values()
        if (other := field.refers) in tables.rows
    }
    for row in tables.rows[table]:
        wrong = list(faults(table, row.cells, tabular=True))
        row_id = row.cells.get("id", "")
        if row_id and seen.setdefault(row_id, row.line) != row.line:
            wrong.append(f"`{row_id}` is the id of row {seen[row_id]} too, give one of them another id")
        for name, field in TABLES[table].items():
            value = row.cells.get(name)
            if value and field.refers in ids and value not in ids[field.refers]:
                where = Path(tables.files[field.refers]).name
                wrong.append(f"`{name}` is `{value}` and {where} has no such id, add it there or correct it")
        tables.problems += [f"{file}:{row.line}: {what}" for what in wrong]
