"""An edit of an older message: the conversation has moved on, so it is not taken as an answer to the present question.

The guard sees it all the same, and a person who has taken over gets it as a message. Otherwise the resident is told,
once, that a change is best sent as a new message.
"""

from __future__ import annotations

import asyncio

from desk import receive
from desk.bootstrap import Desk
from desk.receive import Incoming
from desk.say import say
from desk.sessions import session_of
from flows import crisis
from storage.unit_of_work import UnitOfWork


async def take_old_edit(desk: Desk, incoming: Incoming) -> None:
    """Returns when it is committed."""
    if not incoming.text:
        return
    owner = await asyncio.to_thread(_owner, desk, incoming)
    if owner is None or owner != "desk" or crisis.assess(incoming.text) is not None:
        await asyncio.shield(asyncio.wrap_future(receive.store(desk, incoming)))
        return
    await asyncio.shield(asyncio.wrap_future(desk.database.write(lambda uow: _explain(uow, desk, incoming))))


def _owner(desk: Desk, incoming: Incoming) -> str | None:
    """Who talks with this resident; None for someone the desk has never met."""

    def look(uow: UnitOfWork) -> str | None:
        contact = uow.contacts.find(incoming.channel, incoming.bot, incoming.address)
        return None if contact is None else uow.conversations.get(contact.conversation_id).owner

    return desk.database.read(look)


def _explain(uow: UnitOfWork, desk: Desk, incoming: Incoming) -> None:
    contact = uow.contacts.find_or_add(incoming.channel, incoming.bot, incoming.address)
    inbox_id, is_new = uow.inbox.add(
        incoming.channel,
        incoming.bot,
        incoming.provider_id,
        incoming.payload,
        contact.id,
        contact.conversation_id,
        None,
        None,
    )
    if not is_new:
        return
    conversation = uow.conversations.get(contact.conversation_id)
    if conversation.owner == "desk":
        key = "channel.edit_came_late"
        language = session_of(conversation).language
        say(uow, desk, conversation.id, "desk", desk.texts.render(key, language), key=key)
    uow.inbox.done(inbox_id)
