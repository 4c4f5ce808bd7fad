"""A real desk on a database of its own, served over HTTP on a free loopback port."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from balie.app import build_app
from bot.understand import Understanding
from bot.worker import Worker
from desk.bootstrap import Desk, bootstrap, now
from desk.settings import Settings
from tests.servers.http_thread import HttpThread

NOBODY = "http://127.0.0.1:1"
"""An address where no language model answers: the desk goes on with the menu."""


def desk_settings(folder: Path, **changes: Any) -> Settings:
    """Settings for a desk of its own in `folder`, without a language model."""
    return Settings.model_validate(
        {
            "database": {"url": f"sqlite:///{folder / 'balie.db'}"},
            "keys": {"path": str(folder / "keys.json")},
            "nlu": {"autostart": False, "url": NOBODY},
            "team": {"name": "Wijkteam Voorbeeldstad", "phone": "0555-123456"},
            **changes,
        }
    )


@contextmanager
def desk_in(folder: Path, clock: Callable[[], datetime] = now, **changes: Any) -> Iterator[Desk]:
    """A desk with an own database and key ring in `folder`."""
    desk = bootstrap(desk_settings(folder, **changes), clock)
    try:
        yield desk
    finally:
        desk.close()


class WebServer:
    """Chat and board of `desk` over HTTP. Nobody takes the turns until `answer` is called."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._closing = asyncio.Event()
        self._worker: Future[None] | None = None
        self._http = HttpThread(build_app(desk, self._closing))
        self._http.start()
        self._running = True
        self.url = f"http://127.0.0.1:{self._http.port}"

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30.0, **options)

    def answer(self) -> None:
        """The desk takes turns and does what is due from now on, as in `balie serve`."""
        self._worker = asyncio.run_coroutine_threadsafe(self._work(), self._loop)

    def stop(self) -> None:
        """Ends open streams first, as the real server does. Once is enough; a second time does nothing."""
        if not self._running:
            return
        self._running = False
        self._loop.call_soon_threadsafe(self._closing.set)
        if self._worker is not None:
            self._worker.cancel()
        self._http.stop()

    async def _work(self) -> None:
        understanding = Understanding(self._desk.settings.nlu)
        try:
            await Worker(self._desk, understanding).run()
        finally:
            await understanding.close()

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        loop = self._http.loop
        assert loop is not None
        return loop


@contextmanager
def web_server(desk: Desk) -> Iterator[WebServer]:
    server = WebServer(desk)
    try:
        yield server
    finally:
        server.stop()
