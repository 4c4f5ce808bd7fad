"""Not understood, over and over: other words each time, nothing lost, and a person within a few messages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.events import ConsentGiven, HandedToHost, Uttered
from flows.model import Intent
from tests.flows.talks import Talk, at_card, content

WORDS = st.sampled_from(["gordijn", "fiets", "morgen", "zus", "pling"])
NEVER_UNDERSTOOD = st.fixed_dictionaries(
    {
        "text": st.lists(WORDS, min_size=1, max_size=5).map(" ".join),
        "intents": st.lists(
            st.builds(Intent, st.sampled_from(content().themes), st.floats(0, content().thresholds.sure - 0.01)),
            max_size=4,
        ).map(lambda found: tuple(sorted(found, key=lambda intent: -intent.confidence))),
        "understood": st.booleans(),
    }
)
NONSENSE_TO_A_PERSON = 8  # messages; four rungs, and the question whether what was said before may be read


def texts_of(talk: Talk) -> list[str]:
    return [event.text for event in talk.events if isinstance(event, Uttered)]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NEVER_UNDERSTOOD, min_size=NONSENSE_TO_A_PERSON, max_size=12))
def test_never_the_same_sentence_twice_in_a_row_and_a_person_in_the_end(messages: list[dict[str, Any]]) -> None:
    talk = Talk()
    talk.session.slots.update(place="noord", first_name="Annie")
    before = ""
    asked_a_person = False
    for number, message in enumerate(messages, start=1):
        talk.sends(**message)
        said = texts_of(talk)
        assert said and before not in said, "the same sentence twice in a row"
        assert len(set(said)) == len(said)
        before = said[-1]
        assert talk.session.slots["place"] == "noord" and talk.session.slots["first_name"] == "Annie"
        asked_a_person = asked_a_person or talk.happened(HandedToHost)
        assert asked_a_person or number < NONSENSE_TO_A_PERSON, "a circle without a way out"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["household", "carer_support", "nuisance", "money_debt", "concern_other"]),
    st.lists(NEVER_UNDERSTOOD, min_size=12, max_size=16),
)
def test_in_an_intake_too_no_sentence_comes_twice_in_a_row_and_what_was_said_stays(
    theme: str, messages: list[dict[str, Any]]
) -> None:
    talk = Talk()
    talk.says("ik zoek hulp in Noord", theme)
    before, turns = "", 0
    for message in messages:
        if talk.session.slots.get("theme") != theme:
            break  # the intake is over
        assert talk.session.slots["place"] == "noord"
        talk.sends(**message)
        said = texts_of(talk)
        assert said and before not in said
        before, turns = said[-1], turns + 1
    assert turns < 12, "an intake that never ends"


def test_at_a_card_nothing_is_guessed_and_a_person_comes_within_three() -> None:
    talk = at_card()
    said = [talk.says("blauwe fiets morgen") for _ in range(3)]
    assert said == [("consent.again", "consent.card"), ("consent.unclear",), ("human.ask_share",)]
    assert not talk.happened(ConsentGiven)
    assert talk.taps("no") == ("human.confirmed", "consent.card")


def test_at_the_options_the_second_time_none_of_them_fits() -> None:
    talk = Talk()
    talk.says("ik zoek hulp in Noord", "household")
    while talk.session.prompt is not None and talk.session.prompt.kind == "collect":
        talk.taps("skip")
    assert talk.says("blauwe fiets morgen") == ("route.choose_again",)
    assert talk.says("blauwe fiets morgen") == ("route.none_fits", "human.ask_wanted")


@pytest.mark.rule("domain-17")
@pytest.mark.parametrize("way", [["hallo"], ["xyzzy plugh"], ["xyzzy plugh", "frobnicate foo"]])
def test_helping_and_ideas_are_one_tap_away_on_every_menu(way: list[str]) -> None:
    talk = Talk()
    for words in way:
        if words == "hallo":
            talk.says(words, "greet")
        else:
            talk.sends(text=words, understood=False)
    prompt = talk.session.prompt
    assert prompt is not None and prompt.kind == "menu"
    talk.taps("giving")
    assert talk.session.prompt is not None
    assert {"volunteer_offer", "neighbourhood_idea"} <= {one.id for one in talk.session.prompt.choices}


def test_the_rungs() -> None:
    talk = Talk()
    unclear = (Intent("company", 0.3), Intent("grief", 0.2), Intent("housing", 0.15), Intent("meals", 0.12))
    assert talk.sends(text="het loopt niet zo", intents=unclear)[-1] == "desk.which_theme"
    assert talk.session.prompt is not None
    assert [choice.id for choice in talk.session.prompt.choices] == ["company", "grief", "housing", "none"]
    assert talk.says("tja dat dus") == ("desk.rephrase",)
    assert talk.says("tja dat dus") == ("desk.menu_instead",)
    assert talk.says("tja dat dus") == ("human.ask_share",)
    talk.says("nee")
    assert talk.happened(HandedToHost)


@pytest.mark.parametrize("words", ["menu", "terug", "opnieuw", "dat klopt niet"])
def test_whoever_begins_with_a_word_for_the_menu_hears_first_that_it_is_a_computer(words: str) -> None:
    assert Talk().says(words)[0] == "desk.welcome"
