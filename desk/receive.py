"""Stores what a channel received, lets the crisis guard see it, and only then may the provider be told "received"."""

from __future__ import annotations

import json
from concurrent.futures import Future
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from desk.apply import apply
from desk.sessions import keep, session_of
from flows.alerts import alert_turn
from flows.crisis import Alert, assess
from flows.mask import mask
from flows.model import Message, Session
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

TURN = "turn"
LOOKED_BACK = 6  # messages of the conversation that are searched for the first half of a split sentence
MOST_BEFORE = 3  # of the resident's own


class Incoming(Struct, frozen=True):
    """One message as a channel understood it. `payload` is the provider's raw update; `choice` a button's id;
    `attachment` the kind of what cannot be read. `bot` tells one account on a channel from another."""

    channel: str
    bot: str
    provider_id: str
    address: str
    payload: bytes
    text: str = ""
    choice: str | None = None
    attachment: str | None = None
    language_hint: str | None = None


class Receipt(Struct, frozen=True):
    """`n` is the message's number in its conversation; `is_new` False when it was received before."""

    inbox_id: str
    conversation_id: str
    n: int
    is_new: bool


def store(desk: Desk, incoming: Incoming) -> Future[Receipt]:
    """Resolves after the commit. The same provider id again changes nothing and gives the same receipt.

    An alert's card is written in this same transaction, before anything is understood and whoever has the
    conversation.
    """
    whole = structs.replace(incoming, text=_whole(incoming.text), choice=_whole(incoming.choice or "") or None)
    return desk.database.write(lambda uow: _store(uow, desk, whole))


def store_broken(desk: Desk, channel: str, bot: str, provider_id: str, payload: bytes, why: str) -> Future[bool]:
    """Keeps an update that cannot be read, marked with the code `why`. Resolves to whether it was new."""
    return desk.database.write(lambda uow: uow.inbox.add(channel, bot, provider_id, payload, broken=why)[1])


def _store(uow: UnitOfWork, desk: Desk, incoming: Incoming) -> Receipt:
    known = uow.inbox.find(incoming.channel, incoming.bot, incoming.provider_id)
    if known is not None:
        return Receipt(known.id, known.conversation_id or "", known.n or 0, is_new=False)
    contact = uow.contacts.find_or_add(incoming.channel, incoming.bot, incoming.address)
    conversation = uow.conversations.lock(contact.conversation_id)
    session = session_of(conversation)
    if conversation.session is None and incoming.language_hint == "en":
        session.language = "en"  # how the page or the phone is set; clear Dutch in the first message wins
        keep(uow, conversation.id, session)
    text, taken = mask(incoming.text)
    shown = text or _label(session, incoming.choice)
    n = uow.messages.add(conversation.id, "resident", shown, key=_kind(incoming))
    payload = _without(incoming.payload, taken)
    inbox_id, _ = uow.inbox.add(
        incoming.channel, incoming.bot, incoming.provider_id, payload, contact.id, conversation.id, n
    )
    message = Message(n, text, choice=incoming.choice, attachment=incoming.attachment, masked=bool(taken))
    alert = assess(incoming.text, _before(uow, conversation.id, n)) if incoming.text else None
    if alert is not None:
        _alert(uow, desk, conversation.id, incoming.channel, session, message, alert)
        uow.inbox.done(inbox_id)
    if alert is None or conversation.owner != "desk":
        add_turn(uow, conversation.id, inbox_id, message)
    return Receipt(inbox_id, conversation.id, n, is_new=True)


def _whole(text: str) -> str:
    """Half of a surrogate pair, which JSON can hold and no text can, becomes the sign for that."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def add_turn(uow: UnitOfWork, conversation_id: str, inbox_id: str, message: Message, *, settled: bool = False) -> None:
    """The job that reads a stored message. Its payload holds no words; those are in the message row."""
    payload = {
        "conversation_id": conversation_id,
        "inbox_id": inbox_id,
        "n": message.n,
        "choice": message.choice,
        "attachment": message.attachment,
        "masked": message.masked,
        "settled": settled,
    }
    uow.jobs.add(TURN, payload, lane=f"turn:{conversation_id}", key=conversation_id)


def _alert(
    uow: UnitOfWork, desk: Desk, conversation_id: str, channel: str, session: Session, message: Message, alert: Alert
) -> None:
    turn = alert_turn(desk.content(uow, channel), session, message, alert)
    apply(uow, desk, conversation_id, channel, turn)
    keep(uow, conversation_id, turn.session)


def _before(uow: UnitOfWork, conversation_id: str, n: int) -> tuple[str, ...]:
    """The resident's last messages before number `n`, oldest first."""
    recent = uow.messages.after(conversation_id, max(n - 1 - LOOKED_BACK, 0), limit=LOOKED_BACK)
    return tuple(one.text for one in recent if one.sender == "resident" and one.n < n)[-MOST_BEFORE:]


def _label(session: Session, choice: str | None) -> str:
    """What a tapped button said, so that the conversation reads as it was."""
    if choice is None or session.prompt is None:
        return ""
    number, _, choice_id = choice.partition(".")
    if number != str(session.prompt.number):
        return ""
    return next((one.label for one in session.prompt.choices if one.id == choice_id), "")


def _kind(incoming: Incoming) -> str | None:
    if incoming.attachment:
        return f"attachment.{incoming.attachment}"
    return "choice" if incoming.choice else None


def _without(payload: bytes, taken: tuple[str, ...]) -> bytes:
    """The raw update without the numbers that were blocked out: they are stored nowhere."""
    for piece in taken:
        # As typed, and as it stands in JSON with and without escapes.
        for form in (piece, json.dumps(piece)[1:-1], json.dumps(piece, ensure_ascii=False)[1:-1]):
            payload = payload.replace(form.encode(), b"*" * len(piece))
    return payload
