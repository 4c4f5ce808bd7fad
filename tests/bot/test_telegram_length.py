"""What a request says of its own length is somebody else's text."""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from bot.channels.telegram_webhook import BODY_LIMIT, read_limited


def read(announced: str, body: bytes = b"{}") -> bytes | None:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-length", announced.encode("latin-1"))]
    return asyncio.run(read_limited(Request({"type": "http", "method": "POST", "headers": headers}, receive)))


@pytest.mark.parametrize("announced", ["2", "", "²", "-1", "veel", "1.5"])
def test_a_length_that_is_no_number_counts_for_nothing(announced: str) -> None:
    assert read(announced) == b"{}"


@pytest.mark.parametrize("announced", [str(BODY_LIMIT + 1), "9" * 5000, "9" * 16])
def test_a_length_above_the_limit_is_refused_unread(announced: str) -> None:
    assert read(announced) is None
