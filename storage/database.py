"""The database as others use it: write works, read works, and hear what changed."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Lock
from typing import TypeVar

from storage.cipher import KeyCache
from storage.connection import connect, database_path
from storage.directory_cache import DirectoryCache
from storage.errors import Closed
from storage.key_ring import KeyRing
from storage.times import Clock, now
from storage.transaction import Transaction
from storage.unit_of_work import UnitOfWork
from storage.writer import Writer

__all__ = ["Clock", "Database", "UnitOfWork"]

T = TypeVar("T")
Listener = Callable[[frozenset[str]], None]

_IDLE_READERS = 8
_log = logging.getLogger(__name__)


class Database:
    """One SQLite file. Works are plain functions of a `UnitOfWork`; those of `write` may be run only once and only
    after they returned are they committed. Safe to use from any thread."""

    def __init__(self, url: str, keys: KeyRing, clock: Clock = now) -> None:
        """Raises `NotADatabase` or `NotWritable`. The schema must be there: see `first_start.open_storage`."""
        self.path: Path = database_path(url)
        self.url = url
        self.keys = keys
        self.clock = clock
        self._cache = KeyCache()
        self._directories = DirectoryCache()
        self._lock = Lock()
        self._closed = False
        self._idle: list[sqlite3.Connection] = []
        self._listeners: list[Listener] = []
        self._writer = Writer(connect(self.path), keys, self._cache, self._directories, clock, self._announce)

    def write(self, work: Callable[[UnitOfWork], T]) -> Future[T]:
        """Hands the work to the writer. The future gives its result after the commit, its exception when it failed
        (and left nothing), or `CommitFailed`. Raises `Closed`."""
        return self._writer.submit(work)

    def run(self, work: Callable[[UnitOfWork], T]) -> T:
        """`write`, and wait for it. Raises what the work raises, `CommitFailed` or `Closed`."""
        if self._writer.is_current_thread():
            raise RuntimeError("a work cannot wait for another work: the writer would wait for itself")
        return self.write(work).result()

    def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """Runs the work in this thread on one snapshot of what is committed. It cannot write. Raises `Closed`."""
        connection = self._reader()
        generation = self._cache.generation
        transaction = Transaction(
            connection.cursor(), self.clock(), self.keys, self._cache, self._directories, read_only=True
        )
        try:
            connection.execute("BEGIN")
            result = work(UnitOfWork(transaction))
        finally:
            self._end_snapshot(connection)
        self._cache.put(transaction.cipher.fresh.items(), generation)
        return result

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """`listener` is called once per commit, in the writer's thread, with the topics that were announced; it must
        be quick. Gives the function that ends it."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def close(self) -> None:
        """Finishes what was submitted, then closes every connection. Twice is once."""
        self._writer.close()
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _reader(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise Closed("The database was closed.")
            if self._idle:
                return self._idle.pop()
        return connect(self.path, read_only=True)

    def _end_snapshot(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("ROLLBACK")
        except sqlite3.Error:
            connection.close()
            return
        with self._lock:
            if not self._closed and len(self._idle) < _IDLE_READERS:
                self._idle.append(connection)
                return
        connection.close()

    def _announce(self, topics: frozenset[str]) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener(topics)
            except Exception:
                # One listener's mistake must not stop the others, nor the writer.
                _log.exception("listener_failed")
