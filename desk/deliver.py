"""What the senders of pushed channels take, and what they report back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from desk import chat_removal, duty
from desk.chat_removal import REMOVE
from desk.duty import DUTY
from desk.my_data_chat import DOCUMENTS
from desk.my_data_file import Kind
from desk.say import SEND
from storage.records import Contact, Delivered, Job
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

AT_ONCE = 32
DUTY_WAIT = 15.0  # seconds between two tries to reach the person on duty, while Telegram itself asks for no more
MOST_ATTEMPTS = 300  # with the senders' longest pause of a quarter of an hour this is three days


class Outgoing(Struct, frozen=True):
    """One message to deliver. `choices` are `{"id", "label"}`; `author` is the person who wrote it, if one did. What
    the person on duty is told belongs to no conversation: `conversation_id` is empty and `n` 0. `document`: the file
    with the resident's data, made when it is sent, with `text` under it. `removes`: nothing is said; these are taken
    out of the chat."""

    job: Job
    owner: str
    channel: str
    bot: str
    address: str
    conversation_id: str
    n: int
    text: str
    choices: list[dict[str, Any]]
    sender: str
    author: str | None
    document: Kind | None = None
    removes: tuple[Delivered, ...] = ()


def next_sends(desk: Desk, owner: str) -> list[Outgoing]:
    """Takes what can be sent now: of each resident the oldest message, alerts and the duty first. What there is
    nothing to do for is done. Blocking."""

    def take(uow: UnitOfWork) -> list[Outgoing]:
        found = []
        for job in uow.jobs.claim((SEND, REMOVE, DUTY), owner, limit=AT_ONCE):
            out = _of_job(uow, desk, job, owner)
            if out is None:
                uow.jobs.done(job.id, owner, job.attempts)
            else:
                found.append(out)
        return found

    return desk.database.run(take)


def _of_job(uow: UnitOfWork, desk: Desk, job: Job, owner: str) -> Outgoing | None:
    if job.kind == DUTY:
        return _to_duty(uow, desk, job, owner)
    contact = uow.contacts.get(uow.conversations.contact_id(str(job.payload["conversation_id"])))
    if contact.erased:
        return None
    return _removal(uow, job, owner, contact) if job.kind == REMOVE else _message(uow, job, owner, contact)


def _removal(uow: UnitOfWork, job: Job, owner: str, contact: Contact) -> Outgoing | None:
    messages = chat_removal.messages_of(uow, job)
    if not messages:
        return None
    return Outgoing(
        job,
        owner,
        contact.channel,
        contact.bot,
        uow.contacts.address(contact.id),
        contact.conversation_id,
        0,
        "",
        [],
        "desk",
        None,
        removes=messages,
    )


def _message(uow: UnitOfWork, job: Job, owner: str, contact: Contact) -> Outgoing | None:
    conversation_id, n = str(job.payload["conversation_id"]), int(job.payload["n"])
    message = uow.messages.get(conversation_id, n)
    if message is None or (message.sender == "desk" and _overtaken(uow, conversation_id, message.key)):
        return None
    return Outgoing(
        job,
        owner,
        contact.channel,
        contact.bot,
        uow.contacts.address(contact.id),
        conversation_id,
        n,
        message.text,
        message.choices,
        message.sender,
        message.author,
        DOCUMENTS.get(message.key or ""),
    )


def _to_duty(uow: UnitOfWork, desk: Desk, job: Job, owner: str) -> Outgoing | None:
    call = duty.call_for(uow, desk, job)
    if call is None:
        return None
    return Outgoing(job, owner, "telegram", "", str(call.chat), "", 0, call.text, [], "desk", None)


def _overtaken(uow: UnitOfWork, conversation_id: str, key: str | None) -> bool:
    """After a take-over has committed no message of the desk starts; alerts and words about the person do."""
    if key is None or key.startswith(("crisis.", "host.", "referral.", "data.", "link.")):
        return False
    return uow.conversations.get(conversation_id).owner != "desk"


def delivered(desk: Desk, out: Outgoing, provider_message_id: str) -> None:
    def note(uow: UnitOfWork) -> None:
        if out.job.kind == DUTY:
            duty.told(uow, out.job)
        else:
            uow.messages.set_provider_id(out.conversation_id, out.n, provider_message_id)
        uow.jobs.done(out.job.id, out.owner, out.job.attempts)

    desk.database.run(note)


def removed(desk: Desk, out: Outgoing, stayed: frozenset[str]) -> None:
    """`stayed`: the provider's ids of what it would not take out of the chat."""

    def note(uow: UnitOfWork) -> None:
        chat_removal.note(uow, desk, out.conversation_id, out.removes, stayed)
        uow.jobs.done(out.job.id, out.owner, out.job.attempts)

    desk.database.run(note)


def again(desk: Desk, out: Outgoing, seconds: float, error: str) -> None:
    """Not now: the message keeps its place and is tried after `seconds`. The duty is tried until it is told, or until
    somebody took the alert up."""
    if out.job.kind == DUTY:
        seconds = seconds if error in ("slow_down", "no_such_channel") else min(seconds, DUTY_WAIT)
    elif out.job.attempts >= MOST_ATTEMPTS:
        undeliverable(desk, out, error)
        return
    desk.database.run(
        lambda uow: uow.jobs.retry(out.job.id, out.owner, out.job.attempts, uow.now + timedelta(seconds=seconds), error)
    )


def undeliverable(desk: Desk, out: Outgoing, why: str) -> None:
    """Never: the job goes to the dead letters, which the board shows, and the lane is free."""

    def note(uow: UnitOfWork) -> None:
        uow.jobs.fail(out.job.id, out.owner, out.job.attempts, why)
        if out.job.kind == DUTY:
            duty.not_told(uow, out.job)

    desk.database.run(note)
