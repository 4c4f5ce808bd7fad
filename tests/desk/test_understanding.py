"""What conversations and hand-offs leave behind about the model's guesses: counts of codes, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk import hand_offs, reroute
from desk.bootstrap import Desk
from desk.hand_offs import REASONS, Reason
from desk.turns import Understood, take_turn
from flows.model import Intent
from tests.board.town import Town, town_in
from tests.desk.resident import COMPANY, Resident, waiting_turns

CANARY = "kanariegeel"
STORY = f"ik zit de hele dag alleen thuis, {CANARY}"
UNSURE = Understood((Intent("paperwork", 0.4), Intent("mental_health", 0.2)))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with town_in(tmp_path) as found:
        yield found


def rows(desk: Desk) -> list[tuple[object, ...]]:
    """All that the table holds."""
    connection = sqlite3.connect(desk.database.path)
    try:
        return sorted(connection.execute("SELECT * FROM understanding_count").fetchall())
    finally:
        connection.close()


def test_a_confirmed_a_corrected_and_a_chosen_theme(town_desk: Desk) -> None:
    for address in ("anna", "bert"):
        helped = Resident(town_desk, address)
        helped.says(STORY, COMPANY)
        helped.reaches("consent")
        helped.taps("agree")
    misread = Resident(town_desk, "carla")
    misread.says(STORY, COMPANY)
    misread.says(f"nee, het gaat over mijn schulden, {CANARY}", Understood((Intent("money_debt", 0.9),)))
    left = Resident(town_desk, "dirk")
    left.says(STORY, COMPANY)
    left.says("opnieuw")
    left.taps("money_and_papers")
    left.taps("money_debt")
    unclear = Resident(town_desk, "els")
    unclear.says(f"ik word gek van al die papieren, {CANARY}", UNSURE)
    unclear.taps("mental_health")
    assert rows(town_desk) == [
        ("2026-03", "company", "company", "confirmed", 2),
        ("2026-03", "company", "money_debt", "corrected", 2),
        ("2026-03", "paperwork", "mental_health", "chosen", 1),
    ]


def test_a_turn_that_fails_counts_nothing_and_once_it_succeeds_one(
    town_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = Resident(town_desk)
    anna.says("ik word gek van al die papieren", UNSURE)
    prompt = anna.prompt
    assert prompt is not None
    anna.sends(choice=f"{prompt.number}.paperwork")
    (waiting,) = waiting_turns(town_desk)

    def fails(*anything: object, **more: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("desk.turns.keep", fails)  # after every event was written
        with pytest.raises(RuntimeError):
            take_turn(town_desk, waiting, Understood())
    assert rows(town_desk) == []
    take_turn(town_desk, waiting, Understood())
    assert rows(town_desk) == [("2026-03", "paperwork", "paperwork", "chosen", 1)]


def test_forgetting_somebody_leaves_the_counts_and_they_led_nowhere(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.says(STORY, COMPANY)
    anna.reaches("consent")
    anna.taps("agree")
    kept = rows(town_desk)
    contact_id = town_desk.database.read(lambda uow: uow.conversations.contact_id(anna.conversation_id))
    code = anna.session.referrals[-1].code
    town_desk.database.run(lambda uow: uow.contacts.erase(contact_id))
    assert rows(town_desk) == kept == [("2026-03", "company", "company", "confirmed", 1)]
    for trace in (CANARY, "alleen", contact_id, anna.conversation_id, code, "anna", "noord", "web"):
        assert trace not in str(kept)


# Hosts and organisations ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", REASONS)
def test_declined_because_it_belongs_elsewhere_is_counted(town: Town, reason: Reason) -> None:
    referral = town.referral()
    town.desk.database.run(lambda uow: hand_offs.decline(uow, town.desk, town.users["cor"], referral.id, reason))
    assert rows(town.desk) == [], "not before the ten seconds are over"
    town.due(seconds=10)
    assert town.status(referral) == "declined"
    expected = [("2026-03", "company", "elsewhere", "rerouted", 1)] if reason == "not_our_work" else []
    assert rows(town.desk) == expected


def test_what_was_undone_is_not_counted(town: Town) -> None:
    referral = town.referral()
    cor = town.users["cor"]
    town.desk.database.run(lambda uow: hand_offs.decline(uow, town.desk, cor, referral.id, "not_our_work"))
    town.desk.database.run(lambda uow: hand_offs.undo(uow, town.desk, cor, referral.id))
    town.due(seconds=10)
    assert rows(town.desk) == []


def test_handed_on_to_another_theme_names_it_and_to_the_same_counts_nothing(town: Town) -> None:
    town.desk.database.run(lambda uow: reroute.note(uow, "company", "grief"))
    town.desk.database.run(lambda uow: reroute.note(uow, "company", "company"))
    assert rows(town.desk) == [("2026-03", "company", "grief", "rerouted", 1)]
