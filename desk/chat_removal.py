"""Taking what the desk said out of the resident's own chat, where the channel lets a bot do that."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from desk.say import lane_of, say
from desk.sessions import session_of
from storage.records import Delivered, Job
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

REMOVE = "remove"
REMOVES = frozenset({"telegram"})
REMOVABLE_FOR = timedelta(hours=48)  # https://core.telegram.org/bots/api#deletemessage


def plan(uow: UnitOfWork, desk: Desk, conversation_id: str, language: str, *, erasing: bool) -> None:
    """Everything said until now goes, behind what is still on its way; the resident hears what stays. The desk's own
    copies stay until they are erased."""
    last, young_since = uow.messages.next_n(conversation_id) - 1, uow.now - REMOVABLE_FOR
    payload = {"conversation_id": conversation_id, "last": last, "since": young_since.isoformat()}
    uow.jobs.add(REMOVE, payload, lane=lane_of(conversation_id), key=conversation_id)
    old = sum(message.at < young_since for message in uow.messages.delivered(conversation_id, last))
    text = desk.texts.render("data.removing", language, old=old, erasing=erasing)
    say(uow, desk, conversation_id, "desk", text, key="data.removing")


def messages_of(uow: UnitOfWork, job: Job) -> tuple[Delivered, ...]:
    """What the job `remove` takes away. Which were young enough was settled when it was asked."""
    since = datetime.fromisoformat(job.payload["since"])
    delivered = uow.messages.delivered(str(job.payload["conversation_id"]), int(job.payload["last"]))
    return tuple(message for message in delivered if message.at >= since)


def note(
    uow: UnitOfWork, desk: Desk, conversation_id: str, messages: Iterable[Delivered], stayed: frozenset[str]
) -> None:
    """Forgets where the messages were. `stayed` are the provider's ids that it would not remove: the resident is
    told."""
    left = 0
    for message in messages:
        ids = [one for one in message.provider_id.split() if one in stayed]
        left += bool(ids)
        uow.messages.set_provider_id(conversation_id, message.n, " ".join(ids) or None)
    conversation = uow.conversations.get(conversation_id)
    if left and not uow.contacts.get(conversation.contact_id).erased:
        text = desk.texts.render("data.not_removed", session_of(conversation).language, count=left)
        say(uow, desk, conversation_id, "desk", text, key="data.not_removed")
