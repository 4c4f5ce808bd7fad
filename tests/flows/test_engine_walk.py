"""Random walks: whatever a resident does, the desk answers, and nothing leaves without a yes."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.engine import advance
from flows.events import AlertShown, CardShown, ConsentGiven, DataFileAsked, Event, Referred, Routed, Uttered
from flows.model import Entity, Intent, Message, Session
from tests.flows.talks import Talk, content

WORDS = sorted(
    {
        word
        for language in ("nl", "en")
        for name in content().texts.word_keys(language)
        for word in content().texts.words(name, language)
    }
)
SENTENCES = (
    "ik ben zo alleen",
    "mijn moeder is eenzaam",
    "ik krijg mijn steunkousen niet aan",
    "ik ben 14 en heb geen vrienden",
    "sorry, ik woon in Zuid",
    "mijn postcode is 1235 AB",
    "06 12 34 56 78",
    "ik zie het niet meer zitten",
    "ik wil dood",
    "mijn man slaat me",
    "wat gebeurt er met mijn gegevens?",
    "1234",
    "een vriend",
)
ACTS = (
    "greet goodbye thanks affirm deny unsure human stop restart withdraw_consent my_data delete_data status "
    "opening_hours complaint bot_challenge explain out_of_scope alert_suicide alert_violence"
)
INTENTS = (*content().themes, *ACTS.split())
QUESTIONS = 7  # of one intake, at the most
ABOUT_A_PERSON = "share_before"  # asked when a person was asked for; no question of the intake

intents = st.lists(
    st.builds(Intent, st.sampled_from(INTENTS), st.sampled_from([0.05, 0.3, 0.5, 0.7, 0.9, 1.0])), max_size=3
).map(tuple)
entities = st.lists(
    st.sampled_from(
        [Entity("person", "mother"), Entity("person", "nobody"), Entity("age", "14"), Entity("phone", "0612345678")]
    ),
    max_size=2,
).map(tuple)
texts = st.one_of(st.sampled_from(SENTENCES), st.sampled_from(WORDS), st.text(max_size=30))
typed = st.fixed_dictionaries(
    {"text": texts, "intents": intents, "entities": entities, "understood": st.sampled_from([True, True, True, False])}
)
odd = st.sampled_from([{"choice": "0.agree"}, {"choice": "999.agree"}, {"choice": ""}, {"attachment": "voice"}])
# A number taps one of the quick replies that are shown, so that a walk goes somewhere.
steps = st.one_of(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), typed, odd)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(content().themes),
    st.sampled_from(["ik zoek hulp", "mijn vader zoekt hulp"]),
    st.lists(steps, max_size=25),
)
def test_every_turn_is_answered_and_nothing_leaves_without_a_yes(theme: str, first: str, walk: list[Any]) -> None:
    talk = Talk()
    talk.says(first, theme)
    alarmed = False  # an alert was shown and no card since
    for step in walk:
        waiting = talk.session.prompt
        if isinstance(step, int) and waiting is not None and waiting.choices:
            tapped = waiting.choices[step % len(waiting.choices)].id
            talk.sends(choice=f"{waiting.number}.{tapped}")
        else:
            tapped = ""
            talk.sends(**(step if isinstance(step, dict) else {"text": "zo"}))
        _check_answered(talk)
        alarmed = _check_consent(talk, tapped, alarmed)
        _check_borders(talk)


def _check_answered(talk: Talk) -> None:
    said = [event for event in talk.events if isinstance(event, Uttered)]
    assert said or talk.happened(DataFileAsked), "the desk itself says where the file is"
    assert all(event.text for event in said)
    assert msgspec.json.decode(msgspec.json.encode(talk.session), type=Session) == talk.session
    assert len({asked.slot for asked in talk.session.asked} - {ABOUT_A_PERSON}) <= QUESTIONS


def _check_consent(talk: Talk, tapped: str, alarmed: bool) -> bool:
    previous: Event | None = None
    for event in talk.events:
        if isinstance(event, AlertShown):
            alarmed = True
        elif isinstance(event, CardShown):
            alarmed = False
        elif isinstance(event, ConsentGiven):
            assert not alarmed
            assert tapped == "agree" or _is_yes(talk.texts[talk.n])
        elif isinstance(event, Referred):
            assert isinstance(previous, ConsentGiven) and previous.card == event.card
        previous = event
    return alarmed


def _is_yes(text: str) -> bool:
    said = content().texts
    return said.says("words.consent_yes", text) or any(
        text.casefold().strip(" .!") == said.render("consent.agree", language).casefold() for language in ("nl", "en")
    )


def _check_borders(talk: Talk) -> None:
    medical = talk.session.slots.get("theme") == "personal_care" or talk.session.slots.get("medical")
    for event in talk.events:
        if isinstance(event, Routed) and medical:
            assert {option.kind for option in event.offer.options} <= {"team", "elsewhere"}
        if isinstance(event, Referred) and event.theme == "personal_care":
            assert event.option.kind == "team"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=400), min_size=1, max_size=6))
def test_any_text_at_all_gets_an_answer(lines: list[str]) -> None:
    talk = Talk()
    for line in lines:
        assert talk.says(line)


def test_a_hundred_thousand_characters_get_an_answer() -> None:
    assert Talk().says("hulp " * 20_000)


def test_what_was_written_before_the_alert_is_no_answer_to_it() -> None:
    talk = Talk()
    talk.says("ik ben zo alleen", "company")
    talk.says("ik zie het niet meer zitten")
    turn = advance(content(), talk.session, Message(1, "nee"), talk.way)
    assert turn.events == () and turn.session.prompt == talk.session.prompt
    assert turn.session.alert is not None and turn.session.alert.held == (1,), "kept for afterwards"
