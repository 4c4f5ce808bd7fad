"""Updates and messages as the Bot API documentation writes them (https://core.telegram.org/bots/api)."""

from __future__ import annotations

from typing import Any

Payload = dict[str, Any]

BOT_USER: Payload = {
    "id": 123456,
    "is_bot": True,
    "first_name": "Buurtbalie",
    "username": "buurtbalie_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}

_FILE: Payload = {"file_id": "AwACAgQAAxkBAAIB", "file_unique_id": "AgADqQIAAq", "file_size": 8123}

CONTENT: dict[str, Payload] = {
    "voice": {"voice": {**_FILE, "duration": 4, "mime_type": "audio/ogg"}},
    "audio": {"audio": {**_FILE, "duration": 180, "mime_type": "audio/mpeg", "title": "Lied"}},
    "photo": {"photo": [{**_FILE, "width": 90, "height": 67}, {**_FILE, "width": 1280, "height": 960}]},
    "video": {"video": {**_FILE, "width": 640, "height": 480, "duration": 6}},
    "video_note": {"video_note": {**_FILE, "length": 240, "duration": 6}},
    "animation": {
        "animation": {**_FILE, "width": 320, "height": 240, "duration": 2},
        "document": {**_FILE, "file_name": "groet.mp4", "mime_type": "video/mp4"},
    },
    "sticker": {
        "sticker": {
            **_FILE,
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": "🙂",
            "set_name": "Groetjes",
        }
    },
    "document": {"document": {**_FILE, "file_name": "brief.pdf", "mime_type": "application/pdf"}},
    "location": {"location": {"latitude": 52.0907, "longitude": 5.1214}},
    "venue": {
        "venue": {
            "location": {"latitude": 52.0907, "longitude": 5.1214},
            "title": "Buurthuis",
            "address": "Dorpsstraat 1",
        },
        "location": {"latitude": 52.0907, "longitude": 5.1214},
    },
    "contact": {"contact": {"phone_number": "+31612345678", "first_name": "Ria"}},
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
    "poll": {
        "poll": {
            "id": "5",
            "question": "Koffie?",
            "options": [
                {"persistent_id": "0", "text": "ja", "voter_count": 0},
                {"persistent_id": "1", "text": "nee", "voter_count": 0},
            ],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": False,
            "members_only": False,
        }
    },
    "pinned_message": {
        "pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private", "first_name": "Ria"}}
    },
}


def user(user_id: int, first_name: str = "Ria", language: str | None = "nl") -> Payload:
    """A person who writes; `language` is the IETF tag of their app, which Telegram may leave out."""
    person: Payload = {"id": user_id, "is_bot": False, "first_name": first_name}
    return person if language is None else {**person, "language_code": language}


def private_chat(chat_id: int, first_name: str = "Ria") -> Payload:
    return {"id": chat_id, "first_name": first_name, "type": "private"}


def group_chat(chat_id: int, kind: str = "supergroup") -> Payload:
    return {"id": chat_id, "title": "Buren van de Dorpsstraat", "type": kind}


def message(message_id: int, date: int, sender: Payload, chat: Payload, **content: Any) -> Payload:
    return {"message_id": message_id, "from": sender, "chat": chat, "date": date, **content}


def text_content(text: str) -> Payload:
    """The text, with the entity Telegram adds to a command at the start."""
    if not text.startswith("/"):
        return {"text": text}
    length = len(text.split(maxsplit=1)[0])
    return {"text": text, "entities": [{"type": "bot_command", "offset": 0, "length": length}]}


def member_change(chat: Payload, sender: Payload, date: int, old: str, new: str) -> Payload:
    """`my_chat_member`: what the bot may do in this chat changed, e.g. "member" to "kicked" (blocked)."""

    def member(status: str) -> Payload:
        return {"user": BOT_USER, "status": status, **({"until_date": 0} if status == "kicked" else {})}

    return {
        "chat": chat,
        "from": sender,
        "date": date,
        "old_chat_member": member(old),
        "new_chat_member": member(new),
    }
