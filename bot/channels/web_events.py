"""The event stream of the web chat: woken by commits, never asking an idle database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import msgspec

from bot.channels.problem import Problem
from bot.channels.web_messages import messages_after
from desk.bootstrap import Desk
from storage.records import Contact

HEARTBEAT_SECONDS = 15.0
STREAMS_PER_CONVERSATION = 6

Subscribe = Callable[[Callable[[frozenset[str]], None]], Callable[[], None]]
"""`Database.subscribe`: calls back in the writer thread after each commit, returns how to stop."""


class WakeUps:
    """Brings the database's topics to the event loop. Subscribed only while somebody listens."""

    def __init__(self, subscribe: Subscribe) -> None:
        self._subscribe = subscribe
        self._unsubscribe: Callable[[], None] | None = None
        self._listeners: dict[str, set[asyncio.Event]] = {}

    def refuse_when_full(self, topic: str) -> None:
        """Raises Problem when `topic` has as many listeners as it may have."""
        if len(self._listeners.get(topic, ())) >= STREAMS_PER_CONVERSATION:
            raise Problem("too_many_streams", {"Retry-After": "30"})

    @contextmanager
    def listen(self, topic: str) -> Iterator[asyncio.Event]:
        """An event that is set after every commit on `topic`."""
        woken = asyncio.Event()
        self._listeners.setdefault(topic, set()).add(woken)
        if self._unsubscribe is None:
            loop = asyncio.get_running_loop()
            self._unsubscribe = self._subscribe(lambda topics: self._committed(loop, topics))
        try:
            yield woken
        finally:
            listeners = self._listeners[topic]
            listeners.discard(woken)
            if not listeners:
                del self._listeners[topic]
            if not self._listeners and self._unsubscribe is not None:
                self._unsubscribe()
                self._unsubscribe = None

    def _committed(self, loop: asyncio.AbstractEventLoop, topics: frozenset[str]) -> None:
        # In the writer thread: single look-ups only, because the event loop may change the mapping meanwhile.
        wanted = [topic for topic in topics if topic in self._listeners]
        if wanted and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake, wanted)

    def _wake(self, topics: list[str]) -> None:
        for topic in topics:
            for woken in self._listeners.get(topic, ()):
                woken.set()


async def stream(
    desk: Desk, wake_ups: WakeUps, closing: asyncio.Event, contact: Contact, after: int
) -> AsyncIterator[bytes]:
    """Server-sent events of one conversation from message `after` + 1 on, until `closing` is set, the reader leaves,
    or the contact is erased."""
    with wake_ups.listen(f"conversation:{contact.conversation_id}") as woken:
        yield _COMMENT
        n = after
        while not closing.is_set():
            woken.clear()
            messages = await messages_after(desk, contact.conversation_id, n)
            for message in messages:
                n = int(message["n"])
                yield b"id: %d\ndata: %b\n\n" % (n, msgspec.json.encode(message))
            if messages:
                continue
            if not await _either(woken, closing, HEARTBEAT_SECONDS):
                yield _COMMENT


_COMMENT = b": still here\n\n"


async def _either(first: asyncio.Event, second: asyncio.Event, seconds: float) -> bool:
    """Waits until one of the events is set; False when `seconds` passed before that."""
    waits = [asyncio.ensure_future(first.wait()), asyncio.ensure_future(second.wait())]
    try:
        done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        for wait in waits:
            wait.cancel()
