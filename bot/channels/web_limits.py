"""What the web chat refuses: other sites, bodies that are too large, and floods."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import Request

from bot.channels.problem import Problem

BODY_LIMIT = 2 * 1024 * 1024
"""Bytes. 100,000 emoji, each escaped as two \\uXXXX, are 1.2 MB: such a message must get through."""

TEXT_LIMIT = 100_000
"""Characters in one message."""

_DRAIN_LIMIT = 16 * BODY_LIMIT  # bytes read and thrown away, so that the sender gets to see the 413
_BODY_SECONDS = 30.0
_KEYS_LIMIT = 20_000
_DEFAULT_PORTS = {"http": 80, "https": 443}


def refuse_other_sites(request: Request) -> None:
    """Raises Problem when a browser says that the request comes from another site's page."""
    if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Problem("cross_site")
    origin = request.headers.get("origin")
    if origin is not None and not _same_host(origin, request.headers.get("host", "")):
        raise Problem("cross_site")


def _same_host(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
        here = urlsplit(f"//{host}")
        default = _DEFAULT_PORTS.get(parts.scheme)
        # A proxy may speak https outside and http inside, so only host and port are compared.
        return (
            default is not None
            and parts.hostname is not None
            and parts.hostname == here.hostname
            and (parts.port or default) == (here.port or default)
        )
    except ValueError:
        return False


async def read_body(request: Request, limit: int = BODY_LIMIT) -> bytes:
    """The body, at most `limit` bytes; a larger one is read to its end without keeping it, then refused."""
    kept = bytearray()
    seen = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                seen += len(chunk)
                if seen <= limit:
                    kept += chunk
                else:
                    kept.clear()
                if seen > _DRAIN_LIMIT:
                    break
    except TimeoutError:
        raise Problem("too_slow", {"Connection": "close"}) from None
    if seen > limit:
        raise Problem("too_large", {"Connection": "close"} if seen > _DRAIN_LIMIT else None)
    return bytes(kept)


class Throttle:
    """At most `limit` events per `seconds` for each key, counted in a sliding window, in this process."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._stamps: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Seconds until `key` may go on; 0 when it may now."""
        stamps = self._recent(key)
        return 0.0 if len(stamps) < self._limit else stamps[0] + self._seconds - self._clock()

    def note(self, key: str) -> None:
        """Counts one event of `key`."""
        self._recent(key).append(self._clock())
        self._forget_old_keys()

    def take(self, key: str) -> float:
        """Counts one event and returns 0, or returns the seconds to wait and counts nothing."""
        seconds = self.wait(key)
        if not seconds:
            self.note(key)
        return seconds

    def _recent(self, key: str) -> deque[float]:
        stamps = self._stamps.setdefault(key, deque(maxlen=self._limit))
        self._stamps.move_to_end(key)
        while stamps and stamps[0] <= self._clock() - self._seconds:
            stamps.popleft()
        return stamps

    def _forget_old_keys(self) -> None:
        while self._stamps:
            key, stamps = next(iter(self._stamps.items()))
            if len(self._stamps) <= _KEYS_LIMIT and stamps and stamps[-1] > self._clock() - self._seconds:
                return
            del self._stamps[key]


def network_of(request: Request) -> str:
    """Who asks, as a key for throttling: the IPv4 address, or the IPv6 /64 that one household has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def is_this_machine(request: Request) -> bool:
    """Whether the request comes from this machine, or through a proxy on it that does not say for whom."""
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
