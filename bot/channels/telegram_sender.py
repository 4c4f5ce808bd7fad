"""Says one message in a Telegram chat (plain text in parts, quick replies under the last; or a file), and takes
messages out of it again."""

from __future__ import annotations

import asyncio

from telegram import LinkPreviewOptions
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_keyboards import Recent
from bot.channels.telegram_polling import seconds_of
from bot.channels.telegram_text import with_buttons
from bot.sender import NotNow, SlowDown, Undeliverable
from desk import my_data_file
from desk.deliver import Outgoing

REMOVED_AT_ONCE = 100
"""https://core.telegram.org/bots/api#deletemessages"""

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

# Telegram has no codes for these, only sentences: https://github.com/tdlib/telegram-bot-api holds them.
_REFUSALS = (
    ("chat not found", "chat_not_found"),
    ("message is too long", "too_long"),
    ("text is empty", "empty"),
    ("button", "button_refused"),
)


class TelegramSender:
    """Sends through `channel`'s connection. A message of several parts goes on after the last part that arrived."""

    def __init__(self, channel: TelegramChannel) -> None:
        self._channel = channel
        self._sent_parts: Recent[str, list[int]] = Recent()

    async def send(self, out: Outgoing) -> str:
        """Telegram's ids of all parts. Raises `SlowDown`, `NotNow` or `Undeliverable`."""
        if out.document is not None:
            return await self._send_document(out, out.document)
        parts, keyboard = with_buttons(_signed(out), out.choices)
        if not parts:
            raise Undeliverable("empty")
        chat_id = int(out.address)
        message_ids = self._sent_parts.get(out.job.id) or []
        for place in range(len(message_ids), len(parts)):
            last = place == len(parts) - 1
            try:
                # No parse_mode: nothing that a resident or a volunteer writes is ever markup.
                sent = await self._channel.connection.bot.send_message(
                    chat_id,
                    parts[place],
                    reply_markup=keyboard if last else None,
                    link_preview_options=_NO_PREVIEW,
                )
            except TelegramError as error:
                raise _meaning(error) from None  # the library's message may hold the token
            message_ids = [*message_ids, sent.message_id]
            if not last:
                self._sent_parts.put(out.job.id, message_ids)
        self._sent_parts.take(out.job.id)
        if keyboard is not None:
            self._channel.keyboards.shown(chat_id, message_ids[-1])
        return " ".join(map(str, message_ids))

    async def remove(self, out: Outgoing) -> frozenset[str]:
        """At most a hundred at once. Telegram skips what is gone already, and refuses a whole batch for one message
        that it will not remove; then each is tried alone."""
        ids = [int(one) for message in out.removes for one in message.provider_id.split()]
        chat_id, stayed = int(out.address), set[str]()
        for start in range(0, len(ids), REMOVED_AT_ONCE):
            batch = ids[start : start + REMOVED_AT_ONCE]
            try:
                await self._channel.connection.bot.delete_messages(chat_id, batch)
            except BadRequest:
                stayed |= {str(one) for one in batch if not await self._is_gone(chat_id, one)}
            except TelegramError as error:
                raise _meaning(error) from None
        return frozenset(stayed)

    async def _is_gone(self, chat_id: int, message_id: int) -> bool:
        """Removes one message; True also when it was not there any more."""
        try:
            await self._channel.connection.bot.delete_message(chat_id, message_id)
        except BadRequest as error:
            return "not found" in error.message.lower()
        except TelegramError as error:
            raise _meaning(error) from None
        return True

    async def _send_document(self, out: Outgoing, kind: my_data_file.Kind) -> str:
        """The resident's data as they are at this moment; the content is in memory only."""
        desk = self._channel.desk
        made = await asyncio.to_thread(my_data_file.of_conversation, desk, out.conversation_id, kind)
        if made is None:
            raise Undeliverable("erased")
        try:
            sent = await self._channel.connection.bot.send_document(
                int(out.address),
                made.content,
                filename=made.name,
                caption=out.text,
                disable_content_type_detection=True,
            )
        except TelegramError as error:
            raise _meaning(error) from None
        return str(sent.message_id)


def _signed(out: Outgoing) -> str:
    """A person's message begins with their name: in this chat everything comes from the same bot, and nobody should
    take a person for the computer, or the other way round."""
    name = " ".join((out.author or "").split())
    return f"{name}:\n{out.text}" if name and out.sender != "desk" else out.text


def _meaning(error: TelegramError) -> SlowDown | NotNow | Undeliverable:
    if isinstance(error, RetryAfter):
        return SlowDown(seconds_of(error))
    if isinstance(error, Forbidden):
        return Undeliverable("blocked")
    if isinstance(error, ChatMigrated):
        return Undeliverable("chat_not_found")
    if isinstance(error, BadRequest):
        said = error.message.lower()
        return Undeliverable(next((code for part, code in _REFUSALS if part in said), "refused"))
    if isinstance(error, InvalidToken | EndPointNotFound | Conflict):
        return NotNow("token_refused")
    return NotNow(f"network_{type(error).__name__}")
