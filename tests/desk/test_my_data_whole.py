"""A new table or column that can hold something of a resident cannot be forgotten in the file of the own data."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from desk.bootstrap import Desk
from storage.tables import metadata
from tests.desk.full_life import data_of
from tests.desk.resident import Resident

Items = Callable[[dict[str, Any]], Iterable[dict[str, Any]]]
WHO = "a user; in the file by role and organisation"
LINK = "says which of the resident's own rows it belongs to; in the file it stands there"
UNREADABLE = "of what was withdrawn nobody has the key any more; the others are looked at in test_my_data.py"
INNER = "how the program keeps it; says nothing about the resident"


def _looked(data: dict[str, Any]) -> list[dict[str, Any]]:
    places = [data["conversation"], *data["requests"], *data["alerts"]]
    return [look for place in places for look in place["looked"]]


def _referrals(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [referral for request in data["requests"] for referral in request["referrals"]]


# For each table: where its rows stand in the file, and for each column the field there, or why there is none.
TABLES: dict[str, tuple[Items, dict[str, str]]] = {
    "contact": (
        lambda data: [data["contact"]],
        {
            "id": "=id",
            "channel": "=channel",
            "bot": "=bot",
            "address_hmac": INNER,
            "address_sealed": "~address",
            "created_at": "=since",
            "erased_at": INNER,
        },
    ),
    "conversation": (
        lambda data: [data["conversation"]],
        {
            "id": "=id",
            "contact_id": LINK,
            "channel": LINK,
            "owner": WHO,
            "session_sealed": "~memory",
            "last_n": "=last_n",
            "waiting": "=waiting_for",
            "waiting_since": "=waiting_since",
            "share_before": "=share_before",
            "updated_at": "=updated_at",
        },
    ),
    "message": (
        lambda data: data["messages"],
        {
            "conversation_id": LINK,
            "n": "=n",
            "sender": "=from",
            "author": "=name",
            "key": "=key",
            "body_sealed": "~text",
            "inbox_id": LINK,
            "provider_id": "=in_chat_as",
            "at": "=at",
        },
    ),
    "inbox": (
        lambda data: data["received"],
        {
            "id": INNER,
            "channel": "=channel",
            "bot": "=bot",
            "provider_id": "=provider_id",
            "payload_sealed": "~content",
            "contact_id": LINK,
            "conversation_id": LINK,
            "n": "=n",
            "state": "=state",
            "broken": INNER,
            "received_at": "=received_at",
        },
    ),
    "job": (
        lambda data: data["planned"],
        {
            "seq": INNER,
            "id": INNER,
            "lane": LINK,
            "key": LINK,
            "kind": "=kind",
            "payload": INNER,  # ids only, or encrypted: see the test of the held news
            "contact_id": LINK,
            "state": INNER,
            "urgent": INNER,
            "run_at": "=due",
            "attempts": "=tries",
            "locked_by": INNER,
            "lease_until": INNER,
            "error": "=error",
            "created_at": INNER,
        },
    ),
    "link": (
        lambda data: data["links"],
        {
            "id": "=id",
            "kind": "=kind",
            "token_hash": INNER,
            "contact_id": LINK,
            "content_sealed": "~content",
            "answer": "=answer",
            "answers": "=answers",
            "created_at": "=made_at",
            "expires_at": "=works_until",
        },
    ),
    "alert": (
        lambda data: data["alerts"],
        {
            "id": INNER,
            "code": "=code",
            "conversation_id": LINK,
            "category": "=category",
            "level": "=level",
            "source": "=source",
            "at": "=at",
            "acknowledged_by": WHO,
            "acknowledged_at": "=taken_at",
            "step": "=steps_told",
        },
    ),
    "web_session": (
        lambda data: [data["contact"]],
        {"contact_id": LINK, "resume_hmac": INNER, "expires_at": "=web_expires_at"},
    ),
    "web_token": (
        lambda data: [{"at": at} for at in data["contact"]["web_opened_at"]],
        {"token_hash": INNER, "contact_id": LINK, "created_at": "=at"},
    ),
    "request": (
        lambda data: data["requests"],
        {
            "id": "=id",
            "code": "=code",
            "contact_id": LINK,
            "conversation_id": LINK,
            "theme": "=theme",
            "neighbourhood": "=neighbourhood",
            "status": "=status",
            "responsible": WHO,
            "option_sealed": "~destination",
            "lines_sealed": UNREADABLE,
            "created_at": "=created_at",
            "updated_at": "=updated_at",
            "erased_at": INNER,
        },
    ),
    "consent": (
        lambda data: data["consents"],
        {
            "id": "=id",
            "request_id": LINK,
            "contact_id": LINK,
            "conversation_id": LINK,
            "card_version": "=card_version",
            "language": "=language",
            "card_sealed": UNREADABLE,
            "lines_on": "~lines_on",
            "answer": "=answer",
            "channel": "=channel",
            "at": "=at",
            "withdrawn_at": "=withdrawn_at",
        },
    ),
    "referral": (
        _referrals,
        {
            "id": "=id",
            "request_id": LINK,
            "code": "=code",
            "service_id": "=service",
            "organisation_id": "=organisation",
            "kind": "=kind",
            "theme": "=theme",
            "neighbourhood": "=neighbourhood",
            "status": "=status",
            "created_at": "=created_at",
            "updated_at": "=updated_at",
        },
    ),
    "referral_event": (
        lambda data: [event for referral in _referrals(data) for event in referral["events"]],
        {
            "id": INNER,
            "referral_id": LINK,
            "number": INNER,
            "status": "=status",
            "actor": WHO,
            "reason_sealed": "~reason",
            "at": "=at",
        },
    ),
    "routing_log_request": (
        lambda data: [row for request in data["requests"] for row in request["routing_log"]],
        {"seq": INNER, "request_id": LINK},
    ),
    "access_log": (
        _looked,
        {
            "id": INNER,
            "user_id": WHO,
            "request_id": LINK,
            "what": "=what",
            "at": "=at",
            "reason_sealed": "~reason",
        },
    ),
    "code_guess": (lambda data: data["wrong_codes"], {"id": INNER, "contact_id": LINK, "at": "=at"}),
}
OWNERS = ("contact", "conversation", "request", "referral")


def _belongs(column: Any) -> bool:
    """Whether the column names one of the resident's own rows."""
    parents = {key.column.table.name for key in column.foreign_keys}
    return column.name in {f"{owner}_id" for owner in OWNERS} or bool(parents & {*OWNERS, "web_session"})


def _own_rows(path: Path, data: dict[str, Any]) -> dict[str, list[sqlite3.Row]]:
    """The rows of the database that belong to the contact of `data`, found by its ids."""
    ids = {data["contact"]["id"], data["conversation"]["id"]}
    ids |= {one["id"] for one in (*data["requests"], *_referrals(data))}
    marks = ", ".join("?" * len(ids))
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    found: dict[str, list[sqlite3.Row]] = {}
    for table in metadata.sorted_tables:
        columns = [column.name for column in table.columns if _belongs(column)]
        columns += ["id"] if table.name in OWNERS else []
        columns += ["key"] if table.name == "job" else []
        if columns:
            where = " OR ".join(f'"{name}" IN ({marks})' for name in columns)
            values = [*ids] * len(columns)
            found[table.name] = connection.execute(f'SELECT * FROM "{table.name}" WHERE {where}', values).fetchall()
    connection.close()
    return found


def _comparable(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    try:
        return datetime.fromisoformat(value).isoformat() if isinstance(value, str) and "T" in value else str(value)
    except ValueError:
        return str(value)


def test_whatever_the_database_holds_of_a_resident_is_in_the_file(town_desk: Desk, lived: Resident) -> None:
    data = data_of(town_desk, lived)
    rows = _own_rows(town_desk.database.path, data)
    assert set(rows) == set(TABLES), "a table that can hold something of a resident must be in desk/my_data.py and here"
    # Alerts are looked at by their own id, which leads to nobody; the file has those looks too.
    looks_at_alerts = sum(len(alert["looked"]) for alert in data["alerts"])
    for name, own in rows.items():
        items, columns = TABLES[name]
        shown = list(items(data))
        assert own, f"nothing in {name}: the resident of this test must have lived there too"
        assert {column.name for column in metadata.tables[name].columns} == set(columns), f"a column of {name}"
        assert len(shown) == len(own) + (looks_at_alerts if name == "access_log" else 0), name
        if name == "access_log":
            shown = [look for look in shown if not look["what"].startswith("alert")]
        for column, field in columns.items():
            if field.startswith("="):
                kept, given = ([one[key] for one in places] for places, key in ((own, column), (shown, field[1:])))
                assert sorted(map(_comparable, kept)) == sorted(map(_comparable, given)), (name, column)
            elif field.startswith("~"):
                filled = sum(row[column] is not None for row in own)
                assert filled == sum(one[field[1:]] is not None for one in shown), (name, column)
