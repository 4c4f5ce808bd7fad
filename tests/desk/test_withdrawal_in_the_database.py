"""Withdrawal and erasure as they stand in the database: looked at with Python's sqlite3, in the file and its log."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from desk.bootstrap import Desk
from desk.due import run_due
from desk.tell import HELD
from desk.turns import Understood, take_turn
from storage.key_ring import KeyRing
from tests.balie.command import Place
from tests.desk.conftest import Clock
from tests.desk.resident import Resident, waiting_turns

CANARY = "kanarievogel die alleen in de kamer zit"
BEFORE = ("referred", "open", 0, 1, 1, 1)
AFTER = ("withdrawn", "withdrawn", 1, 0, 0, 0)
STATE = """
    SELECT referral.status, request.status, consent.withdrawn_at IS NOT NULL, request.lines_sealed IS NOT NULL,
           EXISTS (SELECT 1 FROM data_key WHERE subject = 'request:' || request.id), seat.reserved
    FROM request JOIN referral ON referral.request_id = request.id JOIN consent ON consent.request_id = request.id
    JOIN seat USING (service_id)
"""


@pytest.fixture
def sent(town_desk: Desk) -> Resident:
    anna = Resident(town_desk, "anna", "telegram")
    anna.reaches("consent")
    anna.taps("change")
    anna.taps("rewrite")
    anna.says(CANARY)
    anna.taps("agree")
    return anna


def rows(desk: Desk, question: str, *values: Any) -> list[tuple[Any, ...]]:
    """As anyone with the file can ask."""
    with closing(sqlite3.connect(desk.database.path)) as anyone:
        return anyone.execute(question, values).fetchall()


def files_of(desk: Desk) -> bytes:
    """The database and its write-ahead log, byte by byte."""
    path = desk.database.path
    return b"".join(one.read_bytes() for one in (path, Path(f"{path}-wal")) if one.exists())


def in_the_clear(desk: Desk) -> list[str]:
    everything = files_of(desk)
    return [word for word in (CANARY, "kanarievogel", "alleen thuis", "anna") if word.encode() in everything]


def sealed_line(desk: Desk) -> tuple[str, bytes]:
    """The request's id and what was shared, as it stands there."""
    ((request_id, sealed),) = rows(desk, "SELECT id, lines_sealed FROM request")
    return request_id, sealed


def opens(key: bytes, request_id: str, sealed: bytes) -> bool:
    try:
        words = AESGCM(key).decrypt(sealed[1:13], sealed[13:], f"request:lines:{request_id}".encode())
    except InvalidTag:
        return False
    return CANARY in words.decode()


@pytest.mark.rule("domain-12")
def test_before_the_rows_are_there_and_the_words_are_nowhere_in_the_clear(town_desk: Desk, sent: Resident) -> None:
    assert rows(town_desk, STATE) == [BEFORE]
    assert in_the_clear(town_desk) == []
    request_id, sealed = sealed_line(town_desk)
    assert len(sealed) > len(CANARY)
    ring = KeyRing.load(town_desk.settings.keys.path)
    ((wrapped,),) = rows(town_desk, "SELECT wrapped FROM data_key WHERE subject = ?", f"request:{request_id}")
    assert opens(ring.unwrap(wrapped), request_id, sealed), "who has the key ring can read it: this test can fail"


@pytest.mark.rule("domain-12")
def test_withdrawal_is_one_commit_and_a_reader_sees_all_of_it_or_nothing(town_desk: Desk, sent: Resident) -> None:
    seen: set[tuple[Any, ...]] = set()
    stop = threading.Event()

    def look() -> None:
        with closing(sqlite3.connect(town_desk.database.path)) as reader:
            while not stop.is_set():
                seen.update(reader.execute(STATE).fetchall())

    with closing(sqlite3.connect(town_desk.database.path, isolation_level=None)) as earlier:
        earlier.execute("BEGIN")
        assert earlier.execute(STATE).fetchall() == [BEFORE]
        looking = threading.Thread(target=look)
        looking.start()
        sent.sends("intrekken")
        assert rows(town_desk, STATE) == [BEFORE], "stored, and not read yet"
        sent.is_answered()
        assert rows(town_desk, STATE) == [AFTER], "read, and at once nobody has access"
        assert earlier.execute(STATE).fetchall() == [BEFORE], "one snapshot, none of it changed"
        earlier.execute("ROLLBACK")
        stop.set()
        looking.join()
    assert seen <= {BEFORE, AFTER}
    assert in_the_clear(town_desk) == []


@pytest.mark.rule("domain-12")
@pytest.mark.parametrize("table", ["referral", "request", "consent", "seat", "message"])
def test_what_fails_half_way_leaves_everything_as_it_was(town_desk: Desk, sent: Resident, table: str) -> None:
    kind = "INSERT" if table == "message" else "UPDATE"
    sent.sends("intrekken")
    (turn,) = waiting_turns(town_desk)
    with closing(sqlite3.connect(town_desk.database.path)) as anyone:
        anyone.execute(f"CREATE TRIGGER fails BEFORE {kind} ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END")
        anyone.commit()
        with pytest.raises(sqlite3.IntegrityError):
            take_turn(town_desk, turn, Understood())
        assert rows(town_desk, STATE) == [BEFORE]
        anyone.execute("DROP TRIGGER fails")
        anyone.commit()
    take_turn(town_desk, turn, Understood())
    assert rows(town_desk, STATE) == [AFTER]


@pytest.mark.rule("domain-12")
@pytest.mark.parametrize("way", ["withdrawn", "erased"])
def test_afterwards_no_key_opens_a_copy_of_what_was_there(
    town_desk: Desk, sent: Resident, clock: Clock, way: str
) -> None:
    request_id, sealed = sealed_line(town_desk)
    ((wrapped,),) = rows(town_desk, "SELECT wrapped FROM data_key WHERE subject = ?", f"request:{request_id}")
    assert wrapped in files_of(town_desk)
    if way == "withdrawn":
        sent.says("intrekken")
    else:
        sent.says("vergeet mij")
        sent.taps("yes")
        clock.move(minutes=1, seconds=1)
        run_due(town_desk, "tests")
    town_desk.database.run(lambda uow: None)  # the log is wiped after the commit, before the next work
    assert wrapped not in files_of(town_desk), "neither in the file nor in its log"
    ring = KeyRing.load(town_desk.settings.keys.path)
    left = rows(town_desk, "SELECT wrapped FROM data_key")
    assert left, "the quarantine's key at least"
    assert not any(opens(ring.unwrap(one), request_id, sealed) for (one,) in left)
    assert rows(town_desk, "SELECT lines_sealed, option_sealed FROM request") == [(None, None)]


@pytest.mark.rule("domain-12")
def test_after_erasure_a_tombstone_stands_and_no_job_knows_the_resident(
    town_desk: Desk, sent: Resident, clock: Clock
) -> None:
    contact_id = town_desk.database.read(lambda uow: uow.conversations.contact_id(sent.conversation_id))
    sent.says("vergeet mij")
    sent.taps("yes")
    payload = {"conversation_id": sent.conversation_id, "key": "referral.accepted", "values": {"service": CANARY}}
    town_desk.database.run(
        lambda uow: uow.jobs.add(HELD, payload, key=sent.conversation_id, contact_id=contact_id)  # as after violence
    )
    about = "contact_id = ? OR key = ? OR lane LIKE '%' || ?"
    who = (contact_id, sent.conversation_id, sent.conversation_id)
    assert rows(town_desk, f"SELECT count(*) FROM job WHERE {about}", *who)[0][0] > 1, "news that waits, and sending"
    clock.move(minutes=1, seconds=1)
    run_due(town_desk, "tests")
    assert rows(town_desk, f"SELECT * FROM job WHERE {about}", *who) == []
    ((request_id,),) = rows(town_desk, "SELECT id FROM request")
    assert set(rows(town_desk, "SELECT kind, subject_id FROM tombstone")) == {
        ("contact", contact_id),
        ("request", request_id),
    }
    subjects = {one for (one,) in rows(town_desk, "SELECT subject FROM data_key")}
    assert not {f"contact:{contact_id}", f"request:{request_id}"} & subjects
    assert rows(town_desk, "SELECT status, reserved FROM referral JOIN seat USING (service_id)") == [("withdrawn", 0)]
    assert rows(town_desk, "SELECT count(*) FROM message") == [(0,)]
    assert in_the_clear(town_desk) == []
    verified = Place(town_desk.database.path.parent).balie("routing-log", "verify", "--json")
    assert (verified.returncode, json.loads(verified.stdout)) == (0, {"intact": True, "rows": 1, "broken": []})
    assert rows(town_desk, "SELECT count(*) FROM routing_log_request") == [(0,)], "the coarse codes stay, the link goes"
