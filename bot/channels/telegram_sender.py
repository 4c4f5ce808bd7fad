"""Says one message in a Telegram chat: plain text in parts, quick replies as buttons under the last part."""

from __future__ import annotations

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
from desk.deliver import Outgoing

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
        self._sent_parts: Recent[str, int] = Recent()

    async def send(self, out: Outgoing) -> str:
        """Telegram's id of the last part. Raises `SlowDown`, `NotNow` or `Undeliverable`."""
        parts, keyboard = with_buttons(_signed(out), out.choices)
        if not parts:
            raise Undeliverable("empty")
        chat_id = int(out.address)
        message_id = 0
        for place in range(self._sent_parts.get(out.job.id) or 0, len(parts)):
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
            message_id = sent.message_id
            if not last:
                self._sent_parts.put(out.job.id, place + 1)
        self._sent_parts.take(out.job.id)
        if keyboard is not None:
            self._channel.keyboards.shown(chat_id, message_id)
        return str(message_id)


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
