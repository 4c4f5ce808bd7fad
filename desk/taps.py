"""Tapped actions wait ten seconds before they take effect, so that a wrong tap can be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from storage.records import Job
from storage.unit_of_work import UnitOfWork

UNDO = timedelta(seconds=10)


class TakenByAnother(Exception):
    """Someone else tapped first; what they tapped may still be undone by them."""


class Tap(Struct, frozen=True):
    """A step that was tapped and has not taken effect. `subject` is the referral or conversation it is about;
    `detail` the reason or outcome that goes with it; `due` when it takes effect."""

    subject: str
    step: str
    user_id: str
    detail: str
    due: datetime


def make(uow: UnitOfWork, kind: str, subject: str, step: str, user_id: str, detail: str = "") -> Tap:
    """Raises `TakenByAnother`. Tapping again oneself replaces the first tap: the last word counts."""
    before = pending(uow, kind).get(subject)
    if before is not None:
        if before.user_id != user_id:
            raise TakenByAnother(subject)
        if (before.step, before.detail) == (step, detail):
            return before
        uow.jobs.cancel(kind, subject)
    due = uow.now + UNDO
    payload = {"subject": subject, "step": step, "user_id": user_id, "detail": detail}
    uow.jobs.add(kind, payload, run_at=due, key=subject)
    uow.notify("board")
    return Tap(subject, step, user_id, detail, due)


def undo(uow: UnitOfWork, kind: str, subject: str, user_id: str) -> bool:
    """Whether there was a tap of this user to take back."""
    tap = pending(uow, kind).get(subject)
    if tap is None or tap.user_id != user_id:
        return False
    uow.jobs.cancel(kind, subject)
    uow.notify("board")
    return True


def pending(uow: UnitOfWork, kind: str) -> dict[str, Tap]:
    """By subject. There are few: each lives ten seconds."""
    return {tap.subject: tap for tap in (of_job(job) for job in uow.jobs.pending(kind))}


def of_job(job: Job) -> Tap:
    return Tap(
        subject=str(job.payload["subject"]),
        step=str(job.payload["step"]),
        user_id=str(job.payload["user_id"]),
        detail=str(job.payload["detail"]),
        due=job.run_at,
    )
