"""The event stream of an open board: it says only that something changed; the page then asks for itself again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from board.guard import NotLoggedIn
from board.page import SESSION_COOKIE, Pages
from desk.login import user_of

CHECK_SECONDS = 3.0  # how soon a stream ends after logging out, disabling, or losing a role
KEEP_ALIVE_SECONDS = 15.0
CALM_SECONDS = 0.3  # a burst of changes is one change


def add_routes(board: APIRouter, pages: Pages, closing: asyncio.Event) -> None:
    async def events(request: Request) -> Response:
        token = request.cookies.get(SESSION_COOKIE)
        if await asyncio.to_thread(user_of, pages.desk, token) is None:
            raise NotLoggedIn
        return StreamingResponse(
            changes(pages, request, token, closing),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    board.add_api_route("/events", events, methods=["GET"], response_class=Response)


async def changes(pages: Pages, request: Request, token: str | None, closing: asyncio.Event) -> AsyncIterator[str]:
    """A `changed` event per burst of changes, until the session or one of its roles ends, the browser leaves or the
    server stops."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()

    def listen(topics: frozenset[str]) -> None:
        if "board" in topics:
            loop.call_soon_threadsafe(changed.set)

    unsubscribe = pages.desk.database.subscribe(listen)
    stopping = asyncio.create_task(closing.wait())
    try:
        user = await asyncio.to_thread(user_of, pages.desk, token)
        # The first event lets a page that was cut off fetch what it missed.
        yield "retry: 1500\nevent: changed\ndata: \n\n"
        quiet = 0.0
        while user is not None:
            happened = await _one_of(changed, stopping)
            now = None if stopping.done() else await asyncio.to_thread(user_of, pages.desk, token)
            if now is None or now.roles != user.roles or await request.is_disconnected():
                return
            quiet = 0.0 if happened else quiet + CHECK_SECONDS
            if happened:
                yield "event: changed\ndata: \n\n"
            elif quiet >= KEEP_ALIVE_SECONDS:
                quiet = 0.0
                yield ": still here\n\n"
    finally:
        stopping.cancel()
        unsubscribe()


async def _one_of(changed: asyncio.Event, stopping: asyncio.Task[bool]) -> bool:
    """Waits for a change, the end, or the next look at the session; True for a change."""
    change = asyncio.create_task(changed.wait())
    try:
        done, _ = await asyncio.wait((change, stopping), timeout=CHECK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        change.cancel()
    if change not in done:
        return False
    await asyncio.sleep(CALM_SECONDS)
    changed.clear()
    return True
