"""A message that was still being read when an alert came: it answers nothing about danger, and it is not lost."""

from __future__ import annotations

import pytest

from flows.alerts import alert_turn
from flows.crisis import Alert, assess
from flows.engine import advance
from flows.events import Reread, Uttered
from flows.model import Intent, Message, Session
from tests.flows.talks import content, route

MONEY = (Intent("money_debt", 0.95),)


def _after_alert(level: str) -> Session:
    alert = Alert("suicide", level)  # type: ignore[arg-type]
    return alert_turn(content(), Session(), Message(5, "ik zie het niet meer zitten"), alert).session


def test_an_earlier_message_is_no_answer_and_is_read_after_the_no() -> None:
    asked = _after_alert("concern")
    early = advance(content(), asked, Message(3, "ja ik heb schulden", intents=MONEY), route)
    assert early.events == ()
    assert early.session.prompt == asked.prompt, "the question still stands"
    answered = advance(content(), early.session, Message(8, "nee"), route)
    assert [event.n for event in answered.events if isinstance(event, Reread)] == [3, 5]
    again = advance(content(), answered.session, Message(3, "ja ik heb schulden", intents=MONEY, settled=True), route)
    assert "ack.money_debt" in [event.key for event in again.events if isinstance(event, Uttered)]


def test_an_earlier_message_is_read_after_the_card_too() -> None:
    early = advance(content(), _after_alert("now"), Message(3, "ik heb schulden", intents=MONEY), route)
    assert early.events == ()
    prompt = early.session.prompt
    assert prompt is not None
    went_on = advance(content(), early.session, Message(9, choice=f"{prompt.number}.continue"), route)
    assert 3 in [event.n for event in went_on.events if isinstance(event, Reread)]


def test_the_language_model_adds_an_alert_where_the_guard_had_its_doubts() -> None:
    text = "hij wordt de laatste tijd zo boos op mij"
    assert assess(text) is None
    turn = advance(content(), Session(), Message(1, text, intents=(Intent("alert_violence", 0.9),)), route)
    assert turn.session.alert is not None
    assert (turn.session.alert.category, turn.session.alert.level) == ("violence", "concern")


@pytest.mark.parametrize("text", ["14.30", "mijn partner weet ervan", "ik ben 67 en mijn vrouw is 65"])
def test_the_language_model_alone_alarms_nobody(text: str) -> None:
    turn = advance(content(), Session(), Message(1, text, intents=(Intent("alert_violence", 0.99),)), route)
    assert turn.session.alert is None
