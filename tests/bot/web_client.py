"""A resident's client of the web chat, as the tests need it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from desk.bootstrap import Desk
from desk.say import say
from storage.unit_of_work import UnitOfWork


class Resident:
    """One conversation over HTTP."""

    def __init__(self, client: httpx.Client, opened: dict[str, str] | None = None) -> None:
        self.client = client
        self.opened = opened or client.post("/chat/sessions").raise_for_status().json()
        self.headers = {"Authorization": f"Bearer {self.opened['token']}"}

    def post(self, text: str | None = None, choice: str | None = None, id: str | None = None) -> httpx.Response:
        body = {"id": id or str(uuid4())} | ({"choice": choice} if text is None else {"text": text})
        return self.client.post("/chat/messages", headers=self.headers, json=body)

    def messages(self, after: int = 0) -> list[dict[str, Any]]:
        answer = self.client.get("/chat/messages", params={"after": after}, headers=self.headers).raise_for_status()
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    def texts(self, sender: str = "resident") -> list[str]:
        """The texts of one side, however many there are."""
        texts: list[str] = []
        n = 0
        while messages := self.messages(n):
            texts += [message["text"] for message in messages if message["from"] == sender]
            n = messages[-1]["n"]
        return texts

    def conversation(self, desk: Desk) -> str:
        def work(uow: UnitOfWork) -> str:
            contact = uow.web.contact(self.opened["token"])
            assert contact is not None
            return contact.conversation_id

        return desk.database.read(work)

    def hears(self, desk: Desk, text: str, choices: Sequence[dict[str, str]] = (), **who: Any) -> int:
        """The desk (or whoever `sender` and `author` name) says something to this resident."""
        conversation = self.conversation(desk)
        sender = who.pop("sender", "desk")
        return desk.database.run(lambda uow: say(uow, desk, conversation, sender, text, choices, **who))


def events_of(response: httpx.Response) -> Iterator[tuple[int, dict[str, Any]]]:
    """(id, message) for each server-sent event, as they come."""
    n = 0
    for line in response.iter_lines():
        if line.startswith("id: "):
            n = int(line[4:])
        elif line.startswith("data: "):
            yield n, msgspec.json.decode(line[6:])
