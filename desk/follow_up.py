"""The question for later, how it went: only where the resident switched that line on, and not after a withdrawal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.duration import duration
from desk.tell import tell
from flows.model import FollowUpAsked
from storage.records import Job
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

FOLLOW_UP = "follow_up"


def plan(uow: UnitOfWork, conversation_id: str, event: FollowUpAsked) -> None:
    payload = {"conversation_id": conversation_id}
    uow.jobs.add(FOLLOW_UP, payload, run_at=uow.now + duration(event.after), key=conversation_id)


def is_planned(uow: UnitOfWork, conversation_id: str) -> bool:
    return bool(uow.jobs.pending(FOLLOW_UP, key=conversation_id))


def end(uow: UnitOfWork, conversation_id: str) -> None:
    """Nothing more is asked of this resident."""
    uow.jobs.cancel(FOLLOW_UP, conversation_id)


def ask(uow: UnitOfWork, desk: Desk, job: Job) -> None:
    """The job `follow_up`."""
    tell(uow, desk, str(job.payload["conversation_id"]), "follow_up.ask")
