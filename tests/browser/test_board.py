"""The board in Chromium on a tablet: logging in, accepting with time to undo, writing, closing, and staying fresh."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from desk.login import one_time_password
from tests.board.board_server import BoardServer, board_server
from tests.board.town import Town

NEW_PASSWORD = "blauwe fiets in de regen"


@pytest.fixture
def board(town: Town) -> Iterator[BoardServer]:
    with board_server(town.desk) as running:
        yield running


def test_from_the_one_time_password_to_helped(town: Town, tablet: Callable[..., Page]) -> None:
    first = one_time_password()
    town.give_password("cor", first)
    referral = town.referral()
    conversation_id = town.conversation_of(referral)
    page = tablet()
    page.goto("/board")
    page.get_by_label("Gebruikersnaam").fill("cor")
    page.get_by_label("Wachtwoord").fill(first)
    page.get_by_role("button", name="Inloggen").click()
    page.get_by_label("Nieuw wachtwoord").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Wachtwoord bewaren").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Overdrachten")
    page.get_by_role("button", name="Aannemen").click()
    expect(page.get_by_text("Aangenomen").first).to_be_visible()
    expect(page.locator(".count-down")).to_have_text(re.compile(r"\(nog \d+ s\)"))
    expect(page.get_by_text("Greet")).to_have_count(0)

    town.due(seconds=10)
    # The page finds out by itself.
    expect(page.get_by_text("Greet")).to_be_visible()
    page.get_by_label("Uw bericht").fill("Dag! Zullen we dinsdag wandelen?")
    page.get_by_role("button", name="Versturen").click()
    expect(page.get_by_text("Wat de bewoner nu schrijft, komt bij u.")).to_be_visible()
    assert town.messages(conversation_id)[-1].text == "Dag! Zullen we dinsdag wandelen?"

    page.get_by_label("Uw bericht").fill("Nog niet af")
    town.resident_writes(conversation_id, "Graag!")
    expect(page.get_by_text("Graag!")).to_be_visible()
    expect(page.get_by_label("Uw bericht")).to_have_value("Nog niet af")

    page.get_by_text("Afsluiten").click()
    page.get_by_role("button", name="Geholpen", exact=True).click()
    expect(page.get_by_role("button", name="Ongedaan maken")).to_be_visible()
    town.due(seconds=10)
    expect(page.get_by_text("Deze vraag is afgesloten.")).to_be_visible()
    expect(page.get_by_text("Greet")).to_have_count(0)
    assert town.said(referral)[-1] == "referral.done.helped"


def test_a_wrong_tap_is_taken_back(town: Town, tablet: Callable[..., Page]) -> None:
    referral = town.referral()
    page = tablet("cor")
    page.goto("/board/hand-offs")
    page.get_by_role("button", name="Aannemen").click()
    page.get_by_role("button", name="Ongedaan maken").click()
    expect(page.get_by_text("Ongedaan gemaakt. Er is niets verstuurd.")).to_be_visible()
    expect(page.get_by_role("button", name="Aannemen")).to_be_visible()
    assert (town.due(seconds=10), town.status(referral)) == (0, "referred")


def test_a_new_request_appears_by_itself_and_an_open_list_of_reasons_stays_open(
    town: Town, tablet: Callable[..., Page]
) -> None:
    first = town.referral()
    page, other = tablet("cor"), tablet("hanna")
    other.goto("/board/hand-offs")
    expect(other.locator(".card")).to_have_count(1)
    page.goto(f"/board/hand-offs/{first.id}")
    page.get_by_text("Niet aannemen").click()
    expect(page.get_by_role("button", name="We hebben nu geen plek")).to_be_visible()
    second = town.referral()
    expect(other.locator(".card")).to_have_count(2)
    expect(other.get_by_text(second.code)).to_be_visible()
    expect(page.get_by_role("button", name="We hebben nu geen plek")).to_be_visible()
    page.get_by_role("button", name="We hebben nu geen plek").click()
    town.due(seconds=10)
    expect(other.locator(".card")).to_have_count(1)


def test_without_script_everything_can_be_done(town: Town, tablet: Callable[..., Page]) -> None:
    referral = town.referral()
    page = tablet("cor", java_script_enabled=False)
    page.goto("/board/hand-offs")
    page.get_by_role("button", name="Aannemen").click()
    expect(page.get_by_role("button", name="Ongedaan maken")).to_be_visible()
    town.due(seconds=10)
    page.goto(f"/board/hand-offs/{referral.id}")
    page.get_by_label("Uw bericht").fill("Dag!")
    page.get_by_role("button", name="Versturen").click()
    expect(page.get_by_text("Dag!")).to_be_visible()
    page.get_by_text("Afsluiten").click()
    page.get_by_role("button", name="Niet geholpen").click()
    town.due(seconds=10)
    assert town.said(referral)[-1] == "referral.done.not_helped"


def test_a_host_takes_a_conversation_with_the_keyboard(town: Town, tablet: Callable[..., Page]) -> None:
    conversation_id = town.asks_for_person(share_before=True)
    page = tablet("hanna")
    page.goto(f"/board/conversations/{conversation_id}")
    button = page.get_by_role("button", name="Ik neem het gesprek")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Ongedaan maken")).to_be_visible()
    town.due(seconds=10)
    expect(page.get_by_text("Dit is tussen mij en de balie.")).to_be_visible()
    page.get_by_label("Uw bericht").fill("Dag, ik ben Hanna.")
    page.get_by_role("button", name="Versturen").click()
    expect(page.locator(".talk li").last).to_contain_text("Dag, ik ben Hanna.")
    assert town.messages(conversation_id)[-1].sender == "host"


def test_hostile_words_are_inert(town: Town, tablet: Callable[..., Page]) -> None:
    words = "<img src=x onerror=alert(1)>"
    referral = town.referral(lines=[{"category": "request", "text": words}])
    page = tablet("cor")
    for path in ("/board/hand-offs", f"/board/hand-offs/{referral.id}"):
        page.goto(path)
        expect(page.get_by_text(words)).to_be_visible()
        assert page.locator("main img").count() == 0


@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_nothing_sticks_out_and_everything_is_large_enough_to_tap(
    town: Town, tablet: Callable[..., Page], width: int
) -> None:
    referral = town.referral(lines=[{"category": "request", "text": "Woord" * 60}])
    town.asks_for_person(share_before=False)
    page = tablet("petra")
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("/board/hand-offs", f"/board/hand-offs/{referral.id}", "/board/conversations", "/board/log"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        for box in [one.bounding_box() for one in page.locator("button:visible, .menu a, .tabs a, .button").all()]:
            assert box is not None and box["height"] >= 44, (path, box)


def test_logged_out_elsewhere_the_page_goes_to_the_door(town: Town, tablet: Callable[..., Page]) -> None:
    page = tablet("cor")
    page.goto("/board/hand-offs")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overdrachten")
    town.desk.database.run(lambda uow: uow.people.disable(town.users["cor"].id))
    expect(page.get_by_label("Gebruikersnaam")).to_be_visible(timeout=15_000)
