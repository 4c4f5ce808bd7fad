"""Whose danger it is: a bystander's card only when the message is clearly about somebody else."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import pytest

from flows.alerts import alert_turn
from flows.bystander import about_another
from flows.crisis import CATEGORIES, Alert
from flows.engine import advance
from flows.events import Uttered
from flows.model import Message, Session
from flows.texts import LANGUAGES
from tests.flows.talks import content, route

SENTENCES = Path(__file__).parent / "crisis"


def is_about_another(category: str, text: str) -> bool:
    return about_another(content().texts, category, text)


@pytest.mark.parametrize(
    ("category", "text"),
    [
        ("suicide", "mijn buurvrouw wil dood"),
        ("suicide", "Mijn moeder zegt dat ze er een eind aan wil maken, wat moet ik doen?"),
        ("suicide", "Ik ben bang dat m'n broer zichzelf iets aandoet"),
        ("suicide", "my friend says she wants to die"),
        ("suicide", "I am worried about my brother, he wants to kill himself"),
        ("violence", "mijn zus wordt geslagen door haar man"),
        ("violence", "De buurman slaat zijn vrouw, ik hoor haar gillen"),
        ("violence", "my neighbour is being beaten by her husband"),
        ("child", "mijn kleindochter wordt misbruikt"),
        ("child", "De kinderen hiernaast worden geslagen"),
        ("child", "mijn man slaat de kinderen"),
        ("child", "my neighbour hits her kids"),
    ],
)
def test_clearly_another(category: str, text: str) -> None:
    assert is_about_another(category, text)


@pytest.mark.parametrize(
    ("category", "text"),
    [
        ("suicide", "ik wil dood"),
        ("suicide", "mijn man is overleden, wil niet meer leven"),
        ("suicide", "mijn buurvrouw is weg en ik wil dood"),
        ("suicide", "mijn vriendin wil dood en ik ook"),
        ("suicide", "mijn dochter zegt dat ze me haat, ik maak er een einde aan"),
        ("suicide", "wil dood"),
        ("suicide", "my mother died, want to die"),
        ("suicide", "my friend wants to die and so do I"),
        ("violence", "mijn man slaat me"),
        ("violence", "mijn man slaat"),
        ("violence", "mijn vriend slaat me vrouw en kinderen kijken toe"),
        ("violence", "word geslagen door mijn vriend"),
        ("violence", "wordt in elkaar geslagen door mijn vriend"),
        ("violence", "hij heeft een mes op mijn keel gezet"),
        ("violence", "ik ben bang voor mijn man, hij slaat ook zijn moeder"),
        ("violence", "my boyfriend hits me"),
        ("violence", "is being beaten by my husband"),
        ("child", "mijn vader slaat me"),
        ("child", "papa slaat mijn zusje"),
        ("child", "mijn vader slaat mijn broertje"),
        ("child", "ik ben een kind en ik word geslagen"),
        ("child", "ben een kind en word geslagen thuis"),
        ("child", "mijn vriendinnetje wordt thuis geslagen, haar vader doet dat, ze is een kind"),
        ("child", "my dad hits my little brother"),
        ("child", "ik sla mijn kind"),
        ("emergency", "mijn buurvrouw heeft een hartaanval"),
        ("suicide", ""),
        ("violence", "…"),
    ],
)
def test_when_unsure_the_present_card(category: str, text: str) -> None:
    assert not is_about_another(category, text)


def sentences(file: str) -> list[dict[str, str]]:
    with (SENTENCES / file).open(encoding="utf-8") as opened:
        found = list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row for row in found if row["label"] in CATEGORIES]


def test_no_child_and_nobody_in_second_person_danger_gets_a_bystanders_card() -> None:
    """Of the sentences that a child says of itself none may be taken for a bystander's, and none with "me" in it."""
    children = [row for row in sentences("positives.tsv") if row["kind"] == "child_voice"]
    assert len(children) > 30
    assert [row["text"] for row in children if is_about_another(row["label"], row["text"])] == []
    for file in ("positives.tsv", "unseen.tsv", "independent.tsv"):
        for row in sentences(file):
            text = f" {row['text'].lower()} "
            if any(f" {word} " in text for word in ("slaat me", "slaat mij", "hits me", "ik wil dood", "help me")):
                assert not is_about_another(row["label"], row["text"]), row["text"]


def test_how_many_bystanders_are_seen() -> None:
    rows = [row for row in sentences("positives.tsv") if row["kind"] == "bystander" and row["label"] != "emergency"]
    seen = sum(is_about_another(row["label"], row["text"]) for row in rows)
    print(f"bystanders that get their own card: {seen} of {len(rows)}")
    assert seen / len(rows) > 0.5


def said(category: str, text: str, level: str = "now") -> tuple[Session, list[str]]:
    turn = alert_turn(content(), Session(), Message(1, text), Alert(category, level))  # type: ignore[arg-type]
    return turn.session, [event.key for event in turn.events if isinstance(event, Uttered)]


@pytest.mark.parametrize(
    ("category", "text", "card"),
    [
        ("suicide", "mijn moeder wil dood", "crisis.suicide.now_other"),
        ("suicide", "ik wil dood", "crisis.suicide.now"),
        ("violence", "mijn zus wordt mishandeld", "crisis.violence.now_other"),
        ("violence", "mijn man mishandelt me", "crisis.violence.now"),
        ("child", "mijn vader slaat me met een riem", "crisis.child.now"),
        ("child", "mijn buurmeisje wordt geslagen", "crisis.child.now_other"),
        ("emergency", "mijn buurman ademt niet meer", "crisis.emergency.now"),
    ],
)
def test_the_card_that_is_shown(category: str, text: str, card: str) -> None:
    assert said(category, text)[1] == [card]


@pytest.mark.parametrize(
    ("answer", "card"),
    [("ja", "now_other"), ("weet ik niet", "now_other"), ("nee ik zelf eigenlijk", "now"), ("het gaat om mij", "now")],
)
def test_an_answer_to_the_question(answer: str, card: str) -> None:
    asked, keys = said("suicide", "mijn zus zegt dat ze niet meer verder wil", "concern")
    assert keys == ["crisis.suicide.concern"]
    turn = advance(content(), asked, Message(3, answer), route)
    assert [event.key for event in turn.events if isinstance(event, Uttered)] == [f"crisis.suicide.{card}"]


def test_a_yes_to_a_question_about_oneself() -> None:
    asked, _ = said("suicide", "ik zie het niet meer zitten", "concern")
    turn = advance(content(), asked, Message(3, "ja"), route)
    assert [event.key for event in turn.events if isinstance(event, Uttered)] == ["crisis.suicide.now"]


def test_every_bystanders_card_begins_with_the_emergency_number_and_has_no_i_form_for_a_child() -> None:
    texts = content().texts
    for language in LANGUAGES:
        for category in ("suicide", "violence", "child"):
            card = texts.source(f"crisis.{category}.now_other", language)
            assert "numbers.emergency" in card.splitlines()[0]
            assert "numbers.violence" in card or "numbers.suicide" in card
    assert "Ben je zelf een kind?" in texts.source("crisis.child.now", "nl")
    assert "Ben je" not in texts.source("crisis.child.now_other", "nl")


def test_the_word_lists_are_packaged() -> None:
    for language in LANGUAGES:
        words = (files("flows") / "locales" / language / "words.yml").read_text("utf-8")
        assert "words.looking_on:" in words and "words.about_myself:" in words
