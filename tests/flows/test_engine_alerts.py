"""A message that was still being read when an alert came: it answers nothing about danger, and it is not lost."""

from __future__ import annotations

from flows.alerts import alert_turn
from flows.crisis import Alert
from flows.engine import advance
from flows.model import Intent, Message, Reread, Session, Uttered
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
