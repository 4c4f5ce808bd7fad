"""What a resident agreed to be asked later is asked: a sentence about an own request, or a flow with its question."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk.apply import apply
from desk.follow_up import FOLLOW_UP
from desk.sessions import keep, session_of
from desk.tell import must_wait_for_resident, tell
from flows.asked_later import ask_later
from storage.records import Conversation, Job
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

LATER = timedelta(days=1)
MOST_TIMES = 7  # that it is put off; then it is let go


def ask(uow: UnitOfWork, desk: Desk, job: Job) -> None:
    """The job `follow_up`. A question never comes in between: while the resident is in the middle of something it
    waits a day. After an alert about violence it is let go; a light question is no news worth keeping."""
    conversation = uow.conversations.lock(str(job.payload["conversation_id"]))
    asks = job.payload.get("asks")
    if not asks:
        tell(uow, desk, conversation.id, "follow_up.ask")
        return
    session = session_of(conversation)
    if must_wait_for_resident(session):
        return
    if conversation.owner != "desk" or session.stack or session.alert_is_open:
        _put_off(uow, conversation, job)
        return
    turn = ask_later(desk.content(uow, conversation.channel), session, str(asks), dict(job.payload["slots"]))
    apply(uow, desk, conversation.id, conversation.channel, turn)
    keep(uow, conversation.id, turn.session)


def _put_off(uow: UnitOfWork, conversation: Conversation, job: Job) -> None:
    times = int(job.payload.get("put_off", 0)) + 1
    if times <= MOST_TIMES:
        payload = {**job.payload, "put_off": times}
        run_at = uow.now + LATER
        uow.jobs.add(FOLLOW_UP, payload, run_at=run_at, key=conversation.id, contact_id=conversation.contact_id)
