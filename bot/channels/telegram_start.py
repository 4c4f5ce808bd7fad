"""Puts the parts of the Telegram channel together, for whoever serves the desk."""

from __future__ import annotations

import asyncio

import structlog
from fastapi import APIRouter

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_connection import TelegramConnection
from bot.channels.telegram_polling import Polling
from bot.channels.telegram_sender import TelegramSender
from bot.channels.telegram_webhook import derive_secret, register_webhook, webhook_router
from desk.bootstrap import Desk

COMMANDS = ("start", "menu", "zoeken", "mens", "taal", "stop")
"""Behind the menu button. They are texts like any other; the flows know the words."""

_log = structlog.get_logger("bot.telegram")


class Telegram:
    """One bot: `sender` delivers, `router` is there in webhook mode only, `run` keeps the updates coming."""

    def __init__(self, desk: Desk) -> None:
        settings = desk.settings.telegram
        token = settings.token.get_secret_value() if settings.token else ""
        self._desk = desk
        self.channel = TelegramChannel(desk, TelegramConnection(token, settings.base_url))
        self.sender = TelegramSender(self.channel)
        self.polling: Polling | None = None
        self.router: APIRouter | None = None
        if settings.mode == "webhook":
            given = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
            self._secret = given or derive_secret(token)
            self._url = settings.webhook_url or desk.settings.http.public_url
            self.router = webhook_router(self.channel, self._secret)
        else:
            self.polling = Polling(self.channel)

    async def run(self) -> None:
        """Until cancelled in polling mode; in webhook mode until Telegram knows the address. Returns early, with a
        sentence in the log, when Telegram refuses the token or the address: the desk goes on without it."""
        if self.polling is None:
            if await register_webhook(self.channel, self._url, self._secret):
                await self._publish_commands()
            return
        commands = asyncio.create_task(self._publish_commands())
        try:
            await self.polling.run()
        finally:
            commands.cancel()

    async def _publish_commands(self) -> None:
        """Best effort: without it the commands work too, they are only not shown."""
        try:
            for language, code in (("nl", None), ("nl", "nl"), ("en", "en")):
                texts = [(name, self._desk.texts.render(f"channel.command.{name}", language)) for name in COMMANDS]
                await self.channel.connection.set_commands(texts, code)
        except Exception as error:
            _log.info("telegram.no_commands", error=type(error).__name__)

    async def close(self) -> None:
        """After `run` was cancelled and the sender has stopped."""
        await self.channel.close()


def build_telegram(desk: Desk) -> Telegram | None:
    """None when no token is configured: then there is no Telegram, and nothing is missing."""
    return Telegram(desk) if desk.settings.telegram.token else None
