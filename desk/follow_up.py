"""The question for later, how it went: planned only where the resident agreed to it, and ended by a withdrawal."""

from __future__ import annotations

from desk.duration import duration
from flows.events import FollowUpAsked
from storage.unit_of_work import UnitOfWork

FOLLOW_UP = "follow_up"


def plan(uow: UnitOfWork, conversation_id: str, event: FollowUpAsked) -> None:
    """What it is about is encrypted with the key of the contact, and goes with it."""
    payload = {"conversation_id": conversation_id, "asks": event.asks, "slots": event.slots}
    contact_id = uow.conversations.contact_id(conversation_id)
    run_at = uow.now + duration(event.after)
    uow.jobs.add(FOLLOW_UP, payload, run_at=run_at, key=conversation_id, contact_id=contact_id)


def is_planned(uow: UnitOfWork, conversation_id: str) -> bool:
    return bool(uow.jobs.pending(FOLLOW_UP, key=conversation_id))


def end(uow: UnitOfWork, conversation_id: str) -> None:
    """Nothing more is asked of this resident."""
    uow.jobs.cancel(FOLLOW_UP, conversation_id)
