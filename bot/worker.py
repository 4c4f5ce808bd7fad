"""The loop that takes stored messages, has them understood, and lets the desk answer; one resident's in order."""

from __future__ import annotations

import asyncio
import secrets
import time

import structlog

from bot.understand import Understanding
from bot.wake import Wake
from desk.bootstrap import Desk
from desk.due import run_due
from desk.turns import Understood, Waiting, next_turns, take_turn, turn_failed

POLL_SECONDS = 1.0  # how long it sleeps when nobody wakes it; work for later starts at most this much late

_log = structlog.get_logger("bot.worker")


class Worker:
    """Takes turns and due jobs until cancelled. Turns of different residents run side by side."""

    def __init__(self, desk: Desk, understanding: Understanding):
        self._desk = desk
        self._understanding = understanding
        self._owner = f"worker-{secrets.token_hex(4)}"
        self._wake = Wake()
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        with self._wake.by_jobs(self._desk):
            try:
                await asyncio.gather(self._take_turns(), self._do_what_is_due())
            finally:
                if self._running:
                    await asyncio.wait(self._running, timeout=5)

    async def _take_turns(self) -> None:
        while True:
            self._wake.clear()
            try:
                found = await asyncio.to_thread(next_turns, self._desk, self._owner)
            except Exception as error:
                _log.error("worker.no_turns", error=type(error).__name__)
                found = []
            for waiting in found:
                task = asyncio.create_task(self._take(waiting))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            if not found:
                await self._wake.sleep(POLL_SECONDS)

    async def _take(self, waiting: Waiting) -> None:
        try:
            understood = Understood()
            if waiting.ask_model:
                understood = await self._understanding.read(waiting.text, time.monotonic())
            await asyncio.to_thread(take_turn, self._desk, waiting, understood)
        except Exception as error:
            try:
                await asyncio.to_thread(turn_failed, self._desk, waiting, error)
            except Exception as second:  # the database itself: the lease ends and the turn is taken again
                _log.error("worker.not_settled", job=waiting.job.id, error=type(second).__name__)

    async def _do_what_is_due(self) -> None:
        while True:
            try:
                await asyncio.to_thread(run_due, self._desk, self._owner)
            except Exception as error:
                _log.error("worker.nothing_due", error=type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)
