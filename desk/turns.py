"""The second transaction of a message: read with what was understood of it, answered, written down."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from msgspec import Struct

from desk import take_over
from desk.apply import apply
from desk.opening import Clock
from desk.receive import TURN, add_turn
from desk.route import still_possible
from desk.say import say
from desk.sessions import keep, session_of
from desk.tell import tell_held
from flows.engine import advance
from flows.model import Entity, Intent, Message, Part, Session
from flows.topics import no_longer_possible
from flows.withdrawal import withdrawal_in
from storage.records import Conversation, Job
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

AT_ONCE = 16
TRIES = 3

_log = structlog.get_logger("desk.turns")


class Waiting(Struct, frozen=True):
    """A turn as claimed. `ask_model`: its words are worth the NLU's time (no button, no withdrawal, and the desk has
    the conversation)."""

    job: Job
    owner: str
    conversation_id: str
    text: str
    ask_model: bool


class Understood(Struct, frozen=True):
    """What the NLU made of a text; `asked` False when it could not be reached in time."""

    intents: tuple[Intent, ...] = ()
    entities: tuple[Entity, ...] = ()
    parts: tuple[Part, ...] = ()  # of a long text, clause by clause
    spoken: str | None = None  # as in flows.model.Message
    asked: bool = True


def next_turns(desk: Desk, owner: str) -> list[Waiting]:
    """Takes the turns that can be read now, one per resident. Blocking."""
    return desk.database.run(
        lambda uow: [_waiting(uow, desk, job, owner) for job in uow.jobs.claim((TURN,), owner, AT_ONCE)]
    )


def _waiting(uow: UnitOfWork, desk: Desk, job: Job, owner: str) -> Waiting:
    conversation_id = str(job.payload["conversation_id"])
    message = uow.messages.get(conversation_id, int(job.payload["n"]))
    text = message.text if message and message.key is None else ""
    at_desk = uow.conversations.get(conversation_id).owner == "desk"
    ask_model = bool(text.strip()) and at_desk and withdrawal_in(desk.texts, text) is None  # which waits for nothing
    return Waiting(job, owner, conversation_id, text, ask_model)


def take_turn(desk: Desk, waiting: Waiting, understood: Understood) -> None:
    """One message, one transaction: session, replies and everything that follows from it. Blocking."""
    desk.database.run(lambda uow: _take(uow, desk, waiting, understood))


def _take(uow: UnitOfWork, desk: Desk, waiting: Waiting, understood: Understood) -> None:
    job = waiting.job
    conversation = uow.conversations.lock(waiting.conversation_id)
    message = Message(
        n=int(job.payload["n"]),
        text=waiting.text,
        choice=job.payload["choice"],
        attachment=job.payload["attachment"],
        intents=understood.intents,
        entities=understood.entities,
        parts=understood.parts,
        spoken=understood.spoken,
        understood=understood.asked,
        masked=bool(job.payload["masked"]),
        settled=bool(job.payload["settled"]),
    )
    if conversation.owner != "desk":
        heard = take_over.resident_says(uow, desk, conversation, message)
    else:
        heard = take_over.resident_chooses(uow, desk, conversation, message)
    if not heard:
        tell_held(uow, desk, conversation.id)
        _converse(uow, desk, conversation, message)
    uow.inbox.done(str(job.payload["inbox_id"]))
    uow.jobs.done(job.id, waiting.owner, job.attempts)


def _converse(uow: UnitOfWork, desk: Desk, conversation: Conversation, message: Message) -> None:
    channel, session = conversation.channel, session_of(conversation)
    if session.alert is not None and session.alert.n == message.n and not message.settled:
        return  # the card was its answer; it came here because a person had the conversation and has it no longer
    Clock(desk.texts, desk.roster(uow), uow.now, session.language).session(session)
    # Work is written one after the other, so what is possible here is still so when the place is reserved below.
    content, route = desk.content(uow, channel), desk.route(uow)
    if _is_gone(uow, desk, session) and withdrawal_in(desk.texts, message.text) is None:
        turn = no_longer_possible(content, session, message, route)
    else:
        turn = advance(content, session, message, route, desk.search(uow))
    apply(uow, desk, conversation.id, channel, turn)
    keep(uow, conversation.id, turn.session)


def _is_gone(uow: UnitOfWork, desk: Desk, session: Session) -> bool:
    """Whether the resident looks at a card for a service that filled up or closed meanwhile, or may no longer
    receive what stands on it."""
    if session.prompt is None or session.prompt.kind != "consent" or session.card is None:
        return False
    return not still_possible(desk.roster(uow), session.slots, session.language, session.card)


def turn_failed(desk: Desk, waiting: Waiting, error: Exception) -> None:
    """Tries again twice; then the resident hears that it went wrong and a person is asked to look. Blocking."""
    _log.error("turn.failed", job=waiting.job.id, attempts=waiting.job.attempts, error=type(error).__name__)

    def note(uow: UnitOfWork) -> None:
        job = waiting.job
        if job.attempts < TRIES:
            uow.jobs.retry(job.id, waiting.owner, job.attempts, uow.now + timedelta(seconds=1), type(error).__name__)
            return
        conversation = uow.conversations.lock(waiting.conversation_id)
        language = session_of(conversation).language
        say(uow, desk, conversation.id, "desk", desk.texts.render("desk.went_wrong", language), key="desk.went_wrong")
        uow.conversations.waiting(conversation.id, "person_asked", share_before=False)
        uow.jobs.fail(job.id, waiting.owner, job.attempts, type(error).__name__)

    desk.database.run(note)


def reread(uow: UnitOfWork, job: Job) -> None:
    """The job `reread`: a message that raised an alert, now settled, is read for the question it also holds."""
    conversation_id, n = str(job.payload["conversation_id"]), int(job.payload["n"])
    inbox_id = uow.inbox.id_of(uow.conversations.contact_id(conversation_id), n)
    if inbox_id is not None:
        add_turn(uow, conversation_id, inbox_id, Message(n), settled=True)
