"""Messages of the web chat: what a client posts, and how stored messages look to it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from bot.channels.problem import Problem
from bot.channels.web_limits import TEXT_LIMIT
from desk.bootstrap import Desk
from desk.my_data_chat import LINK
from storage.records import StoredMessage
from storage.unit_of_work import UnitOfWork

PAGE = 200
"""Messages in one answer at most; a client that wants the rest asks again after the last number."""


FILES = ("/chat/data.html", "/chat/data")
"""What a message that offers the resident's data leads to; fetched with the conversation's token."""


class Posted(Struct, frozen=True, forbid_unknown_fields=True):
    """A message as the client sends it: its own id, and either a text (empty is a text too) or a choice."""

    id: UUID
    text: str | None = None
    choice: str | None = None


class Code(Struct, frozen=True, forbid_unknown_fields=True):
    """A resume code as the resident typed it."""

    code: str


_posted = msgspec.json.Decoder(Posted)
_code = msgspec.json.Decoder(Code)


def read_posted(body: bytes) -> Posted:
    """Raises Problem for anything but a well-formed message."""
    posted: Posted = _decode(_posted, body, "wrong_fields")
    if (posted.text is None) == (posted.choice is None):
        raise Problem("wrong_fields")
    if len(posted.text or "") > TEXT_LIMIT or len(posted.choice or "") > 200:
        raise Problem("text_too_long")
    return posted


def read_code(body: bytes) -> str:
    """Raises Problem for anything but {"code": "..."}."""
    code: Code = _decode(_code, body, "wrong_code_fields")
    if len(code.code) > 200:
        raise Problem("unknown_code")
    return code.code


def _decode(decoder: msgspec.json.Decoder[Any], body: bytes, otherwise: str) -> Any:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        raise Problem(otherwise) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Problem("not_json") from None


async def messages_after(desk: Desk, conversation_id: str, n: int) -> list[dict[str, Any]]:
    """Up to PAGE messages of both directions with a number above `n`, oldest first."""
    return await asyncio.to_thread(desk.database.read, lambda uow: _read_after(uow, conversation_id, n))


def _read_after(uow: UnitOfWork, conversation_id: str, n: int) -> list[dict[str, Any]]:
    stored = uow.messages.after(conversation_id, n, limit=PAGE)
    return [_shown(message) for message in stored]


def _shown(message: StoredMessage) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "n": message.n,
        "from": message.sender,
        "text": message.text,
        "choices": [{"id": choice["id"], "label": choice["label"]} for choice in message.choices or ()],
        "at": message.at.isoformat(timespec="milliseconds"),
    }
    if message.author:
        shown["name"] = message.author
    if message.key == LINK:
        shown["files"] = list(FILES)
    return shown
