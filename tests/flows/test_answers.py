"""Yes is never read as no, nor no as yes; and what each kind of question makes of an answer."""

from __future__ import annotations

from typing import Any

import pytest

from flows.answers import Answer, pick, read_answer
from flows.definition import Step
from flows.events import ConsentGiven, ConsentRefused
from flows.model import Choice, Entity, Intent, Message
from tests.flows.phrasings import NEITHER, NO, YES
from tests.flows.talks import at_card, content

TEXTS = content().texts
CHOICES = (Choice("koffie", "Koffieochtend Noord"), Choice("maatjes", "Maatjes van Samenloop"), Choice("none", "Geen"))


def test_there_are_enough_phrasings() -> None:
    assert len(YES) + len(NO) >= 120 and not set(YES) & set(NO)


@pytest.mark.parametrize(("phrases", "opposite"), [(YES, ConsentRefused), (NO, ConsentGiven)], ids=["yes", "no"])
def test_at_the_card_a_yes_is_never_a_no_and_a_no_never_a_yes(phrases: tuple[str, ...], opposite: type) -> None:
    card = at_card()
    understood = 0
    for phrase in phrases:
        # The model swears that it was the opposite; it is not asked.
        model = "deny" if opposite is ConsentRefused else "affirm"
        card_again = type(card)(session=card.session, n=card.n)
        card_again.sends(text=phrase, intents=(Intent(model, 1.0),))
        assert not card_again.happened(opposite), phrase
        understood += card_again.happened(ConsentGiven) or card_again.happened(ConsentRefused)
    assert understood == len(phrases)


@pytest.mark.parametrize("phrase", NEITHER)
def test_at_the_card_anything_else_is_asked_again(phrase: str) -> None:
    card = at_card()
    card.sends(text=phrase, intents=(Intent("affirm", 1.0),))
    assert not card.happened(ConsentGiven) and not card.happened(ConsentRefused)
    assert card.heard()[-1] == "consent.card"


@pytest.mark.parametrize("words", ["words.yes", "words.consent_yes"])
@pytest.mark.parametrize("opposite", ["words.no", "words.consent_no", "words.unsure", "words.skip"])
def test_no_word_means_yes_and_no_at_once(words: str, opposite: str) -> None:
    said_yes = {word for language in ("nl", "en") for word in TEXTS.words(words, language)}
    assert not [word for word in said_yes if TEXTS.says(opposite, word)]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("Koffieochtend Noord", "koffie"),
        ("koffieochtend noord!", "koffie"),
        ("koffie ochtent nord", "koffie"),
        ("1", "koffie"),
        ("de tweede", "maatjes"),
        ("doe de eerste", "koffie"),
        ("samenloop", "maatjes"),
        ("3", "none"),
        ("4", None),
        ("iets anders dan dit", None),
        ("", None),
        ("ik wil heel graag iets doen met mensen uit de buurt maar ik weet nog niet wat", None),
    ],
)
def test_a_quick_reply_can_be_typed(text: str, chosen: str | None) -> None:
    found = pick(text, CHOICES, TEXTS)
    assert (found.id if found else None) == chosen


def test_where_it_matters_only_the_label_itself_counts() -> None:
    assert pick("koffieochtend nord", CHOICES, TEXTS, exact=True) is None
    assert pick("1", CHOICES, TEXTS, exact=True) is None
    assert pick("KOFFIEOCHTEND NOORD", CHOICES, TEXTS, exact=True) == CHOICES[0]


def test_a_label_that_could_be_two_is_none() -> None:
    twins = (Choice("a", "Wijkteam Noord"), Choice("b", "Wijkteam Zuid"))
    assert pick("wijkteam", twins, TEXTS) is None


@pytest.mark.parametrize(
    ("kind", "text", "entities", "value"),
    [
        ("text", "  ik wandel graag ", (), "ik wandel graag"),
        ("people", "dochter en buur", (("person", "daughter"), ("person", "neighbour")), ["daughter", "neighbour"]),
        ("people", "helemaal niemand", (), []),
        ("people", "iemand van de kerk", (), ["someone"]),
        ("people", "ik heb niemand hoor", (("person", "nobody"),), []),
        ("place", "1235 AB", (), "centrum"),
        ("place", "ik woon in zuid hoor", (), "zuid"),
        ("place", "daar bij de kerk", (("postcode", "1234"),), "noord"),
        ("yes_no", "ja hoor", (), True),
        ("yes_no", "liever niet", (), False),
        ("phone", "bel 06 12 34 56 78", (), "0612345678"),
        ("phone", "+31 6 12345678", (), "0612345678"),
        ("phone", "0031612345678", (), "0612345678"),
        ("phone", "010-123 45 67", (), "0101234567"),
        ("phone", "mijn nummer is (053) 434 12 34", (), "0534341234"),
        ("phone", "+32 470 12 34 56", (), "+32470123456"),
        ("phone", "+49 30 1234567", (), "+49301234567"),
        ("phone", "0049 151 23456789", (), "+4915123456789"),
        ("place", "1234", (), "noord"),
        ("place", "1234ab", (), "noord"),
        ("place", "ik woon in Noord", (), "noord"),
        ("age", "ik ben 74", (), 74),
        ("age", "veertien", (("age", "14"),), 14),
        ("name", "Annie", (), "Annie"),
        ("name", "ik heet Annie van dijk", (("first_name", "Annie"),), "Annie"),
    ],
)
def test_reads_an_answer(kind: str, text: str, entities: tuple[tuple[str, str], ...], value: Any) -> None:
    found = tuple(Entity(name, said) for name, said in entities)
    step = Step("collect", "x", 0, 0, type=kind, required=kind == "yes_no")
    answer = read_answer(step, Message(1, text, entities=found), None, TEXTS, content().places)
    assert answer == Answer(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("place", "Amsterdam"),
        ("yes_no", "hangt ervan af"),
        ("phone", "0612"),
        ("phone", "+44 20 7946 0958"),
        ("phone", "06 99"),
        ("phone", "0" * 5000),
        ("age", "oud"),
        ("age", "²"),
        ("age", "٣"),
        ("age", "9" * 5000),
        ("age", "999"),
        ("name", "mijn nummer is 12"),
        ("choice", "blauw"),
    ],
)
def test_what_is_no_answer_is_none(kind: str, text: str) -> None:
    step = Step("collect", "x", 0, 0, type=kind)
    assert read_answer(step, Message(1, text), None, TEXTS, content().places) is None


@pytest.mark.parametrize("text", ["weet ik niet", "sla maar over", "dat zeg ik liever niet", "I'd rather not say"])
def test_every_question_can_be_declined(text: str) -> None:
    for kind in ("text", "people", "place", "phone", "age", "name", "choice"):
        step = Step("collect", "x", 0, 0, type=kind)
        assert read_answer(step, Message(1, text), None, TEXTS, content().places) == Answer(None)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("voor mij", "self"),
        ("mezelf", "self"),
        ("voor mijn moeder", "other"),
        ("mn buurvrouw", "other"),
        ("for my dad", "other"),
        ("myself", "self"),
        ("voor mij en mijn man", None),
    ],
)
def test_for_whom_can_be_said_in_words(text: str, who: str | None) -> None:
    step = Step("collect", "who", 0, 0, type="choice", choices=("self", "other"))
    answer = read_answer(step, Message(1, text), None, TEXTS, content().places)
    assert (answer.value if answer else None) == who
