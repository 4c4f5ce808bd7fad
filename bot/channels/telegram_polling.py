"""Long polling: updates are asked for, stored, and only then confirmed by asking with the next offset."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Literal

import structlog
from telegram.error import Conflict, EndPointNotFound, InvalidToken, RetryAfter

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_connection import POLL_SECONDS
from bot.channels.telegram_update import as_payload

LONGEST_WAIT = 60.0
"""Seconds between two tries when Telegram cannot be reached."""

BOT_REFUSED = (
    "Telegram refuses the bot's token. Take the token from @BotFather, set BALIE_TELEGRAM__TOKEN (or "
    "BALIE_TELEGRAM__TOKEN_FILE) and start again. The desk goes on without Telegram."
)
OTHER_READER = (
    "Another program reads this bot's updates, or a webhook is set for it. Stop the other one, or give this desk a bot "
    "of its own. The desk keeps trying."
)
UNREACHABLE = "Telegram cannot be reached. Nothing is lost: messages wait there. The desk keeps trying."
NOT_STORED = "Updates could not be stored and were not confirmed. Telegram keeps them; the desk keeps trying."

_log = structlog.get_logger("bot.telegram")

State = Literal["starting", "reading", "waiting", "refused"]


class Polling:
    """Reads updates until cancelled, or until Telegram refuses the token. `state` is for health pages."""

    def __init__(
        self,
        channel: TelegramChannel,
        seconds: int = POLL_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.state: State = "starting"
        self._channel = channel
        self._seconds = seconds
        self._sleep = sleep
        self._said: str | None = None
        self._misses = 0

    async def run(self) -> None:
        """Polls. Safe to cancel at any moment: what was not confirmed comes again, and a double is a double."""
        connection = self._channel.connection
        prepared = False
        offset: int | None = None
        while True:
            try:
                if not prepared:
                    await connection.bot.delete_webhook()  # getUpdates is refused while one is set
                    prepared = True
                updates = await connection.get_updates(offset, self._seconds)
            except (InvalidToken, EndPointNotFound):  # the second: refused after having been accepted
                self.state = "refused"
                _log.error("telegram.token_refused", sentence=BOT_REFUSED)
                return
            except RetryAfter as error:
                self.state = "waiting"
                await self._sleep(seconds_of(error))
            except Conflict:
                await self._wait("telegram.other_reader", OTHER_READER)
            except Exception as error:  # network, a proxy's page instead of JSON: the same answer, wait and ask again
                await self._wait("telegram.unreachable", UNREACHABLE, type(error).__name__)
            else:
                stored = await self._store(updates)
                if stored:
                    self._fine()
                else:
                    await self._wait("telegram.not_stored", NOT_STORED)
                offset = next_offset(updates[:stored]) if updates else None

    async def _store(self, updates: list[Any]) -> int | Literal[True]:
        """How many of the first updates are committed; True when there were none to store."""
        if not updates:
            return True
        take = self._channel.take
        results = await asyncio.gather(*(take(raw, as_payload(raw)) for raw in updates), return_exceptions=True)
        for place, result in enumerate(results):
            if isinstance(result, BaseException):
                return place
        return len(results)

    def _fine(self) -> None:
        if self._said is not None:
            _log.info("telegram.reading_again")
        self.state = "reading"
        self._said = None
        self._misses = 0

    async def _wait(self, event: str, sentence: str, error: str | None = None) -> None:
        """Says once what is wrong, and waits 1, 2, 4, … up to `LONGEST_WAIT` seconds."""
        self.state = "waiting"
        if self._said != event:
            self._said = event
            _log.warning(event, sentence=sentence, error=error)
        seconds = min(2.0**self._misses, LONGEST_WAIT)
        self._misses += 1
        await self._sleep(seconds)


def next_offset(stored: list[Any]) -> int | None:
    """One above the highest stored id; None when there is nothing to confirm.

    An offset is sent only to confirm: ids may restart at a random number after a quiet week, and a remembered high
    offset would then throw new updates away unread.
    """
    ids = [raw["update_id"] for raw in stored if isinstance(raw, dict) and type(raw.get("update_id")) is int]
    return max(ids) + 1 if ids else None


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks to wait, in seconds."""
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)
