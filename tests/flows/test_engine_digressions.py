"""Ways off the road and back: questions in between, a person, stop, withdraw, forget, the ladder, the languages."""

from __future__ import annotations

import pytest

from flows.events import AlertShown, ConsentWithdrawn, ErasureAsked, HandedToHost, Uttered
from flows.model import Intent
from tests.flows.talks import Talk, at_card


def company() -> Talk:
    talk = Talk()
    talk.says("ik voel me alleen", "company")
    return talk


@pytest.mark.parametrize(
    ("intent", "text", "key"),
    [
        ("opening_hours", "hoe laat zijn jullie open?", "hours.card"),
        ("bot_challenge", "bent u een robot?", "desk.is_computer"),
        ("explain", "waarom wilt u dat weten?", "desk.explain"),
        ("status", "hoe staat het?", "status.card"),
        ("complaint", "waar kan ik klagen?", "complaint.card"),
    ],
)
def test_a_question_in_between_is_answered_and_the_intake_goes_on(intent: str, text: str, key: str) -> None:
    talk = company()
    assert talk.says(text, intent) == (key, "where.ask")
    assert talk.taps("noord") == ("company.ask_network",)


def test_a_person_may_be_asked_for_in_the_middle_and_the_intake_goes_on() -> None:
    talk = company()
    assert talk.says("mens") == ("human.ask_share",)
    assert talk.says("nee liever niet") == ("human.confirmed", "where.ask")
    handed = [event for event in talk.events if isinstance(event, HandedToHost)]
    assert handed == [HandedToHost(share_before=False)]


def test_without_anything_said_before_nothing_is_asked_about_sharing() -> None:
    assert Talk().says("ik wil een mens spreken") == ("desk.welcome", "human.confirmed")


def test_a_person_typed_by_its_number_in_the_menu() -> None:
    talk = Talk()
    talk.says("/start")
    assert talk.says("9") == ("human.confirmed",)
    assert talk.happened(HandedToHost) and talk.session.slots.get("theme") is None


def test_stop_says_whether_something_was_sent() -> None:
    talk = company()
    talk.says("stop")
    assert _text(talk) == "Goed, we stoppen. Ik heb niets doorgestuurd. U kunt altijd weer een bericht sturen."
    sent = at_card()
    sent.taps("agree")
    sent.says("stop")
    assert "blijft staan" in _text(sent) and "niets doorgestuurd" not in _text(sent)


def test_withdrawal_by_the_word_itself_is_at_once_and_a_guess_is_asked_first() -> None:
    sent = at_card()
    sent.taps("agree")
    guessed = Talk(session=sent.session, n=sent.n)
    assert guessed.says("ik heb er spijt van", "withdraw_consent") == ("withdraw.confirm",)
    assert not guessed.happened(ConsentWithdrawn)
    assert guessed.says("ach nee") == ("desk.nothing_changed",)
    assert sent.says("intrekken") == ("withdraw.done",)
    assert sent.happened(ConsentWithdrawn)


@pytest.mark.parametrize("words", ["vergeet mij", "wis alles", "forget me"])
def test_forgetting_needs_a_clear_yes_and_no_model(words: str) -> None:
    talk = company()
    assert talk.sends(text=words, understood=False) == ("data.confirm_erase",)
    unclear = Talk(session=talk.session, n=talk.n)
    unclear.says("misschien")
    assert not unclear.happened(ErasureAsked)
    talk.says("ja")
    assert talk.happened(ErasureAsked) and talk.session.stack == []


def test_the_ladder_ends_with_a_person_and_never_in_a_circle() -> None:
    talk = Talk()
    said = [talk.says(text) for text in ("blauwe fiets", "fiets fiets", "nou ja", "zo dus", "tja")]
    assert said[0] == ("desk.heard", "desk.welcome", "desk.rephrase")
    assert any("human.confirmed" in keys or "human.ask_share" in keys for keys in said)


def test_without_the_model_the_menu_comes_and_then_a_person() -> None:
    talk = Talk()
    said = [talk.sends(text=text, understood=False)[-1] for text in ("help mij", "nou", "hallo hee")]
    assert said[:2] == ["desk.menu_only", "desk.menu_instead"] and said[2].startswith("human.")


def test_three_themes_are_offered_when_unsure() -> None:
    talk = Talk()
    ranking = (("grief", 0.3), ("company", 0.25), ("mental_health", 0.2), ("meals", 0.15), ("housing", 0.05))
    talk.sends(text="het is stil in huis geworden", intents=tuple(Intent(*one) for one in ranking))
    assert talk.session.prompt is not None
    assert [choice.id for choice in talk.session.prompt.choices] == ["grief", "company", "mental_health", "none"]
    talk.taps("grief")
    assert talk.session.slots["request"] == "het is stil in huis geworden"


def test_nee_after_the_end_is_a_goodbye_and_no_misunderstanding() -> None:
    talk = at_card()
    talk.taps("refuse")
    talk.taps("no")
    assert talk.sends(text="nee hoor", understood=False) == ("desk.goodbye",)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I need help with my letters", "en"),
        ("my mother is lonely", "en"),
        ("we would like to do something nice", "en"),
        ("mijn moeder is zo eenzaam sinds ze verhuisd is", "nl"),
        ("is er al nieuws", "nl"),
        ("Is er hier in Zuid iets te doen?", "nl"),
        ("help we zitten zonder geld", "nl"),
        ("hallo", "nl"),
    ],
)
def test_the_first_message_decides_the_language(text: str, language: str) -> None:
    talk = Talk()
    talk.says(text)
    assert talk.session.language == language


def test_taal_changes_over_in_the_middle_and_asks_the_same_again() -> None:
    talk = company()
    assert talk.says("/taal") == ("desk.language_set", "where.ask")
    assert _text(talk).startswith("In which neighbourhood")
    assert talk.says("nederlands graag") == ("desk.language_set", "where.ask")


@pytest.mark.parametrize("text", ["I want to kill myself", "my husband hits me"])
def test_danger_in_english_is_answered_in_english_first_thing_and_half_way(text: str) -> None:
    for talk in (Talk(), company()):
        talk.says(text)
        assert talk.happened(AlertShown) and talk.session.language == "en"


def test_what_raised_an_alert_is_no_answer_to_the_question_it_interrupted() -> None:
    talk = Talk()
    talk.says("ik voel me alleen in Noord", "company")
    talk.taps("skip")
    talk.says("ik wil dood")
    assert talk.taps("continue") == ("desk.going_on", "company.ask_capacity")
    assert talk.session.slots.get("own_capacity") is None


def test_after_no_the_message_is_read_for_what_else_it_says() -> None:
    talk = Talk()
    talk.says("ik zie het niet meer zitten met al die brieven")
    assert talk.happened(AlertShown)
    said = talk.sends(text="nee", intents=(Intent("paperwork", 0.9),))
    assert said[:3] == ("crisis.after_no", "ack.paperwork", "desk.welcome")


@pytest.mark.parametrize("attachment", ["voice", "photo", "sticker", "location", "document", "video", "contact"])
def test_what_cannot_be_read_is_said_and_the_question_stays(attachment: str) -> None:
    talk = company()
    assert talk.sends(attachment=attachment) == ("desk.cannot_read", "where.ask")


@pytest.mark.parametrize("text", ["😭😭", "...", "   ", "\u200f\u200f", "!!??"])
def test_without_words_the_question_stays(text: str) -> None:
    assert company().sends(text=text) == ("desk.no_words", "where.ask")


def test_right_to_left_writing_gets_an_answer() -> None:
    assert Talk().says("أحتاج إلى مساعدة من فضلك")


def _text(talk: Talk) -> str:
    return [event.text for event in talk.events if isinstance(event, Uttered)][-1]
