"""What counts as "it cannot wait", and what only sounds like it."""

from __future__ import annotations

import pytest

from desk.content import load_texts
from flows.conversation import Talk
from flows.model import Language, Message, Session
from flows.urgency import hear_urgency
from tests.flows.talks import content


def heard(text: str, language: Language = "nl") -> bool:
    talk = Talk(content(), Session(language=language), Message(1, text), None)
    first = hear_urgency(talk, text)
    assert talk.session.slots.get("urgent", False) == first
    assert not hear_urgency(talk, text), "once is enough"
    return first


@pytest.mark.parametrize(
    "text",
    [
        "Dit kan écht niet wachten!",
        "kan er vandaag nog iemand komen",
        "het is dringend, de stroom wordt afgesloten",
        "Met spoed hulp nodig",
        "wij kunnen niet langer wachten op een huis",
    ],
)
def test_it_cannot_wait(text: str) -> None:
    assert heard(text)


@pytest.mark.parametrize(
    "text",
    [
        "er is geen spoed bij",
        "het is niet dringend hoor",
        "ik kan niet wachten om mee te helpen",
        "ik heb vandaag nog niet gegeten met iemand",
        "de spoedeisende hulp heeft mij naar huis gestuurd",
        "vandaag de dag groet niemand elkaar",
        "",
    ],
)
def test_it_can_wait_or_nobody_said_so(text: str) -> None:
    assert not heard(text)


def test_in_english_too() -> None:
    assert heard("this cannot wait", "en")
    assert heard("I need somebody straight away", "en")
    assert not heard("I can't wait to help in the garden", "en")
    assert not heard("it is not urgent", "en")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_word_is_heard_and_every_exception_is_not(language: Language) -> None:
    texts = load_texts()
    for word in texts.words("words.urgent", language):
        assert heard(f"hm {word} hm", language), word
    for word in texts.words("words.not_urgent", language):
        assert not heard(f"hm {word} hm", language), word
