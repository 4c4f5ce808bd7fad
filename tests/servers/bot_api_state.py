"""What the local Bot API server knows: updates that wait, messages that were sent, failures that were ordered."""

from __future__ import annotations

import copy
import itertools
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.servers.bot_api_payloads import Payload


class ApiError(Exception):
    """An answer with `ok: false`: HTTP status, description and the documented `parameters`."""

    def __init__(self, status: int, description: str, parameters: Payload | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def _words(sent: Payload) -> str:
    return str(sent.get("text") or sent.get("caption") or "")


@dataclass(frozen=True)
class Call:
    """One request as it came in. `at` is seconds on the monotonic clock."""

    method: str
    parameters: Payload
    at: float
    status: int


@dataclass
class Failure:
    """An ordered failure: the next call of `method` (for `chat_id`, when given) answers with `status`."""

    method: str
    status: int
    retry_after: int | None = None
    description: str | None = None
    chat_id: int | None = None
    containing: str = ""
    after_effect: bool = False  # the work is done, only the answer is lost


@dataclass
class Webhook:
    url: str = ""
    secret: str = ""
    last_error: str = ""


@dataclass
class State:
    """Shared by the server's loop and the test's thread; hold `changed` while reading or writing."""

    token: str | None
    changed: threading.Condition = field(default_factory=threading.Condition)
    pending: list[Payload] = field(default_factory=list)
    confirmed: list[int] = field(default_factory=list)
    messages: dict[int, list[Payload]] = field(default_factory=dict)
    chats: set[int] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    slow_until: dict[int, float] = field(default_factory=dict)
    all_slow_until: float = 0.0
    told_until: dict[int, float] = field(default_factory=dict)  # chats that have had their 429
    early_retries: int = 0
    calls: list[Call] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    queries: dict[str, bool] = field(default_factory=dict)  # callback query id → answered
    files: dict[str, bytes] = field(default_factory=dict)  # file id → content
    deleted: list[tuple[int, int]] = field(default_factory=list)
    commands: dict[str, list[Payload]] = field(default_factory=dict)  # language code → commands
    webhook: Webhook = field(default_factory=Webhook)
    allowed: list[str] | None = None
    polls: int = 0
    closing: bool = False
    duplicate_next: bool = False
    next_update: int = 870_000_001
    message_ids: itertools.count[int] = field(default_factory=lambda: itertools.count(101))
    wake: Callable[[], None] = lambda: None
    before_confirming: Callable[[list[int]], None] = lambda ids: None

    def add_update(self, kind: str, content: Payload, filtered: bool = True) -> int:
        """Queues an update of `kind` and gives its id; kinds that were not allowed are dropped, as Telegram does."""
        with self.changed:
            update_id = self.next_update
            self.next_update += 1
            if not filtered or not self.allowed or kind in self.allowed:
                self.queue({"update_id": update_id, kind: content})
        return update_id

    def queue(self, update: Payload) -> None:
        with self.changed:
            self.pending.append(copy.deepcopy(update))
            if self.duplicate_next:
                self.duplicate_next = False
                self.pending.append(copy.deepcopy(update))
            self.changed.notify_all()
        self.wake()

    def take_failure(self, method: str, parameters: Payload) -> Failure | None:
        with self.changed:
            for failure in self.failures:
                chat = failure.chat_id is None or str(failure.chat_id) == str(parameters.get("chat_id"))
                if failure.method == method and chat and failure.containing in _words(parameters):
                    self.failures.remove(failure)
                    return failure
        return None

    def check_speed(self, chat_id: int) -> None:
        """429 while a chat, or the whole bot, was told to wait; a call before the end counts as an early retry."""
        with self.changed:
            now = time.monotonic()
            until = max(self.slow_until.get(chat_id, 0.0), self.all_slow_until)
            if now >= until:
                return
            self.early_retries += int(now < self.told_until.get(chat_id, 0.0))
            self.told_until[chat_id] = until
            seconds = max(1, math.ceil(until - now))
            raise ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})

    def record(self, method: str, parameters: Payload, status: int) -> None:
        with self.changed:
            self.calls.append(Call(method, parameters, time.monotonic(), status))
            self.changed.notify_all()
