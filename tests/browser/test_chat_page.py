"""The chat page on a phone: a conversation, from the first word on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from desk.bootstrap import Desk
from tests.browser.chat_page import choices, conversation_of, said, speak, stored, wait_until, write, write_and_wait

CHOICES = [{"id": "9.self", "label": "Voor mijzelf"}, {"id": "9.other", "label": "Voor iemand anders"}]


def test_a_message_gets_an_answer_and_a_button_takes_it_on(chat: Page, web_desk: Desk) -> None:
    expect(chat.get_by_role("heading", name="Waar kunnen we u mee helpen?")).to_be_visible()
    write_and_wait(chat, "Ik zit de hele dag alleen.")
    expect(said(chat)).to_have_text(["Ik zit de hele dag alleen."])
    expect(chat.locator("#log .of-desk .who").first).to_contain_text("Buurtbalie (computer)")
    expect(chat.get_by_label("Uw bericht")).to_have_value("")
    expect(chat.locator(".waits")).to_have_count(0)
    expect(choices(chat).first).to_be_visible()

    answers = said(chat, "desk").count()
    label = choices(chat).first.inner_text()
    choices(chat).first.click()
    expect(said(chat)).to_have_text(["Ik zit de hele dag alleen.", label])
    expect(said(chat, "desk").nth(answers)).to_be_visible()
    kept = stored(web_desk, conversation_of(chat, web_desk))
    assert [m.text for m in kept if m.sender == "resident"] == ["Ik zit de hele dag alleen.", label]
    assert chat.locator("#typing").inner_text() == ""


def test_nothing_is_opened_before_the_first_message(chat: Page, web_desk: Desk) -> None:
    chat.get_by_label("Uw bericht").fill("misschien")
    assert chat.evaluate("sessionStorage.getItem('buurtbalie.token')") is None
    write(chat, "   ")
    expect(chat.locator(".message")).to_have_count(0)


def test_markup_is_words(chat: Page, web_desk: Desk) -> None:
    bad = "<img src=x onerror=\"document.title='gekraakt'\"> {{7*7}} <script>alert(1)</script>"
    write_and_wait(chat, bad)
    conversation = conversation_of(chat, web_desk)
    user = web_desk.database.run(lambda uow: uow.people.add_user("x", bad, None, []))
    speak(web_desk, conversation, bad, [{"id": "9.a", "label": bad}])
    speak(web_desk, conversation, f"tel {bad}", sender="host", author=user.first_name)
    expect(said(chat, "person")).to_have_text([f"tel {bad}"])
    expect(said(chat)).to_have_text([bad])
    expect(chat.locator("#log .of-person .who b")).to_have_text([bad])
    expect(choices(chat)).to_have_text([bad])
    assert chat.locator("#log img, #log script, #choices img").count() == 0
    chat.reload()
    expect(said(chat)).to_have_text([bad])
    assert "gekraakt" not in chat.title()


def test_lines_and_other_scripts_are_kept(chat: Page, web_desk: Desk) -> None:
    write_and_wait(chat, "dag")
    speak(web_desk, conversation_of(chat, web_desk), "regel een\nregel twee\n\nمرحبا")
    text = said(chat, "desk").last
    expect(text).to_contain_text("مرحبا")
    assert text.inner_text() == "regel een\nregel twee\n\nمرحبا"


def test_only_the_newest_choices_are_there(chat: Page, web_desk: Desk) -> None:
    write_and_wait(chat, "dag")
    conversation = conversation_of(chat, web_desk)
    speak(web_desk, conversation, "Voor wie is uw vraag?", CHOICES)
    expect(choices(chat)).to_have_text(["Voor mijzelf", "Voor iemand anders"])
    speak(web_desk, conversation, "In welke buurt woont u?", [{"id": "10.skip", "label": "Sla over"}])
    expect(choices(chat)).to_have_text(["Sla over"])
    speak(web_desk, conversation, "Nog even dit.")
    expect(said(chat, "desk").last).to_have_text("Nog even dit.")
    expect(choices(chat)).to_have_text(["Sla over"])
    chat.reload()
    expect(choices(chat)).to_have_text(["Sla over"])


def test_a_person_is_shown_as_a_person(chat: Page, web_desk: Desk) -> None:
    write_and_wait(chat, "dag")
    conversation = conversation_of(chat, web_desk)
    user = web_desk.database.run(lambda uow: uow.people.add_user("fatima", "Fatima", None, []))
    speak(web_desk, conversation, "Dag, ik lees mee.", sender="host", author=user.first_name)
    who = chat.locator("#log .of-person .who")
    expect(who).to_contain_text("Fatima")
    expect(who).to_contain_text("een mens")
    web_desk.database.run(lambda uow: uow.conversations.set_owner(conversation, user.id))
    write(chat, "fijn")
    expect(said(chat).last).to_have_text("fijn")
    chat.wait_for_timeout(1000)
    assert chat.locator("#typing").inner_text() == ""  # a person answers in their own time


def test_telephone_numbers_can_be_tapped(chat: Page, web_desk: Desk) -> None:
    write_and_wait(chat, "bel mij op 06-12345678 of 112")
    conversation = conversation_of(chat, web_desk)
    speak(
        web_desk,
        conversation,
        "Bel 112, 113, 0800-0113, 0800 0432, 0900-8844 of 020-1234567. "
        "Geen nummers: 1112, € 112, 112,50, 112-114, 113.nl, 112NL-app.",
    )
    speak(web_desk, conversation, "Ik zit in kamer 112. Bel 0555-123456.", sender="professional")
    expect(said(chat, "person")).to_have_count(1)
    numbers = [link.get_attribute("href") for link in said(chat, "desk").last.locator("a").all()]
    assert numbers == ["tel:112", "tel:113", "tel:08000113", "tel:08000432", "tel:09008844", "tel:0201234567"]
    assert [a.get_attribute("href") for a in said(chat, "person").locator("a").all()] == ["tel:0555123456"]
    assert said(chat).locator("a").count() == 0


def test_a_reload_keeps_conversation_and_draft(chat: Page) -> None:
    write_and_wait(chat, "Ik zit vaak alleen.")
    before = chat.locator("#log .text").all_inner_texts()
    chat.get_by_label("Uw bericht").fill("Ik was nog niet kl")
    chat.reload()
    expect(said(chat)).to_have_text(["Ik zit vaak alleen."])
    assert chat.locator("#log .text").all_inner_texts() == before
    expect(chat.get_by_label("Uw bericht")).to_have_value("Ik was nog niet kl")
    expect(chat.locator("#intro")).to_be_hidden()


def test_another_tab_on_a_shared_computer_shows_nothing(chat: Page, phone: BrowserContext) -> None:
    write_and_wait(chat, "geheim")
    other = phone.new_page()
    other.goto("/")
    expect(other.locator("#intro")).to_be_visible()
    expect(other.locator(".message")).to_have_count(0)
    assert chat.evaluate("localStorage.length") == 0
    assert phone.cookies() == []


def test_the_way_out_leaves_nothing(chat: Page) -> None:
    write_and_wait(chat, "Hij slaat mij.")
    chat.get_by_role("link", name="Snel weg").click()
    chat.wait_for_url("https://weer.example/")
    chat.go_back()
    assert "chat" not in chat.content() and not chat.url.startswith("http://127.0.0.1")
    chat.goto("/")
    expect(chat.locator("#intro")).to_be_visible()
    expect(chat.locator(".message")).to_have_count(0)
    assert chat.evaluate("sessionStorage.length") == 0


def test_a_code_takes_the_conversation_to_another_phone(chat: Page, web_desk: Desk) -> None:
    write_and_wait(chat, "Tot later.")
    chat.get_by_text("Later verder", exact=True).click()
    code = chat.locator("#code").inner_text()
    assert re.fullmatch(r"\w{4}-\w{4}-\w{4}", code)
    browser = chat.context.browser
    assert browser is not None
    other = browser.new_context(base_url=chat.url, locale="nl-NL").new_page()
    other.goto("/")
    other.get_by_text("Later verder", exact=True).click()
    other.get_by_label("Hebt u al een code?").fill("AAAA-AAAA-AAAA")
    other.keyboard.press("Enter")
    expect(other.get_by_text("We vinden geen gesprek bij deze code.")).to_be_visible()
    other.get_by_label("Hebt u al een code?").fill(code.lower())
    other.keyboard.press("Enter")
    expect(said(other)).to_have_text(["Tot later."])
    write(other, "Hier ben ik weer.")
    expect(said(chat)).to_have_text(["Tot later.", "Hier ben ik weer."])
    other.context.close()


def test_a_conversation_can_be_closed_here(chat: Page) -> None:
    write_and_wait(chat, "Klaar.")
    chat.get_by_text("Later verder", exact=True).click()
    chat.get_by_role("button", name="Sluit het gesprek op dit apparaat").click()
    expect(chat.locator(".message")).to_have_count(0)
    chat.reload()
    expect(chat.locator("#intro")).to_be_visible()


def test_the_page_switches_language_and_tells_the_desk(chat: Page, web_desk: Desk) -> None:
    write_and_wait(chat, "Ik zit vaak alleen.")
    conversation = conversation_of(chat, web_desk)
    chat.get_by_role("link", name="English").click()
    expect(chat.locator("html")).to_have_attribute("lang", "en")
    expect(chat.get_by_text("You are talking to a computer.")).to_be_visible()
    expect(said(chat)).to_have_text(["Ik zit vaak alleen."])
    expect(chat.locator("#pending > *")).to_have_count(0)
    wait_until(chat, lambda: any(m.text == "/taal en" for m in stored(web_desk, conversation)))
    expect(said(chat)).to_have_text(["Ik zit vaak alleen."])


def test_a_conversation_that_is_gone_says_so_and_begins_anew(chat: Page, web_desk: Desk) -> None:
    write_and_wait(chat, "vergeet mij")
    conversation = conversation_of(chat, web_desk)
    web_desk.database.run(lambda uow: uow.contacts.erase(uow.conversations.get(conversation).contact_id))
    write(chat, "ben je er nog?")
    expect(chat.get_by_text("Dit gesprek is er niet meer.")).to_be_visible()
    expect(chat.get_by_label("Uw bericht")).to_have_value("ben je er nog?")
    expect(chat.locator(".message")).to_have_count(0)
    chat.get_by_label("Uw bericht").press("Enter")
    expect(said(chat)).to_have_text(["ben je er nog?"])
    expect(chat.locator("#status")).to_be_empty()
    assert conversation_of(chat, web_desk) != conversation


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_nothing_sticks_out_and_everything_can_be_hit(chat: Page, web_desk: Desk, width: int) -> None:
    chat.set_viewport_size({"width": width, "height": 844})
    write_and_wait(chat, "dag")
    speak(web_desk, conversation_of(chat, web_desk), "Zeg het maar. " + "lang" * 60, CHOICES)
    expect(choices(chat)).to_have_count(2)
    assert chat.evaluate("document.documentElement.scrollWidth") <= width
    for target in chat.locator("button:visible, #message, #exit, summary, .language").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 48, target.inner_text()
    small = chat.evaluate(
        """[...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && [...e.childNodes].some(
            n => n.nodeType === 3 && n.textContent.trim()) && parseFloat(getComputedStyle(e).fontSize) < 18)
            .map(e => e.className || e.tagName)"""
    )
    assert small == []


def test_without_javascript_there_is_a_number_to_call(chat: Page) -> None:
    browser = chat.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, locale="nl-NL")
    page = context.new_page()
    page.goto(chat.url)
    expect(page.get_by_role("link", name="0555-123456")).to_be_visible()
    context.close()
