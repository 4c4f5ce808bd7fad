"""The field rules of Open Referral HSDS 3.0, for the tables that the desk reads. Source: its published schemas,
https://docs.openreferral.org/en/v3.0.0/hsds/schema_reference.html. Other tables and columns may be there and are left
alone. `format: uuid` is not asked for: many directories have ids of their own, and so have we."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class Field(NamedTuple):
    """`tabular`: required in tables only; a nested record says it by where it stands. `refers`: to the id of a row of
    this table."""

    required: bool = False
    kind: Literal["text", "number", "day", "email", "uri"] = "text"
    among: tuple[str, ...] = ()
    refers: str = ""
    tabular: bool = False


REQUIRED = Field(required=True)
TEXT = Field()

TABLES: dict[str, dict[str, Field]] = {
    "organization": {
        "id": REQUIRED,
        "name": REQUIRED,
        "description": REQUIRED,
        "email": Field(kind="email"),
        "website": Field(kind="uri"),
    },
    "service": {
        "id": REQUIRED,
        "organization_id": Field(tabular=True, refers="organization"),
        "name": REQUIRED,
        "status": Field(required=True, among=("active", "inactive", "defunct", "temporarily closed")),
        "description": TEXT,
        "application_process": TEXT,
        "email": Field(kind="email"),
        "url": Field(kind="uri"),
        "minimum_age": Field(kind="number"),
        "maximum_age": Field(kind="number"),
        "assured_date": Field(kind="day"),
        "assurer_email": Field(kind="email"),
    },
    "location": {
        "id": REQUIRED,
        "location_type": Field(required=True, among=("physical", "postal", "virtual")),
        "name": TEXT,
    },
    "address": {
        "id": REQUIRED,
        "location_id": Field(refers="location"),
        "address_1": REQUIRED,
        "city": REQUIRED,
        "state_province": REQUIRED,
        "postal_code": REQUIRED,
        "country": REQUIRED,
        "address_type": Field(required=True, among=("physical", "postal", "virtual")),
    },
    "service_at_location": {
        "id": REQUIRED,
        "service_id": Field(tabular=True, refers="service"),
        "location_id": Field(tabular=True, refers="location"),
    },
    "phone": {
        "id": REQUIRED,
        "service_id": Field(refers="service"),
        "organization_id": Field(refers="organization"),
        "number": REQUIRED,
    },
    "service_area": {"id": REQUIRED, "service_id": Field(refers="service"), "name": TEXT},
    "language": {"id": REQUIRED, "service_id": Field(refers="service"), "code": TEXT},
    "schedule": {
        "id": REQUIRED,
        "service_id": Field(refers="service"),
        "service_at_location_id": Field(refers="service_at_location"),
        "freq": Field(among=("WEEKLY", "MONTHLY")),
        "valid_from": Field(kind="day"),
        "valid_to": Field(kind="day"),
        "dtstart": Field(kind="day"),
        "interval": Field(kind="number"),
        "opens_at": TEXT,
        "closes_at": TEXT,
        "byday": TEXT,
        "bymonthday": TEXT,
        "description": TEXT,
    },
    "taxonomy_term": {"id": REQUIRED, "name": REQUIRED, "description": REQUIRED},
    "attribute": {
        "id": REQUIRED,
        "link_id": Field(tabular=True),
        "link_entity": Field(tabular=True),
        "taxonomy_term_id": Field(tabular=True, refers="taxonomy_term"),
        "value": TEXT,
    },
}
"""Table → the fields that are read, in an order in which every table comes after those it refers to."""


def faults(table: str, row: Mapping[str, Any], *, tabular: bool) -> Iterator[str]:
    """What is wrong with one row, and what to do. References are for whoever has all rows."""
    for name, field in TABLES[table].items():
        value = row.get(name)
        text = "" if value is None else str(value).strip()
        if not text:
            if field.required or (field.tabular and tabular):
                yield f"`{name}` is empty, fill it in"
        elif field.among and text not in field.among:
            yield f"`{text}` is no `{name}`, use one of: {', '.join(field.among)}"
        elif field.kind == "number" and not _NUMBER.fullmatch(text):
            yield f"`{name}` should be a number and is `{text}`, correct it or leave it empty"
        elif field.kind == "day" and not _DAY.fullmatch(text):
            yield f"`{name}` should be a day and is `{text}`, write year-month-day as in 2026-03-31"
        elif field.kind == "email" and not _EMAIL.fullmatch(text):
            yield f"`{name}` should be an e-mail address and is `{text}`, correct it or leave it empty"
        elif field.kind == "uri" and not _is_web_address(text):
            yield f"`{name}` should be a web address and is `{text}`, begin it with https:// or leave it empty"


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
