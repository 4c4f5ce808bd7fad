"""The pages of the board: what stands on them, and what their forms do."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from board.page import SESSION_COOKIE
from desk.hand_offs import OUTCOMES, REASONS
from storage.unit_of_work import UnitOfWork
from tests.board.town import LINES, Town

Browsers = Callable[[str], httpx.Client]


def post(client: httpx.Client, path: str, **form: str) -> httpx.Response:
    """Sends a form and follows to the page it leads to."""
    answer = client.post(path, data=form)
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"])


def test_the_whole_way_without_script(town: Town, as_user: Browsers) -> None:
    referral = town.referral()
    town.clock.move(hours=2)
    cor, where = as_user("cor"), f"/board/hand-offs/{referral.id}"

    page = cor.get("/board/hand-offs").text
    assert "Er is één nieuwe vraag. Die wacht al 2 uur." in page
    assert "Gezelschap" in page and referral.code in page and "wandelen" in page and "Greet" not in page
    assert cor.get("/board").headers["location"] == "/board/hand-offs"

    page = post(cor, f"{where}/accept").text
    assert "Aangenomen" in page and "Ongedaan maken" in page and "Greet" not in page
    page = post(cor, f"{where}/undo").text
    assert "Ongedaan gemaakt" in page and "Niet aannemen" in page

    post(cor, f"{where}/accept")
    town.due(seconds=10)
    page = cor.get(where).text
    assert "Greet" in page and "06 1234 5678" in page and "Schrijven met de bewoner" in page
    assert "Dit was al verwerkt" in post(cor, f"{where}/undo").text

    page = post(cor, f"{where}/messages", text="Zullen we dinsdag wandelen?").text
    assert "Zullen we dinsdag wandelen?" in page and "komt bij u" in page
    said = town.messages(town.conversation_of(referral))[-1]
    assert (said.sender, said.author) == ("volunteer", "Cor")
    assert "Teruggeven aan de balie" in page
    assert "De bewoner praat nu met de balie" in post(cor, f"{where}/give-back").text

    post(cor, f"{where}/done", outcome="helped")
    town.due(seconds=10)
    page = cor.get(where).text
    assert "Geholpen" in page and "Greet" not in page and "wandelen" not in page
    assert "Er wacht nu niets" in cor.get("/board/hand-offs").text
    assert referral.code in cor.get("/board/hand-offs?show=closed").text


@pytest.mark.parametrize("reason", REASONS)
def test_declining_is_one_tap(town: Town, as_user: Browsers, reason: str) -> None:
    referral = town.referral()
    cor = as_user("cor")
    assert f'value="{reason}"' in cor.get(f"/board/hand-offs/{referral.id}").text
    post(cor, f"/board/hand-offs/{referral.id}/decline", reason=reason)
    town.due(seconds=10)
    assert town.status(referral) == "declined"
    assert "Wacht op de bewoner" in cor.get("/board/hand-offs?show=resident").text


@pytest.mark.rule("domain-3")
def test_closing_is_one_tap(town: Town, as_user: Browsers) -> None:
    referral = town.referral()
    cor, where = as_user("cor"), f"/board/hand-offs/{referral.id}"
    post(cor, f"{where}/accept")
    town.due(seconds=10)
    post(cor, f"{where}/in-contact")
    town.due(seconds=10)
    page = cor.get(where).text
    assert all(f'value="{outcome}"' in page for outcome in OUTCOMES)
    assert "required" not in page, "no text is mandatory"


@pytest.mark.parametrize(("path", "form"), [("decline", {}), ("decline", {"reason": "zin"}), ("done", {"outcome": ""})])
def test_a_form_that_is_not_ours_changes_nothing(
    town: Town, as_user: Browsers, path: str, form: dict[str, str]
) -> None:
    referral = town.referral()
    cor = as_user("cor")
    if path == "done":
        post(cor, f"/board/hand-offs/{referral.id}/accept")
        town.due(seconds=10)
    before = town.status(referral)
    assert cor.post(f"/board/hand-offs/{referral.id}/{path}", data=form).status_code == 422
    assert town.due(seconds=10) == 0 and town.status(referral) == before


def test_a_step_that_no_longer_fits_says_so(town: Town, as_user: Browsers) -> None:
    referral = town.referral()
    answer = as_user("cor").post(f"/board/hand-offs/{referral.id}/done", data={"outcome": "helped"})
    assert answer.status_code == 409 and "De stand is intussen veranderd" in answer.text
    as_user("cor").post(f"/board/hand-offs/{referral.id}/accept")
    answer = as_user("vera").post(f"/board/hand-offs/{referral.id}/accept")
    assert answer.status_code == 409 and "Iemand anders was u net voor" in answer.text


@pytest.mark.rule("domain-10")
def test_a_medical_request_is_refused_to_a_volunteers_form(town: Town, as_user: Browsers) -> None:
    referral = town.referral("wijkzorg", theme="personal_care", volunteers="inside")
    page = as_user("vrijwilliger-in-team").get(f"/board/hand-offs/{referral.id}").text
    assert "Alleen een beroepskracht" in page and "Aannemen</button>" not in page and "wandelen" not in page
    answer = as_user("vrijwilliger-in-team").post(f"/board/hand-offs/{referral.id}/accept")
    assert answer.status_code == 403
    assert town.due(seconds=10) == 0
    post(as_user("petra"), f"/board/hand-offs/{referral.id}/accept")
    town.due(seconds=10)
    assert town.status(referral) == "accepted"


def test_a_host_sees_that_it_waits_and_how_long(town: Town, as_user: Browsers) -> None:
    town.referral()
    town.clock.move(days=1)
    town.referral("wijkteam", theme="money_debt")
    town.clock.move(minutes=20)
    page = as_user("hanna").get("/board/hand-offs").text
    assert "wacht al 1 dag" in page and "wacht al 20 minuten" in page
    assert "Gezelschap" in page and "naar Wandelmaatje" in page
    assert "Voor het team" in page and "Geldzorgen" not in page and "Wijkteam Noord" not in page
    assert all(line["text"] not in page for line in LINES if line["category"] != "neighbourhood")


def test_listed_words_are_logged_once_a_day(town: Town, as_user: Browsers) -> None:
    referral = town.referral()
    cor = as_user("cor")
    for _ in range(3):
        cor.get("/board/hand-offs")
    as_user("hanna").get("/board/hand-offs")
    assert town.accesses(referral) == [(town.users["cor"].id, "listed")]
    town.clock.move(hours=14)
    with httpx.Client(base_url=cor.base_url, cookies={SESSION_COOKIE: town.token("cor")}) as later:
        later.get("/board/hand-offs")
        assert len(town.accesses(referral)) == 1
        town.clock.move(hours=2)  # the next day
        later.get("/board/hand-offs")
    assert len(town.accesses(referral)) == 2


@pytest.mark.rule("towards-residents-4")
def test_someone_who_asks_for_a_person(town: Town, as_user: Browsers) -> None:
    conversation_id = town.asks_for_person(share_before=False)
    where = f"/board/conversations/{conversation_id}"
    hanna = as_user("hanna")
    assert "Iemand vraagt om een mens" in hanna.get("/board/hand-offs").text
    assert "Iemand vraagt om een mens" not in as_user("cor").get("/board/hand-offs").text
    page = hanna.get(where).text
    assert "Ik neem het gesprek" in page and "tussen mij en de balie" not in page
    assert "Ongedaan maken" in post(hanna, f"{where}/take").text
    assert "Hanna neemt dit gesprek." in as_user("petra").get(where).text
    town.due(seconds=10)
    town.resident_writes(conversation_id, "Fijn, een mens.")
    page = hanna.get(where).text
    assert "Fijn, een mens." in page and "tussen mij en de balie" not in page
    assert "De bewoner schreef terug" in hanna.get("/board/conversations").text
    assert "Er stond nog niets" in post(hanna, f"{where}/messages", text="  ").text
    assert "Waarmee kan ik helpen?" in post(hanna, f"{where}/messages", text="Waarmee kan ik helpen?").text
    assert as_user("petra").get(where).status_code == 404
    post(hanna, f"{where}/give-back")
    town.due(seconds=10)
    assert hanna.get(where).status_code == 404
    assert "Er vraagt nu niemand om een mens" in hanna.get("/board/conversations").text


def test_the_routing_log_in_plain_words(town: Town, as_user: Browsers) -> None:
    referral = town.referral()

    def append(uow: UnitOfWork) -> None:
        uow.routing_log.append(
            "2026-03", "company", "noord", "wandelmaatje", "volunteers", "initiative_first", "abc",
            ["volunteers_have_time", "nearby"], referral.request_id,
        )  # fmt: skip
        uow.routing_log.append("2026-03", "vissen", None, "visclub", "elsewhere", "eigen", "abc", ["zomaar"], None)

    town.desk.database.run(append)
    page = as_user("petra").get("/board/log").text
    for words in ("2026-03", "Gezelschap", "Noord", "Wandelmaatje", "vrijwilligersorganisatie", "buurtinitiatief"):
        assert words in page
    assert "vrijwilligers hebben hier tijd voor" in page and "het is dichtbij" in page
    assert "vissen" in page and "visclub" in page and "zomaar" in page, "an operator's own codes show as they are"
    assert page.index("visclub") < page.index("Wandelmaatje"), "newest first"
    assert referral.code not in page and "Keur" not in page


def test_figures_under_five_are_not_shown(town: Town, as_user: Browsers) -> None:
    def append(uow: UnitOfWork) -> None:
        for theme, count in (("company", 5), ("addiction", 4)):
            for _ in range(count):
                uow.routing_log.append("2026-03", theme, "noord", "x", "team", "r", "p", [], None)

    town.desk.database.run(append)
    page = as_user("raad").get("/board/figures").text
    assert '<td>Gezelschap</td><td class="number">5</td>' in page
    assert '<td>Verslaving</td><td class="number">minder dan 5</td>' in page
    assert ">9<" not in page and ">4<" not in page


def test_english(town: Town, as_user: Browsers) -> None:
    town.referral()
    cor = as_user("cor")
    cor.post("/board/language", data={"to": "en"})
    page = cor.get("/board/hand-offs").text
    assert (
        '<html lang="en">' in page and "There is one new request, waiting since just now." in page and "Company" in page
    )
    cor.post("/board/language", data={"to": "../../x"})
    assert '<html lang="en">' in cor.get("/board/hand-offs").text


def test_both_languages_have_the_same_keys(town: Town) -> None:
    texts = town.desk.texts
    dutch = {key for key in texts.keys("nl") if key.startswith("board.")}
    assert dutch == {key for key in texts.keys("en") if key.startswith("board.")}
    assert len(dutch) > 150


@pytest.mark.parametrize("page", ["-1", "99999999999", "x", "1e3"])
def test_odd_page_numbers(as_user: Browsers, page: str) -> None:
    assert as_user("tessa").get(f"/board/hand-offs?page={page}").status_code == 200
    assert as_user("tessa").get(f"/board/log?page={page}").status_code == 200
