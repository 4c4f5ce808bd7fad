"""Jobs: work that must happen, in order per lane, each completed by whoever holds its lease."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, insert, or_, select, union, update

from storage.cipher import of_contact
from storage.errors import LeaseLost
from storage.ids import new_id
from storage.prepared import Prepared, Row
from storage.records import Job
from storage.tables import job
from storage.times import from_text, to_text
from storage.transaction import Transaction

LEASE = timedelta(seconds=60)

_SELECT = select(
    job.c.id,
    job.c.kind,
    job.c.lane,
    job.c.payload,
    job.c.attempts,
    job.c.run_at,
    job.c.urgent,
    job.c.contact_id,
    job.c.error,
)
# Without `seq`: the database numbers, above every job that is still there.
_ADD = Prepared(
    insert(job).values({column.name: bindparam(column.name) for column in job.c if column is not job.c.seq})
)
_FREE = or_(job.c.locked_by.is_(None), job.c.lease_until <= bindparam("now"))

_earlier = job.alias("earlier")
# An urgent job passes the others of its lane (an alert waits for nothing), not the urgent ones before it.
_IS_HEAD = or_(
    job.c.lane.is_(None),
    ~exists(
        select(1).where(
            _earlier.c.lane == job.c.lane,
            _earlier.c.seq < job.c.seq,
            _earlier.c.state == "ready",
            _earlier.c.urgent >= job.c.urgent,
        )
    ),
)
_TAKE = Prepared(
    update(job)
    .where(job.c.id == bindparam("job_id"))
    .values(attempts=job.c.attempts + 1, locked_by=bindparam("owner"), lease_until=bindparam("until"))
)
_DROP = Prepared(delete(job).where(job.c.id == bindparam("job_id")))
_MINE = and_(
    job.c.id == bindparam("job_id"),
    job.c.state == "ready",
    job.c.locked_by == bindparam("owner"),
    job.c.attempts == bindparam("attempt"),
)
_DONE = Prepared(delete(job).where(_MINE).returning(job.c.lane))
_RETRY = Prepared(
    update(job)
    .where(_MINE)
    .values(locked_by=None, lease_until=None, run_at=bindparam("at"), error=bindparam("why"))
    .returning(job.c.lane)
)
_FAIL = Prepared(
    update(job)
    .where(_MINE)
    .values(state="dead", locked_by=None, lease_until=None, error=bindparam("why"))
    .returning(job.c.lane)
)
_CANCEL = Prepared(
    delete(job).where(
        job.c.kind == bindparam("which"),
        job.c.seq.in_(
            union(
                select(job.c.seq).where(job.c.lane == bindparam("lane_or_key")),
                select(job.c.seq).where(job.c.key == bindparam("lane_or_key")),
            )
        ),
        job.c.state != "dead",
        _FREE,
    )
)
_WAITS = _SELECT.where(job.c.state == "ready", job.c.kind == bindparam("which"))
_PENDING = Prepared(_WAITS.order_by(job.c.seq))
_PENDING_KEY = Prepared(_WAITS.where(job.c.key == bindparam("key")).order_by(job.c.seq))
_OF_CONTACT = Prepared(
    _SELECT.where(
        or_(
            job.c.contact_id == bindparam("contact"),
            job.c.key.in_([bindparam("contact"), bindparam("of_conversation")]),
        )
    ).order_by(job.c.seq)
)
_DEAD = Prepared(_SELECT.where(job.c.state == "dead").order_by(job.c.seq))
_REVIVE = Prepared(
    update(job)
    .where(job.c.id == bindparam("job_id"), job.c.state == "dead")
    .values(state="ready", run_at=bindparam("at"))
)
_RELEASE_ALL = Prepared(update(job).where(job.c.locked_by.is_not(None)).values(locked_by=None, lease_until=None))
_RELEASE_EXPIRED = Prepared(
    update(job)
    .where(job.c.locked_by.is_not(None), job.c.lease_until <= bindparam("now"))
    .values(locked_by=None, lease_until=None)
)
_PAYLOAD = msgspec.json.Decoder(dict[str, Any])
_ENCODE = msgspec.json.Encoder().encode


def _of_kinds(count: int) -> ColumnElement[bool]:
    return job.c.kind.in_([bindparam(f"kind_{number}") for number in range(count)])


@lru_cache(maxsize=32)
def _heads(count: int) -> Prepared:
    return Prepared(
        _SELECT.where(job.c.state == "ready", job.c.run_at <= bindparam("now"), _of_kinds(count), _FREE, _IS_HEAD)
        .order_by(job.c.urgent.desc(), job.c.run_at, job.c.seq)
        .limit(bindparam("count"))
    )


@lru_cache(maxsize=32)
def _next_free(count: int) -> Prepared:
    return Prepared(
        select(job.c.run_at)
        .where(job.c.state == "ready", job.c.locked_by.is_(None), _of_kinds(count), _IS_HEAD)
        .order_by(job.c.run_at)
        .limit(1)
    )


@lru_cache(maxsize=32)
def _next_given_back(count: int) -> Prepared:
    # What someone holds was due; asking for that keeps work of next month out of the search.
    return Prepared(
        select(job.c.lease_until)
        .where(job.c.state == "ready", job.c.run_at <= bindparam("now"), job.c.locked_by.is_not(None), _of_kinds(count))
        .order_by(job.c.lease_until)
        .limit(1)
    )


def _named(kinds: Iterable[str]) -> dict[str, str]:
    return {f"kind_{number}": kind for number, kind in enumerate(kinds)}


class Jobs:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(
        self,
        kind: str,
        payload: dict[str, Any],
        lane: str | None = None,
        run_at: datetime | None = None,
        urgent: bool = False,
        contact_id: str | None = None,
        key: str | None = None,
    ) -> str:
        """Gives the job's id. Jobs of one lane are claimed strictly in the order they were added; jobs without a lane
        wait for nobody. `run_at` defaults to now. With a `contact_id` the payload is encrypted and erased with that
        contact; without, it must hold ids only. `key` is a name to cancel it by. Raises `Erased`."""
        tx = self._tx
        job_id = new_id()
        content = _ENCODE(payload)
        if contact_id is not None:
            content = tx.cipher.seal(of_contact(contact_id), f"job:payload:{job_id}", content)
        tx.do(
            _ADD,
            id=job_id,
            lane=lane,
            key=key,
            kind=kind,
            payload=content,
            contact_id=contact_id,
            state="ready",
            urgent=urgent,
            run_at=tx.now_text if run_at is None else to_text(run_at),
            attempts=0,
            locked_by=None,
            lease_until=None,
            error=None,
            created_at=tx.now_text,
        )
        tx.notify("jobs")
        return job_id

    def claim(self, kinds: tuple[str, ...], owner: str, limit: int = 16, lease: timedelta = LEASE) -> list[Job]:
        """Takes up to `limit` due jobs, urgent first, then the longest due. Of a lane only its head, and only when
        nobody holds it. A job whose contact was erased is dropped."""
        tx = self._tx
        until = to_text(tx.now + lease)
        jobs = []
        for row in tx.all(_heads(len(kinds)), now=tx.now_text, count=limit, **_named(kinds)):
            if row[7] is not None and not tx.cipher.has(of_contact(row[7])):
                tx.do(_DROP, job_id=row[0])
                tx.notify("jobs")
                continue
            tx.do(_TAKE, job_id=row[0], owner=owner, until=until)
            jobs.append(self._record(row, row[4] + 1))
        return jobs

    def done(self, job_id: str, owner: str, attempts: int) -> None:
        """In the transaction of its effect. Raises `LeaseLost` when another holds it now: undo the effect."""
        self._settle(_DONE, job_id, owner, attempts)

    def retry(self, job_id: str, owner: str, attempts: int, at: datetime, error: str) -> None:
        """It comes back at `at`; its lane waits for it. `error` is a code, never what people wrote. Raises
        `LeaseLost`."""
        self._settle(_RETRY, job_id, owner, attempts, at=to_text(at), why=error)

    def fail(self, job_id: str, owner: str, attempts: int, error: str) -> None:
        """For good: it goes to `dead()` and frees its lane. Raises `LeaseLost`."""
        self._settle(_FAIL, job_id, owner, attempts, why=error)
        self._tx.notify("board")

    def cancel(self, kind: str, lane_or_key: str) -> int:
        """Removes the waiting jobs of this kind in that lane or with that key; not one that runs just now. Gives how
        many."""
        count = self._tx.do(_CANCEL, which=kind, lane_or_key=lane_or_key, now=self._tx.now_text)
        if count:
            self._tx.notify("jobs")
        return count

    def next_run_at(self, kinds: tuple[str, ...]) -> datetime | None:
        """When there is something to claim, perhaps in the past; None when nothing waits."""
        free = self._tx.one(_next_free(len(kinds)), **_named(kinds))
        held = self._tx.one(_next_given_back(len(kinds)), now=self._tx.now_text, **_named(kinds))
        times = [row[0] for row in (free, held) if row]
        return from_text(min(times)) if times else None

    def pending(self, kind: str, key: str | None = None) -> list[Job]:
        """What of this kind still waits, in the order it was added; with that key only, when given."""
        rows = self._tx.all(_PENDING, which=kind) if key is None else self._tx.all(_PENDING_KEY, which=kind, key=key)
        return [self._record(row, row[4]) for row in rows]

    def of_contact(self, contact_id: str, conversation_id: str) -> list[Job]:
        """What is still to be done for one resident, in the order it was added; what failed for good too."""
        rows = self._tx.all(_OF_CONTACT, contact=contact_id, of_conversation=conversation_id)
        return [self._record(row, row[4]) for row in rows]

    def dead(self) -> list[Job]:
        """What failed for good, oldest first; an erased contact's payload is empty."""
        return [self._record(row, row[4]) for row in self._tx.all(_DEAD)]

    def revive(self, job_id: str) -> bool:
        """A dead job is tried again now. False when there is no such dead job."""
        self._tx.notify("jobs")
        return self._tx.do(_REVIVE, job_id=job_id, at=self._tx.now_text) == 1

    def release_all(self, only_expired: bool = False) -> int:
        """At the start of the only process on this database: what former processes held can be claimed again."""
        if only_expired:
            return self._tx.do(_RELEASE_EXPIRED, now=self._tx.now_text)
        return self._tx.do(_RELEASE_ALL)

    def _settle(self, prepared: Prepared, job_id: str, owner: str, attempts: int, **values: str) -> None:
        row = self._tx.one(prepared, job_id=job_id, owner=owner, attempt=attempts, **values)
        if row is None:
            raise LeaseLost(f"Job {job_id} is no longer held by {owner}; its effect was undone.")
        if row[0] is not None:
            self._tx.notify("jobs")

    def _record(self, row: Row, attempts: int) -> Job:
        payload = row[3]
        if row[7] is not None:
            subject = of_contact(row[7])
            readable = self._tx.cipher.has(subject)
            payload = self._tx.cipher.open(subject, f"job:payload:{row[0]}", payload) if readable else b"{}"
        return Job(
            id=row[0],
            kind=row[1],
            lane=row[2],
            payload=_PAYLOAD.decode(payload),
            attempts=attempts,
            run_at=from_text(row[5]),
            urgent=bool(row[6]),
            contact_id=row[7],
            error=row[8],
        )
