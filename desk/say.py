"""All speech to residents goes through here: a row for the conversation, and a job where the channel must be pushed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from storage.records import Sender
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

SEND = "send"
PULLED = frozenset({"web", "console"})  # these channels fetch what was said; the others are sent to


def say(
    uow: UnitOfWork,
    desk: Desk,
    conversation_id: str,
    sender: Sender,
    text: str,
    choices: Sequence[dict[str, Any]] = (),
    key: str | None = None,
    author: str | None = None,
    *,
    channel: str | None = None,
    urgent: bool = False,
) -> int:
    """Adds what `sender` says, gives its number. `choices` are `{"id", "label"}`; `urgent` passes the resident's other
    messages (an alert). Delivery is at least once, in order per resident."""
    n = uow.messages.add(conversation_id, sender, text, choices=list(choices), key=key, author=author)
    if channel is None:
        channel = uow.conversations.get(conversation_id).channel
    if channel not in PULLED:
        payload = {"conversation_id": conversation_id, "n": n}
        uow.jobs.add(SEND, payload, lane=lane_of(conversation_id), urgent=urgent, key=conversation_id)
    return n


def lane_of(conversation_id: str) -> str:
    """Where what goes to this resident's chat waits its turn."""
    return f"send:{conversation_id}"
