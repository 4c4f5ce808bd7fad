"""The intake: few questions, nothing asked twice, every question can be skipped, and whose answers they are."""

from __future__ import annotations

import msgspec
import pytest

from flows.events import ConsentGiven, HandedToHost, PointedElsewhere, Referred, Routed
from flows.model import Offer, Option
from tests.flows.talks import Talk, at_card, content, route

THEMES = content().themes


def options(talk: Talk) -> list[str]:
    assert talk.session.offer is not None
    return [option.id for option in talk.session.offer.options]


def through(talk: Talk, choice: str) -> Talk:
    """Answers every question with `choice` where it is offered, and skips the others."""
    for _ in range(10):
        prompt = talk.session.prompt
        if prompt is None or prompt.kind != "collect":
            return talk
        talk.taps(choice if choice in {one.id for one in prompt.choices} else prompt.choices[-1].id)
    raise AssertionError("more than ten questions")


def intake(theme: str, request: str = "kunt u mij helpen", choice: str = "skip") -> Talk:
    talk = Talk()
    talk.says(request, theme)
    return through(talk, choice)


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_leads_to_at_most_three_options_after_at_most_seven_questions(theme: str) -> None:
    talk = intake(theme)
    assert len(talk.session.asked) <= 7
    assert 1 <= len(options(talk)) <= 3
    assert talk.session.prompt is not None
    assert {"human", "none"} <= {choice.id for choice in talk.session.prompt.choices}


@pytest.mark.rule("towards-residents-11")
@pytest.mark.parametrize("theme", THEMES)
def test_a_person_can_look_along_with_every_route(theme: str) -> None:
    talk = intake(theme)
    assert talk.session.prompt is not None and talk.session.prompt.kind == "choose"
    talk.taps("human")
    while not talk.happened(HandedToHost):
        talk.taps("yes")  # what was said before may be read
    assert talk.happened(HandedToHost)


@pytest.mark.rule("domain-14")
def test_experts_by_experience_can_be_preferred_with_a_tap_or_in_words() -> None:
    tapped, typed = intake("money_debt"), intake("money_debt")
    assert "uit_de_schuld" not in options(tapped)
    tapped.taps("experts")
    typed.says("liever iemand die het zelf heeft meegemaakt")
    assert "uit_de_schuld" in options(tapped) and options(typed) == options(tapped)
    assert tapped.session.prompt is not None
    assert "experts" not in {one.id for one in tapped.session.prompt.choices}, "they are there already"
    tapped.taps("uit_de_schuld")
    assert tapped.session.slots["option"] == "uit_de_schuld"


@pytest.mark.parametrize("theme", THEMES)
def test_skipping_lowers_nothing(theme: str) -> None:
    skipped = options(intake(theme, "ik woon in Noord, kunt u mij helpen"))
    answered = options(intake(theme, "ik woon in Noord, kunt u mij helpen", choice="nobody"))
    assert skipped == answered


@pytest.mark.parametrize("theme", THEMES)
def test_a_human_sentence_comes_before_the_welcome_and_the_welcome_before_a_question(theme: str) -> None:
    said = Talk().says("kunt u mij helpen", theme)
    assert said[0] == f"ack.{theme}" and said[1] == "desk.welcome"


@pytest.mark.parametrize("request_", ["ik krijg mijn steunkousen niet aan", "my wound needs a new bandage"])
@pytest.mark.parametrize("theme", THEMES)
def test_medical_acts_go_to_professionals_whatever_the_theme(theme: str, request_: str) -> None:
    talk = intake(theme, request_)
    assert talk.session.offer is not None
    assert {option.kind for option in talk.session.offer.options} == {"team"}


@pytest.mark.parametrize(
    "request_", ["het is een wonder dat ik er nog ben", "in verband met mijn verhuizing zoek ik hulp"]
)
def test_a_word_that_only_begins_like_a_medical_one_is_not_medical(request_: str) -> None:
    assert not intake("household", request_).session.slots.get("medical")


def test_a_medical_act_told_later_counts_too() -> None:
    talk = Talk()
    talk.says("ik ben zo alleen in Noord", "company")
    talk.taps("skip")
    talk.says("ik kan niet weg, ik moet elke dag mijn insuline hebben")
    assert talk.session.offer is not None
    assert {option.kind for option in talk.session.offer.options} == {"team"}


def test_what_the_first_message_says_is_not_asked() -> None:
    talk = Talk()
    talk.says("ik woon in Noord en ben zo alleen, bel me op 06 12345678", "company", phone="0612345678")
    slots = talk.session.slots
    assert (slots["who"], slots["place"], slots["phone"]) == ("self", "noord", "0612345678")
    assert talk.heard()[-1] == "company.ask_network"


def test_said_in_answer_to_the_first_question_it_is_not_asked_either() -> None:
    talk = Talk()
    talk.says("/start")
    talk.taps("together")
    talk.taps("company")
    assert talk.says("ik zit in Zuid en ken hier niemand") == ("company.ask_network",)


def test_somebody_else_s_neighbourhood_is_not_kept_as_the_resident_s() -> None:
    talk = Talk()
    talk.says("mijn moeder zit alleen", "company", person="mother")
    talk.says("voor mijn moeder", person="mother")
    assert talk.heard() == ("where.ask_other",)
    talk.taps("zuid")
    talk.taps("skip")
    talk.taps("none")
    talk.taps("no")
    assert "place" not in talk.session.slots


def test_the_resident_s_neighbourhood_is_not_taken_for_somebody_else_s() -> None:
    talk = intake("meals", "ik wil in Noord samen eten")
    talk.taps("none")
    talk.taps("no")
    assert talk.session.slots["place"] == "noord"
    talk.says("mijn zus is alleen", "concern_other", person="sister")
    assert talk.heard()[-1] == "where.ask_other"


def test_for_somebody_else_nothing_is_sent() -> None:
    talk = Talk()
    talk.says("mijn moeder zit alleen", "company", person="mother")
    talk.taps("other")
    talk.taps("zuid")
    talk.taps("skip")
    talk.taps("maatjes")
    assert talk.heard()[:2] == ("other.nothing_sent", "other.ask_way")
    assert talk.happened(PointedElsewhere) and not talk.happened(Referred)


def test_under_sixteen_nothing_is_shared_and_a_professional_is_offered() -> None:
    talk = Talk()
    talk.says("ik ben 14 en ik heb geen vrienden", "company", age="14")
    while talk.session.prompt is not None and talk.session.prompt.key != "young.ask_person":
        talk.taps("skip")
    assert talk.heard()[-2:] == ("young.card", "young.ask_person")
    talk.taps("yes")
    talk.taps("no")
    assert talk.happened(HandedToHost) and not talk.happened(ConsentGiven)


def test_a_parent_with_a_child_of_twelve_is_no_child() -> None:
    talk = Talk()
    talk.says("mijn dochter van 12 luistert niet en ik ben op", "parenting", person="daughter", age="12")
    through(talk, "self")
    assert talk.session.slots.get("age") is None and "young.card" not in talk.heard()
    assert talk.happened(Routed)


@pytest.mark.parametrize("age", ["²", "9" * 5000, "vier", "", "0", "-3"])
def test_an_age_that_is_no_number_is_no_age(age: str) -> None:
    talk = Talk()
    talk.says("ik ben zo alleen", "company", age=age)
    assert "age" not in talk.session.slots


def test_a_child_that_tells_about_a_parent_is_a_child() -> None:
    talk = Talk()
    talk.says("ik ben 13 en mijn moeder is vaak moe", "carer_support", age="13", person="mother")
    assert talk.session.slots["age"] == 13


def test_the_age_of_somebody_else_counts_when_it_is_about_them() -> None:
    talk = Talk()
    talk.says("mijn buurjongen van 14 zit altijd alleen", "company", person="neighbour", age="14")
    talk.taps("other")
    through(talk, "skip")
    assert talk.session.offer is not None and talk.session.offer.rule == "young_person"
    assert talk.heard()[-1] == "route.options"


def test_a_corrected_postcode_routes_again() -> None:
    talk = intake("company", "ik voel me alleen in Noord")
    assert "koffie_noord" in options(talk)
    assert talk.says("o nee, 1236 AB")[0] == "desk.place_corrected"
    assert "wandelgroep_zuid" in options(talk)


@pytest.mark.parametrize("text", ["alleen mijn zus in Zuid", "nee, mijn zus woont in Zuid", "ik ga vaak naar Zuid"])
def test_a_neighbourhood_that_is_named_otherwise_corrects_nothing(text: str) -> None:
    talk = Talk()
    talk.says("ik voel me alleen in Noord", "company")
    talk.says(text, person="sister")
    assert talk.session.slots["place"] == "noord"


def test_back_asks_the_question_before_and_forgets_its_answer() -> None:
    talk = Talk()
    talk.says("ik voel me alleen", "company")
    talk.taps("noord")
    talk.taps("nobody")
    assert talk.says("terug") == ("company.ask_network",)
    assert talk.session.slots.get("own_network") is None
    assert talk.says("terug") == ("where.ask",)
    assert talk.says("terug") == ("desk.back_to_menu",)


def test_an_unclear_yes_or_no_is_asked_once_more_and_then_counts_as_no() -> None:
    talk = at_card()
    talk.taps("refuse")
    assert talk.says("pfff") == ("contact.ask_call.again",)
    assert talk.says("ach")[0] == "desk.taken_as_no"
    assert talk.session.stack == []


def test_when_no_team_can_be_sent_to_a_person_is_asked_for() -> None:
    def only_a_person(slots: dict[str, object], language: str) -> Offer:
        offer = route(slots, "nl")
        facts = dict.fromkeys(offer.options[0].facts, "")
        here = Option("person_here", "team", "Een mens van het wijkteam", facts=facts)
        return msgspec.structs.replace(offer, options=(here,), team=here)

    talk = Talk(way=only_a_person)
    talk.says("ik voel me alleen in Noord", "company")
    through(talk, "skip")
    assert talk.taps("person_here") == ("human.ask_share",)
    talk.taps("no")
    assert talk.happened(HandedToHost)


def test_contact_card_of_a_team_nothing_can_be_sent_to_does_not_stand_alone() -> None:
    def without_letters(slots: dict[str, object], language: str) -> Offer:
        offer = route(slots, "nl")
        closed = tuple(msgspec.structs.replace(option, sendable=False) for option in offer.options)
        return msgspec.structs.replace(offer, options=closed, team=None)

    talk = Talk(way=without_letters)
    talk.says("ik heb schulden en woon in Noord", "money_debt")
    through(talk, "skip")
    assert talk.taps("team_noord") == ("contact.card", "contact.ask_call")
    talk.taps("yes")
    assert talk.heard() == ("human.ask_share",)
