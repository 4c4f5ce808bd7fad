"""The disclosure card: which lines are on it, and how each is changed."""

from __future__ import annotations

import pytest

from flows.model import Line
from tests.flows.talks import Talk, at_card


def lines(talk: Talk) -> dict[str, Line]:
    assert talk.session.card is not None
    return {line.category: line for line in talk.session.card.lines}


def on(talk: Talk) -> set[str]:
    return {name for name, line in lines(talk).items() if line.on}


def changed(what: str, service: str = "maatjes") -> Talk:
    talk = at_card(service)
    talk.taps("change")
    talk.taps(what)
    return talk


@pytest.mark.rule("domain-11")
def test_only_what_the_agreement_allows_is_on_the_card() -> None:
    assert set(lines(at_card("koffie_noord"))) == {"request", "first_name", "phone"}
    assert set(lines(at_card("maatjes"))) >= {"request", "neighbourhood", "own_network", "own_capacity"}


def test_at_first_only_the_question_and_the_neighbourhood_are_on() -> None:
    assert on(at_card("maatjes")) == {"request", "neighbourhood"}
    assert lines(at_card("maatjes"))["request"].fixed


def test_the_neighbourhood_can_be_left_out_and_put_back() -> None:
    talk = changed("neighbourhood")
    assert on(talk) == {"request"}
    talk.taps("change")
    talk.taps("neighbourhood")
    assert on(talk) == {"request", "neighbourhood"}


def test_a_first_name_is_asked_for_only_when_wanted() -> None:
    talk = changed("first_name")
    assert talk.heard() == ("consent.ask_first_name",)
    assert talk.says("Annie") == ("consent.card",)
    assert lines(talk)["first_name"].text == "Annie" and "first_name" in on(talk)


def test_no_is_no_name() -> None:
    talk = changed("first_name")
    assert talk.says("nee") == ("consent.card",)
    assert "first_name" not in on(talk) and talk.session.slots.get("first_name") is None


def test_a_number_said_before_is_on_the_card_when_wanted_and_can_be_corrected_there() -> None:
    talk = at_card("koffie_noord", "ik ben zo alleen in Noord, bel me op 06 12345678")
    assert talk.session.slots["phone"] == "0612345678" and "phone" not in on(talk)
    talk.taps("change")
    assert talk.taps("phone") == ("consent.card",), "what was said is not asked"
    assert "phone" in on(talk)
    assert talk.says("mijn nummer is 06 87654321") == ("consent.card",)
    assert lines(talk)["phone"].text == "0687654321"
    assert talk.says("ik heet Annie", first_name="Annie") == ("consent.card",)
    assert lines(talk)["first_name"].text == "Annie" and {"first_name", "phone"} <= set(on(talk))


def test_a_phone_number_that_is_none_is_asked_again_and_can_be_left() -> None:
    talk = changed("phone")
    assert talk.says("0612") == ("consent.ask_phone.again",)
    assert talk.taps("leave") == ("consent.card",)
    assert "phone" not in on(talk)


def test_other_words_replace_the_resident_s_own() -> None:
    talk = changed("rewrite")
    talk.says("Ik zoek iemand om mee te wandelen.")
    assert lines(talk)["request"].text == "Ik zoek iemand om mee te wandelen."


def test_very_long_words_are_cut_for_the_card_only() -> None:
    talk = at_card("maatjes", "ik voel me alleen in Noord. " + "Het zit zo. " * 500)
    assert len(lines(talk)["request"].text) == 1000
    assert len(talk.session.slots["request"]) > 1000


@pytest.mark.rule("domain-8")
def test_the_question_for_later_is_off_until_it_is_switched_on() -> None:
    talk = at_card("maatjes")
    assert talk.session.card is not None and not talk.session.card.follow_up
    talk.taps("change")
    talk.taps("follow_up")
    assert talk.session.card.follow_up


def test_that_is_not_right_said_to_the_card_offers_changes() -> None:
    assert at_card("maatjes").says("dat klopt niet") == ("consent.what_to_change",)


def test_an_unclear_change_shows_the_card_again() -> None:
    talk = at_card("maatjes")
    talk.taps("change")
    assert talk.says("eh ja nou") == ("consent.card",)


def test_what_a_resident_writes_is_never_a_template() -> None:
    talk = at_card("maatjes", "{{ 7 * 7 }} {% for x in y %} ik ben alleen in Noord {{ ''.__class__ }}")
    assert talk.session.card is not None
    assert "{{ 7 * 7 }}" in talk.session.card.text and "{{ ''.__class__ }}" in talk.session.card.text
