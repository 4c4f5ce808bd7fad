"""The first telling message decides the language; later the other one is offered, and a no is remembered."""

from __future__ import annotations

import pytest

from flows.events import LanguageSet
from flows.model import Intent
from tests.flows.talks import Talk

ENGLISH = "I would like to have someone to talk to"
LANDLORD = "I need help with my landlord and the rent"


def writes(talk: Talk, text: str, spoken: str | None = "en", intent: str = "") -> tuple[str, ...]:
    return talk.sends(text=text, spoken=spoken, intents=(Intent(intent, 0.95),) if intent else ())


def spoken_by_desk(talk: Talk) -> str:
    return talk.session.language


def dutch(text: str = "ik ben zo vaak alleen thuis") -> Talk:
    talk = Talk()
    writes(talk, text, "nl", "company")
    assert spoken_by_desk(talk) == "nl"
    return talk


@pytest.mark.parametrize("spoken", ["en", None])
def test_a_first_message_in_english_is_answered_in_english(spoken: str | None) -> None:
    talk = Talk()
    writes(talk, ENGLISH, spoken, "company")
    assert spoken_by_desk(talk) == "en" and talk.happened(LanguageSet)


def test_a_greeting_tells_nothing_so_the_message_after_it_decides() -> None:
    talk = Talk()
    writes(talk, "hi there", None, "greet")
    assert spoken_by_desk(talk) == "nl"
    assert writes(talk, LANDLORD, intent="housing")[0] == "ack.housing"
    assert spoken_by_desk(talk) == "en"


def test_under_way_it_is_offered_in_both_languages_and_what_was_said_is_read_after_the_answer() -> None:
    talk = dutch()
    assert writes(talk, "I live in Noord near the church") == ("language.offer",)
    assert spoken_by_desk(talk) == "nl"
    prompt = talk.session.prompt
    assert prompt is not None
    assert [choice.label for choice in prompt.choices] == ["In English", "In het Nederlands"]
    assert talk.taps("en") == ("desk.language_set", "company.ask_network")
    assert spoken_by_desk(talk) == "en" and talk.session.slots["place"] == "noord"


def test_a_no_is_remembered() -> None:
    talk = dutch()
    writes(talk, "I live in Noord near the church")
    assert talk.taps("nl") == ("company.ask_network",)
    assert writes(talk, "I have no one here to talk to") == ("heard.alone", "company.ask_capacity")
    assert spoken_by_desk(talk) == "nl" and talk.session.slots["place"] == "noord"


@pytest.mark.parametrize(
    ("words", "language"),
    [("yes", "en"), ("ja graag", "en"), ("In English", "en"), ("in het nederlands", "nl"), ("nee", "nl"), ("no", "nl")],
)
def test_typed_answers(words: str, language: str) -> None:
    talk = dutch()
    writes(talk, "I live in Noord near the church")
    talk.says(words)
    assert spoken_by_desk(talk) == language
    assert talk.heard()[-1] == "company.ask_network"


def test_who_just_goes_on_in_english_has_answered_and_both_messages_are_read() -> None:
    talk = dutch()
    writes(talk, "I live in Noord near the church")
    said = writes(talk, "there is only my neighbour and a friend of the church")
    assert spoken_by_desk(talk) == "en"
    assert said == ("desk.language_set", "company.ask_network", "company.ask_capacity")


def test_who_goes_on_in_dutch_has_answered_too() -> None:
    talk = dutch()
    writes(talk, "I live in Noord near the church")
    assert writes(talk, "er is hier niemand voor mij", "nl")[-1] == "company.ask_capacity"
    assert spoken_by_desk(talk) == "nl"


def test_the_way_back_is_offered_as_well() -> None:
    talk = Talk()
    writes(talk, ENGLISH, intent="company")
    assert writes(talk, "ik woon in Noord bij de kerk", "nl") == ("language.offer",)
    assert talk.taps("nl") == ("desk.language_set", "company.ask_network")


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("thank you", "en"),  # two words
        ("the church", None),
        ("Jan de Vries", "nl"),
        ("ik heb een appointment bij de fysio en mijn laptop is broken", "nl"),
        ("kan iemand me helpen met online banking en mijn password", "nl"),
        ("Yardıma ihtiyacım var, kira ödeyemiyorum", ""),
        ("Potrzebuję pomocy z listami z gminy i do you like", ""),
        ("in the Noord bij de kerk", None),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_no_change_and_no_offer(text: str, spoken: str | None, first: bool) -> None:
    talk = Talk() if first else dutch()
    assert "language.offer" not in writes(talk, text, spoken)
    assert spoken_by_desk(talk) == "nl"


def test_dutch_names_in_an_english_conversation() -> None:
    talk = Talk()
    writes(talk, "I live in the Kerkstraat near Jan de Vries", intent="company")
    assert spoken_by_desk(talk) == "en"
    assert "language.offer" not in writes(talk, "Willemijn van den Berg", "nl")
    assert spoken_by_desk(talk) == "en"


def test_a_yes_to_the_card_is_a_yes_whatever_the_language() -> None:
    from tests.flows.talks import at_card

    talk = at_card()
    assert writes(talk, "yes go ahead")[0] == "referral.confirmed"
    talk = at_card()
    assert "language.offer" not in writes(talk, "I do not know what this is about")


def test_who_chose_a_language_is_not_asked() -> None:
    talk = dutch()
    talk.says("/taal")
    assert "language.offer" not in writes(talk, "ik woon in Noord bij de kerk", "nl")
    assert spoken_by_desk(talk) == "en"
