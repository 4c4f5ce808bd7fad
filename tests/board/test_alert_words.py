"""The one exception to consent, on the board: what a resident wrote around an alert, with a reason, and visible."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import httpx
import pytest

from board.page import SESSION_COOKIE
from desk.sessions import session_of
from storage.records import Access, Alert
from storage.unit_of_work import UnitOfWork
from tests.board.test_alerts import WORDS, writes
from tests.board.town import ACCOUNTS, Town

Browsers = Callable[[str], httpx.Client]
REASON = "Zij neemt de telefoon niet op, ik stuur een ambulance."
EARLIER = "ik heb pillen in huis gehaald"


@pytest.fixture
def alert(town: Town) -> Alert:
    """Taken up by Petra; something was written two hours before it, and something just before it."""
    town.clock.move(hours=-2)
    old = writes(town, "ik wil niet meer leven")
    town.desk.database.run(lambda uow: uow.alerts.acknowledge(old.id, town.users["tessa"].id))
    town.clock.move(hours=1, minutes=50)
    town.resident_writes(old.conversation_id or "", EARLIER)
    town.clock.move(minutes=10)
    found = writes(town)
    town.desk.database.run(lambda uow: uow.alerts.acknowledge(found.id, town.users["petra"].id))
    return found


def opens(browser: httpx.Client, alert: Alert, reason: str = REASON) -> str:
    """Gives a reason; the page that it leads to."""
    answer = browser.post(f"/board/alerts/{alert.code}/words", data={"reason": reason})
    assert answer.status_code == 303, answer.status_code
    return browser.get(answer.headers["location"]).text


def read(page: str) -> bool:
    return WORDS in page or EARLIER in page


def logged(town: Town, alert: Alert) -> list[Access]:
    def work(uow: UnitOfWork) -> list[Access]:
        return uow.people.accesses_of(uow.conversations.contact_id(alert.conversation_id or ""))

    return [one for one in town.desk.database.read(work) if one.what == "alert_words"]


@pytest.mark.rule("domain-12")
def test_with_a_reason_the_words_around_it_are_read_and_the_resident_can_see_who_when_and_why(
    town: Town, as_user: Browsers, alert: Alert
) -> None:
    petra, where = as_user("petra"), f"/board/alerts/{alert.code}"
    page = petra.get(where).text
    assert not read(page) and "Waarom moet u dit lezen?" in page and "De bewoner kan later zien" in page
    page = opens(petra, alert)
    assert WORDS in page and EARLIER in page, "just before it, and what raised it"
    assert "ik wil niet meer leven" not in page, "not what is two hours old"
    (access,) = logged(town, alert)
    assert (access.user_id, access.at, access.reason) == (town.users["petra"].id, town.clock.moment, REASON)
    with closing(sqlite3.connect(town.desk.database.path)) as anyone:
        ((sealed,),) = anyone.execute("SELECT reason_sealed FROM access_log WHERE what = 'alert_words'").fetchall()
    assert b"ambulance" not in sealed


@pytest.mark.rule("domain-8", "domain-12")
def test_the_resident_is_never_told_of_it(town: Town, as_user: Browsers, alert: Alert) -> None:
    conversation_id = alert.conversation_id or ""
    before = town.messages(conversation_id)
    opens(as_user("petra"), alert)
    town.due(hours=25)
    assert town.messages(conversation_id) == before
    assert town.desk.database.read(lambda uow: session_of(uow.conversations.get(conversation_id))).prompt is not None


@pytest.mark.rule("domain-12")
@pytest.mark.parametrize("login", [one for one in ACCOUNTS if one != "petra"])
def test_nobody_else_however_high(town: Town, as_user: Browsers, alert: Alert, login: str) -> None:
    answer = as_user(login).post(f"/board/alerts/{alert.code}/words", data={"reason": REASON})
    assert answer.status_code == (303 if login == "tessa" else 404)
    page = as_user(login).get(f"/board/alerts/{alert.code}?notice=not_taken").text
    assert not read(page) and "Waarom moet u dit lezen?" not in page
    assert logged(town, alert) == []


@pytest.mark.rule("domain-12")
@pytest.mark.parametrize("reason", ["", "   ", "x", "hulp", "a" * 501])
def test_without_a_real_reason_it_stays_closed(town: Town, as_user: Browsers, alert: Alert, reason: str) -> None:
    page = opens(as_user("petra"), alert, reason)
    assert not read(page) and "Schrijf eerst in een paar woorden waarom" in page
    assert logged(town, alert) == []


@pytest.mark.rule("domain-12")
def test_only_for_a_danger_that_is_now(town: Town, as_user: Browsers, alert: Alert) -> None:
    with closing(sqlite3.connect(town.desk.database.path)) as anyone:
        anyone.execute("UPDATE alert SET level = 'concern' WHERE id = ?", (alert.id,))
        anyone.commit()
    page = opens(as_user("petra"), alert)
    assert not read(page) and "niet dringend" in page and logged(town, alert) == []


@pytest.mark.rule("domain-12")
def test_one_reason_is_for_one_look_and_after_a_day_it_is_over(town: Town, as_user: Browsers, alert: Alert) -> None:
    petra, where = as_user("petra"), f"/board/alerts/{alert.code}"
    opens(petra, alert)
    town.clock.move(minutes=14)
    assert read(petra.get(where).text)
    town.clock.move(minutes=1)
    page = petra.get(where).text
    assert not read(page) and "Waarom moet u dit lezen?" in page
    town.clock.move(hours=town.desk.settings.alerts.words_hours - 1, minutes=40)
    petra.cookies.clear()
    petra.cookies.set(SESSION_COOKIE, town.token("petra"))  # a shift is shorter than that
    assert read(opens(petra, alert)) and len(logged(town, alert)) == 2
    town.clock.move(minutes=5)
    page = petra.get(where).text
    assert not read(page) and "Waarom moet u dit lezen?" not in page, "a look that was begun ends too"
    assert not read(opens(petra, alert)) and len(logged(town, alert)) == 2


def test_once_erased_neither_words_nor_reason_are_left(town: Town, as_user: Browsers, alert: Alert) -> None:
    petra = as_user("petra")
    opens(petra, alert)
    contact_id = town.desk.database.read(lambda uow: uow.conversations.contact_id(alert.conversation_id or ""))
    town.desk.database.run(lambda uow: uow.contacts.erase(contact_id))
    assert petra.get(f"/board/alerts/{alert.code}").status_code == 404
    assert town.desk.database.read(lambda uow: uow.people.accesses_of(contact_id)) == []
    found = town.desk.database.read(lambda uow: uow.people.accesses(alert.id))
    assert found and all(one.reason is None for one in found)
