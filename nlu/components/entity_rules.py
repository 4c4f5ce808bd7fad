"""Finds entities by rules, without Rasa: patterns that are plain to read, and words with the value they stand for.

The rules are data (`data/entities/*.yml`); nothing is learned, so what is found can be explained and is never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from components.normalise import without_accents

_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_MISTYPED = "person"  # the entity whose words may hold a typing error; other words have too many likely neighbours
_MISTYPED_FROM = 7  # letters, for the same reason ("dogter" and "dokter")
_NOT_MISTYPED = frozenset(["bekennen", "college", "colleges", "dichter", "families", "nachtje", "overuren", "zooitje"])
_JOINED = "time"  # an entity that is told in several pieces: "volgende week dinsdag om half drie"


@dataclass(frozen=True)
class Entity:
    """A piece of the message; `start` and `end` are places in its text, `value` is what it stands for."""

    name: str
    start: int
    end: int
    value: str


@dataclass
class EntityRules:
    """Rules for one language.

    `patterns`: (entity, fixed value or None, regular expression); a group in the expression is the value.
    `words`: entity → phrase in small letters → value.
    """

    patterns: list[tuple[str, str | None, str]]
    words: dict[str, dict[str, str]]
    _compiled: list[tuple[str, str | None, re.Pattern[str]]] = field(init=False)
    _phrases: dict[str, re.Pattern[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._compiled = [(name, value, re.compile(expression, re.I)) for name, value, expression in self.patterns]
        self._phrases = {name: _any_of(phrases) for name, phrases in self.words.items() if phrases}

    def find(self, text: str) -> list[Entity]:
        """All entities in the order of the text; of two that overlap and have one name, the longer one."""
        plain = without_accents(text).replace("’", "'")  # as long as `text`, so the places agree
        found = [*self._by_pattern(plain, text), *self._by_phrase(plain)]
        found += self._by_mistyped_word(plain, found)
        return sorted(_join(_longest(found), text), key=lambda entity: (entity.start, entity.name))

    def _by_pattern(self, plain: str, text: str) -> list[Entity]:
        found = []
        for name, value, pattern in self._compiled:
            for match in pattern.finditer(plain):
                group = 1 if pattern.groups and match.group(1) else 0
                start, end = match.span(group)
                found.append(Entity(name, start, end, value or _canonical(name, text[start:end])))
        return found

    def _by_phrase(self, text: str) -> list[Entity]:
        return [
            Entity(name, match.start(), match.end(), self.words[name][match.group().lower()])
            for name, pattern in self._phrases.items()
            for match in pattern.finditer(text)
        ]

    def _by_mistyped_word(self, text: str, found: list[Entity]) -> list[Entity]:
        phrases = self.words.get(_MISTYPED, {})
        more = []
        for match in _WORD.finditer(text):
            word = match.group().lower()
            if len(word) < _MISTYPED_FROM or word in _NOT_MISTYPED:
                continue
            if any(e.start < match.end() and match.start() < e.end for e in found):
                continue
            meant = {value for phrase, value in phrases.items() if _one_error(word, phrase)}
            if len(meant) == 1:
                more.append(Entity(_MISTYPED, match.start(), match.end(), meant.pop()))
        return more


def _any_of(phrases: dict[str, str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w-])", re.I)


def _canonical(name: str, text: str) -> str:
    """One way of writing: "1234 AB", ten digits, a capital for a name."""
    if name == "postcode":
        letters = text[4:].strip().upper()
        return f"{text[:4]} {letters}".strip()
    if name == "phone":
        digits = re.sub(r"\(0\)|\D", "", text)
        return "0" + re.sub(r"^(?:0031|31)", "", digits) if not re.match(r"0[1-9]", digits) else digits
    if name == "first_name":
        return text if text[0].isupper() else text.capitalize()
    return text.strip().lower()


def _one_error(word: str, phrase: str) -> bool:
    """Whether one letter is missing, too many, wrong or swapped with its neighbour; the first letter must be right."""
    if (
        " " in phrase
        or len(phrase) < _MISTYPED_FROM
        or word[0] != phrase[0]
        or abs(len(word) - len(phrase)) > 1
        or word == phrase
    ):
        return False
    same = next((i for i, (a, b) in enumerate(zip(word, phrase, strict=False)) if a != b), min(len(word), len(phrase)))
    rest, wanted = word[same:], phrase[same:]
    if len(word) == len(phrase):
        swapped = len(rest) > 1 and rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:]
        return rest[1:] == wanted[1:] or swapped
    return rest[1:] == wanted or rest == wanted[1:]


def _longest(found: list[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in sorted(found, key=lambda entity: entity.start - entity.end):
        if not any(entity.name == k.name and entity.start < k.end and k.start < entity.end for k in kept):
            kept.append(entity)
    return kept


def _join(found: list[Entity], text: str) -> list[Entity]:
    joined: list[Entity] = []
    for entity in sorted(found, key=lambda entity: entity.start):
        before = next((e for e in reversed(joined) if e.name == _JOINED), None)
        if entity.name == _JOINED and before and not text[before.end : entity.start].strip(" ,"):
            joined.remove(before)
            span = text[before.start : entity.end]
            joined.append(Entity(_JOINED, before.start, entity.end, span.lower()))
        else:
            joined.append(entity)
    return joined
