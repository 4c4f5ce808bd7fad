"""Telegram as a channel: an update is stored first; only then is Telegram told, the waiting sign stopped, a group left.

Polling and webhook both hand their raw updates to `TelegramChannel.take`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog
from telegram.error import TelegramError

from bot.channels.telegram_connection import TelegramConnection
from bot.channels.telegram_edits import take_old_edit
from bot.channels.telegram_keyboards import Keyboards, Recent
from bot.channels.telegram_text import chosen_keyboard
from bot.channels.telegram_update import (
    CHANNEL,
    Arrived,
    Ignored,
    Tap,
    UnreadableUpdate,
    provider_id,
    read_update,
)
from desk import receive
from desk.bootstrap import Desk

TRIES = 3
"""How often storing one update is tried before it is put aside as broken, so that it cannot block the next."""

_log = structlog.get_logger("bot.telegram")


class TelegramChannel:
    """Takes updates for one bot. Needs a running event loop; `close` waits for what is still being tidied up."""

    def __init__(self, desk: Desk, connection: TelegramConnection) -> None:
        self.desk = desk
        self.connection = connection
        self.keyboards = Keyboards()
        self._last_message: Recent[int, int] = Recent()  # chat → the resident's newest message
        self._albums: Recent[str, str] = Recent(1_000)  # album → the update that stands for it
        self._failures: Recent[str, int] = Recent(1_000)
        self._groups: Recent[int, bool] = Recent(1_000)
        self._tidying: set[asyncio.Task[None]] = set()

    async def take(self, raw: object, payload: bytes) -> None:
        """Returns when the update is committed, or needs no row. Raises what storing raised: then it was not stored.

        The work is handed to the database before the first wait, so updates taken one after another stay in order.
        """
        identifier = provider_id(raw, payload)
        try:
            await self._take(raw, payload, identifier)
        except Exception as error:
            tries = (self._failures.get(identifier) or 0) + 1
            self._failures.put(identifier, tries)
            _log.warning("telegram.not_stored", update=identifier, tries=tries, error=type(error).__name__)
            if tries < TRIES:
                raise
            _log.error("telegram.put_aside", update=identifier, error=type(error).__name__)
            await self._put_aside(payload, identifier, "cannot_be_stored")
        self._failures.take(identifier)

    async def _take(self, raw: object, payload: bytes, identifier: str) -> None:
        try:
            read = read_update(raw, payload, self.connection.name)
        except UnreadableUpdate as unreadable:
            await self._put_aside(payload, identifier, unreadable.why)
            return
        if isinstance(read, Ignored):
            self._ignore(read)
            return
        if self._is_rest_of_album(read):
            return
        try:
            if self._is_old_edit(read):
                await take_old_edit(self.desk, read.incoming)
                return
            self._remember(read)
            receipt = await asyncio.shield(asyncio.wrap_future(receive.store(self.desk, read.incoming)))
        except Exception:
            if read.album is not None:
                self._albums.take(read.album)
            raise
        if read.tap is not None and receipt.is_new:
            self._later(self._answer_tap(read.tap, self.keyboards.tapped(read.chat_id, read.message_id)))

    async def _put_aside(self, payload: bytes, identifier: str, why: str) -> None:
        _log.warning("telegram.broken_update", update=identifier, why=why)
        stored = receive.store_broken(self.desk, CHANNEL, self.connection.name, identifier, payload, why)
        await asyncio.shield(asyncio.wrap_future(stored))

    def _remember(self, read: Arrived) -> None:
        if read.tap is None:
            newest = max(read.message_id, self._last_message.get(read.chat_id) or 0)
            self._last_message.put(read.chat_id, newest)
            self.keyboards.answered_in_words(read.chat_id)

    def _is_rest_of_album(self, read: Arrived) -> bool:
        """Photos sent together are one thing that cannot be read, not ten; a caption is always read."""
        if read.album is None or read.incoming.text:
            return False
        first = self._albums.get(read.album)
        if first is not None and first != read.incoming.provider_id:
            return True
        self._albums.put(read.album, read.incoming.provider_id)
        return False

    def _is_old_edit(self, read: Arrived) -> bool:
        """An edit of the resident's newest message is a correction and goes on as a new text; what came before a
        restart counts as old."""
        if not read.edited:
            return False
        newest = self._last_message.get(read.chat_id)
        return newest is None or read.message_id < newest

    def _ignore(self, read: Ignored) -> None:
        _log.info("telegram.ignored", reason=read.reason)
        if read.tap is not None:
            self._later(self._say_already_chosen(read.tap, read.language))
        elif read.group is not None and not self._groups.get(read.group):
            self._groups.put(read.group, True)
            self._later(self._leave_group(read.group, read.language))

    # After the commit: best effort, and harmless when it fails -------------------------------------------------------

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._quietly(work))
        self._tidying.add(task)
        task.add_done_callback(self._tidying.discard)

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except TelegramError as error:
            _log.info("telegram.not_tidied", error=type(error).__name__)

    async def _answer_tap(self, tap: Tap, counted: bool) -> None:
        """Stops the waiting sign, then leaves only the choice under the message; an old keyboard goes unmarked."""
        bot = self.connection.bot
        try:
            await bot.answer_callback_query(tap.query_id)
        finally:
            if tap.message_id is not None:
                await bot.edit_message_reply_markup(
                    chat_id=tap.chat_id,
                    message_id=tap.message_id,
                    reply_markup=chosen_keyboard(tap.label) if counted and tap.label else None,
                )

    async def _say_already_chosen(self, tap: Tap, language: str | None) -> None:
        text = self._text("channel.already_chosen", language)
        await self.connection.bot.answer_callback_query(tap.query_id, text=text)

    async def _leave_group(self, group: int, language: str | None) -> None:
        """The desk talks with one person at a time: it says so once, without reading along, and goes."""
        try:
            await self.connection.bot.send_message(group, self._text("channel.not_in_groups", language))
        finally:
            await self.connection.bot.leave_chat(group)
            self._groups.take(group)  # a later invitation is answered again

    def _text(self, key: str, language: str | None) -> str:
        return self.desk.texts.render(key, "nl" if language in (None, "nl") else "en")

    async def close(self) -> None:
        """Gives the tidying a moment, then closes the connection."""
        if self._tidying:
            await asyncio.wait(self._tidying, timeout=2)
        for task in list(self._tidying):
            task.cancel()
        await self.connection.close()
