"""The own data on the chat page: from the question to a file on the phone, without a word too many of script."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat_page import choices, said, write, write_and_wait
from tests.browser.conftest import PHONE


def offered(page: Page) -> None:
    """Asks what is known and taps the file."""
    write_and_wait(page, "Ik zit de hele dag alleen.")
    write(page, "wat weten jullie van mij?")
    expect(said(page, "desk").last).to_have_text("Wat wilt u doen?")
    choices(page).filter(has_text="Geef mij een bestand").click()
    expect(page.locator(".files button")).to_have_count(2)


def test_the_file_is_fetched_by_a_tap(chat: Page, tmp_path: Path) -> None:
    offered(chat)
    with chat.expect_download() as waiting:
        chat.get_by_role("button", name="Bestand om te lezen en te printen").click()
    assert waiting.value.suggested_filename == "mijn-gegevens.html"
    waiting.value.save_as(tmp_path / "page.html")
    assert "Ik zit de hele dag alleen." in (tmp_path / "page.html").read_text("utf-8")
    expect(chat.locator("#status")).to_have_text("Het bestand is opgehaald. U vindt het bij uw downloads.")
    with chat.expect_download() as waiting:
        chat.get_by_role("button", name="Bestand voor een computer").click()
    waiting.value.save_as(tmp_path / "data.json")
    assert json.loads((tmp_path / "data.json").read_text("utf-8"))["format"] == "buurtbalie.my-data/1"


def test_the_buttons_fit_and_are_there_again_after_a_reload(chat: Page) -> None:
    offered(chat)
    chat.reload()
    buttons = chat.locator(".files button")
    expect(buttons).to_have_count(2)
    for button in buttons.all():
        box = button.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
        assert box["height"] >= 44, "large enough for a thumb"
    buttons.first.focus()
    expect(buttons.first).to_be_focused()


def test_when_the_desk_says_no_the_page_says_why(chat: Page) -> None:
    offered(chat)
    chat.route("**/chat/data", lambda route: route.fulfill(status=429, json={"detail": "Probeer het straks."}))
    chat.get_by_role("button", name="Bestand voor een computer").click()
    expect(chat.locator("#status")).to_have_text("Probeer het straks.")
    chat.unroute("**/chat/data")
    chat.route("**/chat/data", lambda route: route.abort())
    chat.get_by_role("button", name="Bestand voor een computer").click()
    expect(chat.locator("#status")).to_contain_text("Geen verbinding.")


def test_the_page_to_read_fits_a_phone_and_asks_nothing_elsewhere(
    chat: Page, phone: BrowserContext, tmp_path: Path
) -> None:
    offered(chat)
    with chat.expect_download() as waiting:
        chat.get_by_role("button", name="Bestand om te lezen en te printen").click()
    waiting.value.save_as(tmp_path / "page.html")
    reader = phone.new_page()
    reader.set_content((tmp_path / "page.html").read_text("utf-8"))
    expect(reader.get_by_role("heading", level=1)).to_have_text("Uw gegevens bij Buurtbalie")
    assert reader.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
