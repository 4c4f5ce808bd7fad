"""The board of a desk on a free loopback port, and browsers for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from fastapi import FastAPI

from board.app import router
from board.page import SESSION_COOKIE
from desk.bootstrap import Desk
from tests.servers.http_thread import HttpThread


class BoardServer:
    def __init__(self, desk: Desk) -> None:
        self._closing = asyncio.Event()
        self._stopped = False
        app = FastAPI(openapi_url=None)
        app.include_router(router(desk, self._closing))
        self._http = HttpThread(app)
        self._http.start()
        self.url = f"http://127.0.0.1:{self._http.port}"

    def client(self, token: str | None = None) -> httpx.Client:
        """As a browser does, it says where a form comes from; it does not follow a redirect by itself."""
        cookies = {SESSION_COOKIE: token} if token else {}
        headers = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        return httpx.Client(base_url=self.url, timeout=30.0, cookies=cookies, headers=headers)

    def stop(self) -> None:
        """Ends open streams first, as the real server does; a second time does nothing."""
        loop = self._http.loop
        assert loop is not None
        if self._stopped:
            return
        self._stopped = True
        loop.call_soon_threadsafe(self._closing.set)
        self._http.stop()


@contextmanager
def board_server(desk: Desk) -> Iterator[BoardServer]:
    server = BoardServer(desk)
    try:
        yield server
    finally:
        server.stop()
