"""What somebody told about another is not kept once that is over; what they told about themselves is."""

from __future__ import annotations

import pytest

from desk import take_over
from desk.bootstrap import Desk
from desk.due import run_due
from desk.turns import Understood
from flows.model import Entity, Intent
from storage.records import Role
from tests.desk.conftest import Clock
from tests.desk.resident import AWAY, COMPANY, Resident

ABOUT_MOTHER = "mijn moeder is zo eenzaam sinds ze verhuisd is"
MOTHER = Understood((Intent("company", 0.97),), (Entity("person", "mother"),))
THEME = Understood((Intent("paperwork", 0.97),))


def told(resident: Resident) -> list[str]:
    return [one.text for one in resident.messages() if one.sender == "resident"]


def asks_for_mother(resident: Resident) -> None:
    resident.says(ABOUT_MOTHER)  # not understood yet, and told all the same
    resident.says(ABOUT_MOTHER, MOTHER)
    for choice in ("other", "zuid", "skip", "maatjes", "details"):
        resident.taps(choice)


def an_hour_later(desk: Desk, clock: Clock) -> None:
    clock.move(minutes=61)
    run_due(desk, "test")


@pytest.mark.rule("domain-12")
def test_what_was_told_about_mother_goes_after_the_conversation(town_desk: Desk, clock: Clock) -> None:
    resident = Resident(town_desk)
    asks_for_mother(resident)
    clock.move(hours=3)
    run_due(town_desk, "test")
    assert ABOUT_MOTHER in told(resident), "as long as it goes on it is needed"
    resident.taps("no")
    kept = resident.session.slots
    assert not {"request", "other_person", "place", "theme", "who"} & kept.keys()
    clock.move(minutes=59)
    run_due(town_desk, "test")
    assert ABOUT_MOTHER in told(resident), "danger in two messages must still be seen"
    clock.move(minutes=2)
    run_due(town_desk, "test")
    assert told(resident) == []
    assert "contact.card" in [one.key for one in resident.heard()], "the advice stays"
    contact = town_desk.database.read(lambda uow: uow.conversations.contact_id(resident.conversation_id))
    first = town_desk.database.read(lambda uow: uow.inbox.id_of(contact, 1))
    assert first is not None
    assert town_desk.database.read(lambda uow: uow.inbox.get(first)).payload is None


def test_what_is_told_afterwards_about_oneself_stays(town_desk: Desk, clock: Clock) -> None:
    resident = Resident(town_desk)
    asks_for_mother(resident)
    resident.says("stop")
    resident.says("zelf kom ik niet uit mijn papieren", THEME)
    an_hour_later(town_desk, clock)
    assert told(resident) == ["zelf kom ik niet uit mijn papieren"]
    resident.says("stop")
    an_hour_later(town_desk, clock)
    assert told(resident) == ["zelf kom ik niet uit mijn papieren", "stop"]


def test_another_question_half_way_ends_the_one_about_mother(town_desk: Desk, clock: Clock) -> None:
    resident = Resident(town_desk)
    resident.says(ABOUT_MOTHER, MOTHER)
    resident.taps("other")
    resident.says("stop")
    resident.says("ik ben zelf ook veel alleen", COMPANY)
    an_hour_later(town_desk, clock)
    assert told(resident) == ["ik ben zelf ook veel alleen"]


def test_who_stops_before_saying_for_whom(town_desk: Desk, clock: Clock) -> None:
    resident = Resident(town_desk)
    resident.says(ABOUT_MOTHER, MOTHER)
    resident.says("stop")
    an_hour_later(town_desk, clock)
    assert told(resident) == []


def test_while_a_person_has_the_conversation_it_waits(town_desk: Desk, clock: Clock) -> None:
    resident = Resident(town_desk)
    resident.says(ABOUT_MOTHER, MOTHER)
    for choice in ("other", "zuid", "skip", "human"):
        resident.taps(choice)
    resident.taps("yes")
    resident.says("stop")
    an_hour_later(town_desk, clock)
    assert ABOUT_MOTHER in told(resident), "a person was asked for, who may read it"
    petra = town_desk.database.run(lambda uow: uow.people.add_user("petra", "Petra", None, [Role("professional")]))
    for step in (take_over.take, take_over.give_back):
        town_desk.database.run(lambda uow, step=step: step(uow, town_desk, petra, resident.conversation_id))  # type: ignore[misc]
        clock.move(seconds=11)
        run_due(town_desk, "test")
    assert ABOUT_MOTHER in told(resident)
    an_hour_later(town_desk, clock)
    assert ABOUT_MOTHER not in told(resident)


def test_while_danger_is_asked_about_it_waits(town_desk: Desk, clock: Clock) -> None:
    resident = Resident(town_desk)
    resident.says(ABOUT_MOTHER, MOTHER)
    resident.says("stop")
    resident.says("ik heb nergens meer zin in, het hoeft voor mij allemaal niet meer", AWAY)
    alert = resident.session.alert
    assert alert is not None and alert.waiting
    an_hour_later(town_desk, clock)
    assert ABOUT_MOTHER in told(resident)
    resident.taps("no")
    an_hour_later(town_desk, clock)
    assert ABOUT_MOTHER not in told(resident)
