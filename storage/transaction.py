"""What the repositories share within one work: cursor, time, cipher and the topics to announce."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from storage.cipher import Cipher, KeyCache
from storage.directory_cache import DirectoryCache
from storage.key_ring import KeyRing
from storage.prepared import Prepared, Row
from storage.tables import data_key
from storage.times import to_text

_KEY = Prepared(select(data_key.c.wrapped).where(data_key.c.subject == bindparam("subject")))
_ADD_KEY = Prepared(insert(data_key))
_DELETE_KEY = Prepared(delete(data_key).where(data_key.c.subject == bindparam("subject")))


class Transaction:
    """One work: a savepoint of the writer or a snapshot of a reader. `before` is the work before it in the same
    commit."""

    def __init__(
        self,
        cursor: sqlite3.Cursor,
        now: datetime,
        keys: KeyRing,
        cache: KeyCache,
        directories: DirectoryCache,
        before: Transaction | None = None,
        read_only: bool = False,
    ) -> None:
        self._cursor = cursor
        self.now = now
        self.now_text = to_text(now)
        self.keys = keys
        self.read_only = read_only
        self.cipher: Cipher = Cipher(self, keys, cache, before.cipher if before else None)
        self.directories = directories
        self.topics: set[str] = set()
        self.contact_of: dict[str, str] = {}  # conversation id → contact id, as far as this work has read it

    def one(self, prepared: Prepared, **values: Any) -> Row | None:
        """The first row. All are fetched: a statement left half-way would hold the commit."""
        rows = prepared.execute(self._cursor, values).fetchall()
        return rows[0] if rows else None

    def all(self, prepared: Prepared, **values: Any) -> list[Row]:
        return prepared.execute(self._cursor, values).fetchall()

    def do(self, prepared: Prepared, **values: Any) -> int:
        """The number of rows that were changed."""
        return prepared.execute(self._cursor, values).rowcount

    def notify(self, topic: str) -> None:
        self.topics.add(topic)

    def wrapped_key(self, subject: str) -> bytes | None:
        row = self.one(_KEY, subject=subject)
        return row[0] if row else None

    def add_wrapped_key(self, subject: str, wrapped: bytes) -> None:
        self.do(_ADD_KEY, subject=subject, wrapped=wrapped, created_at=self.now_text)

    def delete_wrapped_key(self, subject: str) -> None:
        self.do(_DELETE_KEY, subject=subject)
