"""What residents and hosts do on screen in the end-to-end tests."""

from __future__ import annotations

import os
import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.servers.served_desk import ServedDesk

PASSWORD = "een rustige straat met bomen"
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 820, "height": 1180}
PATIENCE = 20_000  # milliseconds: a tap waits ten seconds before it takes effect


def screenshot(page: Page, name: str) -> None:
    """Keeps a picture when BALIE_SCREENS names a folder (`make screens`)."""
    folder = os.environ.get("BALIE_SCREENS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(300)
        page.screenshot(path=Path(folder) / f"{name}.png")


def open_page(browser: Browser, desk: ServedDesk, size: dict[str, int]) -> Page:
    context = browser.new_context(viewport=size, locale="nl-NL", base_url=desk.url)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    return context.new_page()


def log_in(page: Page, desk: ServedDesk, login: str) -> None:
    """With the announced password the first time, and with an own one from then on."""
    page.goto("/board")
    page.get_by_label("Gebruikersnaam").fill(login)
    page.get_by_label("Wachtwoord").fill(desk.password(login))
    page.get_by_role("button", name="Inloggen").click()
    page.get_by_label("Nieuw wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Wachtwoord bewaren").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overdrachten")


def say(page: Page, text: str, answer: str) -> None:
    """The resident types; the desk's last words hold `answer`."""
    page.get_by_label("Uw bericht").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator("#log .of-desk .text").last).to_contain_text(answer)


def tap(page: Page, label: str, answer: str) -> None:
    page.locator("#choices button").filter(has_text=re.compile(f"^{re.escape(label)}$")).click()
    expect(page.locator("#log .of-desk .text").last).to_contain_text(answer)


def accept_and_write(page: Page, words: str) -> None:
    """Opens the only waiting hand-off, accepts it, waits the ten seconds of undo and writes to the resident."""
    page.get_by_role("button", name="Aannemen").first.click()
    expect(page.locator(".count-down").first).to_be_visible()
    screenshot(page, "board-accepted")
    page.get_by_label("Uw bericht").fill(words)
    page.get_by_role("button", name="Versturen").click()
    expect(page.get_by_text(words)).to_be_visible()
