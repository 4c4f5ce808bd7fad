"""`balie serve`: puts the parts together and runs them until Ctrl-C."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from types import FrameType

import structlog
import uvicorn
from pydantic import SecretStr

from balie.app import build_app
from balie.nlu_process import NluError, NluProcess
from bot.channels.telegram_start import Telegram, build_telegram
from bot.sender import Sender
from bot.understand import Understanding
from bot.worker import Worker
from desk.bootstrap import Desk
from desk.retention import plan_retention
from desk.settings import Nlu
from desk.town import OpenedAccount, load_town, new_passwords

NLU = Path(__file__).resolve().parent.parent / "nlu"
DEMO = "voorbeeldstad"

_log = structlog.get_logger("balie.serve")


class CannotServe(Exception):
    """The desk cannot start; one sentence with what to do."""


def open_socket(host: str, port: int) -> socket.socket:
    """Raises CannotServe when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Naming the protocol lets asyncio switch Nagle's delay off: 44 ms a request without, 1.5 ms with.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            what = f"port {port} on {host} is taken; stop the other program or set BALIE_HTTP__PORT to a free one"
        else:
            what = f"cannot listen on {host}:{port} ({error.strerror}); mend `http:` in config.yml"
        raise CannotServe(what) from None
    listener.set_inheritable(False)
    return listener


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
    """The fictional municipality with one account per role, each with a fresh one-time password."""
    with as_file(files("balie.demo") / DEMO) as folder:
        load_town(desk, folder)
        return new_passwords(desk, folder)


def take_up_work(desk: Desk) -> None:
    """What a former process held when it ended can be taken again; the daily forgetting is planned."""
    desk.database.run(lambda uow: uow.jobs.release_all())
    plan_retention(desk)


async def serve(desk: Desk, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Runs until a signal ends it. `announce` is called once the first page can be opened."""
    closing = asyncio.Event()
    await asyncio.to_thread(take_up_work, desk)
    process, nlu = await asyncio.to_thread(start_nlu, desk.settings.nlu)
    understanding = Understanding(nlu)
    telegram: Telegram | None = build_telegram(desk)
    app = build_app(desk, closing, understanding, telegram)
    server = _Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=5))
    server.announce, server.closing = announce, closing
    senders = {"telegram": telegram.sender} if telegram else {}
    parts = [asyncio.create_task(Worker(desk, understanding).run())]
    parts.append(asyncio.create_task(Sender(desk, senders).run()))
    if telegram is not None:
        parts.append(asyncio.create_task(telegram.run()))
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
        if process is not None:
            await asyncio.to_thread(process.stop)


class _Server(uvicorn.Server):
    """Says when the first page can be opened, and ends open streams as soon as it is told to stop."""

    announce: Callable[[], None]
    closing: asyncio.Event

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.closing.set()
        super().handle_exit(sig, frame)
