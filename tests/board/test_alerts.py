"""Alerts on the board: for the team's professionals, without a word of the resident, taken up with one tap."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import httpx
import pytest

from desk.receive import Incoming, store
from storage.records import Alert, Role
from storage.unit_of_work import UnitOfWork
from tests.board.board_server import BoardServer
from tests.board.town import ACCOUNTS, Town

Browsers = Callable[[str], httpx.Client]
WORDS = "ik wil dood, ik maak er vanavond een einde aan"
TEAM = ("petra", "tessa")


def writes(town: Town, text: str = WORDS, address: str = "anna") -> Alert:
    """A resident writes; the alert that follows."""
    incoming = Incoming("web", "test", str(uuid.uuid4()), address, b"", text=text)
    conversation_id = store(town.desk, incoming).result(timeout=20).conversation_id
    every = town.desk.database.read(lambda uow: uow.alerts.open())
    return next(alert for alert in every if alert.conversation_id == conversation_id)


@pytest.mark.parametrize("login", ACCOUNTS)
def test_who_sees_alerts(town: Town, as_user: Browsers, login: str) -> None:
    alert = writes(town)
    queue, page = as_user(login).get("/board/hand-offs"), as_user(login).get(f"/board/alerts/{alert.code}")
    taken = as_user(login).post(f"/board/alerts/{alert.code}/acknowledge")
    for_team = login in TEAM
    assert (queue.status_code, page.status_code, taken.status_code) == (
        200,
        200 if for_team else 404,
        303 if for_team else 404,
    )
    for answer in (queue, page):
        assert (alert.code in answer.text) == for_team
        assert ("Gedachten aan zelfmoord" in answer.text) == for_team
        assert "vanavond" not in answer.text
    assert bool(town.desk.database.read(lambda uow: uow.alerts.open())) != for_team


def test_a_professional_of_another_organisation_sees_none(town: Town, server: BoardServer) -> None:
    alert = writes(town)

    def add(uow: UnitOfWork) -> str:
        user = uow.people.add_user("zorg", "Zoë", None, [Role("professional", "maatjes")])
        return uow.people.open_session(user.id)

    with server.client(town.desk.database.run(add)) as client:
        assert alert.code not in client.get("/board/hand-offs").text
        assert client.get(f"/board/alerts/{alert.code}").status_code == 404


def test_it_stands_on_top_and_is_taken_up_at_once(town: Town, as_user: Browsers) -> None:
    town.referral()
    alert = writes(town)
    town.clock.move(minutes=12)
    petra = as_user("petra")
    page = petra.get("/board/hand-offs").text
    assert page.index(alert.code) < page.index("<h1>")
    for words in ("Iemand is misschien in gevaar", "Gedachten aan zelfmoord", "Het speelt nu", "sinds 12 minuten"):
        assert words in page
    assert page.count("Ik pak dit op") == 1

    answer = petra.post(f"/board/alerts/{alert.code}/acknowledge")
    assert answer.headers["location"] == f"/board/alerts/{alert.code}"
    page = petra.get(answer.headers["location"]).text
    assert "U pakt dit op, sinds" in page and "Ik pak dit op" not in page and "Ongedaan maken" not in page
    assert alert.code not in petra.get("/board/hand-offs").text

    tessa = as_user("tessa")
    tessa.post(f"/board/alerts/{alert.code}/acknowledge")
    assert "Petra pakt dit op, sinds" in tessa.get(f"/board/alerts/{alert.code}").text
    kept = town.desk.database.read(lambda uow: uow.alerts.get(alert.id))
    assert kept.acknowledged_by == town.users["petra"].id


def test_the_queue_never_says_that_there_is_nothing_to_do_beside_an_alert(town: Town, as_user: Browsers) -> None:
    assert "Er wacht nu niets" in as_user("petra").get("/board/hand-offs").text
    for address in ("anna", "bep"):
        writes(town, address=address)
    page = as_user("petra").get("/board/hand-offs").text
    assert "Er wacht nu niets" not in page and "2 mensen zijn misschien in gevaar" in page


def test_looking_and_taking_up_are_logged(town: Town, as_user: Browsers) -> None:
    alert = writes(town)
    as_user("petra").get(f"/board/alerts/{alert.code}")
    town.clock.move(seconds=5)
    as_user("petra").post(f"/board/alerts/{alert.code}/acknowledge")
    found = town.desk.database.read(lambda uow: uow.people.accesses(alert.id))
    assert [(one.user_id, one.what) for one in found] == [
        (town.users["petra"].id, "alert"),
        (town.users["petra"].id, "alert_taken"),
    ]


def test_after_violence_the_page_says_not_to_write_first(town: Town, as_user: Browsers) -> None:
    violence, suicide = writes(town, "mijn man slaat me"), writes(town, address="bep")
    assert violence.category == "violence"
    assert "niet als eerste" in as_user("petra").get(f"/board/alerts/{violence.code}").text
    assert "niet als eerste" not in as_user("petra").get(f"/board/alerts/{suicide.code}").text


def test_who_asked_for_a_person_can_be_found_from_the_alert(town: Town, as_user: Browsers) -> None:
    alert = writes(town)
    where = f"/board/conversations/{alert.conversation_id}"
    assert where not in as_user("petra").get(f"/board/alerts/{alert.code}").text
    town.desk.database.run(lambda uow: uow.conversations.waiting(alert.conversation_id or "", "person_asked"))
    assert where in as_user("petra").get(f"/board/alerts/{alert.code}").text
    assert as_user("petra").get(where).status_code == 200


def test_a_code_that_is_not_there_and_one_that_was_erased(town: Town, as_user: Browsers) -> None:
    alert = writes(town)
    contact = town.desk.database.read(lambda uow: uow.conversations.contact_id(alert.conversation_id or ""))
    town.desk.database.run(lambda uow: uow.contacts.erase(contact))
    for code in (alert.code, "7K-3QF", "x", "%00"):
        answer = as_user("petra").get(f"/board/alerts/{code}")
        assert answer.status_code == 404 and "Deze melding is er niet" in answer.text
    assert alert.code not in as_user("petra").get("/board/hand-offs").text


def test_in_english(town: Town, as_user: Browsers) -> None:
    alert = writes(town)
    petra = as_user("petra")
    petra.cookies.set("board_language", "en")
    assert "I take this up" in petra.get("/board/hand-offs").text
    assert "It is happening now" in petra.get(f"/board/alerts/{alert.code}").text


def test_an_open_board_hears_of_it(town: Town, server: BoardServer) -> None:
    with (
        server.client(town.token("petra")) as client,
        client.stream("GET", "/board/events") as stream,
    ):
        lines = stream.iter_lines()

        def next_change() -> str:
            return next(line for line in lines if line.startswith("event:"))

        assert next_change() == "event: changed"
        alert = writes(town)
        assert next_change() == "event: changed"
        with server.client(town.token("tessa")) as other:
            assert alert.code in other.get("/board/hand-offs").text
            other.post(f"/board/alerts/{alert.code}/acknowledge")
        assert next_change() == "event: changed"
        assert alert.code not in client.get("/board/hand-offs").text
