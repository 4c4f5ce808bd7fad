"""Opening SQLite the way the promises need it: durable, strict, and with texts wiped when they are deleted."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import NotADatabase, NotWritable

BUSY_SECONDS = 5


def database_path(url: str) -> Path:
    """The file that a URL such as `sqlite:///var/balie.db` names. Raises `NotADatabase`."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        # The address may hold a password, so it is not repeated.
        raise NotADatabase("database.url is not a database address; write it like sqlite:///var/balie.db.") from None
    if parsed.get_backend_name() != "sqlite":
        raise NotADatabase(
            f"database.url names {parsed.get_backend_name()}, which this version does not speak; "
            "write it like sqlite:///var/balie.db."
        )
    if not parsed.database or parsed.database == ":memory:":
        raise NotADatabase("database.url must name a file, like sqlite:///var/balie.db; memory alone keeps nothing.")
    return Path(parsed.database)


def connect(path: Path, read_only: bool = False) -> sqlite3.Connection:
    """A connection without implicit transactions, usable from any thread, one at a time. Raises `NotADatabase` or
    `NotWritable`."""
    try:
        connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
        )
    except sqlite3.OperationalError:
        raise _not_writable(path) from None
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")
    except sqlite3.OperationalError:
        connection.close()
        raise _not_writable(path) from None
    except sqlite3.DatabaseError:
        connection.close()
        raise NotADatabase(
            f"{path} is not a database. Move it away, or choose another place with database.url."
        ) from None
    return connection


def _not_writable(path: Path) -> NotWritable:
    return NotWritable(
        f"The database {path} cannot be opened for writing. Make the file and its folder writable for the account that "
        "runs the desk, or choose another place with database.url."
    )
