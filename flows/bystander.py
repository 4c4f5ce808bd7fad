"""Whether a message about danger is clearly about somebody else, by the words in `words.another_*`. When unsure: no."""

from __future__ import annotations

import re
from functools import lru_cache

from flows.texts import LANGUAGES, Texts, plain


def about_another(texts: Texts, category: str, text: str) -> bool:
    """Whether `text`, in which danger of `category` was seen, is clearly about somebody else: it names them, says what
    a bystander says, and has no word left by which it could be about the one who writes."""
    said = f" {plain(text)} "
    if speaks_of_self(texts, text):
        return False
    if category == "suicide":
        if _find(texts, "perhaps_self").search(said):
            return False
        named = list(_others(texts).finditer(said))
        does = _find(texts, "another_does")
        return bool(named) and (
            _find(texts, "another_is").search(said) is not None or any(does.match(said, other.end()) for other in named)
        )
    if category == "violence":
        hurt = _find(texts, "another_hurt").search(said) is not None
        return hurt and any(not _by_them(texts, said, other.start()) for other in _others(texts).finditer(said))
    if category == "child":
        return (
            _find(texts, "another_young").search(said) is not None
            and _find(texts, "perhaps_child").search(said) is None
        )
    return False


def speaks_of_self(texts: Texts, text: str) -> bool:
    """Whether a word is left that means the one who writes ("ik", "mij", "mijn keel"), after "ik hoor …", "wat kan ik
    doen" and "mijn buurvrouw"."""
    said = f" {plain(text)} "
    said = _find(texts, "looking_on").sub(" ~", said)
    said = _others(texts).sub(" ~", said)
    return _find(texts, "about_myself").search(said) is not None


def _by_them(texts: Texts, said: str, start: int) -> bool:
    """ "Door mijn man" names who does it, not whom it happens to."""
    before = said[:start].rsplit(maxsplit=1)
    return bool(before) and _find(texts, "another_by").fullmatch(f" {before[-1]}") is not None


@lru_cache(maxsize=64)
def _find(texts: Texts, name: str) -> re.Pattern[str]:
    """Matches any of `words.<name>`, in either language, with the space before it and up to the space behind it."""
    return _any_of(_words(texts, name))


@lru_cache(maxsize=4)
def _others(texts: Texts) -> re.Pattern[str]:
    """Somebody named: "mijn buurvrouw", "de buren"."""
    theirs = [f"{whose} {person}" for whose in _words(texts, "whose") for person in _words(texts, "another_person")]
    return _any_of([*theirs, *_words(texts, "another_seen")])


def _words(texts: Texts, name: str) -> list[str]:
    found = (plain(word) for language in LANGUAGES for word in texts.words(f"words.{name}", language))
    return [word for word in found if word]


def _any_of(words: list[str]) -> re.Pattern[str]:
    longest_first = sorted(set(words), key=len, reverse=True)
    return re.compile(f" (?:{'|'.join(map(re.escape, longest_first))})(?= |$)")
