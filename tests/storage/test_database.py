from __future__ import annotations

import logging
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from storage import migrate
from storage.database import Database
from storage.errors import Closed, CommitFailed
from storage.key_ring import KeyRing
from storage.records import Contact
from storage.unit_of_work import UnitOfWork
from tests.storage.conftest import HandClock, House


def hold_writer(database: Database) -> Event:
    """The writer is busy, with nothing else in its commit, until the event is set."""
    started, go = Event(), Event()

    def hold(uow: UnitOfWork) -> None:
        started.set()
        go.wait(10)

    database.write(hold)
    assert started.wait(10)
    return go


def together(database: Database, works: list[Callable[[UnitOfWork], Any]]) -> list[Future[Any]]:
    """Holds the writer until all works wait, so that one commit takes them all."""
    go = hold_writer(database)
    futures = [database.write(work) for work in works]
    go.set()
    return futures


def add_contact(address: str) -> Callable[[UnitOfWork], Contact]:
    return lambda uow: uow.contacts.find_or_add("web", "web", address)


def count(database: Database, table: str) -> int:
    with sqlite3.connect(database.path) as connection:
        found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    connection.close()
    return found


def test_waiting_works_share_one_commit_in_their_order(database: Database) -> None:
    heard: list[frozenset[str]] = []
    database.subscribe(heard.append)
    order: list[int] = []

    def work(number: int) -> Callable[[UnitOfWork], int]:
        def run(uow: UnitOfWork) -> int:
            order.append(number)
            uow.notify(f"conversation:{number}")
            return number

        return run

    futures = together(database, [work(number) for number in range(30)])
    assert [future.result(10) for future in futures] == list(range(30))
    assert order == list(range(30))
    assert heard == [frozenset(f"conversation:{number}" for number in range(30))]


def test_never_more_than_64_works_in_one_commit(database: Database) -> None:
    heard: list[frozenset[str]] = []
    done = Event()

    def listen(topics: frozenset[str]) -> None:
        heard.append(topics)
        if sum(map(len, heard)) == 150:
            done.set()

    database.subscribe(listen)
    together(database, [lambda uow, number=number: uow.notify(str(number)) for number in range(150)])  # type: ignore[misc]
    assert done.wait(10)
    assert [len(topics) for topics in heard] == [64, 64, 22]


def test_a_failing_work_leaves_nothing_and_takes_no_other_down(database: Database) -> None:
    def fails(uow: UnitOfWork) -> None:
        uow.contacts.find_or_add("web", "web", "halfway")
        uow.notify("never")
        raise ValueError("on purpose")

    heard: list[frozenset[str]] = []
    database.subscribe(heard.append)
    before, failing, after = together(database, [add_contact("one"), fails, add_contact("two")])
    with pytest.raises(ValueError, match="on purpose"):
        failing.result(10)
    assert before.result(10).id != after.result(10).id
    assert database.read(lambda uow: uow.contacts.find("web", "web", "one")) == before.result()
    assert database.read(lambda uow: uow.contacts.find("web", "web", "two")) == after.result()
    assert database.read(lambda uow: uow.contacts.find("web", "web", "halfway")) is None
    assert all("never" not in topics for topics in heard)


def test_a_refused_statement_rolls_back_its_own_work_only(database: Database, contact: Contact) -> None:
    def breaks_a_rule(uow: UnitOfWork) -> None:
        uow.jobs.add("turn", {}, lane="a")
        uow.inbox.add("telegram", "bot", "1", b"{}", contact.id, "no such conversation", 1)

    bad, good = together(database, [breaks_a_rule, lambda uow: uow.jobs.add("turn", {}, lane="b")])
    with pytest.raises(sqlite3.IntegrityError):
        bad.result(10)
    assert good.result(10)
    assert count(database, "job") == 1


def test_no_future_resolves_before_the_commit(database: Database) -> None:
    reached, go = Event(), Event()

    def slow(uow: UnitOfWork) -> None:
        reached.set()
        go.wait(10)

    hold = hold_writer(database)
    first, second = database.write(add_contact("early")), database.write(slow)
    hold.set()
    assert reached.wait(10)
    assert not first.done()
    assert database.read(lambda uow: uow.contacts.find("web", "web", "early")) is None
    go.set()
    second.result(10)
    assert first.done()
    assert database.read(lambda uow: uow.contacts.find("web", "web", "early")) == first.result()


def refuse_the_commit(uow: UnitOfWork) -> None:
    """A foreign key that is only checked at the commit, and fails there."""
    cursor = uow._transaction._cursor
    cursor.execute("PRAGMA defer_foreign_keys=ON")
    cursor.execute("INSERT INTO routing_log_request (seq, request_id) VALUES (999, 'x')")


def test_a_refused_commit_fails_every_work_of_it_and_the_next_goes_on(house: House, clock: HandClock) -> None:
    house.file.parent.mkdir()
    migrate.upgrade(house.url)
    database = Database(house.url, KeyRing.load_or_create(house.keys), clock)
    try:
        add = lambda uow: uow.inbox.add("web", "web", "1", b"first try")  # noqa: E731
        futures = together(database, [add, refuse_the_commit, add_contact("one")])
        for future in futures:
            with pytest.raises(CommitFailed, match="FOREIGN KEY constraint failed"):
                future.result(10)
        assert count(database, "contact") == count(database, "data_key") == 0
        # The quarantine key of the failed commit must not be used again: nobody could ever read what it encrypts.
        inbox_id, is_new = database.run(lambda uow: uow.inbox.add("web", "web", "1", b"second try"))
        assert is_new
    finally:
        database.close()
    again = house.open(clock)
    assert again.read(lambda uow: uow.inbox.get(inbox_id).payload) == b"second try"
    again.close()


def test_a_key_made_by_a_failing_work_is_not_kept(house: House, clock: HandClock) -> None:
    house.file.parent.mkdir()
    migrate.upgrade(house.url)
    database = Database(house.url, KeyRing.load_or_create(house.keys), clock)

    def fails(uow: UnitOfWork) -> None:
        uow.inbox.add("web", "web", "1", b"lost")
        raise ValueError

    failing, good = together(database, [fails, lambda uow: uow.inbox.add("web", "web", "2", b"kept")])
    assert isinstance(failing.exception(10), ValueError)
    inbox_id = good.result(10)[0]
    database.close()
    again = house.open(clock)
    assert again.read(lambda uow: uow.inbox.get(inbox_id).payload) == b"kept"
    again.close()


def test_a_full_disk_fails_what_was_not_stored_and_nothing_else(database: Database) -> None:
    connection = database._writer._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 2}")
    works: list[Callable[[UnitOfWork], Any]] = [
        add_contact("small"),
        lambda uow: uow.inbox.add("web", "web", "big", b"x" * 500_000),
        add_contact("another"),
    ]
    small, big, another = together(database, works)
    assert isinstance(big.exception(10), sqlite3.OperationalError | CommitFailed)
    for future, address in ((small, "small"), (another, "another")):
        stored = database.read(lambda uow, address=address: uow.contacts.find("web", "web", address))  # type: ignore[misc]
        assert (future.exception(10) is None) == (stored is not None)
    connection.execute("PRAGMA max_page_count=1000000")
    assert database.run(lambda uow: uow.inbox.add("web", "web", "big", b"x" * 500_000))[1]


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        database.read(add_contact("x"))
    assert database.read(lambda uow: uow.contacts.find("web", "web", "x")) is None


def test_a_read_sees_one_moment(database: Database, contact: Contact) -> None:
    def twice(uow: UnitOfWork) -> tuple[int, int]:
        first = uow.messages.next_n(contact.conversation_id)
        database.run(lambda writing: writing.messages.add(contact.conversation_id, "desk", "tussendoor"))
        return first, uow.messages.next_n(contact.conversation_id)

    assert database.read(twice) == (1, 1)
    assert database.read(lambda uow: uow.messages.next_n(contact.conversation_id)) == 2


def test_many_threads_at_once(database: Database, contact: Contact) -> None:
    numbers: list[int] = []

    def talk() -> None:
        for _ in range(20):
            numbers.append(database.run(lambda uow: uow.messages.add(contact.conversation_id, "desk", "hallo")))
            database.read(lambda uow: uow.messages.after(contact.conversation_id, 0))

    threads = [Thread(target=talk) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 241))


def test_a_work_has_one_moment(database: Database, clock: HandClock) -> None:
    def work(uow: UnitOfWork) -> bool:
        before = uow.now
        clock.advance(seconds=5)
        return uow.now == before == clock.moment.replace(second=0)

    assert database.run(work)
    assert database.run(lambda uow: uow.now) == clock.moment


def test_a_work_that_would_wait_for_itself_is_refused(database: Database) -> None:
    with pytest.raises(RuntimeError, match="wait for itself"):
        database.run(lambda uow: database.run(lambda inner: None))


def test_listeners_end_and_one_that_fails_stops_nobody(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[frozenset[str]] = []

    def broken(topics: frozenset[str]) -> None:
        raise ValueError

    database.subscribe(broken)
    end = database.subscribe(heard.append)
    with caplog.at_level(logging.ERROR):
        database.run(lambda uow: uow.notify("board"))
        database.run(lambda uow: None)  # its commit comes after the listeners of the one before
    assert heard == [frozenset({"board"})]
    assert [record.message for record in caplog.records] == ["listener_failed"]
    end()
    end()
    database.run(lambda uow: uow.notify("jobs"))
    database.run(lambda uow: None)
    assert heard == [frozenset({"board"})]


def test_a_cancelled_future_is_not_run(database: Database) -> None:
    go = hold_writer(database)
    cancelled = database.write(add_contact("cancelled"))
    kept = database.write(add_contact("kept"))
    assert cancelled.cancel()
    go.set()
    assert kept.result(10)
    assert database.read(lambda uow: uow.contacts.find("web", "web", "cancelled")) is None


def test_closing_finishes_what_was_submitted(house: House, clock: HandClock) -> None:
    database = house.open(clock)
    futures = [database.write(add_contact(str(number))) for number in range(100)]
    database.close()
    database.close()
    assert all(future.done() and future.exception() is None for future in futures)
    for attempt in (database.run, database.read):
        with pytest.raises(Closed):
            attempt(lambda uow: None)
    assert not house.file.with_name("balie.db-wal").exists()


def test_the_database_is_durable_and_strict(database: Database) -> None:
    def settings(uow: UnitOfWork) -> dict[str, Any]:
        cursor = uow._transaction._cursor
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        return {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    durable = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 5000}
    assert database.run(settings) == durable


_CHILD = """
import sys
from storage.first_start import open_storage
database = open_storage(sys.argv[1], sys.argv[2])
contact = database.run(lambda uow: uow.contacts.find_or_add("web", "web", "x"))
while True:
    print(database.run(lambda uow: uow.messages.add(contact.conversation_id, "resident", "hallo")), flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(house: House, clock: HandClock) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, house.url, str(house.keys)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(50)]
    os.kill(child.pid, signal.SIGKILL)
    acknowledged += [int(line) for line in child.stdout.read().split("\n")[:-1]]
    child.stdout.close()
    child.wait()
    database = house.open(clock)
    contact = database.read(lambda uow: uow.contacts.find("web", "web", "x"))
    assert contact is not None
    stored = database.read(lambda uow: uow.messages.after(contact.conversation_id, 0, limit=100_000))
    database.close()
    assert acknowledged == list(range(1, len(acknowledged) + 1))
    assert [message.n for message in stored][: len(acknowledged)] == acknowledged
    assert len(stored) - len(acknowledged) in (0, 1)  # one may be committed and not yet told
