"""Wakes a loop when the database has work for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from desk.bootstrap import Desk


class Wake:
    """`clear` before looking for work, `sleep` after finding none: what comes in between is not missed."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    @contextmanager
    def by_jobs(self, desk: Desk) -> Iterator[None]:
        """While entered, every commit that adds or frees a job wakes the loop it was entered in."""
        loop = asyncio.get_running_loop()

        def woken(topics: frozenset[str]) -> None:
            if "jobs" in topics and not loop.is_closed():
                loop.call_soon_threadsafe(self._event.set)

        unsubscribe = desk.database.subscribe(woken)
        try:
            yield
        finally:
            unsubscribe()

    def set(self) -> None:
        self._event.set()

    def clear(self) -> None:
        self._event.clear()

    async def sleep(self, seconds: float) -> None:
        """Until woken, and no longer than `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
