"""Withdrawing by one word, with or without a code: what is read as such, and what never stands in its way."""

from __future__ import annotations

import pytest

from flows.crisis import assess
from flows.engine import advance
from flows.events import CodeWithdrawn, ConsentWithdrawn
from flows.model import Message, Referral
from flows.texts import LANGUAGES
from flows.withdrawal import withdrawal_in
from tests.flows.talks import Talk, at_card, content, route

DANGER = ("ik wil dood", "mijn man slaat me", "ik maak er een einde aan")


def with_two_requests() -> Talk:
    talk = at_card()
    talk.taps("agree")
    talk.session.referrals = [Referral("1", "K7F-2Q", "a", "A"), Referral("2", "4TX-9M", "b", "B")]
    return talk


@pytest.mark.rule("domain-12")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("intrekken", ""),
        ("  INTREKKEN!  ", ""),
        ("intrekken graag", ""),
        ("ik trek mijn toestemming in.", ""),
        ("withdraw, please", ""),
        ("intrekken K7F3Q", "K7F3Q"),
        ("Intrekken: k7f-3q", "K7F3Q"),
        ("intrekken k 7 f 3 q", "K7F3Q"),
        ("intrekken K7F\N{NON-BREAKING HYPHEN}3Q", "K7F3Q"),
        ("/intrekken k7f3q", "K7F3Q"),
        ("K7F-3Q intrekken", "K7F3Q"),
        ("intrekken met code MET-34", "MET34"),
        ("intrekken met 34", "MET34"),
        ("ik trek mijn toestemming in voor verzoek K7F3Q", "K7F3Q"),
        ("withdraw my consent for request k7f3q", "K7F3Q"),
        ("intrekken K7F3", "K7F3"),
        ("intrekken K7F30Q", "K7F30Q"),
        ("K7F-3Q", None),
        ("wat is intrekken", None),
        ("intrekken van mijn paspoort bij de gemeente", None),
        ("ik wil iets anders intrekken dan gisteren om 3 uur", None),
        ("mag mijn zus bij mij intrekken", None),
        ("", None),
    ],
)
def test_what_is_read_as_a_withdrawal(typed: str, code: str | None) -> None:
    assert withdrawal_in(content().texts, typed) == code


@pytest.mark.rule("domain-12")
def test_no_such_word_is_ever_taken_for_danger_and_so_held_back() -> None:
    words = [word for language in LANGUAGES for word in content().texts.words("words.withdraw", language)]
    assert len(words) > 15
    for word in words:
        for before in ((), *((one,) for one in DANGER)):
            assert assess(word, before) is None
            assert assess(f"{word} K7F-2Q", before) is None


@pytest.mark.rule("domain-12")
def test_with_a_code_only_that_one_and_without_every_one() -> None:
    talk = with_two_requests()
    assert talk.says("intrekken 4tx9m") == ("withdraw.done_one",)
    assert [event for event in talk.events if isinstance(event, ConsentWithdrawn)] == [ConsentWithdrawn("4TX-9M")]
    assert [referral.code for referral in talk.session.referrals] == ["K7F-2Q"]
    assert talk.says("intrekken") == ("withdraw.done",)
    assert [event for event in talk.events if isinstance(event, ConsentWithdrawn)] == [ConsentWithdrawn()]
    assert talk.says("intrekken") == ("withdraw.nothing",)


def test_a_code_of_another_conversation_is_for_the_desk_to_look_up() -> None:
    talk = with_two_requests()
    assert talk.says("intrekken k7f-3q") == ()
    assert [event for event in talk.events if isinstance(event, CodeWithdrawn)] == [CodeWithdrawn("K7F3Q")]
    assert len(talk.session.referrals) == 2


@pytest.mark.parametrize("asked", ["consent", "erasure", "language", "detail", "menu"])
@pytest.mark.rule("domain-12")
def test_whatever_the_desk_asked_it_withdraws_and_asks_that_again(asked: str) -> None:
    talk = at_card()
    talk.session.referrals = [Referral("1", "K7F-2Q", "a", "A")]
    if asked == "erasure":
        talk.says("vergeet mij")
    elif asked == "detail":
        talk.taps("change")
        talk.taps("first_name")
    elif asked == "language":
        talk.says("opnieuw")
        talk.sends(text="I would like to speak with you in English about the things", spoken="en")
        assert talk.session.prompt is not None and talk.session.prompt.kind == "language"
    elif asked == "menu":
        talk.says("opnieuw")
    waiting = talk.session.prompt
    assert waiting is not None
    heard = talk.says("intrekken")
    assert heard[0] == "withdraw.done" and talk.happened(ConsentWithdrawn)
    assert talk.session.prompt is not None
    assert (talk.session.prompt.kind, talk.session.prompt.about) == (waiting.kind, waiting.about)


@pytest.mark.rule("domain-12")
def test_what_was_written_before_an_alert_is_not_held_until_the_alert_is_settled() -> None:
    """Messages can be read out of order: the guard sees danger before the message before it is understood."""
    talk = with_two_requests()
    talk.n += 1  # "intrekken" was stored, and is read after the message with the danger in it
    talk.says("ik zie het niet meer zitten")
    assert talk.session.alert is not None and talk.session.alert.waiting
    turn = advance(content(), talk.session, Message(talk.n - 1, "intrekken"), route)
    assert any(isinstance(event, ConsentWithdrawn) for event in turn.events)
    assert turn.session.prompt is not None and turn.session.prompt.kind == "alert"
    assert turn.session.alert is not None and turn.session.alert.waiting
