"""Whether a guess at the theme held: what counts as a correction, a choice or a confirmation, and what does not."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import field

from flows.events import GuessSettled, PointedElsewhere
from flows.model import Intent, Part
from tests.flows.talks import Talk, at_card

UNSURE = (Intent("paperwork", 0.4), Intent("mental_health", 0.2))
DOMAINS = {"money_debt": "money_and_papers", "housing": "home", "company": "together", "grief": "together"}


class Counting(Talk):
    """Keeps what was settled over the whole conversation."""

    settled: list[tuple[str, str, str]] = field(default_factory=list)

    def sends(self, **what: Any) -> tuple[str, ...]:
        said = super().sends(**what)
        for event in self.events:
            if isinstance(event, GuessSettled):
                self.settled.append((event.guessed, event.chosen, event.how))
        return said


def picks(talk: Talk, theme: str) -> None:
    """From the menu that stands there."""
    talk.taps(DOMAINS[theme])
    talk.taps(theme)


def to_the_options(talk: Talk) -> None:
    while talk.session.prompt is not None and talk.session.prompt.kind == "collect":
        talk.taps("skip")
    assert talk.session.prompt is not None and talk.session.prompt.kind == "choose"


def to_a_yes(talk: Talk) -> None:
    while talk.session.prompt is not None and talk.session.prompt.kind == "collect":
        talk.taps("noord" if talk.session.prompt.about == "place" else "skip")
    talk.taps("koffie_noord")
    talk.taps("agree")


def in_intake(theme: str = "company", text: str = "ik voel me zo alleen hier in Noord") -> Counting:
    talk = Counting()
    talk.says(text, theme)
    return talk


def test_a_guess_that_leads_to_a_card_is_confirmed_once() -> None:
    talk = in_intake()
    to_the_options(talk)
    talk.taps("koffie_noord")
    assert talk.settled == []
    talk.taps("agree")
    assert talk.settled == [("company", "company", "confirmed")]
    assert talk.session.guess is None


def test_a_card_that_is_refused_says_nothing_about_the_theme() -> None:
    talk = at_card()
    talk.taps("refuse")
    assert not talk.happened(GuessSettled)


def test_where_nothing_is_sent_going_there_confirms() -> None:
    talk = in_intake("work_income", "ik krijg mijn uitkering niet")
    to_the_options(talk)
    assert talk.session.offer is not None
    talk.taps(talk.session.offer.options[0].id)
    assert talk.happened(PointedElsewhere)
    assert talk.settled == [("work_income", "work_income", "confirmed")]


@pytest.mark.parametrize("way_out", ["opnieuw", "menu", "/start", "terug"])
@pytest.mark.parametrize("theme", ["money_debt", "grief"])
def test_another_theme_from_the_menu_is_a_correction(way_out: str, theme: str) -> None:
    talk = in_intake()
    talk.says(way_out)
    assert talk.settled == []
    picks(talk, theme)
    assert talk.settled == [("company", theme, "corrected")]
    assert talk.session.slots["theme"] == theme


def test_the_same_theme_again_is_no_correction_and_can_still_be_confirmed() -> None:
    talk = in_intake()
    talk.says("opnieuw")
    picks(talk, "company")
    assert talk.settled == []
    to_a_yes(talk)
    assert talk.settled == [("company", "company", "confirmed")]


def test_started_again_in_other_words_is_a_correction() -> None:
    talk = in_intake()
    talk.says("opnieuw")
    talk.says("ik kan de huur niet meer betalen", "money_debt")
    assert talk.settled == [("company", "money_debt", "corrected")]


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("nee, het gaat over mijn schulden", "money_debt"),
        ("Sorry, ik bedoel dat ik mijn rekeningen niet kan betalen", "money_debt"),
        ("dat niet, het gaat om mijn huis", "housing"),
        ("no, it's about my rent", "housing"),
    ],
)
def test_it_can_be_said_in_the_middle_of_an_intake(text: str, theme: str) -> None:
    for waits_for in ("collect", "choose", "consent"):
        talk = in_intake()
        if waits_for != "collect":
            to_the_options(talk)
        if waits_for == "consent":
            talk.taps("koffie_noord")
        assert talk.session.prompt is not None and talk.session.prompt.kind == waits_for
        assert talk.says(text, theme)[0] == f"ack.{theme}"
        assert talk.settled == [("company", theme, "corrected")]
        slots = talk.session.slots
        assert (slots["theme"], slots["request"], slots["place"]) == (theme, text, "noord")
        assert talk.session.card is None


@pytest.mark.parametrize(
    ("text", "intent", "sure"),
    [
        ("nee, het gaat over mijn moeder", "concern_other", 0.95),
        ("nee, het gaat over van alles", "money_debt", 0.3),
        ("nee, ik heb niemand", "grief", 0.95),
        ("ik praat met mijn zus, dat gaat over geld", "money_debt", 0.95),
        ("nee, het gaat over de eenzaamheid", "company", 0.95),
        ("nee, het gaat over de openingstijden", "opening_hours", 0.5),
    ],
)
def test_what_only_looks_like_it_stays_an_answer(text: str, intent: str, sure: float) -> None:
    talk = in_intake()
    talk.says(text, intent, sure)
    assert talk.settled == []
    assert talk.session.slots["theme"] == "company"


def test_whom_it_is_about_still_holds_unless_it_was_taken_for_a_worry_about_another() -> None:
    talk = in_intake()
    talk.says("nee, het gaat over mijn schulden", "money_debt")
    assert talk.session.slots["who"] == "self"
    talk = in_intake("concern_other", "ik maak me zorgen")
    assert talk.session.slots["who"] == "other"
    talk.says("nee, het gaat over mijn schulden", "money_debt")
    assert talk.session.slots.get("who") is None
    assert talk.heard()[-1] == "who.ask"


def test_while_a_person_was_asked_for_it_is_no_other_intake() -> None:
    talk = in_intake()
    talk.says("mens")
    assert talk.says("nee, het gaat over mijn schulden", "money_debt")[0] == "human.ask_share.again"
    assert talk.settled == []


@pytest.mark.parametrize("theme", ["paperwork", "mental_health"])
def test_one_of_the_three_settles_what_the_model_was_unsure_of(theme: str) -> None:
    talk = Counting()
    talk.sends(text="ik word gek van al die papieren", intents=UNSURE)
    talk.taps(theme)
    assert talk.settled == [("paperwork", theme, "chosen")]


def test_none_of_the_three_and_then_the_menu() -> None:
    talk = Counting()
    talk.sends(text="ik word gek van al die papieren", intents=UNSURE)
    talk.taps("none")
    talk.says("nou ja gewoon")
    picks(talk, "money_debt")
    assert talk.settled == [("paperwork", "money_debt", "chosen")]


def test_where_the_model_saw_no_theme() -> None:
    talk = Counting()
    talk.says("blauwe fiets morgen")
    talk.says("fiets fiets fiets")
    picks(talk, "housing")
    assert talk.settled == [("none", "housing", "chosen")]


def test_without_a_guess_nothing_is_counted() -> None:
    asked_for_the_menu = Counting()
    asked_for_the_menu.says("/start")
    model_away = Counting()
    model_away.sends(text="ik ben zo alleen", understood=False)
    for talk in (asked_for_the_menu, model_away):
        picks(talk, "company")
        to_a_yes(talk)
        assert talk.settled == []
        assert talk.session.guess is None


def test_a_new_question_after_stop_or_after_the_card_corrects_nothing() -> None:
    stopped = in_intake()
    stopped.says("stop")
    done = in_intake()
    to_the_options(done)
    done.taps("none")
    done.taps("no")
    for talk in (stopped, done):
        talk.says("menu")
        picks(talk, "money_debt")
        assert talk.settled == []


def test_a_second_need_in_the_same_message_corrects_nothing() -> None:
    talk = Counting()
    parts = (
        Part("ik ben zo alleen in Noord", (Intent("company", 0.95),)),
        Part("en ik kan de huur niet betalen", (Intent("money_debt", 0.95),)),
    )
    talk.sends(text=" ".join(part.text for part in parts), intents=(Intent("company", 0.95),), parts=parts)
    to_the_options(talk)
    talk.taps("koffie_noord")
    talk.taps("agree")
    talk.taps("yes")
    assert talk.session.slots["theme"] == "money_debt"
    assert talk.settled == [("company", "company", "confirmed")]
    assert talk.session.guess is not None and talk.session.guess.theme == "money_debt"


def test_what_is_settled_holds_codes_and_no_words() -> None:
    talk = in_intake(text="ik ben zo alleen in Noord, zei kanariegeel")
    talk.says("opnieuw")
    picks(talk, "grief")
    (event,) = [one for one in talk.events if isinstance(one, GuessSettled)]
    assert event == GuessSettled("company", "grief", "corrected")
