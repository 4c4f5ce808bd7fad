"""Delivers what the desk has said: in order per resident, side by side across residents, at least once.

The order lies in the jobs: only the head of a resident's lane can be claimed, and a message that has to wait holds up
its own lane and no other.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import structlog

from bot.wake import Wake
from desk import deliver
from desk.bootstrap import Desk
from desk.deliver import Outgoing

POLL_SECONDS = 1.0
"""How long the loop sleeps when nobody wakes it; a message that had to wait starts at most this much late."""

UNDER_WAY = 64
"""No more is claimed while so many messages are under way; one last batch may come on top."""

DELIVERY_SECONDS = 45.0
"""Shorter than the lease of a job (60 s), so that a message is given back before another process may take it."""

LONGEST_WAIT = 900.0
UNEXPECTED_TRIES = 10
CHATS_FOR_ALL = 3
"""So many chats in a row that are told to slow down, and none that was served, means that the whole bot is."""

_log = structlog.get_logger("bot.sender")


class SlowDown(Exception):
    """The provider asks to wait `seconds` before this chat is tried again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds} s")
        self.seconds = seconds


class NotNow(Exception):
    """It did not arrive, or nobody knows whether it did: try again later. `why` is a code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Undeliverable(Exception):
    """It will never arrive (a blocked bot, a chat that is gone). `why` is a code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class ChannelSender(Protocol):
    """How one channel sends."""

    async def send(self, out: Outgoing) -> str:
        """Sends and gives the provider's message id, several with spaces between where it went in parts. Raises
        `SlowDown`, `NotNow` or `Undeliverable`."""
        ...

    async def remove(self, out: Outgoing) -> frozenset[str]:
        """Takes `out.removes` out of the chat and gives the ids of those that the provider would not remove. Raises the
        same. Only asked of channels in `desk.chat_removal.REMOVES`."""
        ...


class Sender:
    """The delivery loop over all channels; `channels` maps a channel's name to its sender."""

    def __init__(self, desk: Desk, channels: Mapping[str, ChannelSender], poll_seconds: float = POLL_SECONDS) -> None:
        self._desk = desk
        self._channels = channels
        self._poll_seconds = poll_seconds
        self._owner = f"sender-{secrets.token_hex(4)}"
        self._wake = Wake()
        self._running: set[asyncio.Task[None]] = set()
        self._pauses = {name: _Pause() for name in channels}

    async def run(self) -> None:
        """Delivers until cancelled; then what is under way gets a moment to finish."""
        with self._wake.by_jobs(self._desk):
            try:
                await self._deliver_all()
            finally:
                await self._finish()

    def wake(self) -> None:
        """There may be something to deliver."""
        self._wake.set()

    async def _deliver_all(self) -> None:
        misses = 0
        while True:
            self._wake.clear()
            found: list[Outgoing] = []
            pause = min((pause.left() for pause in self._pauses.values()), default=0.0)
            if not pause and len(self._running) < UNDER_WAY:
                try:
                    found = await asyncio.to_thread(deliver.next_sends, self._desk, self._owner)
                    misses = 0
                except Exception as error:
                    _log.error("sender.no_jobs", error=type(error).__name__)
                    misses += 1
            for out in found:
                task = asyncio.create_task(self._deliver(out))
                self._running.add(task)
                task.add_done_callback(self._done)
            if not found:
                wait = min(2.0**misses, LONGEST_WAIT) if misses else self._poll_seconds
                await self._wake.sleep(min(pause or wait, wait))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()  # the next message in this lane may be waiting

    async def _finish(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=5)
        for task in list(self._running):
            task.cancel()

    async def _deliver(self, out: Outgoing) -> None:
        """One message; whatever happens, the job is closed or given back."""
        try:
            await self._settle(out)
        except Exception as error:  # the database: the lease ends by itself and the message is taken again
            _log.error("sender.not_settled", job=out.job.id, error=type(error).__name__)

    async def _settle(self, out: Outgoing) -> None:
        channel = self._channels.get(out.channel)
        if channel is None:
            await self._again(out, LONGEST_WAIT, "no_such_channel")
            return
        pause = self._pauses[out.channel]
        if left := pause.left():
            await self._again(out, left, "slow_down")
            return
        try:
            async with asyncio.timeout(DELIVERY_SECONDS):
                write_down = await self._carry_out(channel, out)
        except SlowDown as slow:
            pause.told(out.address, slow.seconds)
            _log.info("sender.slow_down", job=out.job.id, seconds=slow.seconds)
            await self._again(out, slow.seconds, "slow_down")
        except Undeliverable as refused:
            pause.served()
            _log.warning("sender.undeliverable", job=out.job.id, why=refused.why)
            await asyncio.to_thread(deliver.undeliverable, self._desk, out, refused.why)
        except NotNow as later:
            await self._again(out, self._backoff(out), later.why)
        except TimeoutError:
            await self._again(out, self._backoff(out), "timed_out")
        except Exception as error:
            why = f"unexpected_{type(error).__name__}"
            _log.error("sender.unexpected", job=out.job.id, error=type(error).__name__)
            if out.job.attempts >= UNEXPECTED_TRIES:
                await asyncio.to_thread(deliver.undeliverable, self._desk, out, why)
            else:
                await self._again(out, self._backoff(out), why)
        else:
            pause.served()
            await asyncio.to_thread(write_down)

    async def _carry_out(self, channel: ChannelSender, out: Outgoing) -> Callable[[], None]:
        """Gives how to note that it was done."""
        if out.removes:
            return partial(deliver.removed, self._desk, out, await channel.remove(out))
        return partial(deliver.delivered, self._desk, out, await channel.send(out))

    async def _again(self, out: Outgoing, seconds: float, why: str) -> None:
        _log.info("sender.again", job=out.job.id, seconds=seconds, why=why)
        await asyncio.to_thread(deliver.again, self._desk, out, seconds, why)

    @staticmethod
    def _backoff(out: Outgoing) -> float:
        """1, 2, 4, … seconds by the number of tries so far, up to `LONGEST_WAIT`."""
        return float(min(2.0 ** min(out.job.attempts - 1, 30), LONGEST_WAIT))


class _Pause:
    """Tells a slow chat from a slow bot: the provider's answer does not say which it is."""

    def __init__(self) -> None:
        self._until = 0.0
        self._told: dict[str, float] = {}

    def told(self, address: str, seconds: float) -> None:
        now = asyncio.get_running_loop().time()
        self._told = {other: until for other, until in self._told.items() if until > now}
        self._told[address] = now + seconds
        if len(self._told) >= CHATS_FOR_ALL:
            # a wait for all is in everybody's answer; what is above the shortest is a chat's own
            self._until = max(self._until, min(self._told.values()))

    def served(self) -> None:
        self._told.clear()

    def left(self) -> float:
        """Seconds that the whole channel still has to wait."""
        return max(0.0, self._until - asyncio.get_running_loop().time())
