"""F, the figure everything is compared with: a raw loop of the rows of one turn in SQLite, one commit per turn."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

_ROW = b"x" * 400  # about what an encrypted message or session takes


def raw_turns_per_second(folder: Path, seconds: float = 2.0) -> float:
    """Turns per second of the same four rows (update, message, reply, session) with WAL and synchronous=FULL."""
    connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY, payload BLOB)")
    connection.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, body BLOB)")
    connection.execute("CREATE TABLE session (id INTEGER PRIMARY KEY, body BLOB)")
    turns, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO inbox (payload) VALUES (?)", (_ROW,))
        connection.execute("INSERT INTO message (body) VALUES (?)", (_ROW,))
        connection.execute("INSERT INTO message (body) VALUES (?)", (_ROW,))
        connection.execute("INSERT OR REPLACE INTO session VALUES (?, ?)", (turns % 1000, _ROW))
        connection.execute("COMMIT")
        turns += 1
    spent = time.perf_counter() - start
    connection.close()
    return turns / spent
