"""`balie serve`: puts the parts together and runs them until Ctrl-C."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Callable
from importlib.resources import as_file, files
from types import FrameType
from typing import TYPE_CHECKING

import structlog
import uvicorn
from pydantic import SecretStr

from balie.app import build_app
from balie.nlu_process import NLU as NLU
from balie.nlu_process import NluError, NluProcess
from bot.sender import Sender
from bot.understand import Understanding
from bot.worker import Worker
from desk.bootstrap import Desk
from desk.directory_file import DirectoryError
from desk.retention import plan_retention
from desk.settings import Nlu
from desk.town import OpenedAccount, load_town
from storage.errors import StorageError

if TYPE_CHECKING:
    from bot.channels.telegram_start import Telegram

DEMO = "voorbeeldstad"
HEAD_START = 1.0  # seconds in which the first resident has both cores to themself
Announce = Callable[[tuple[OpenedAccount, ...]], None]

_log = structlog.get_logger("balie.serve")


def start_nlu(settings: Nlu) -> tuple[NluProcess | None, Nlu]:
    """The language model beside the desk when it should run here, and the settings to reach it."""
    if not settings.autostart:
        return None, settings
    process = NluProcess(NLU)
    try:
        process.start()
    except NluError as error:
        _log.warning("nlu.not_started", why=str(error))
        return None, settings
    return process, settings.model_copy(update={"url": process.url, "token": SecretStr(process.token)})


def load_demo(desk: Desk) -> tuple[OpenedAccount, ...]:
    """The fictional municipality with its accounts, each with a fresh one-time password."""
    with as_file(files("balie.demo") / DEMO) as folder:
        return load_town(desk, folder)


def take_up_work(desk: Desk) -> None:
    """What a former process held when it ended can be taken again; the daily forgetting is planned."""
    desk.database.run(lambda uow: uow.jobs.release_all())
    plan_retention(desk)


async def serve(desk: Desk, listener: socket.socket, announce: Announce) -> None:
    """Runs until a signal ends it. `announce` is called with the demonstration's accounts once pages can be opened.

    Residents come first: the desk answers before the demonstration is loaded and the language model is started.
    """
    closing = asyncio.Event()
    await asyncio.to_thread(take_up_work, desk)
    understanding = Understanding(None if desk.settings.nlu.autostart else desk.settings.nlu)
    telegram = _telegram(desk)
    app = build_app(desk, closing, understanding, telegram)
    server = _Server(
        uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=5)
    )
    server.opened, server.closing = asyncio.Event(), closing
    senders = {"telegram": telegram.sender} if telegram else {}
    beside = _Beside(desk, understanding, announce)
    loops = [Worker(desk, understanding).run(), Sender(desk, senders).run(), beside.start(server.opened)]
    if telegram is not None:
        loops.append(telegram.run())
    parts = [asyncio.create_task(loop) for loop in loops]
    try:
        await server.serve(sockets=[listener])
    finally:
        closing.set()
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        if telegram is not None:
            await telegram.close()
        await understanding.close()
        await asyncio.to_thread(beside.stop)


def _telegram(desk: Desk) -> Telegram | None:
    """Its library is only loaded where a token is configured."""
    if desk.settings.telegram.token is None:
        return None
    from bot.channels.telegram_start import build_telegram

    return build_telegram(desk)


class _Beside:
    """What comes after the first page can be opened: the demonstration, and the language model in its own process."""

    def __init__(self, desk: Desk, understanding: Understanding, announce: Announce):
        self._desk = desk
        self._understanding = understanding
        self._announce = announce
        self._process: NluProcess | None = None

    async def start(self, opened: asyncio.Event) -> None:
        await opened.wait()
        await asyncio.sleep(HEAD_START)
        accounts: tuple[OpenedAccount, ...] = ()
        if self._desk.settings.demo:
            try:
                accounts = await asyncio.to_thread(load_demo, self._desk)
            except (DirectoryError, StorageError) as error:
                _log.error("demo.not_loaded", why=str(error))
        self._announce(accounts)
        self._process, nlu = await asyncio.to_thread(start_nlu, self._desk.settings.nlu)
        if self._process is not None:
            self._understanding.connect(nlu)

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()


class _Server(uvicorn.Server):
    """Says when the first page can be opened, and ends open streams as soon as it is told to stop."""

    opened: asyncio.Event
    closing: asyncio.Event

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()
        gc.enable()  # see __main__.py
        self.opened.set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Not uvicorn's own: that raises the signal again once its pages are closed, which ends the process before
        the other parts have stopped and the database is closed."""
        self.closing.set()
        self.force_exit = self.should_exit and sig == signal.SIGINT  # Ctrl-C twice: do not wait for anyone
        self.should_exit = True
