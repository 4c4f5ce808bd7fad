"""A resident is helped, from the first words to a person's answer, in the web chat and in Telegram."""

from __future__ import annotations

import sqlite3

from playwright.sync_api import Browser, expect

from tests.end_to_end.steps import PHONE, TABLET, accept_and_write, log_in, open_page, say, screenshot, tap
from tests.servers.bot_api import BotApi
from tests.servers.served_desk import ServedDesk

CHAT = 4711


def test_in_the_web_chat(browser: Browser, desk: ServedDesk) -> None:
    resident = open_page(browser, desk, PHONE)
    resident.goto("/")
    screenshot(resident, "chat-1-empty")
    say(resident, "ik zit de hele dag alleen sinds Henk er niet meer is", "In welke buurt woont u?")
    screenshot(resident, "chat-2-welcome")
    say(resident, "1234 AB", "Wie is er in uw buurt")
    screenshot(resident, "chat-3-question")
    say(resident, "mijn dochter, maar die woont ver weg", "Wat zou u zelf willen of kunnen doen?")
    say(resident, "ik kan wel naar het buurthuis lopen", "Dit past bij uw vraag")
    screenshot(resident, "chat-4-options")
    tap(resident, "Koffieochtend Noord", "Mag ik dit sturen?")
    screenshot(resident, "chat-5-card")
    tap(resident, "Ik wil iets veranderen", "Wat wilt u veranderen?")
    tap(resident, "Mijn voornaam erbij", "Wat is uw voornaam?")
    say(resident, "Greet", "Uw voornaam: Greet")
    screenshot(resident, "chat-6-card-changed")
    tap(resident, "Ja, stuur dit", "Ik heb uw vraag gestuurd aan Koffieochtend Noord")
    screenshot(resident, "chat-7-sent")

    volunteer = open_page(browser, desk, TABLET)
    log_in(volunteer, desk, "ria")
    expect(volunteer.get_by_text("ik zit de hele dag alleen")).to_be_visible()
    expect(volunteer.get_by_text("Greet")).to_have_count(0)  # only after accepting
    screenshot(volunteer, "board-1-waiting")
    accept_and_write(volunteer, "Dag Greet! Dinsdag om 10 uur staat de koffie klaar.")
    expect(volunteer.get_by_text("Greet", exact=True).first).to_be_visible()
    screenshot(volunteer, "board-2-writing")

    expect(resident.locator("#log .of-person .text").last).to_contain_text("staat de koffie klaar")
    screenshot(resident, "chat-8-volunteer")
    resident.get_by_label("Uw bericht").fill("Fijn, tot dinsdag!")
    resident.keyboard.press("Enter")
    expect(volunteer.get_by_text("Fijn, tot dinsdag!")).to_be_visible()

    professional = open_page(browser, desk, TABLET)
    log_in(professional, desk, "samira")
    professional.goto("/board/log")
    expect(professional.get_by_text("Koffieochtend Noord").first).to_be_visible()
    screenshot(professional, "board-3-log")
    for page in (resident, volunteer, professional):
        page.context.close()


def test_in_telegram(browser: Browser, desk: ServedDesk, bot_api: BotApi) -> None:
    def says(text: str, answer: str) -> None:
        bot_api.resident_says(CHAT, text)
        bot_api.wait_for_message(CHAT, containing=answer, timeout=20)

    def taps(button: str, answer: str) -> None:
        message = next(one for one in reversed(bot_api.sent(CHAT)) if one.get("reply_markup"))
        bot_api.resident_taps(CHAT, message, button)
        bot_api.wait_for_message(CHAT, containing=answer, timeout=20)

    says("Ik heb geen vrienden hier, ik zoek een maatje om mee te praten", "In welke buurt woont u?")
    taps("Centrum", "Wie is er in uw buurt")
    says("niemand", "Wat zou u zelf willen of kunnen doen?")
    taps("Ik wil wel, maar niet alleen", "Dit past bij uw vraag")
    taps("Maatjes van Samenloop", "Mag ik dit sturen?")
    says("ja hoor", "Ik heb uw vraag gestuurd aan Maatjes van Samenloop")

    coordinator = open_page(browser, desk, TABLET)
    log_in(coordinator, desk, "hassan")
    accept_and_write(coordinator, "Goedemiddag, ik ben Hassan. Schikt donderdag?")
    bot_api.wait_for_message(CHAT, containing="Schikt donderdag?", timeout=20)
    bot_api.resident_says(CHAT, "Donderdag is goed")
    expect(coordinator.get_by_text("Donderdag is goed")).to_be_visible()
    coordinator.context.close()


def test_the_log_is_intact_until_a_byte_is_changed(desk: ServedDesk) -> None:
    """Runs after the two conversations: their rows are in the log."""
    intact = desk.balie("routing-log", "verify")
    assert (intact.returncode, intact.stdout.split(":")[0]) == (0, "intact"), intact.stdout + intact.stderr

    path = desk.environment["BALIE_DATABASE__URL"].removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'routing_log'")
        for (name,) in names.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE routing_log SET theme = 'grief' WHERE seq = 1")
    connection.close()
    changed = desk.balie("routing-log", "verify")
    assert changed.returncode == 1
    assert "row 1: changed" in changed.stdout
