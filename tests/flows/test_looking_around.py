"""Looking around from wherever one is: nothing that waited is lost, nothing is sent, and the borders hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flows.events import ConsentGiven, GuessSettled, PointedElsewhere, Referred, Routed
from flows.model import Intent
from tests.flows.talks import Talk, at_card, content


def at_collect() -> Talk:
    talk = Talk()
    talk.says("ik voel me alleen", "company")
    return talk


def at_options() -> Talk:
    talk = at_collect()
    for choice in ("noord", "skip", "skip"):
        talk.taps(choice)
    return talk


def at_changes() -> Talk:
    talk = at_card()
    talk.taps("change")
    return talk


def at_detail() -> Talk:
    talk = at_changes()
    talk.taps("phone")
    return talk


def at_themes() -> Talk:
    talk = Talk()
    talk.sends(text="het is stil in huis geworden", intents=(Intent("grief", 0.3), Intent("company", 0.25)))
    return talk


def at_erasure() -> Talk:
    talk = Talk()
    talk.says("vergeet mij")
    return talk


def at_person() -> Talk:
    talk = at_collect()
    talk.says("mens")
    return talk


@pytest.mark.rule("domain-3")
@pytest.mark.parametrize(
    ("place", "again"),
    [
        (at_collect, "where.ask"),
        (at_options, "route.options"),
        (at_card, "consent.card"),
        (at_changes, "consent.card"),
        (at_detail, "consent.card"),
        (at_themes, "desk.which_theme"),
        (at_erasure, "data.confirm_erase"),
        (at_person, "human.ask_share"),
    ],
)
@pytest.mark.parametrize("out", ["klaar", "terug", "nee dank u"])
def test_what_waited_is_there_again(place: Callable[[], Talk], again: str, out: str) -> None:
    talk = place()
    before = talk.session.slots
    assert talk.says("zoeken")[-1] == "search.ask"
    for word in ("taal", "eettafel", "xylofoon"):
        talk.says(word)
        assert not any(talk.happened(kind) for kind in (Routed, PointedElsewhere, Referred, ConsentGiven, GuessSettled))
    talk.taps("together")
    talk.says("/zoeken")
    assert talk.says(out) == ("desk.going_on", again)
    assert talk.session.slots == before and talk.session.looking is None


def test_every_word_for_it_works_in_both_languages() -> None:
    for language in ("nl", "en"):
        for word in content().texts.words("words.search", language):
            assert Talk().says(word)[-1] == "search.ask", word


def test_the_first_page_offers_what_the_intake_is_about() -> None:
    talk = at_collect()
    talk.says("zoeken")
    assert talk.session.prompt is not None and talk.session.prompt.choices[0].id == "company"


def test_a_number_on_the_first_page_is_a_button_and_a_word_is_looked_for() -> None:
    talk = Talk()
    talk.says("zoeken")
    assert talk.says("2") == ("search.themes",) and talk.says("koken") == ("search.list",)
    talk.says("terug")
    assert talk.says("computer") == ("search.list",)


def test_help_with_what_was_begun_goes_on_with_that() -> None:
    talk = at_collect()
    talk.says("zoeken")
    talk.taps("company")
    talk.taps("koffie_noord")
    assert talk.taps("help") == ("desk.going_on", "where.ask")


def test_a_story_gets_a_human_sentence_and_is_the_request_when_help_is_asked() -> None:
    talk = Talk()
    talk.says("zoeken")
    assert talk.says("mijn vrouw is dood en ik eet altijd alleen", "meals") == ("ack.meals", "search.list")
    talk.taps("buurtrestaurant")
    talk.taps("help")
    assert talk.session.slots["request"] == "mijn vrouw is dood en ik eet altijd alleen"


@pytest.mark.rule("towards-residents-6")
@pytest.mark.parametrize("told", ["ik ben 13 en zoek een maatje", "ik ben 13 jaar, maatje", "ben 13 jaar oud, leuk!"])
def test_a_child_is_heard_without_the_model_and_sees_no_volunteers(told: str) -> None:
    talk = Talk()
    talk.sends(text="zoeken", understood=False)
    talk.sends(text=told, understood=False)
    talk.sends(text="maatjes", understood=False)
    assert talk.heard() == ("search.nothing",) and talk.session.slots["age"] == 13
    talk.taps("together")
    talk.taps("company")
    assert talk.session.looking is not None
    assert talk.session.looking.listed.found[0].id == "kindertelefoon"


@pytest.mark.parametrize("told", ["ik ben 13 jaar weduwe", "ik ben 3 keer gevallen", "ik ben 12 kilo afgevallen"])
def test_not_every_number_is_an_age(told: str) -> None:
    talk = Talk()
    talk.says("zoeken")
    talk.says(told)
    assert "age" not in talk.session.slots


def test_a_child_who_wants_to_be_called_gets_a_person_and_nothing_is_sent() -> None:
    talk = Talk()
    talk.says("zoeken")
    talk.says("ik ben 13 en zoek iemand om mee te praten", "company", age="13")
    talk.says("kindertelefoon")
    assert talk.taps("team") == ("young.card", "young.ask_person")
