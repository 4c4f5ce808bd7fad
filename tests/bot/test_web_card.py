"""On behalf of another, over real HTTP: the link, the page, a conversation of their own, and who hears what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import httpx
import pytest

from desk import hand_off_views, take_over
from desk.bootstrap import Desk
from desk.links import CARD, INVITATION
from desk.privacy import erase_contact
from desk.town import load_town
from desk.turns import Understood, next_turns, take_turn
from flows.model import Entity, Intent
from storage.unit_of_work import UnitOfWork
from tests.bot.link_page import form_in, invite, path_in, shown
from tests.bot.web_client import Resident
from tests.desk.resident import AWAY
from tests.servers.desk_server import desk_in

ABOUT_MOTHER = "mijn moeder Annie is zo eenzaam sinds ze verhuisd is"
UNDERSTOOD = Understood((Intent("company", 0.97),), (Entity("person", "mother"),))


@pytest.fixture(scope="module")
def web_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk in the demonstration's town."""
    folder: Path = tmp_path_factory.mktemp("town")
    with desk_in(folder) as desk, as_file(files("balie.demo") / "voorbeeldstad") as town:
        load_town(desk, town)
        yield desk


def says(desk: Desk, who: Resident, text: str, understood: Understood = AWAY) -> list[dict[str, Any]]:
    """Sends a message, lets the desk answer, and gives what it said since."""
    return _answered(desk, who, who.post(text), understood)


def taps(desk: Desk, who: Resident, choice: str) -> list[dict[str, Any]]:
    offered = [one["id"] for message in who.messages() for one in message["choices"]]
    wanted = [one for one in offered if one.partition(".")[2] == choice]
    assert wanted, f"there is no choice {choice}; offered: {offered}"
    return _answered(desk, who, who.post(choice=wanted[-1]), AWAY)


def _answered(desk: Desk, who: Resident, response: httpx.Response, understood: Understood) -> list[dict[str, Any]]:
    assert response.status_code == 202
    while turns := next_turns(desk, "test"):
        for waiting in turns:
            take_turn(desk, waiting, understood)
    return [one for one in who.messages(response.json()["n"]) if one["from"] == "desk"]


def ask_for_mother(desk: Desk, asker: Resident) -> str:
    """Until the link is there; gives its path."""
    says(desk, asker, ABOUT_MOTHER, UNDERSTOOD)
    for choice in ("other", "zuid", "skip", "maatjes", "link"):
        heard = taps(desk, asker, choice)
    return path_in(next(one["text"] for one in heard if CARD in one["text"]))


@pytest.fixture
def path(web_desk: Desk, resident: Resident) -> str:
    return ask_for_mother(web_desk, resident)


def opens(client: httpx.Client, path: str, **more: str) -> Resident:
    """The person it is about opens the link and goes on in the chat."""
    page = client.post(path, data={"form": form_in(client.get(path).text), "answer": "open", **more})
    assert page.status_code == 200
    found = re.search(r'data-token="([^"]+)" data-code="([^"]+)"', page.text)
    assert found is not None and found[2] in shown(page.text)
    return Resident(client, {"token": found[1], "resume_code": found[2]})


def on_the_board(desk: Desk) -> set[str]:
    """Everything that anybody there sees, of everybody: codes of hand-offs, and conversations that wait."""

    def work(uow: UnitOfWork) -> set[str]:
        seen: set[str] = set()
        for user in uow.people.everyone():
            seen |= {one.code for one in hand_off_views.list_for(uow, desk, user, show="open").hand_offs}
            seen |= {one.code for one in take_over.waiting(uow, desk, user)}
        return seen

    return desk.database.run(work)


def contact_of(desk: Desk, who: Resident) -> str:
    conversation = who.conversation(desk)
    return desk.database.read(lambda uow: uow.conversations.contact_id(conversation))


@pytest.mark.rule("domain-12")
def test_nothing_reaches_the_board_without_the_persons_own_yes(
    client: httpx.Client, web_desk: Desk, resident: Resident
) -> None:
    before, log = on_the_board(web_desk), len(web_desk.database.read(lambda uow: uow.routing_log.rows(limit=500)))
    path = ask_for_mother(web_desk, resident)
    client.get(path)
    mother = opens(client, path)
    taps(web_desk, mother, "yes")
    card = taps(web_desk, mother, "change") and taps(web_desk, mother, "ready")
    assert "Maatjes van Samenloop" in card[-1]["text"] and "Annie" not in card[-1]["text"]
    taps(web_desk, mother, "refuse")
    assert on_the_board(web_desk) == before
    rows = web_desk.database.read(lambda uow: uow.routing_log.rows(limit=500))
    assert [(row.destination, row.request_id) for row in rows[: len(rows) - log]] == [("maatjes", None)]
    for who in (resident, mother):
        contact = contact_of(web_desk, who)
        assert web_desk.database.read(lambda uow, c=contact: uow.requests.of_contact(c)) == []  # type: ignore[misc]
    contact = contact_of(web_desk, mother)
    (consent,) = web_desk.database.read(lambda uow: uow.consents.of_contact(contact))
    assert (consent.answer, consent.channel, consent.request_id) == ("no", "link", None)


@pytest.mark.rule("domain-12")
def test_a_yes_makes_a_request_of_their_own(
    client: httpx.Client, web_desk: Desk, resident: Resident, path: str
) -> None:
    before = on_the_board(web_desk)
    heard = resident.texts("desk")
    mother = opens(client, path)
    said = "\n".join(mother.texts("desk"))
    assert "gezelschap" in said and "Annie" not in said and "moeder" not in said
    taps(web_desk, mother, "yes")
    taps(web_desk, mother, "change")
    taps(web_desk, mother, "rewrite")
    says(web_desk, mother, "Ik wil graag iemand om mee te wandelen")
    taps(web_desk, mother, "agree")
    taps(web_desk, mother, "no")
    (request,) = web_desk.database.read(lambda uow: uow.requests.of_contact(contact_of(web_desk, mother)))
    (consent,) = web_desk.database.read(lambda uow: uow.consents.of_request(request.id))
    assert (consent.answer, consent.channel, consent.contact_id) == ("yes", "link", contact_of(web_desk, mother))
    assert "Ik wil graag iemand om mee te wandelen" in (consent.card_text or "")
    assert on_the_board(web_desk) == before | {request.code}
    assert resident.texts("desk") == heard, "who asked hears nothing, for she did not say that he may"

    says(web_desk, resident, "intrekken")
    assert on_the_board(web_desk) == before | {request.code}, "who asked cannot withdraw what is hers"
    again = client.post("/chat/resume", json={"code": mother.opened["resume_code"]})
    assert again.status_code == 201, "she comes back with her own code"
    says(web_desk, Resident(client, again.json()), "intrekken")
    assert on_the_board(web_desk) == before


@pytest.mark.rule("domain-12")
@pytest.mark.parametrize("answer", ["agree", "refuse"])
def test_who_asked_hears_only_that_there_was_an_answer(
    client: httpx.Client, web_desk: Desk, resident: Resident, path: str, answer: str
) -> None:
    mother = opens(client, path)
    taps(web_desk, mother, "yes")
    taps(web_desk, mother, answer)
    taps(web_desk, mother, "yes")
    told = web_desk.texts.render("link.card_answered", "nl")
    assert resident.texts("desk")[-1] == told
    says(web_desk, mother, "intrekken")
    assert resident.texts("desk")[-1] == told and resident.texts("desk").count(told) == 1


def test_who_said_on_the_page_that_an_answer_may_be_told_is_not_asked_again(
    client: httpx.Client, web_desk: Desk, resident: Resident, path: str
) -> None:
    mother = opens(client, path, tell="yes")
    taps(web_desk, mother, "yes")
    assert "horen dat u geantwoord hebt" not in "".join(mother.texts("desk"))
    told = web_desk.texts.render("link.card_answered", "nl")
    assert told not in resident.texts("desk"), "reading is no answer"
    taps(web_desk, mother, "agree")
    assert resident.texts("desk")[-1] == told


@pytest.mark.parametrize(("tell", "hears"), [({}, False), ({"tell": "yes"}, True)])
def test_a_no_on_the_page_keeps_nothing(
    client: httpx.Client, web_desk: Desk, resident: Resident, path: str, tell: dict[str, str], hears: bool
) -> None:
    page = client.get(path).text
    assert 'type="checkbox" name="tell" value="yes">' in page and "checked" not in page
    done = client.post(path, data={"form": form_in(page), "answer": "no", **tell})
    assert done.status_code == 200 and "Er is niets verstuurd." in shown(done.text)
    assert client.get(path).status_code == 404
    told = web_desk.texts.render("link.card_answered", "nl")
    assert (resident.texts("desk")[-1] == told) is hears


@pytest.mark.rule("towards-residents-6")
def test_under_sixteen_nothing_is_shared(client: httpx.Client, web_desk: Desk, path: str) -> None:
    before = on_the_board(web_desk)
    child = opens(client, path)
    said = taps(web_desk, child, "no")
    assert "Kindertelefoon" in said[0]["text"] and not any("Mag ik dit sturen?" in one["text"] for one in said)
    says(web_desk, child, "nee")
    assert on_the_board(web_desk) == before
    assert web_desk.database.read(lambda uow: uow.requests.of_contact(contact_of(web_desk, child))) == []


def test_the_page_tells_nothing_of_what_it_is_about(client: httpx.Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    for word in ("Annie", "moeder", "eenzaam", "gezelschap", "Samenloop", "Zuid"):
        assert word not in page.text
    assert page.headers["cache-control"] == "no-store" and "noindex" in page.headers["x-robots-tag"]
    assert "script-src" not in page.headers["content-security-policy"]


def test_it_opens_once_and_only_with_its_own_form(client: httpx.Client, web_desk: Desk, path: str) -> None:
    form = form_in(client.get(path).text)
    for wrong in ("", "0" * 64):
        assert client.post(path, data={"form": wrong, "answer": "open"}).status_code == 400
    assert client.post(path, data={"form": form, "answer": "misschien"}).status_code == 400
    other_site = {"Origin": "https://elders.example"}
    assert client.post(path, data={"form": form, "answer": "open"}, headers=other_site).status_code == 403
    opened = client.post(path, data={"form": form, "answer": "open"})
    assert opened.status_code == 200 and opened.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in opened.headers["content-security-policy"]
    for again in (client.post(path, data={"form": form, "answer": "open"}), client.get(path)):
        assert again.status_code == 404 and "data-token" not in again.text
    assert client.get(path.replace(CARD, "/uitnodiging/")).status_code == 404


def test_an_invitation_is_no_card(client: httpx.Client, web_desk: Desk, resident: Resident) -> None:
    path = invite(web_desk, resident.conversation(web_desk))
    assert client.get(path.replace(INVITATION, CARD)).status_code == 404


def test_who_asked_and_was_erased_is_told_nothing(
    client: httpx.Client, web_desk: Desk, resident: Resident, path: str
) -> None:
    mother = opens(client, path)
    asker = contact_of(web_desk, resident)
    web_desk.database.run(lambda uow: erase_contact(uow, asker))
    taps(web_desk, mother, "yes")
    taps(web_desk, mother, "refuse")
    assert "Ik heb niets doorgestuurd." in taps(web_desk, mother, "yes")[0]["text"]


def test_danger_in_their_own_conversation_is_seen_as_everywhere(
    client: httpx.Client, web_desk: Desk, path: str
) -> None:
    mother = opens(client, path)
    taps(web_desk, mother, "yes")
    heard = says(web_desk, mother, "ik wil niet meer leven")
    assert "113" in heard[0]["text"]


def test_when_the_place_filled_up_meanwhile_others_are_proposed(
    client: httpx.Client, web_desk: Desk, path: str
) -> None:
    mother = opens(client, path)
    taps(web_desk, mother, "yes")

    def seats(uow: UnitOfWork) -> int:
        taken = 0
        while uow.directory.reserve("maatjes"):
            taken += 1
        return taken

    taken = web_desk.database.run(seats)
    try:
        heard = taps(web_desk, mother, "agree")
        assert "kan het zo helaas niet meer" in heard[0]["text"] and "Dit past bij uw vraag" in heard[1]["text"]
        taps(web_desk, mother, "wandelgroep_zuid")
        taps(web_desk, mother, "agree")
    finally:
        web_desk.database.run(lambda uow: [uow.directory.release("maatjes") for _ in range(taken)])
    (request,) = web_desk.database.read(lambda uow: uow.requests.of_contact(contact_of(web_desk, mother)))
    (consent,) = web_desk.database.read(lambda uow: uow.consents.of_request(request.id))
    assert (consent.answer, consent.channel) == ("yes", "link")
