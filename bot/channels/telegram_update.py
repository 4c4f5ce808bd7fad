"""Reads one update of the Bot API: what a resident said, or why there is nothing to say back to.

Handled so: a text, a command (`/start`, `/taal`, `/stop`) and a caption are text; a tapped button is a choice; what
cannot be read (voice, photo, sticker, …) is an attachment; an edit is marked as one, and the channel decides; groups,
channels, other bots and service messages ("pinned", "timer set") are ignored.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any, Literal

from msgspec import Struct
from telegram import CallbackQuery, Chat, ChatMemberUpdated, MaybeInaccessibleMessage, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType

from desk.receive import Incoming

# The library's documented way to get times as timedelta; without it reading a timer or a 429 is a deprecation warning.
os.environ.setdefault("PTB_TIMEDELTA", "true")

CHANNEL = "telegram"

ALREADY_CHOSEN = "chosen"
"""Callback data of a button that only shows what was chosen."""

WANTED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

# An animation also has a document, and a venue a location: the first that is filled counts.
_ATTACHMENTS = {
    "voice": "voice",
    "audio": "voice",
    "photo": "photo",
    "live_photo": "photo",
    "paid_media": "photo",
    "sticker": "sticker",
    "dice": "sticker",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "story": "video",
    "location": "location",
    "venue": "location",
    "contact": "contact",
    "document": "document",
    "poll": "document",
    "game": "document",
    "checklist": "document",
}

# Enough to read a message when the rest of it has a shape that the library does not know (yet).
_ESSENTIAL = ("message_id", "date", "edit_date", "chat", "from", "text", "caption", "media_group_id")

Reason = Literal["group", "joined_group", "channel", "bot", "service", "kind", "blocked", "unblocked", "already_chosen"]


class UnreadableUpdate(Exception):
    """The update is not what the Bot API documents; `why` is a code without anything of what was written."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Tap(Struct, frozen=True):
    """A tapped button: what Telegram needs to stop the waiting sign and to change the keyboard."""

    query_id: str
    chat_id: int
    message_id: int | None
    data: str
    label: str | None


class Arrived(Struct, frozen=True):
    """Something for the desk. `album` is shared by photos that were sent together."""

    incoming: Incoming
    chat_id: int
    message_id: int
    edited: bool = False
    album: str | None = None
    tap: Tap | None = None


class Ignored(Struct, frozen=True):
    """Nothing for the desk. `group` is the chat id of a group the bot was put in, `language` that of who wrote."""

    reason: Reason
    group: int | None = None
    language: str | None = None
    tap: Tap | None = None


def provider_id(raw: object, payload: bytes) -> str:
    """What makes this update itself: its `update_id`, or a digest of its bytes when it has none."""
    if isinstance(raw, dict) and type(raw.get("update_id")) is int:
        return str(raw["update_id"])
    return f"sha256:{hashlib.sha256(payload).hexdigest()}"


def as_payload(raw: object) -> bytes:
    """The bytes that are stored: UTF-8, or escaped to ASCII when a text holds half a surrogate pair."""
    try:
        return json.dumps(raw, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(raw, separators=(",", ":")).encode("ascii")


def read_update(raw: object, payload: bytes, bot: str) -> Arrived | Ignored:
    """Reads the decoded update `raw`, sent to the bot with id `bot`; `payload` is what will be stored.

    Raises `UnreadableUpdate`.
    """
    if not isinstance(raw, dict):
        raise UnreadableUpdate("not_an_object")
    if type(raw.get("update_id")) is not int:
        raise UnreadableUpdate("no_update_id")
    try:
        update = Update.de_json(raw, None)
    except Exception as error:  # the library promises nothing about what a wrong shape raises
        update = _essentials(raw, UnreadableUpdate(f"wrong_shape_{type(error).__name__}"))
    try:
        return _read(update, payload, bot)
    except UnreadableUpdate:
        raise
    except Exception as error:  # a field that it let pass, and that is something else than documented
        raise UnreadableUpdate(f"wrong_field_{type(error).__name__}") from None


def _essentials(raw: dict[str, Any], unreadable: UnreadableUpdate) -> Update:
    """The update with only the words of its message: an odd decoration must not keep them from being read."""
    for name in ("message", "edited_message"):
        message = raw.get(name)
        if isinstance(message, dict) and ("text" in message or "caption" in message):
            kept = {key: message[key] for key in _ESSENTIAL if key in message}
            try:
                return Update.de_json({"update_id": raw["update_id"], name: kept}, None)
            except Exception:
                raise unreadable from None
    raise unreadable from None


def _read(update: Update, payload: bytes, bot: str) -> Arrived | Ignored:
    if update.callback_query is not None:
        return _read_tap(update.update_id, update.callback_query, payload, bot)
    if update.my_chat_member is not None:
        return _read_membership(update.my_chat_member)
    message = update.message or update.edited_message
    if message is None:
        return Ignored("channel" if update.channel_post or update.edited_channel_post else "kind")
    if (elsewhere := _not_private(message.chat, message.from_user)) is not None:
        return elsewhere
    text = _clean(message.text if message.text is not None else message.caption)
    attachment = _attachment(message)
    if not text and attachment is None and message.text is None:
        return Ignored("service")
    incoming = Incoming(
        channel=CHANNEL,
        bot=bot,
        provider_id=str(update.update_id),
        address=str(message.chat.id),
        payload=payload,
        text=text,
        choice=None,
        attachment=attachment,
        language_hint=_language(message.from_user),
    )
    return Arrived(
        incoming,
        message.chat.id,
        message.message_id,
        edited=update.edited_message is not None,
        album=message.media_group_id,
    )


def _read_tap(update_id: int, query: CallbackQuery, payload: bytes, bot: str) -> Arrived | Ignored:
    message = query.message
    chat = message.chat if message is not None else None
    # Without its message the tap came from a private chat, whose id is the id of the person.
    chat_id = chat.id if chat is not None else query.from_user.id
    if chat is not None and (elsewhere := _not_private(chat, query.from_user)) is not None:
        return elsewhere
    if not isinstance(query.data, str):
        return Ignored("kind")
    tap = Tap(
        str(query.id), chat_id, message.message_id if message is not None else None, query.data, _label(message, query)
    )
    if query.data == ALREADY_CHOSEN:
        return Ignored("already_chosen", language=_language(query.from_user), tap=tap)
    incoming = Incoming(
        channel=CHANNEL,
        bot=bot,
        provider_id=str(update_id),
        address=str(chat_id),
        payload=payload,
        text="",
        choice=_clean(query.data),
        attachment=None,
        language_hint=_language(query.from_user),
    )
    return Arrived(incoming, chat_id, tap.message_id or 0, tap=tap)


def _read_membership(change: ChatMemberUpdated) -> Ignored:
    status = change.new_chat_member.status
    if change.chat.type == ChatType.PRIVATE:
        return Ignored("blocked" if status == ChatMemberStatus.BANNED else "unblocked")
    if change.chat.type == ChatType.CHANNEL:
        return Ignored("channel")
    if status in (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.RESTRICTED):
        return Ignored("joined_group", change.chat.id, _language(change.from_user))
    return Ignored("group")  # already outside: nothing to say, nothing to leave


def _not_private(chat: Chat, sender: User | None) -> Ignored | None:
    if chat.type == ChatType.CHANNEL:
        return Ignored("channel")
    if chat.type != ChatType.PRIVATE:
        return Ignored("group", chat.id, _language(sender))
    if sender is not None and sender.is_bot:
        return Ignored("bot")
    return None


def _attachment(message: Message) -> str | None:
    for name, kind in _ATTACHMENTS.items():
        if getattr(message, name, None):
            return kind
    return "document" if message.effective_attachment else None


def _label(message: MaybeInaccessibleMessage | None, query: CallbackQuery) -> str | None:
    if not isinstance(message, Message) or message.reply_markup is None:
        return None
    for row in message.reply_markup.inline_keyboard:
        for button in row:
            if button.callback_data == query.data:
                return button.text
    return None


def _language(sender: User | None) -> str | None:
    return (sender.language_code or "")[:2].lower() or None if sender is not None else None


def _clean(text: Any) -> str:
    """Half a surrogate pair becomes the replacement sign: the text must survive UTF-8."""
    if text is None:
        return ""
    if not isinstance(text, str):
        raise UnreadableUpdate("text_is_not_text")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
