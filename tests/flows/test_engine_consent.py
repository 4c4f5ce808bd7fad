"""Nothing is sent without a yes to this card; after an alert, the card is asked again."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flows.crisis import assess
from flows.events import AlertShown, CardShown, ConsentGiven, ConsentRefused, PointedElsewhere, Referred
from flows.texts import plain
from tests.flows.talks import Talk, at_card, content

TEXTS = content().texts
YES = [word for language in ("nl", "en") for word in TEXTS.words("words.consent_yes", language)]
LABELS = {plain(TEXTS.render(f"consent.{name}", language)) for language in ("nl", "en") for name in ("agree",)}
CARD = at_card()

around_a_yes = st.builds(
    lambda before, yes, after: f"{before} {yes} {after}",
    st.sampled_from(["", "nou", "eh", "maar", "niet", "no", "if", "liever"]),
    st.sampled_from(YES),
    st.sampled_from(["", "maar", "niet", "als het moet", "but", "not", "?", "misschien", "doe het niet"]),
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), around_a_yes, st.sampled_from(YES).map(lambda yes: yes + " " + yes)))
def test_what_is_not_on_the_list_is_never_a_yes(text: str) -> None:
    assume(not TEXTS.says("words.consent_yes", text) and plain(text) not in LABELS)
    card = Talk(session=CARD.session, n=CARD.n)
    card.says(text, "affirm", 1.0)
    assert not card.happened(ConsentGiven) and not card.happened(Referred)


@pytest.mark.parametrize("yes", YES)
def test_after_an_alert_a_yes_to_the_old_card_does_not_count(yes: str) -> None:
    card = Talk(session=CARD.session, n=CARD.n)
    old_button = f"{card.session.prompt.number}.agree" if card.session.prompt else ""
    card.says("ik wil niet meer leven")
    assert card.happened(AlertShown)
    card.says(yes)
    assert not card.happened(ConsentGiven)
    card.sends(choice=old_button)
    assert not card.happened(ConsentGiven)


def test_the_card_comes_back_after_the_alert_and_can_then_be_agreed_to() -> None:
    card = Talk(session=CARD.session, n=CARD.n)
    card.says("ik wil niet meer leven")
    assert card.taps("continue") == ("desk.going_on", "consent.card") and card.happened(CardShown)
    card.says("ja")
    assert card.happened(ConsentGiven) and card.happened(Referred)


def test_a_no_to_the_question_of_an_alert_brings_the_card_back_too() -> None:
    card = Talk(session=CARD.session, n=CARD.n)
    sentence = "ik zie het niet meer zitten"
    found = assess(sentence)
    assert found is not None and found.level == "concern"
    card.says(sentence)
    assert card.says("nee") == ("crisis.after_no", "consent.card")
    assert not card.happened(ConsentRefused)


def test_agreeing_sends_exactly_the_card_that_was_shown() -> None:
    card = Talk(session=CARD.session, n=CARD.n)
    shown = card.session.card
    card.taps("agree")
    given_to = [event.card for event in card.events if isinstance(event, ConsentGiven)]
    referred = [event for event in card.events if isinstance(event, Referred)]
    assert given_to == [shown] and [event.card for event in referred] == [shown]
    assert shown is not None and "ik voel me zo alleen hier in Noord" in shown.text


def test_calling_oneself_sends_nothing_and_is_logged_as_pointed_elsewhere() -> None:
    card = Talk(session=CARD.session, n=CARD.n)
    assert card.says("ik bel zelf wel") == ("consent.calls_self", "contact.card", "contact.ask_call")
    assert card.happened(ConsentRefused) and card.happened(PointedElsewhere) and not card.happened(Referred)


def test_an_old_button_shows_the_present_card() -> None:
    card = Talk(session=CARD.session, n=CARD.n)
    before = card.session.card
    card.says("hmm")
    assert before is not None
    assert card.sends(choice=f"{CARD.session.prompts}.agree") == ("desk.old_button", "consent.card")
    assert card.session.card is not None and card.session.card.version > before.version


def test_a_button_that_never_existed_shows_the_present_card() -> None:
    for choice in ("", "agree", "1.agree", f"{CARD.session.prompts}.send_everything", "9" * 64):
        card = Talk(session=CARD.session, n=CARD.n)
        assert card.sends(choice=choice) == ("desk.old_button", "consent.card")
        assert not card.happened(ConsentGiven)
