"""The webhook: Telegram posts an update, the secret header is checked, the update is stored, then comes the 200."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable

import structlog
from fastapi import APIRouter, Request, Response
from telegram.error import BadRequest, InvalidToken, RetryAfter

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_polling import BOT_REFUSED, LONGEST_WAIT, UNREACHABLE, seconds_of
from bot.channels.telegram_update import WANTED_UPDATES

PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
BODY_LIMIT = 1_048_576
LONGEST_LENGTH = 15  # digits of a Content-Length; Python refuses to read thousands of them
"""Bytes. The longest text is 4096 signs; with every field Telegram adds an update stays far below this."""

WEBHOOK_REFUSED = (
    "Telegram does not accept the webhook address. Set BALIE_TELEGRAM__WEBHOOK_URL to an https:// address that reaches "
    "this desk from the internet, or set BALIE_TELEGRAM__MODE to polling. The desk goes on without Telegram."
)

_log = structlog.get_logger("bot.telegram")


def derive_secret(token: str) -> str:
    """A webhook secret that every process of this desk knows without being told: HMAC-SHA-256 under the bot's token."""
    return hmac.new(token.encode(), b"buurtbalie telegram webhook", hashlib.sha256).hexdigest()


def webhook_router(channel: TelegramChannel, secret: str) -> APIRouter:
    """`POST /telegram/webhook`: 401 without the right secret, 413 above 1 MiB, 400 for JSON nested too deep, 503 when
    the update could not be stored (Telegram sends it again), else 200 after the commit."""
    router = APIRouter()
    expected = secret.encode()

    @router.post(PATH, include_in_schema=False)
    async def receive_update(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "").encode("latin-1", "replace")
        if not expected or not hmac.compare_digest(given, expected):
            _log.warning("telegram.wrong_secret")
            return Response(status_code=401)
        body = await read_limited(request)
        if body is None:
            return Response(status_code=413)
        raw: object
        try:
            raw = json.loads(body)
        except RecursionError:
            return Response(status_code=400)
        except ValueError:
            raw = None  # no update at all; it is put aside as broken, so that it does not come again
        try:
            await channel.take(raw, body)
        except Exception as error:
            _log.warning("telegram.not_stored", error=type(error).__name__)
            return Response(status_code=503)
        return Response(status_code=200)

    return router


async def read_limited(request: Request) -> bytes | None:
    """The body, or None as soon as it turns out to be above `BODY_LIMIT`, so that memory stays flat."""
    announced = request.headers.get("content-length", "")
    digits = announced.isascii() and announced.isdigit()
    if digits and (len(announced) > LONGEST_LENGTH or int(announced) > BODY_LIMIT):
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return None
    return bytes(body)


async def register_webhook(
    channel: TelegramChannel, url: str, secret: str, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> bool:
    """Tells Telegram where to post, until it listens; `url` is the desk's address, with or without `PATH`.

    False when Telegram refuses the token or the address: then one sentence stands in the log.
    """
    address = url if url.rstrip("/").endswith(PATH) else url.rstrip("/") + PATH
    misses = 0
    while True:
        try:
            await channel.connection.bot.set_webhook(
                address, secret_token=secret, allowed_updates=list(WANTED_UPDATES), drop_pending_updates=False
            )
        except InvalidToken:
            _log.error("telegram.token_refused", sentence=BOT_REFUSED)
            return False
        except BadRequest:
            _log.error("telegram.webhook_refused", sentence=WEBHOOK_REFUSED)
            return False
        except RetryAfter as error:
            await sleep(seconds_of(error))
        except Exception as error:
            if not misses:
                _log.warning("telegram.unreachable", sentence=UNREACHABLE, error=type(error).__name__)
            await sleep(min(2.0**misses, LONGEST_WAIT))
            misses += 1
        else:
            _log.info("telegram.webhook_set")
            return True
