"""A desk with a Telegram channel, running in a thread against the local Bot API server, as the tests need it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from bot.channels.telegram_start import Telegram
from bot.sender import Sender
from desk.bootstrap import Desk, bootstrap
from desk.say import say
from desk.settings import Settings
from storage.records import Contact, InboxRow, Job, StoredMessage
from storage.records import Sender as Speaker
from storage.unit_of_work import UnitOfWork
from tests.servers.bot_api import TOKEN, BotApi

BOT = TOKEN.split(":", 1)[0]

Result = TypeVar("Result")


def telegram_settings(folder: Path, base_url: str, **telegram: Any) -> Settings:
    """Settings for a desk of its own in `folder`, with the local server as Telegram."""
    return Settings.model_validate(
        {
            "database": {"url": f"sqlite:///{folder / 'balie.db'}"},
            "keys": {"path": str(folder / "keys.json")},
            "telegram": {"token": TOKEN, "mode": "polling", "base_url": base_url, **telegram},
        }
    )


class LiveTelegram:
    """The desk, its Telegram parts and a running event loop; `start` and `stop` run parts of it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="telegram", daemon=True)
        self._thread.start()
        self._tasks: list[asyncio.Future[Any]] = []
        self.telegram = self.call(self._build())
        self.sender = self.call(self._build_sender())

    async def _build(self) -> Telegram:
        return Telegram(self.desk)

    async def _build_sender(self) -> Sender:
        return Sender(self.desk, {"telegram": self.telegram.sender}, poll_seconds=0.1)

    def call(self, work: Coroutine[Any, Any, Result], timeout: float = 30.0) -> Result:
        """Runs `work` in the loop and gives its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def start(self, *works: Coroutine[Any, Any, Any]) -> None:
        """Runs these until `stop`."""

        async def begin() -> None:
            self._tasks += [asyncio.ensure_future(work) for work in works]

        self.call(begin())

    def start_all(self) -> None:
        """As `balie serve` does: updates come in, messages go out."""
        self.start(self.telegram.run(), self.sender.run())

    def stop(self) -> None:
        async def end() -> None:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self.telegram.close()

        self.call(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=10)
        self.loop.close()

    # What the database holds -----------------------------------------------------------------------------------------

    def row(self, update_id: int | str) -> InboxRow | None:
        return self.desk.database.read(lambda uow: uow.inbox.find("telegram", BOT, str(update_id)))

    def contact(self, chat_id: int) -> Contact | None:
        return self.desk.database.read(lambda uow: uow.contacts.find("telegram", BOT, str(chat_id)))

    def messages(self, chat_id: int) -> list[StoredMessage]:
        """Both directions, in order; empty for someone the desk has never met."""

        def look(uow: UnitOfWork) -> list[StoredMessage]:
            contact = uow.contacts.find("telegram", BOT, str(chat_id))
            return [] if contact is None else uow.messages.after(contact.conversation_id, 0)

        return self.desk.database.read(look)

    def heard(self, chat_id: int) -> list[str]:
        """The resident's texts as stored, in order."""
        return [message.text for message in self.messages(chat_id) if message.sender == "resident"]

    def dead(self) -> list[Job]:
        return self.desk.database.read(lambda uow: uow.jobs.dead())

    # What the desk does ----------------------------------------------------------------------------------------------

    def says(
        self,
        chat_id: int,
        text: str,
        choices: Sequence[dict[str, str]] = (),
        sender: Speaker = "desk",
        urgent: bool = False,
        author: str | None = None,
    ) -> int:
        """A message to this resident, through the same door as every other."""

        def work(uow: UnitOfWork) -> int:
            contact = uow.contacts.find_or_add("telegram", BOT, str(chat_id))
            return say(uow, self.desk, contact.conversation_id, sender, text, choices, None, author, urgent=urgent)

        return self.desk.database.run(work)

    def owned_by(self, chat_id: int, owner: str) -> None:
        def work(uow: UnitOfWork) -> None:
            contact = uow.contacts.find_or_add("telegram", BOT, str(chat_id))
            uow.conversations.set_owner(contact.conversation_id, owner)

        self.desk.database.run(work)


@contextmanager
def live_telegram(
    folder: Path, server: BotApi, change: Callable[[LiveTelegram], None] | None = None, **telegram: Any
) -> Iterator[LiveTelegram]:
    """A live desk on an own database in `folder`; everything is stopped and closed at the end."""
    desk = bootstrap(telegram_settings(folder, server.base_url, **telegram))
    live = LiveTelegram(desk)
    try:
        if change is not None:
            change(live)
        yield live
    finally:
        live.stop()
        desk.close()
