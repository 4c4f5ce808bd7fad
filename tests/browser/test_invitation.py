"""The whole way in Chromium: a resident makes a link, somebody they know opens it elsewhere, the resident reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import as_file, files

import pytest
from playwright.sync_api import Browser, Page, expect

from desk.bootstrap import Desk
from desk.town import load_town
from tests.bot.link_page import path_in
from tests.browser.chat_page import choices, said, write
from tests.browser.conftest import PHONE, WAY_OUT
from tests.end_to_end.steps import screenshot
from tests.servers.desk_server import WebServer, desk_in

WORDS = "Dag buurvrouw, drinkt u dinsdag een kop koffie bij mij?"
LINE = 'Graag! <b onclick="x">Tien uur</b>?'


@pytest.fixture(scope="module")
def web_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk in the demonstration's town, so that there is something to choose."""
    with (
        desk_in(tmp_path_factory.mktemp("town"), quick_exit_url=WAY_OUT) as desk,
        as_file(files("balie.demo") / "voorbeeldstad") as town,
    ):
        load_town(desk, town)
        yield desk


def tap(page: Page, label: str, answer: str) -> None:
    choices(page).filter(has_text=re.compile(f"^{re.escape(label)}$")).click()
    expect(said(page, "desk").last).to_contain_text(answer)


def says(page: Page, text: str, answer: str) -> None:
    write(page, text)
    expect(said(page, "desk").last).to_contain_text(answer)


def to_the_options(chat: Page) -> None:
    """By the menu: the language model is away."""
    says(chat, "dag", "Kiest u hieronder waar het over gaat?")
    tap(chat, "Contact, rouw en meedoen", "Wat lijkt er het meest op?")
    tap(chat, "Gezelschap of iemand om mee te praten", "in een paar woorden")
    says(chat, "ik zit de hele dag alleen", "In welke buurt")
    tap(chat, "Zuid", "Wie is er in uw buurt")
    tap(chat, "Een buur", "Wat zou u zelf")
    tap(chat, "Ik kan er zelf naartoe", "Dit past bij uw vraag")


@pytest.mark.rule("domain-1")
def test_from_the_resident_to_the_neighbour_and_back(browser: Browser, chat: Page, server: WebServer) -> None:
    to_the_options(chat)
    tap(chat, "Iemand die u kent", "Zijn dit de goede woorden?")
    screenshot(chat, "link-1-words")
    tap(chat, "Ik wil andere woorden", "Hoe wilt u het zeggen?")
    says(chat, WORDS, "Zijn dit de goede woorden?")
    tap(chat, "Maak er een link bij", "Klopt het zo?")
    tap(chat, "Mijn voornaam erbij", "Wat is uw voornaam?")
    says(chat, "Greet", "Klopt het zo?")
    screenshot(chat, "link-2-check")
    tap(chat, "Ja, maak de link", "Heeft u later nog een vraag?")
    screenshot(chat, "link-3-made")
    link = said(chat, "desk").filter(has_text="/uitnodiging/").locator("a")

    context = browser.new_context(  # somebody else's telephone, on which no script runs
        viewport=PHONE, locale="nl-NL", has_touch=True, base_url=server.url, java_script_enabled=False
    )
    context.set_default_timeout(10_000)
    neighbour = context.new_page()
    neighbour.goto(path_in(link.inner_text()))
    expect(neighbour.get_by_role("heading", level=1)).to_have_text("Greet vraagt u iets.")
    expect(neighbour.get_by_role("blockquote")).to_have_text(WORDS)
    screenshot(neighbour, "link-4-question")
    helps, cannot = (neighbour.get_by_role("button", name=name) for name in ("Ik help", "Ik kan niet"))
    for button in (helps, cannot):
        box = button.bounding_box()
        assert box is not None and box["height"] >= 56 and box["width"] >= 300
    neighbour.get_by_label("Wilt u er iets bij zeggen?").fill(LINE)
    helps.click()
    expect(neighbour.get_by_role("heading", level=1)).to_have_text("Wat fijn dat u helpt!")
    screenshot(neighbour, "link-5-thanks")

    heard = said(chat, "desk").last
    expect(heard).to_contain_text("“Ik help.”")
    expect(heard).to_contain_text(f"“{LINE}”")
    assert heard.locator("b").count() == 0
    screenshot(chat, "link-6-heard")

    neighbour.get_by_text("Mijn antwoord veranderen").click()
    neighbour.get_by_role("button", name="Ik kan niet").click()
    expect(neighbour.get_by_role("heading", level=1)).to_have_text("Dank u voor uw eerlijke antwoord.")
    expect(said(chat, "desk").last).to_contain_text("Dit past bij uw vraag")
    expect(choices(chat).filter(has_text="Iemand die u kent")).to_have_count(0)
    screenshot(chat, "link-7-the-rest")
    context.close()


def test_the_page_fits_a_small_phone(browser: Browser, chat: Page, server: WebServer) -> None:
    to_the_options(chat)
    tap(chat, "Iemand die u kent", "Zijn dit de goede woorden?")
    tap(chat, "Maak er een link bij", "Klopt het zo?")
    tap(chat, "Ja, maak de link", "Heeft u later nog een vraag?")
    path = path_in(said(chat, "desk").filter(has_text="/uitnodiging/").locator("a").inner_text())
    for width in (320, 390):
        context = browser.new_context(viewport={"width": width, "height": 640}, base_url=server.url)
        page = context.new_page()
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        context.close()


@pytest.mark.rule("domain-12")
def test_somebody_asked_for_reads_the_card_in_a_conversation_of_their_own(
    browser: Browser, chat: Page, server: WebServer
) -> None:
    says(chat, "dag", "Kiest u hieronder waar het over gaat?")
    tap(chat, "Contact, rouw en meedoen", "Wat lijkt er het meest op?")
    tap(chat, "Gezelschap of iemand om mee te praten", "in een paar woorden")
    says(chat, "zij is zo eenzaam sinds de verhuizing", "Voor wie vraagt u dit?")
    tap(chat, "Voor iemand anders", "Om wie gaat het?")
    tap(chat, "Mijn moeder", "In welke buurt")
    tap(chat, "Zuid", "Is er iemand")
    tap(chat, "Sla deze vraag over", "Dit past bij uw vraag")
    tap(chat, "Maatjes van Samenloop", "Ik kan een link maken")
    screenshot(chat, "card-1-asker")
    tap(chat, "Maak een link voor die ander", "Heeft u later nog een vraag?")
    path = path_in(said(chat, "desk").filter(has_text="/toestemming/").locator("a").inner_text())

    context = browser.new_context(viewport=PHONE, locale="nl-NL", has_touch=True, base_url=server.url)
    context.set_default_timeout(10_000)
    mother = context.new_page()
    blocked: list[str] = []
    mother.on("console", lambda line: blocked.append(line.text) if "Content Security Policy" in line.text else None)
    mother.goto(path)
    expect(mother.get_by_role("heading", level=1)).to_have_text("Iemand die u kent, vroeg om hulp voor u.")
    assert not mother.get_by_label("Wie dit vroeg, mag horen").is_checked()
    screenshot(mother, "card-2-page")
    mother.get_by_role("button", name="Ik wil het lezen").click()
    expect(mother.get_by_role("heading", level=1)).to_have_text("Uw eigen gesprek staat klaar.")
    code = mother.locator(".code output").inner_text()
    screenshot(mother, "card-3-code")
    mother.get_by_role("link", name="Ga naar het gesprek").click()
    expect(said(mother, "desk").last).to_contain_text("Bent u 16 jaar of ouder?")
    assert said(mother, "desk").filter(has_text="eenzaam").count() == 0
    screenshot(mother, "card-4-chat")
    tap(mother, "Ja", "Mag ik dit sturen?")
    screenshot(mother, "card-5-card")
    tap(mother, "Ja, stuur dit", "horen dat u geantwoord hebt?")
    tap(mother, "Nee", "Heeft u later nog een vraag?")
    mother.get_by_text("Later verder").first.click()
    expect(mother.locator("#code")).to_have_text(code)
    mother.go_back()
    expect(mother.locator("[data-token]")).to_have_count(0)
    assert blocked == []
    expect(said(chat, "desk").last).to_contain_text("Heeft u later nog een vraag?")
    context.close()
