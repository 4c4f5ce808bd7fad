"""The connection to the Bot API: python-telegram-bot's `Bot` as transport only, and nothing of it in the logs."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from telegram import Bot
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

from bot.channels.telegram_update import WANTED_UPDATES

POLL_SECONDS = 30
ANSWER_SECONDS = 15.0
CONNECT_SECONDS = 5.0
SENDS_AT_ONCE = 128  # connections; more than the sender ever has under way

# The library warns that get_updates has a method of its own; that one parses before we can store.
warnings.filterwarnings("ignore", message="Please use 'Bot.get_updates' instead", category=PTBUserWarning)


def silence_loggers() -> None:
    """httpx logs every URL and the token is in the URL; the library logs answers it cannot read, and what people
    wrote is in those."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("telegram.request.BaseRequest").setLevel(logging.CRITICAL + 1)


class TelegramConnection:
    """A bot, known by `name`: the number before the colon in its token, which Telegram gave it for good."""

    def __init__(self, token: str, base_url: str) -> None:
        silence_loggers()
        self.name = token.split(":", 1)[0]
        # A proxy from the environment must not come between the desk and a server on its own machine.
        local = urlsplit(base_url).hostname in ("127.0.0.1", "localhost", "::1")
        options = {"trust_env": False} if local else {}
        self._requests = [
            HTTPXRequest(
                connection_pool_size=size,
                connect_timeout=CONNECT_SECONDS,
                read_timeout=ANSWER_SECONDS,
                write_timeout=ANSWER_SECONDS,
                pool_timeout=ANSWER_SECONDS,
                httpx_kwargs=options,
            )
            for size in (2, SENDS_AT_ONCE)
        ]
        self.bot = Bot(token, base_url=base_url, get_updates_request=self._requests[0], request=self._requests[1])

    async def get_updates(self, offset: int | None, seconds: int = POLL_SECONDS) -> list[Any]:
        """Raw updates as Telegram sent them; waits up to `seconds` for the first. `offset` confirms all below it.

        Raises `telegram.error.TelegramError`.
        """
        found = await self.bot.do_api_request(
            "get_updates",
            {"offset": offset, "timeout": seconds, "limit": 100, "allowed_updates": list(WANTED_UPDATES)},
            read_timeout=seconds + ANSWER_SECONDS,
        )
        if not isinstance(found, list):
            raise TypeError("getUpdates gave no list")
        return found

    async def close(self) -> None:
        await asyncio.gather(*(request.shutdown() for request in self._requests))

    async def set_commands(self, commands: Sequence[tuple[str, str]], language: str | None) -> None:
        """The list behind the menu button; `language` None is for everyone without a list of their own."""
        await self.bot.set_my_commands(list(commands), language_code=language)
