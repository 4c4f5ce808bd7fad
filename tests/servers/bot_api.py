"""A local server that speaks the Telegram Bot API, with the residents' side in the hands of a test.

As a program: `python -m tests.servers.bot_api --port 8081`; a script then posts JSON to `/control/<action>`, e.g.
`/control/says {"chat_id": 7, "text": "hallo"}`, `/control/taps {"chat_id": 7, "button": "Ja"}`,
`/control/wait {"chat_id": 7, "containing": "wijk", "timeout": 10}`, `/control/messages {"chat_id": 7}`.
"""

from __future__ import annotations

import argparse
import copy
import signal
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from tests.servers import bot_api_payloads as payloads
from tests.servers.bot_api_http import build_app
from tests.servers.bot_api_payloads import BOT_USER, CONTENT, Payload
from tests.servers.bot_api_state import Call, Failure, State
from tests.servers.http_thread import HttpThread

TOKEN = "123456:local-test-token"
WAIT_SECONDS = 5.0


class BotApi:
    """The server and its controls. `token=None` accepts any well-formed token."""

    def __init__(self, port: int = 0, token: str | None = TOKEN) -> None:
        self.state = State(token)
        self._http = HttpThread(build_app(self.state, self.control), port)
        self.port = self._http.port
        self.url = f"http://127.0.0.1:{self.port}"
        self.base_url = f"{self.url}/bot"

    def start(self) -> BotApi:
        self._http.start()
        return self

    def stop(self) -> None:
        self.state.closing = True
        self.state.wake()
        self._http.stop()

    def __enter__(self) -> BotApi:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    # What residents do -----------------------------------------------------------------------------------------------

    def resident_says(
        self, chat_id: int, text: str, first_name: str = "Ria", language: str | None = "nl", **more: Any
    ) -> Payload:
        """A private text message; gives the message as Telegram would show it."""
        return self._arrives(chat_id, {**payloads.text_content(text), **more}, first_name, language)

    def resident_sends(
        self, chat_id: int, kind: str = "voice", caption: str | None = None, first_name: str = "Ria", **more: Any
    ) -> Payload:
        """Something that is not text: a key of `CONTENT`, with a caption when given."""
        content = copy.deepcopy(CONTENT[kind])
        if caption is not None:
            content["caption"] = caption
        return self._arrives(chat_id, {**content, **more}, first_name, "nl")

    def resident_taps(self, chat_id: int, message: Payload, button: str) -> str:
        """Taps the button with this label or data under `message`; gives the callback query's id."""
        buttons = [found for row in message["reply_markup"]["inline_keyboard"] for found in row]
        for found in buttons:
            if button in (found["text"], found["callback_data"]):
                query_id = f"438{len(self.state.queries):012d}"
                self.state.queries[query_id] = False
                self.state.add_update(
                    "callback_query",
                    {
                        "id": query_id,
                        "from": payloads.user(chat_id),
                        "message": message,
                        "chat_instance": "-5217",
                        "data": found["callback_data"],
                    },
                )
                return query_id
        raise LookupError(f"no button {button!r}, only {[found['text'] for found in buttons]}")

    def edits(self, chat_id: int, message: Payload, text: str) -> None:
        """The resident edits an earlier message of theirs."""
        edited = {key: value for key, value in message.items() if key not in ("text", "entities")}
        self.state.add_update(
            "edited_message", {**edited, "edit_date": int(time.time()), **payloads.text_content(text)}
        )

    def group_message(self, group_id: int, text: str, sender: int = 501, language: str | None = "nl") -> Payload:
        """Somebody writes in a group that the bot is a member of (`group_id` is negative)."""
        self.state.chats.add(group_id)
        message = payloads.message(
            next(self.state.message_ids),
            int(time.time()),
            payloads.user(sender, "Piet", language),
            payloads.group_chat(group_id),
            **payloads.text_content(text),
        )
        self.state.add_update("message", message)
        return message

    def joins_group(self, group_id: int, sender: int = 501) -> None:
        self.state.chats.add(group_id)
        change = payloads.member_change(
            payloads.group_chat(group_id), payloads.user(sender, "Piet"), int(time.time()), "left", "member"
        )
        self.state.add_update("my_chat_member", change)

    def block(self, chat_id: int) -> None:
        self.state.blocked.add(chat_id)
        self._membership(chat_id, "member", "kicked")

    def unblock(self, chat_id: int) -> None:
        self.state.blocked.discard(chat_id)
        self._membership(chat_id, "kicked", "member")

    def raw_update(self, update: Payload) -> None:
        """Queues exactly this, with an `update_id` when it has none of its own."""
        with self.state.changed:
            if "update_id" not in update:
                update = {"update_id": self.state.next_update, **update}
                self.state.next_update += 1
        self.state.queue(update)

    def renumber(self, update_id: int) -> None:
        """The next update gets this id: after a quiet week Telegram goes on from a random number."""
        self.state.next_update = update_id

    # What goes wrong -------------------------------------------------------------------------------------------------

    def fail_next(
        self,
        method: str,
        status: int,
        retry_after: int | None = None,
        description: str | None = None,
        chat_id: int | None = None,
        containing: str = "",
        after_effect: bool = False,
        times: int = 1,
    ) -> None:
        """The next `times` calls of `method` (to this chat, with this in the text) fail; `after_effect` does the work
        and loses the answer."""
        with self.state.changed:
            self.state.failures += [
                Failure(method, status, retry_after, description, chat_id, containing, after_effect)
                for _ in range(times)
            ]

    def slow(self, chat_id: int, seconds: float) -> None:
        """429 for this chat until `seconds` from now."""
        self.state.slow_until[chat_id] = time.monotonic() + seconds

    def slow_all(self, seconds: float) -> None:
        """429 for every chat until `seconds` from now."""
        self.state.all_slow_until = time.monotonic() + seconds

    def duplicate_next(self) -> None:
        """The next update is delivered twice."""
        self.state.duplicate_next = True

    def before_confirming(self, look: Callable[[list[int]], None]) -> None:
        """`look` is called, in a thread of its own, with the ids that a getUpdates is about to confirm."""
        self.state.before_confirming = look

    # What was seen ---------------------------------------------------------------------------------------------------

    @property
    def calls(self) -> list[Call]:
        with self.state.changed:
            return list(self.state.calls)

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def sent(self, chat_id: int) -> list[Payload]:
        """The bot's messages in this chat as they look now, oldest first."""
        with self.state.changed:
            return copy.deepcopy(self.state.messages.get(chat_id, []))

    def texts(self, chat_id: int) -> list[str]:
        """Of a file what stands under it."""
        return [message.get("text") or message.get("caption", "") for message in self.sent(chat_id)]

    def file(self, message: Payload) -> bytes:
        """The content of the file in a message of the bot."""
        return self.state.files[message["document"]["file_id"]]

    def age(self, chat_id: int, hours: float) -> None:
        """Makes the messages that are in this chat now so much older."""
        with self.state.changed:
            for message in self.state.messages.get(chat_id, []):
                message["date"] -= int(hours * 3600)

    def wait_until(self, condition: Callable[[], Any], what: str, timeout: float = WAIT_SECONDS) -> Any:
        """The first true value of `condition`, asked again at every change; AssertionError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self.state.changed:
            while not (found := condition()):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"waited {timeout} s in vain for {what}")
                self.state.changed.wait(min(left, 0.05))
        return found

    def wait_for_message(
        self, chat_id: int, containing: str = "", timeout: float = WAIT_SECONDS, after: int = 0
    ) -> Payload:
        """The first message of the bot with `containing` in it and a message id above `after`."""

        def first() -> Payload | None:
            for message in self.sent(chat_id):
                if message["message_id"] > after and containing in (message.get("text") or message.get("caption", "")):
                    return message
            return None

        found: Payload = self.wait_until(first, f"{containing!r} in {self.texts(chat_id)}", timeout)
        return found

    def wait_for_call(
        self, method: str, status: int = 200, count: int = 1, timeout: float = WAIT_SECONDS
    ) -> list[Call]:
        """The calls of `method` answered with `status`, once there are `count`."""

        def enough() -> list[Call] | None:
            found = [call for call in self.state.calls if call.method == method and call.status == status]
            return found if len(found) >= count else None

        calls: list[Call] = self.wait_until(enough, f"{count} × {method} → {status}", timeout)
        return calls

    def wait_until_confirmed(self, timeout: float = WAIT_SECONDS) -> None:
        self.wait_until(lambda: not self.state.pending, "every update confirmed", timeout)

    # For scripts -----------------------------------------------------------------------------------------------------

    def control(self, action: str, parameters: Payload) -> Any:
        """One action of the script API; raises LookupError for an unknown one."""
        if action == "taps":
            chat_id, button = parameters["chat_id"], parameters["button"]
            with_buttons = [message for message in self.sent(chat_id) if "reply_markup" in message]
            if not with_buttons:
                raise LookupError("no message with buttons in this chat")
            return self.resident_taps(chat_id, with_buttons[-1], button)
        actions: dict[str, Callable[..., Any]] = {
            "says": self.resident_says,
            "sends": self.resident_sends,
            "messages": self.sent,
            "wait": self.wait_for_message,
            "block": self.block,
            "unblock": self.unblock,
            "fail": self.fail_next,
            "slow": self.slow,
        }
        if action not in actions:
            raise LookupError(f"no action {action!r}, only {sorted([*actions, 'taps'])}")
        return actions[action](**parameters)

    def _arrives(self, chat_id: int, content: Payload, first_name: str, language: str | None) -> Payload:
        self.state.chats.add(chat_id)
        message = payloads.message(
            next(self.state.message_ids),
            int(time.time()),
            payloads.user(chat_id, first_name, language),
            payloads.private_chat(chat_id, first_name),
            **content,
        )
        self.state.add_update("message", message)
        return message

    def _membership(self, chat_id: int, old: str, new: str) -> None:
        change = payloads.member_change(
            payloads.private_chat(chat_id), payloads.user(chat_id), int(time.time()), old, new
        )
        self.state.add_update("my_chat_member", change)


def main() -> None:
    """Serves until Ctrl-C or SIGTERM."""
    reader = argparse.ArgumentParser(description="A local Telegram Bot API server.")
    reader.add_argument("--port", type=int, default=8081)
    reader.add_argument("--token", default=None, help="accept only this token (default: any well-formed one)")
    chosen = reader.parse_args()
    ended = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda number, frame: ended.set())
    with BotApi(chosen.port, chosen.token) as server:
        print(f"BALIE_TELEGRAM__BASE_URL={server.base_url} BALIE_TELEGRAM__TOKEN={chosen.token or TOKEN}", flush=True)
        print(f"The bot is @{BOT_USER['username']}. Ctrl-C stops.", flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
