"""Forgetting by itself: what the desk promised to keep for so many days is erased after them, once a day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from desk.apply import FOLLOW_UP
from desk.privacy import erase_contact
from storage.records import Job
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

RETENTION = "retention"
EVERY = timedelta(days=1)


class Forgotten(Struct, frozen=True):
    """How many were erased, or would be."""

    contacts: int
    requests: int
    raw_updates: int


def run_retention(uow: UnitOfWork, desk: Desk, *, dry_run: bool = False) -> Forgotten:
    """Erases closed requests, contacts that stopped half-way, and raw updates, each after its days.

    At most 500 of each in one transaction, so that residents never wait for it; the rest follows the next time.
    """
    days = desk.settings.retention
    quiet_since, before = uow.now - timedelta(days=days.unfinished), uow.now - timedelta(days=days.raw_updates)
    requests = uow.retention.closed_requests(uow.now - timedelta(days=days.closed))
    if dry_run:
        contacts = uow.retention.quiet_contacts(quiet_since, FOLLOW_UP)
        return Forgotten(len(contacts), len(requests), uow.retention.old_updates(before))
    for request_id in requests:
        uow.requests.erase(request_id)
    contacts = uow.retention.quiet_contacts(quiet_since, FOLLOW_UP)  # those too whose last request went just now
    for contact_id in contacts:
        erase_contact(uow, contact_id)
    return Forgotten(len(contacts), len(requests), uow.retention.delete_updates(before))


def retention_due(uow: UnitOfWork, desk: Desk, job: Job) -> None:
    """The job `retention`; it plans the next one itself."""
    run_retention(uow, desk)
    _plan(uow, EVERY)


def plan_retention(desk: Desk) -> None:
    """At the start: makes sure that the job is there, once."""

    def plan(uow: UnitOfWork) -> None:
        if not uow.jobs.pending(RETENTION):
            _plan(uow, timedelta())

    desk.database.run(plan)


def _plan(uow: UnitOfWork, after: timedelta) -> None:
    uow.jobs.add(RETENTION, {}, run_at=uow.now + after)
