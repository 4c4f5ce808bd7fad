"""What happens by itself once a day: what the desk promised to keep for so many days is erased after them, and an
agreement that is about to end is brought up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import structlog
from msgspec import Struct

from desk import withdraw
from desk.agreements import to_renew
from desk.follow_up import FOLLOW_UP
from desk.privacy import erase_contact
from storage.records import Job
from storage.retention import Kept
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

RETENTION = "retention"
EVERY = timedelta(days=1)

_log = structlog.get_logger("desk.retention")


class Forgotten(Struct, frozen=True):
    """How many were erased."""

    contacts: int
    requests: int
    raw_updates: int


class Due(Struct, frozen=True):
    """What is to be erased of one kind: how many, the days it is kept (a setting), and the day (in UTC) on which the
    oldest was due, None when nothing is."""

    kind: Literal["contacts", "requests", "raw_updates"]
    count: int
    kept_days: int
    oldest_due: date | None


def due_now(uow: UnitOfWork, desk: Desk) -> tuple[Due, ...]:
    """What `run_retention` would erase, all of it. Writes nothing; counts and days only, nobody's id."""
    days = desk.settings.retention
    quiet, closed, updates = (uow.now - timedelta(days=one) for one in (days.unfinished, days.closed, days.raw_updates))
    return (
        _due("contacts", uow.retention.count_quiet(quiet, closed, FOLLOW_UP), days.unfinished),
        _due("requests", uow.retention.count_closed(closed), days.closed),
        _due("raw_updates", uow.retention.count_updates(updates), days.raw_updates),
    )


def _due(kind: Literal["contacts", "requests", "raw_updates"], kept: Kept, days: int) -> Due:
    return Due(kind, kept.count, days, (kept.oldest + timedelta(days=days)).date() if kept.oldest else None)


def run_retention(uow: UnitOfWork, desk: Desk) -> Forgotten:
    """Erases closed requests, contacts that stopped half-way, and raw updates, each after its days; links
    that ran out.

    At most 500 of each in one transaction, so that residents never wait for it; the rest follows the next time.
    """
    days = desk.settings.retention
    quiet, closed, updates = (uow.now - timedelta(days=one) for one in (days.unfinished, days.closed, days.raw_updates))
    requests = uow.retention.closed_requests(closed)
    for request_id in requests:
        uow.requests.erase(request_id)
    contacts = uow.retention.quiet_contacts(quiet, closed, FOLLOW_UP)
    for contact_id in contacts:
        erase_contact(uow, contact_id)
    uow.links.end_run_out()
    uow.code_guesses.forget(uow.now - withdraw.WINDOW)
    return Forgotten(len(contacts), len(requests), uow.retention.delete_updates(updates))


def retention_due(uow: UnitOfWork, desk: Desk, job: Job) -> None:
    """The job `retention`; it plans the next one itself."""
    run_retention(uow, desk)
    _plan(uow, EVERY, _warn(uow, set(job.payload.get("warned", ()))))


def _warn(uow: UnitOfWork, warned: set[str]) -> list[str]:
    """Logs each agreement that ends within 30 days or ended, once; gives those that were logged by now. One that was
    renewed or is gone drops out."""
    found = to_renew(uow.directory.load(), uow.now.date())
    for entry in found:
        if entry.key not in warned:
            _log.warning("agreement.ending", organisation=entry.organisation, days_left=entry.days_left)
    return [entry.key for entry in found]


def plan_retention(desk: Desk) -> None:
    """At the start: makes sure that the job is there, once."""

    def plan(uow: UnitOfWork) -> None:
        if not uow.jobs.pending(RETENTION):
            _plan(uow, timedelta(), [])

    desk.database.run(plan)


def _plan(uow: UnitOfWork, after: timedelta, warned: list[str]) -> None:
    uow.jobs.add(RETENTION, {"warned": warned}, run_at=uow.now + after)
