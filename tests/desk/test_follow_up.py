"""A question for later: only after a yes, once, never in between, and gone when the resident is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.bootstrap import Desk
from desk.due import run_due
from desk.follow_up import FOLLOW_UP
from desk.privacy import erase_contact
from desk.retention import run_retention
from desk.turns import Understood
from flows.model import Intent
from storage.unit_of_work import UnitOfWork
from tests.desk.conftest import Clock
from tests.desk.resident import Resident

MEALS = Understood((Intent("meals", 0.97),))


def _goes_there(desk: Desk, answer: str | None) -> Resident:
    """A resident who goes to the eating house, and answers whether the desk may ask later."""
    anna = Resident(desk)
    anna.says("ik eet altijd alleen", MEALS)
    anna.reaches("choose")
    anna.taps("buurtrestaurant")
    if answer is not None:
        anna.says(answer)
    return anna


def _waits(desk: Desk) -> int:
    return desk.database.read(lambda uow: len(uow.jobs.pending(FOLLOW_UP)))


def _asked(anna: Resident) -> list[str]:
    return [one.text for one in anna.messages() if one.key == "own_steps.how_did_it_go"]


@pytest.mark.rule("domain-8")
@pytest.mark.parametrize("answer", [None, "nee", "misschien", "blauwe fiets", "ik weet het niet", "dank u wel"])
def test_only_a_yes_is_a_yes(town_desk: Desk, answer: str | None) -> None:
    anna = _goes_there(town_desk, answer)
    assert _waits(town_desk) == 0
    assert answer is None or anna.session.stack == []


def test_who_agreed_is_kept_until_the_question_and_seven_days_after(town_desk: Desk, clock: Clock) -> None:
    anna = _goes_there(town_desk, "ja")
    for days in range(1, 15):
        clock.now += timedelta(days=1)
        town_desk.database.run(lambda uow: run_retention(uow, town_desk))
        run_due(town_desk, "test")
        assert len(_asked(anna)) == (days == 14)
    assert "Buurtrestaurant De Linde" in _asked(anna)[0]
    clock.now += timedelta(days=7, minutes=1)
    forgotten = town_desk.database.run(lambda uow: run_retention(uow, town_desk))
    assert forgotten.contacts == 1 and _waits(town_desk) == 0


def test_what_is_kept_for_later_cannot_be_read_without_the_key_and_goes_with_the_resident(
    town_desk: Desk, clock: Clock
) -> None:
    anna = _goes_there(town_desk, "ja")

    def forget(uow: UnitOfWork) -> None:
        (job,) = uow.jobs.pending(FOLLOW_UP)
        assert job.contact_id == uow.conversations.contact_id(anna.conversation_id)
        erase_contact(uow, job.contact_id)

    town_desk.database.run(forget)
    clock.now += timedelta(days=14)
    run_due(town_desk, "test")
    assert _waits(town_desk) == 0


def test_it_is_put_off_while_something_else_is_going_on_and_then_let_go(town_desk: Desk, clock: Clock) -> None:
    anna = _goes_there(town_desk, "ja")
    anna.says("ik snap de brief van de belasting niet", Understood((Intent("paperwork", 0.97),)))
    clock.now += timedelta(days=13)
    for _ in range(9):
        clock.now += timedelta(days=1)
        run_due(town_desk, "test")
    assert _asked(anna) == [] and _waits(town_desk) == 0
