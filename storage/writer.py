"""The one writer: it takes waiting works together, each in its savepoint, and commits once for all of them."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Lock, Thread, current_thread
from typing import Any

from storage.cipher import KeyCache
from storage.connection import BUSY_SECONDS
from storage.directory_cache import DirectoryCache
from storage.errors import Closed, CommitFailed
from storage.key_ring import KeyRing
from storage.times import Clock
from storage.transaction import Transaction
from storage.unit_of_work import UnitOfWork

TOGETHER = 64

_log = logging.getLogger(__name__)
_Item = tuple[Callable[[UnitOfWork], Any], "Future[Any]"]


class Writer:
    """Owns its connection and its thread. `announce` is called in that thread with the topics of each commit."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        keys: KeyRing,
        cache: KeyCache,
        directories: DirectoryCache,
        clock: Clock,
        announce: Callable[[frozenset[str]], None],
    ) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._keys = keys
        self._cache = cache
        self._directories = directories
        self._clock = clock
        self._announce = announce
        self._queue: SimpleQueue[_Item | None] = SimpleQueue()
        self._closing = Lock()
        self._closed = False
        self._wipe_log = False
        self._thread = Thread(target=self._run, name="storage-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[UnitOfWork], Any]) -> Future[Any]:
        """Raises `Closed`."""
        future: Future[Any] = Future()
        with self._closing:
            if self._closed:
                raise Closed("The database was closed.")
            self._queue.put((work, future))
        return future

    def is_current_thread(self) -> bool:
        return current_thread() is self._thread

    def close(self) -> None:
        """What was submitted before is still done."""
        with self._closing:
            already, self._closed = self._closed, True
        if not already:
            self._queue.put(None)
        if not self.is_current_thread():
            self._thread.join()

    def _run(self) -> None:
        try:
            while True:
                items, last = self._take()
                if items:
                    self._commit_together(items)
                if last:
                    return
        finally:
            self._connection.close()

    def _take(self) -> tuple[list[_Item], bool]:
        """Waits for one work, then takes all that wait with it; True when none will follow."""
        items: list[_Item] = []
        item = self._queue.get()
        while item is not None:
            items.append(item)
            if len(items) == TOGETHER:
                return items, False
            try:
                item = self._queue.get_nowait()
            except Empty:
                return items, False
        return items, True

    def _commit_together(self, items: list[_Item]) -> None:
        items = [item for item in items if item[1].set_running_or_notify_cancel()]
        generation = self._cache.generation
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        last: Transaction | None = None
        topics: set[str] = set()
        try:
            self._cursor.execute("BEGIN IMMEDIATE")
            for work, future in items:
                result, mistake, transaction = self._work(work, last)
                outcomes.append((future, result, mistake))
                if transaction:
                    last = transaction
                    topics |= transaction.topics
            self._cursor.execute("COMMIT")
        except BaseException as error:
            self._undo()
            for _, future in items:
                failure = CommitFailed(f"Nothing was stored: the database refused ({_reason(error)}).")
                failure.__cause__ = error
                future.set_exception(failure)
            return
        if last:
            self._keep_keys(last, generation)
        for future, result, mistake in outcomes:
            if mistake is not None:
                future.set_exception(mistake)
            else:
                future.set_result(result)
        if self._wipe_log:
            self._wipe_write_ahead_log()
        if topics:
            self._announce(frozenset(topics))

    def _work(
        self, work: Callable[[UnitOfWork], Any], before: Transaction | None
    ) -> tuple[Any, BaseException | None, Transaction | None]:
        """Result, or error without a trace in the database."""
        cursor = self._cursor
        transaction = Transaction(cursor, self._clock(), self._keys, self._cache, self._directories, before)
        cursor.execute("SAVEPOINT work")
        try:
            result = work(UnitOfWork(transaction))
        except BaseException as error:
            if not self._connection.in_transaction:
                raise  # the error (a full disk) ended the whole transaction, so nothing of the others is left either
            cursor.execute("ROLLBACK TO work")
            cursor.execute("RELEASE work")
            return None, error, None
        cursor.execute("RELEASE work")
        return result, None, transaction

    def _keep_keys(self, last: Transaction, generation: int) -> None:
        if last.cipher.gone:
            self._cache.drop(last.cipher.gone)
            self._wipe_log = True
            generation = self._cache.generation
        self._cache.put(last.cipher.fresh.items(), generation)

    def _undo(self) -> None:
        if self._connection.in_transaction:
            try:
                self._cursor.execute("ROLLBACK")
            except sqlite3.Error:
                _log.exception("rollback_failed")

    def _wipe_write_ahead_log(self) -> None:
        """After an erasure the log still holds pages with the deleted key; moving them into the database and emptying
        the log ends that. While a reader stands in the way it is tried again after each commit."""
        self._cursor.execute("PRAGMA busy_timeout=0")
        try:
            busy = self._cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]
            self._wipe_log = bool(busy)
        except sqlite3.OperationalError:
            pass  # busy: stays wanted
        finally:
            self._cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


def _reason(error: BaseException) -> str:
    """SQLite's own words never quote values; any other error is named only."""
    return str(error) if isinstance(error, sqlite3.Error) else type(error).__name__
