"""What the engine makes of the own data: it asks the desk to tell, and nothing typed under it is read as more."""

from __future__ import annotations

import pytest
from msgspec import structs

from flows.definition import Content
from flows.engine import advance
from flows.events import ConsentGiven, DataAsked, DataFileAsked, ErasureAsked, RemovalAsked, Turn
from flows.model import Message
from tests.flows.talks import Talk, at_card, content, route


def company() -> Talk:
    talk = Talk()
    talk.says("ik voel me alleen", "company")
    return talk


def telegram() -> Content:
    facts = {language: {**known, "removes_messages": True} for language, known in content().facts.items()}
    return structs.replace(content(), facts=facts)


def in_telegram(talk: Talk, text: str = "", choice: str | None = None) -> Turn:
    """One turn where the channel can remove messages; `talk` goes on from there."""
    talk.n += 1
    turn = advance(telegram(), talk.session, Message(talk.n, text=text, choice=choice), route)
    talk.session, talk.events = turn.session, turn.events
    return turn


@pytest.mark.parametrize(
    "words", ["Wat weten jullie van mij?", "mijn gegevens", "Wie keek mee?", "what do you keep about me"]
)
def test_the_overview_comes_by_exact_words_without_a_model(words: str) -> None:
    talk = company()
    assert talk.sends(text=words, understood=False) == ("data.what_now",)
    assert isinstance(talk.events[0], DataAsked), "told by the desk, before the question"
    assert talk.taps("back") == ("where.ask",)
    assert talk.taps("noord") == ("company.ask_network",)


def test_the_overview_comes_by_the_model_too() -> None:
    talk = company()
    assert talk.says("zeg eens wat hier over mij is opgeslagen?", "my_data") == ("data.what_now",)
    assert talk.happened(DataAsked)


def test_a_chat_that_cannot_be_cleared_offers_no_clearing() -> None:
    talk = company()
    talk.says("mijn gegevens")
    assert talk.session.prompt is not None
    assert [one.id for one in talk.session.prompt.choices] == ["file", "erase", "back"]
    assert talk.says("wis uw berichten") == ("data.cannot_remove", "data.what_now")
    assert not talk.happened(RemovalAsked)


def test_a_chat_that_can_be_cleared_offers_it_and_goes_on() -> None:
    talk = company()
    in_telegram(talk, text="mijn gegevens")
    assert talk.session.prompt is not None
    assert [one.id for one in talk.session.prompt.choices] == ["file", "remove", "erase", "back"]
    in_telegram(talk, choice=f"{talk.session.prompt.number}.remove")
    assert talk.events[0] == RemovalAsked()
    assert talk.heard() == ("where.ask",), "what was asked is asked again: its words were removed too"


def test_before_everything_is_erased_the_messages_can_be_removed_with_it() -> None:
    talk = company()
    in_telegram(talk, text="vergeet mij")
    assert talk.session.prompt is not None
    assert [one.id for one in talk.session.prompt.choices] == ["yes", "with_messages", "no"]
    in_telegram(talk, choice=f"{talk.session.prompt.number}.with_messages")
    assert [type(event) for event in talk.events if not hasattr(event, "key")] == [RemovalAsked, ErasureAsked]
    assert talk.events[0] == RemovalAsked(erasing=True)


def test_a_plain_yes_to_erasing_leaves_the_chat_alone() -> None:
    talk = company()
    in_telegram(talk, text="vergeet mij")
    in_telegram(talk, text="ja")
    assert talk.happened(ErasureAsked) and not talk.happened(RemovalAsked)


@pytest.mark.rule("domain-12")
@pytest.mark.parametrize("words", ["ja", "ja graag", "akkoord", "stuur maar", "ok"])
def test_a_yes_under_the_overview_is_no_yes_to_the_card(words: str) -> None:
    talk = at_card()
    talk.says("mijn gegevens")
    assert talk.says(words, "affirm") == ("consent.card",)
    assert not talk.happened(ConsentGiven)


def test_a_file_is_asked_for_by_a_tap_or_by_words() -> None:
    talk = company()
    talk.says("mijn gegevens")
    assert talk.taps("file") == ("where.ask",) and talk.happened(DataFileAsked)
    assert talk.says("stuur mij mijn gegevens") == ("where.ask",) and talk.happened(DataFileAsked)


def test_a_new_need_under_the_overview_begins() -> None:
    talk = Talk()
    talk.says("mijn gegevens")
    assert talk.says("ik zit met schulden", "money_debt")[0] == "ack.money_debt"
