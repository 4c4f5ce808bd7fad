"""A message with more than one need: the main one first, the others once and with what is still true."""

from __future__ import annotations

import pytest

from flows.events import HandedToHost, Routed
from flows.model import Entity, Intent, Part
from tests.flows.talks import Talk, content

SENTENCE = "Mijn man is ziek, ik kan het niet meer aan en de rekeningen liggen er ook nog"
BILLS = "de rekeningen liggen er ook nog"


def part(words: str, theme: str, sure: float = 0.95) -> Part:
    return Part(words, (Intent(theme, sure),))


def writes(main: str, *parts: Part, text: str = SENTENCE, sure: float = 0.95) -> Talk:
    talk = Talk()
    talk.sends(text=text, intents=(Intent(main, sure),), parts=parts)
    return talk


def settles(talk: Talk) -> tuple[str, ...]:
    """Skips every question and takes none of the options."""
    while talk.session.prompt is not None and talk.session.prompt.kind == "collect":
        talk.taps("skip")
    talk.taps("none")
    return talk.taps("no")


def test_the_other_need_is_offered_when_the_first_is_settled_and_nothing_is_asked_twice() -> None:
    talk = writes("carer_support", part("Mijn man is ziek", "carer_support"), part(BILLS, "money_debt"))
    assert talk.heard()[0] == "ack.carer_support"
    talk.taps("centrum")
    talk.taps("neighbour")
    assert settles(talk)[-1] == "also.ask"
    assert [choice.id for choice in talk.session.prompt.choices] == ["yes", "not_now"]  # type: ignore[union-attr]
    assert talk.says("ja graag") == ("ack.money_debt", "hard_times.ask_help")
    slots = talk.session.slots
    assert (slots["place"], slots["who"], slots["own_network"]) == ("centrum", "self", ["neighbour"])
    assert slots["request"] == BILLS, "another organisation reads about this need only"
    assert settles(talk)[-1] == "desk.always_welcome", "nothing is left to offer"


def test_what_was_skipped_is_not_asked_again_for_the_other_need() -> None:
    talk = writes("carer_support", part(BILLS, "money_debt"))
    assert settles(talk)[-1] == "also.ask"
    assert talk.taps("yes") == ("ack.money_debt", "hard_times.ask_help")


def test_two_others_are_a_choice_and_the_last_comes_after_that() -> None:
    talk = writes("carer_support", part(BILLS, "money_debt"), part("de buren maken herrie", "nuisance"))
    settles(talk)
    assert [choice.id for choice in talk.session.prompt.choices] == ["money_debt", "nuisance", "not_now"]  # type: ignore[union-attr]
    assert talk.says("zorgen over geld of schulden")[0] == "ack.money_debt"
    assert settles(talk)[-1] == "also.ask"
    assert [choice.id for choice in talk.session.prompt.choices] == ["yes", "not_now"]  # type: ignore[union-attr]


@pytest.mark.parametrize("no", ["nee", "liever niet", "Nu niet", "no thanks"])
def test_no_lets_it_rest(no: str) -> None:
    talk = writes("carer_support", part(BILLS, "money_debt"))
    settles(talk)
    assert talk.says(no) == ("also.left",)
    assert talk.session.prompt is None and not talk.session.slots.get("also")


def test_another_question_instead_of_an_answer_is_read_as_such_and_the_offer_does_not_come_back() -> None:
    talk = writes("carer_support", part(BILLS, "money_debt"))
    settles(talk)
    assert talk.says("ik zoek iemand voor de tuin", "household")[0] == "ack.household"
    assert settles(talk)[-1] == "desk.always_welcome"


def test_opening_hours_in_between_bring_the_offer_back() -> None:
    talk = writes("carer_support", part(BILLS, "money_debt"))
    settles(talk)
    assert talk.says("hoe laat bent u open?", "opening_hours") == ("hours.card", "also.ask")


def test_after_stop_or_a_person_nothing_is_offered() -> None:
    talk = writes("carer_support", part(BILLS, "money_debt"))
    assert talk.says("stop") == ("desk.stopped",)
    talk = writes("carer_support", part(BILLS, "money_debt"))
    while talk.session.prompt is not None and talk.session.prompt.kind == "collect":
        talk.taps("skip")
    talk.taps("none")
    talk.taps("yes")
    said = talk.taps("yes")
    assert talk.happened(HandedToHost) and "also.ask" not in said


def test_only_a_clause_the_model_is_sure_of_counts_and_three_at_most() -> None:
    least = content().thresholds.also
    talk = writes("carer_support", part("misschien dit", "money_debt", least - 0.01), part("dag", "greet"))
    assert "also" not in talk.session.slots
    names = ("money_debt", "housing", "nuisance", "digital")
    talk = writes("carer_support", *(part(name, name, least) for name in names))
    assert [one["theme"] for one in talk.session.slots["also"]] == ["money_debt", "housing", "nuisance"]


def test_the_same_need_twice_is_one() -> None:
    talk = writes("money_debt", part(BILLS, "money_debt"), part("ik sta rood", "money_debt"))
    assert "also" not in talk.session.slots


def test_an_unclear_message_offers_what_its_clauses_are_about_and_keeps_the_rest() -> None:
    talk = writes("carer_support", part("mijn vrouw is dement", "carer_support"), part(BILLS, "money_debt"), sure=0.2)
    assert talk.heard()[-1] == "desk.which_theme"
    assert [choice.id for choice in talk.session.prompt.choices] == ["carer_support", "money_debt", "none"]  # type: ignore[union-attr]
    talk.taps("money_debt")
    assert [one["theme"] for one in talk.session.slots["also"]] == ["carer_support"]


def test_what_is_told_after_the_menu_is_heard_as_well() -> None:
    talk = Talk()
    talk.says("menu")
    talk.taps("money_and_papers")
    talk.taps("paperwork")
    talk.sends(
        text="brieven die ik niet snap en ik ben ook zo alleen hier", parts=(part("ik ben zo alleen", "company"),)
    )
    assert [one["theme"] for one in talk.session.slots["also"]] == ["company"]


def test_three_parts_of_life_bring_the_team_first_and_say_why() -> None:
    talk = writes("company", part(BILLS, "money_debt"), part("de schimmel staat op de muur", "housing"))
    while talk.session.prompt is not None and talk.session.prompt.kind == "collect":
        talk.taps("skip")
    offer = next(event.offer for event in talk.events if isinstance(event, Routed))
    assert offer.rule == "several_domains"
    assert offer.options[0].kind == "team"
    assert "Er speelt meer tegelijk." in offer.options[0].facts["why"]


def test_what_was_said_of_somebody_else_does_not_hold_for_oneself() -> None:
    talk = Talk()
    talk.sends(
        text="mijn moeder in Zuid kookt niet meer en ik ben zelf ook helemaal op",
        intents=(Intent("meals", 0.95),),
        entities=(Entity("person", "mother"),),
        parts=(part("ik ben zelf ook helemaal op", "carer_support"),),
    )
    talk.taps("other")
    assert talk.session.slots["place"] == "zuid" and talk.session.slots["other_person"] == ["mother"]
    talk.taps("neighbour")
    assert settles(talk)[-1] == "also.ask"
    assert talk.taps("yes") == ("ack.carer_support", "where.ask"), "the neighbourhood was the mother's"
    assert not {"other_person", "own_network", "place"} & talk.session.slots.keys()


def test_and_it_does_hold_for_the_same_somebody_else() -> None:
    talk = Talk()
    talk.sends(
        text="mijn moeder in Zuid kookt niet meer en het huis wordt ook te veel",
        intents=(Intent("meals", 0.95),),
        entities=(Entity("person", "mother"),),
        parts=(part("het huis wordt ook te veel", "household"),),
    )
    talk.taps("other")
    talk.taps("neighbour")
    settles(talk)
    talk.taps("yes")
    slots = talk.session.slots
    assert (slots["who"], slots["place"], slots["other_person"]) == ("other", "zuid", ["mother"])


def test_under_sixteen_nothing_more_is_offered() -> None:
    talk = Talk()
    talk.sends(
        text="ik ben 14 en heb geen vrienden en thuis hebben we geen geld",
        intents=(Intent("company", 0.95),),
        entities=(Entity("age", "14"),),
        parts=(part("thuis hebben we geen geld", "money_debt"),),
    )
    assert talk.session.slots["also"]
    while talk.session.prompt is not None and "skip" in {choice.id for choice in talk.session.prompt.choices}:
        talk.taps("skip")
    assert talk.taps("no")[-1] == "young.goodbye"
