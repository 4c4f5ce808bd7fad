"""What a resident does on the chat page, and what the desk holds of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from playwright.sync_api import Locator, Page, expect

from desk.bootstrap import Desk
from desk.say import say
from storage.records import Sender, StoredMessage
from storage.unit_of_work import UnitOfWork


def write(page: Page, text: str) -> None:
    """Types a message and sends it with Enter."""
    page.get_by_label("Uw bericht").fill(text)
    page.keyboard.press("Enter")


def said(page: Page, sender: str = "resident") -> Locator:
    """The texts on screen of `sender`: resident, desk or person."""
    return page.locator(f"#log .of-{sender} .text")


def choices(page: Page) -> Locator:
    return page.locator("#choices button")


def write_and_wait(page: Page, text: str) -> None:
    """Sends a message and waits for the desk's answer to it."""
    before = said(page, "desk").count()
    write(page, text)
    expect(said(page, "desk").nth(before)).to_be_visible()


def stored(desk: Desk, conversation: str) -> list[StoredMessage]:
    return desk.database.read(lambda uow: uow.messages.after(conversation, 0))


def speak(
    desk: Desk,
    conversation: str,
    text: str,
    choices: Sequence[dict[str, Any]] = (),
    sender: Sender = "desk",
    author: str | None = None,
) -> None:
    """Someone on the desk's side says something."""
    desk.database.run(lambda uow: say(uow, desk, conversation, sender, text, choices, author=author))


def conversation_of(page: Page, desk: Desk) -> str:
    """The conversation whose token this tab holds."""
    token = page.evaluate("JSON.parse(sessionStorage.getItem('buurtbalie.token'))")

    def work(uow: UnitOfWork) -> str:
        contact = uow.web.contact(token)
        assert contact is not None
        return contact.conversation_id

    return desk.database.read(work)


def wait_until(page: Page, happened: Callable[[], bool], seconds: float = 10.0) -> None:
    """Lets the page go on until something outside it happened; fails when it does not."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        page.wait_for_timeout(50)
