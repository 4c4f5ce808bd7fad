"""Telling a resident how an own request goes, in their language; held back where writing first could harm."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from desk import say
from desk.sessions import session_of
from flows.model import Session
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

HELD = "news_held"  # a kind that no worker claims: it waits for the resident, not for a time
_NEVER = timedelta(days=36500)


def must_wait_for_resident(session: Session) -> bool:
    """After an alert about violence nothing is sent first: someone else may be holding the phone."""
    return session.alert is not None and session.alert.category == "violence"


def tell(uow: UnitOfWork, desk: Desk, conversation_id: str, key: str, **values: Any) -> None:
    """Says `key` to the resident, or keeps it until the resident writes (`tell_held`)."""
    conversation = uow.conversations.get(conversation_id)
    session = session_of(conversation)
    if must_wait_for_resident(session):
        payload = {"conversation_id": conversation_id, "key": key, "values": values}
        uow.jobs.add(HELD, payload, run_at=uow.now + _NEVER, key=conversation_id, contact_id=conversation.contact_id)
        return
    say.say(uow, desk, conversation_id, "desk", desk.texts.render(key, session.language, **values), key=key)


def tell_held(uow: UnitOfWork, desk: Desk, conversation_id: str) -> int:
    """Called when the resident writes: says what was held back, oldest first, and how many that were."""
    held = uow.jobs.pending(HELD, key=conversation_id)
    if not held:
        return 0
    session = session_of(uow.conversations.get(conversation_id))
    for job in held:
        key, values = str(job.payload["key"]), dict(job.payload["values"])
        say.say(uow, desk, conversation_id, "desk", desk.texts.render(key, session.language, **values), key=key)
    uow.jobs.cancel(HELD, conversation_id)
    return len(held)
