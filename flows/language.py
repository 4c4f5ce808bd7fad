"""Which of the two languages a resident writes; told by the small words in `words.telling` and by who read the message.

The first telling message decides at once. Later a change is only offered, and a no is remembered.
"""

from __future__ import annotations

from flows.answers import pick
from flows.conversation import Talk
from flows.events import LanguageSet, Reread
from flows.model import Choice, Language, LanguageOffered
from flows.texts import plain

SHORTEST = 3  # words; "hallo help" tells nothing
TELLING = 2  # small words of the other language before a change is offered; a name ("Jan de Vries") has one
_NOT_AMID = ("consent", "card_line", "detail", "confirm", "alert", "language")  # questions that bear no interruption


def follow_language(talk: Talk) -> None:
    """Changes to the language of the message when it clearly is the other one: for a first message, or one in danger,
    where the wrong language costs more than a wrong guess."""
    if _other_spoken(talk, least=1):
        set_language(talk, _other(talk))


def set_language(talk: Talk, language: Language) -> None:
    talk.session.language = language
    talk.events.append(LanguageSet(language))


def hear_language(talk: Talk) -> bool:
    """For every typed message: the first one that tells decides at once; later the other language is offered, and the
    message waits for the answer. True when it was offered."""
    session, message = talk.session, talk.message
    if len(plain(message.text).split()) < SHORTEST:
        return False
    first, session.language_heard = not session.language_heard, True
    if first and not session.stack:
        follow_language(talk)
        return False
    if session.language_settled or (session.prompt is not None and session.prompt.kind in _NOT_AMID):
        return False
    if not _other_spoken(talk, least=TELLING):
        return False
    session.language_offered = LanguageOffered(message.n, session.prompt)
    choices = [talk.choice(language, f"language.{language}") for language in (_other(talk), session.language)]
    talk.ask("language", "language.offer", choices)
    return True


def read_language_answer(talk: Talk, choice: Choice | None) -> None:
    """The answer to the offer. Other words than an answer answer it too, by the language they are in. What waited is
    read now."""
    session, message = talk.session, talk.message
    assert session.prompt is not None
    if choice is None:
        choice = pick(message.text, session.prompt.choices, talk.content.texts)
    yes = choice.id != session.language if choice else talk.content.texts.says("words.yes", message.text)
    answered = yes or choice is not None or talk.content.texts.says("words.no", message.text)
    if not answered:
        yes = _other_spoken(talk, least=1)
    settle_offer(talk, _other(talk) if yes else session.language)
    if not answered:
        talk.events.append(Reread(message.n))


def settle_offer(talk: Talk, language: Language) -> None:
    """Goes on in `language` with what the desk asked before the offer and the message that waited."""
    session, offered = talk.session, talk.session.language_offered
    assert offered is not None
    if language == session.language:
        session.language_settled = True
    else:
        set_language(talk, language)
        talk.utter("desk.language_set")
    session.prompt, session.language_offered = offered.interrupted, None
    talk.events.append(Reread(offered.n))


def _other(talk: Talk) -> Language:
    return "en" if talk.session.language == "nl" else "nl"


def _other_spoken(talk: Talk, least: int) -> bool:
    """Whether the message is clearly in the other language: whoever read it says so, or does not know, and at least
    so many small words do."""
    words = plain(talk.message.text).split()
    spoken, other = talk.message.spoken, _other(talk)
    if len(words) < SHORTEST or spoken not in (None, other):
        return False
    here, there = (
        sum(word in talk.content.texts.words("words.telling", language) for word in words)
        for language in (talk.session.language, other)
    )
    return there >= least and there > here
