"""Answering: one resident's messages in order, several residents side by side, and nobody left without a word."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from desk.bootstrap import Desk
from desk.turns import TRIES, Understood, next_turns, take_turn, turn_failed
from flows.model import Entity, Intent
from storage.errors import LeaseLost
from storage.unit_of_work import UnitOfWork
from tests.desk.conftest import Clock
from tests.desk.resident import AWAY, COMPANY, Resident, waiting_turns

CANARY = "kanariegeel"


def test_one_residents_messages_are_read_in_order(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    for text in ("een", "twee", "drie"):
        anna.sends(text)
    for expected in ("een", "twee", "drie"):
        (waiting,) = waiting_turns(town_desk)
        assert waiting.text == expected
        assert waiting_turns(town_desk) == [], "the next one waits until this one is done"
        take_turn(town_desk, waiting, AWAY)
    assert waiting_turns(town_desk) == []


def test_residents_do_not_wait_for_each_other(town_desk: Desk) -> None:
    residents = [Resident(town_desk, f"resident-{number}") for number in range(5)]
    for resident in residents:
        resident.sends(f"van {resident.address}")
        resident.sends("en nog iets")
    found = waiting_turns(town_desk)
    assert [one.text for one in found] == [f"van {resident.address}" for resident in residents]
    for waiting in reversed(found):  # whoever is understood first is answered first
        take_turn(town_desk, waiting, AWAY)
    assert all(resident.heard() for resident in residents)


def test_a_turn_is_taken_once(town_desk: Desk, clock: Clock) -> None:
    anna = Resident(town_desk)
    anna.sends("goedemorgen")
    (slow,) = next_turns(town_desk, "slow")
    clock.move(minutes=2)  # its lease is over: another worker takes it
    (quick,) = next_turns(town_desk, "quick")
    take_turn(town_desk, quick, AWAY)
    said = anna.messages()
    with pytest.raises(LeaseLost):
        take_turn(town_desk, slow, COMPANY)
    assert anna.messages() == said, "nothing of the second is left"


def test_what_fails_is_tried_again_and_then_a_person_is_asked(
    town_desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = Resident(town_desk)
    receipt = anna.sends(f"mijn verhaal, {CANARY}")
    anna.sends("bent u er nog?")

    def fails(*anything: object, **more: object) -> None:
        raise RuntimeError(f"cannot read {CANARY}")

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr("desk.turns.advance", fails)
        for attempt in range(1, TRIES + 1):
            (waiting,) = waiting_turns(town_desk)
            assert (waiting.text, waiting.job.attempts) == (f"mijn verhaal, {CANARY}", attempt)
            with pytest.raises(RuntimeError) as caught:
                take_turn(town_desk, waiting, COMPANY)
            turn_failed(town_desk, waiting, caught.value)
            assert bool(anna.heard()) == (attempt == TRIES)
            if attempt < TRIES:
                assert waiting_turns(town_desk) == [], "not at once, and not the next message before it"
            clock.move(seconds=2)
    assert [one.key for one in anna.heard()] == ["desk.went_wrong"]
    assert {log["error"] for log in logs} == {"RuntimeError"}
    assert CANARY not in str(logs), "a log never holds what people wrote"
    conversation = town_desk.database.read(lambda uow: uow.conversations.get(anna.conversation_id))
    assert (conversation.waiting, conversation.share_before) == ("person_asked", False)
    (dead,) = town_desk.database.read(lambda uow: uow.jobs.dead())
    assert (dead.payload["n"], dead.error) == (receipt.n, "RuntimeError")
    assert CANARY not in str(dead.payload)
    assert anna.messages()[0].text == f"mijn verhaal, {CANARY}", "nothing is lost"
    assert anna.is_answered() == 1, "the next message is read as ever"


def test_half_a_turn_leaves_nothing(town_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = Resident(town_desk)
    anna.sends("ik voel me alleen")
    (waiting,) = waiting_turns(town_desk)

    def fails(*anything: object, **more: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("desk.turns.keep", fails)  # after every reply was written
        with pytest.raises(RuntimeError):
            take_turn(town_desk, waiting, COMPANY)
    assert anna.heard() == []
    assert not anna.session.welcomed
    take_turn(town_desk, waiting, COMPANY)
    assert len([one for one in anna.heard() if one.key == "desk.welcome"]) == 1


def test_what_is_worth_asking_the_model(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    for sent in ({"text": "ik voel me alleen"}, {"text": "  "}, {"choice": "1.self"}, {"attachment": "voice"}):
        anna.sends(**sent)
    asked = []
    while found := waiting_turns(town_desk):
        for waiting in found:
            asked.append(waiting.ask_model)
            take_turn(town_desk, waiting, AWAY)
    assert asked == [True, False, False, False]


def test_while_a_person_has_the_conversation_the_desk_is_silent(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.says("goedemorgen")
    user = town_desk.database.read(lambda uow: uow.people.by_login("samira"))
    assert user is not None

    def take(uow: UnitOfWork) -> None:
        uow.conversations.waiting(anna.conversation_id, "person_asked")
        uow.conversations.set_owner(anna.conversation_id, user.id)

    town_desk.database.run(take)
    receipt = anna.sends("dag mevrouw, ik voel me alleen")
    (waiting,) = waiting_turns(town_desk)
    assert not waiting.ask_model, "the model does not read along"
    take_turn(town_desk, waiting, COMPANY)
    assert anna.heard(receipt.n) == []
    assert town_desk.database.read(lambda uow: uow.inbox.get(receipt.inbox_id)).state == "done"


@pytest.mark.parametrize(
    "understood",
    [
        Understood((Intent("no_such_intent", 0.99),)),
        Understood((Intent("company", 7.0), Intent("", -1.0))),
        Understood((), (Entity("no_such_entity", "x"), Entity("age", "²"), Entity("postcode", "\x00"))),
        Understood((Intent("company", float("nan")),)),
        Understood(tuple(Intent(f"alert_{name}", 0.99) for name in ("suicide", "nothing"))),
    ],
    ids=["intent", "confidence", "entities", "not a number", "alerts"],
)
def test_whatever_the_model_says_there_is_an_answer(town_desk: Desk, understood: Understood) -> None:
    anna = Resident(town_desk)
    assert anna.says("ik ben er", understood)
    assert anna.says("ik zit hier", understood)
    assert anna.says("en nog iets", understood)


def test_a_message_of_before_an_alert_is_not_taken_for_its_answer(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.says("goedemorgen")
    anna.sends("ja")
    n = anna.sends("mijn man slaat mij").n
    card = anna.heard(n)
    assert card
    anna.is_answered()
    assert anna.heard(n) == card
