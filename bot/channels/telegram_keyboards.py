"""Remembers which message in a chat still has live buttons, so that only a choice that counted is marked as one."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

CHATS_REMEMBERED = 10_000

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """A mapping that forgets the key used longest ago when it is full."""

    def __init__(self, size: int = CHATS_REMEMBERED) -> None:
        self._size = size
        self._entries: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        return self._entries.get(key)

    def put(self, key: Key, value: Value) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def take(self, key: Key) -> Value | None:
        """Gives the value and forgets it."""
        return self._entries.pop(key, None)


class Keyboards:
    """The newest message with buttons per chat. It lives in memory: after a restart a tapped keyboard just goes."""

    def __init__(self) -> None:
        self._newest: Recent[int, int] = Recent()

    def shown(self, chat_id: int, message_id: int) -> None:
        self._newest.put(chat_id, message_id)

    def answered_in_words(self, chat_id: int) -> None:
        """The question was answered by typing, so a later tap on its buttons is not the answer."""
        self._newest.take(chat_id)

    def tapped(self, chat_id: int, message_id: int) -> bool:
        """Whether the tapped buttons were the newest, not answered yet; they are answered now."""
        if self._newest.get(chat_id) != message_id:
            return False
        self._newest.take(chat_id)
        return True
