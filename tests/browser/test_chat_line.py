"""The chat page on a bad line, and without a mouse: a typed message arrives, and arrives once."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from desk.bootstrap import Desk
from tests.browser.chat_page import choices, conversation_of, said, stored, wait_until, write, write_and_wait


def heard(desk: Desk, page: Page) -> list[str]:
    """The resident's texts as the desk has them."""
    return [one.text for one in stored(desk, conversation_of(page, desk)) if one.sender == "resident"]


def test_a_message_without_a_line_goes_out_later_once(chat: Page, web_desk: Desk) -> None:
    write_and_wait(chat, "dag")
    chat.context.set_offline(True)
    write(chat, "Ik sta in de lift.")
    write(chat, "Nog steeds.")
    expect(chat.get_by_text("Geen verbinding. Uw bericht staat klaar.")).to_be_visible()
    expect(chat.locator("#pending .text")).to_have_text(["Ik sta in de lift.", "Nog steeds."])
    expect(chat.locator("#pending .text").last).to_be_in_viewport(ratio=1)
    assert heard(web_desk, chat) == ["dag"]
    chat.context.set_offline(False)
    expect(said(chat)).to_have_text(["dag", "Ik sta in de lift.", "Nog steeds."])
    expect(chat.locator("#pending > *")).to_have_count(0)
    expect(chat.locator("#status")).to_be_empty()
    assert heard(web_desk, chat) == ["dag", "Ik sta in de lift.", "Nog steeds."]


def test_the_first_message_may_be_written_without_a_line(chat: Page, web_desk: Desk) -> None:
    chat.context.set_offline(True)
    write(chat, "Is daar iemand?")
    expect(chat.get_by_text("Geen verbinding. Uw bericht staat klaar.")).to_be_visible()
    chat.context.set_offline(False)
    expect(said(chat)).to_have_text(["Is daar iemand?"])
    assert heard(web_desk, chat) == ["Is daar iemand?"]


def test_an_answer_that_got_lost_makes_no_double(chat: Page, web_desk: Desk) -> None:
    sent: list[str] = []

    def lose_first_answer(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            route.fetch()  # the desk has it, the page never hears so
            route.abort()
        else:
            route.continue_()

    chat.route("**/chat/messages*", lose_first_answer)
    write_and_wait(chat, "Ik zit vaak alleen.")
    expect(chat.locator("#pending > *")).to_have_count(0)
    expect(said(chat)).to_have_text(["Ik zit vaak alleen."])
    wait_until(chat, lambda: len(sent) == 2)
    assert sent[0] == sent[1]
    expect(chat.locator("#status")).to_be_empty()
    expect(said(chat)).to_have_text(["Ik zit vaak alleen."])
    assert heard(web_desk, chat) == ["Ik zit vaak alleen."]


def test_a_message_that_waits_survives_a_reload(chat: Page, web_desk: Desk) -> None:
    write_and_wait(chat, "dag")
    chat.route("**/chat/messages", lambda route: route.abort())
    write(chat, "niet kwijtraken")
    expect(chat.get_by_text("Geen verbinding. Uw bericht staat klaar.")).to_be_visible()
    chat.reload()
    expect(chat.locator("#pending .text")).to_have_text(["niet kwijtraken"])
    chat.unroute("**/chat/messages")
    expect(said(chat)).to_have_text(["dag", "niet kwijtraken"])
    assert heard(web_desk, chat) == ["dag", "niet kwijtraken"]


def test_a_message_that_is_refused_comes_back_to_the_field(chat: Page) -> None:
    text = "a" * 100_001
    write(chat, text)
    expect(chat.get_by_text("Dit bericht is te lang.")).to_be_visible()
    expect(chat.get_by_label("Uw bericht")).to_have_value(text)


def test_the_stream_comes_back_after_a_break(chat: Page, web_desk: Desk) -> None:
    write_and_wait(chat, "dag")
    chat.context.set_offline(True)
    chat.wait_for_timeout(300)
    chat.context.set_offline(False)
    write_and_wait(chat, "ben je er nog?")
    assert said(chat).all_inner_texts() == ["dag", "ben je er nog?"]


def test_the_keyboard_is_enough(chat: Page) -> None:
    def focused() -> str:
        return str(chat.evaluate("document.activeElement.id || document.activeElement.className"))

    chat.keyboard.press("Tab")
    assert focused() == "skip"
    chat.keyboard.press("Enter")
    assert focused() == "message"
    chat.keyboard.type("Ik zit")
    chat.keyboard.press("Shift+Enter")
    chat.keyboard.type("vaak alleen.")
    chat.keyboard.press("Enter")
    expect(said(chat)).to_have_text(["Ik zit\nvaak alleen."])
    expect(choices(chat).first).to_be_visible()
    assert focused() == "message"

    while chat.evaluate("!document.activeElement.closest('#choices')"):
        chat.keyboard.press("Shift+Tab")
    outline = chat.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    chat.keyboard.press("Enter")
    expect(said(chat)).to_have_count(2)
    assert focused() == "log"  # not lost to the top of the page when the button went away
    expect(choices(chat).first).to_be_visible()
    chat.keyboard.press("Tab")
    assert chat.evaluate("Boolean(document.activeElement.closest('#choices'))")


def test_a_screen_reader_is_told_what_matters(chat: Page) -> None:
    log = chat.locator("#log")
    assert (log.get_attribute("role"), log.get_attribute("aria-live")) == ("log", "polite")
    write_and_wait(chat, "Ik zit vaak alleen.")
    assert "U:" in (chat.locator("#log .of-resident").first.text_content() or "")
    assert chat.get_by_role("group", name="Kies een antwoord").get_by_role("button").count() >= 1
    assert chat.get_by_role("textbox", name="Uw bericht").count() == 1
    chat.reload()
    expect(log).to_have_attribute("aria-live", "polite")
