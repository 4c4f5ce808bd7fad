"""Work whose time has come: steps that were tapped, questions for later, erasure. One function per kind of job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from desk import follow_up, hand_offs, how_it_went, privacy, take_over, turns
from desk.apply import REREAD
from desk.correspondence import RETURN
from desk.retention import RETENTION, retention_due
from storage.records import Job
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

TRIES = 5

_log = structlog.get_logger("desk.due")


HANDLERS: dict[str, Callable[[UnitOfWork, Desk, Job], None]] = {
    follow_up.FOLLOW_UP: how_it_went.ask,
    REREAD: lambda uow, desk, job: turns.reread(uow, job),
    privacy.ERASE: lambda uow, desk, job: privacy.erase(uow, job),
    privacy.FORGET_OTHER: lambda uow, desk, job: privacy.forget_other(uow, job),
    hand_offs.STEP: hand_offs.run_step,
    take_over.STEP: take_over.run_step,
    RETURN: take_over.return_to_desk,
    RETENTION: retention_due,
}
KINDS = tuple(HANDLERS)


def run_due(desk: Desk, owner: str) -> int:
    """Carries out what is due, each in a transaction of its own; gives how many were taken. Blocking."""
    jobs = desk.database.run(lambda uow: uow.jobs.claim(KINDS, owner))
    for job in jobs:
        try:
            desk.database.run(lambda uow, job=job: _carry_out(uow, desk, job, owner))  # type: ignore[misc]
        except Exception as error:
            _log.error("job.failed", kind=job.kind, job=job.id, attempts=job.attempts, error=type(error).__name__)
            desk.database.run(lambda uow, job=job, error=error: _again(uow, job, owner, error))  # type: ignore[misc]
    return len(jobs)


def _carry_out(uow: UnitOfWork, desk: Desk, job: Job, owner: str) -> None:
    HANDLERS[job.kind](uow, desk, job)
    uow.jobs.done(job.id, owner, job.attempts)


def _again(uow: UnitOfWork, job: Job, owner: str, error: Exception) -> None:
    why = type(error).__name__
    if job.attempts >= TRIES:
        uow.jobs.fail(job.id, owner, job.attempts, why)
    else:
        uow.jobs.retry(job.id, owner, job.attempts, uow.now + timedelta(seconds=2**job.attempts), why)
