"""Which of the two languages a resident writes; told by the small words in `words.telling`."""

from __future__ import annotations

from flows.conversation import Talk
from flows.model import Language, LanguageSet
from flows.texts import plain

SHORTEST = 3  # words; "hallo help" tells nothing
SURE = 3  # words that only the other language has, before the desk changes over by itself


def follow_language(talk: Talk, *, readily: bool) -> None:
    """Changes to the language of the message when it clearly is the other one. `readily`: a first message, or one in
    danger, where the wrong language costs more than a wrong guess."""
    words = plain(talk.message.text).split()
    if len(words) < SHORTEST:
        return
    spoken = talk.session.language
    other: Language = "en" if spoken == "nl" else "nl"
    telling = {
        language: sum(word in talk.content.texts.words("words.telling", language) for word in words)
        for language in (spoken, other)
    }
    clearly = telling[other] > telling[spoken] if readily else telling[other] >= SURE and not telling[spoken]
    if clearly:
        talk.session.language = other
        talk.events.append(LanguageSet(other))
