"""The crisis guard: sees danger in what a resident writes, first and always. Its words lie in `crisis_patterns/`.

Two readers: the patterns, which a professional can read and change, and a model that learned from examples
(`danger_model.py`) for whoever says it in other words. Either is enough for an alert. Pure, but for reading both once
as package resources.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Generic, Literal, TypeVar

from msgspec import Struct
from ruamel.yaml import YAML

from flows.crisis_notation import Lists, NotationError, Phrase, Typos, fold
from flows.danger_model import DangerModel, Reading, danger_model

Category = Literal["suicide", "violence", "child", "emergency"]
Level = Literal["now", "concern"]

# Where two are equally urgent the first is shown: its card holds the number that the other would give as well.
CATEGORIES: tuple[Category, ...] = ("suicide", "child", "emergency", "violence")
LEVELS: tuple[Level, ...] = ("now", "concern")

_MESSAGES_BEFORE = 3
_LETTERS_BEFORE = 200
_SECOND_HALF = 60
"""Letters: a message this short may be the end of the one before it."""

# Scores of the model, chosen on sentences of authors who had seen nothing; the figures are in docs/understanding.md.
_ASK = 0.04
"""The lowest step of 0.01 at which at most one in a hundred ordinary messages is asked about, with every author."""
_ASK_OF_TWO = 0.1
_SHOW = 0.5
_ACUTE = 0.3
_RULED_OUT = -0.5
_NAMED = 0.8
"""What a category gains over another when a pattern names it, so that the model alone decides only when it is sure."""

_SENTENCE = 300
"""Letters to either side within which a word can say that a danger is denied or told about."""


class Alert(Struct, frozen=True):
    """`now`: show the card, numbers first. `concern`: ask directly and calmly, and offer the card."""

    category: Category
    level: Level


class Finding(Struct, frozen=True):
    """One pattern that was found, with the level that is left after denial and telling."""

    pattern: str
    category: Category
    level: Level


class PatternError(ValueError):
    """A pattern file that cannot be read; the message says `file: pattern: what, remedy`."""


def assess(text: str, before: Sequence[str] = ()) -> Alert | None:
    """The danger in `text`, or None. `before`: the resident's last messages, oldest first, for a sentence in two parts.

    What was found in `before` alone is not found again. Never raises on any text; time is linear in its length.
    """
    found, reading = _both(text, before)
    if not found:
        return None
    level = min((one.level for one in found), key=LEVELS.index)
    urgent = {one.category for one in found if one.level == level}
    categories = [known for known in CATEGORIES if any(one.category == known for one in found)]
    if reading is None:
        return Alert(next(known for known in categories if known in urgent), level)
    scores = reading.scores
    return Alert(max(categories, key=lambda known: scores[known] + (_NAMED if known in urgent else 0)), level)


def findings(text: str, before: Sequence[str] = ()) -> list[Finding]:
    """Every pattern found in `text` (see `assess`), and what the model fears, for those who write patterns."""
    return _both(text, before)[0]


def ruled_out(text: str) -> bool:
    """Whether the guard's model is sure enough that `text` is no danger to overrule a guess of another model."""
    model = danger_model()
    return model is not None and model.read(text).score < _RULED_OUT


def _both(text: str, before: Sequence[str]) -> tuple[list[Finding], Reading | None]:
    """What both readers found, and what the model made of the text by itself."""
    found, model = _guard().findings(text, before), danger_model()
    if model is None:
        return found, None
    reading = model.read(text)
    learned = _learned(model, reading, text, before)
    if learned and any(one.category == learned.category for one in found):
        learned = None  # the patterns know a denial when they see one, so their level stands
    return ([*found, learned] if learned else found), reading


def _learned(model: DangerModel, reading: Reading, text: str, before: Sequence[str]) -> Finding | None:
    least = _ASK
    if reading.score < _ASK and before and len(text) <= _SECOND_HALF:
        earlier = " ".join(message[-_LETTERS_BEFORE:] for message in before[-_MESSAGES_BEFORE:])
        reading, least = model.read(f"{earlier} {text}"), _ASK_OF_TWO
        if reading.score >= least and any(
            model.read(one).score >= _ASK for one in (earlier, *before[-_MESSAGES_BEFORE:])
        ):
            return None  # what came before had its alert
    if reading.score < least:
        return None
    category = next(known for known in CATEGORIES if known == reading.danger)
    return Finding(f"learned.{category}", category, "now" if _sounds_acute(reading) else "concern")


def _sounds_acute(reading: Reading) -> bool:
    return reading.score >= _SHOW and reading.acute >= _ACUTE


Value = TypeVar("Value")


class _Index(Generic[Value]):
    """Finds the few phrases that can stand in a text by the words in it, so that the others cost nothing."""

    def __init__(self, entries: Iterable[tuple[Phrase, Value]]) -> None:
        self._entries = list(entries)
        users = Counter(word for phrase, _ in self._entries for need in phrase.needs for word in need)
        self._by_word: dict[str, list[int]] = {}
        for number, (phrase, _) in enumerate(self._entries):
            # Looked up by the need whose words the fewest phrases share; the other needs are compared then.
            for word in min(phrase.needs, key=lambda need: sum(users[word] for word in need)):
                self._by_word.setdefault(word, []).append(number)

    def in_text(self, words: set[str]) -> list[tuple[Phrase, Value]]:
        """The phrases of which `words` (each word, its `beg*` and its `*end`) has all they need."""
        numbers = {number for word in words & self._by_word.keys() for number in self._by_word[word]}
        entries = (self._entries[number] for number in sorted(numbers))
        return [entry for entry in entries if not any(need.isdisjoint(words) for need in entry[0].needs)]


class _Danger(Struct, frozen=True):
    pattern: str
    category: Category
    level: Level
    mention: bool


class _Guard:
    """The pattern files, read."""

    def __init__(self, contents: dict[str, Any]) -> None:
        words, context = contents.pop("words.yml"), contents.pop("context.yml")
        self._lists = Lists(words["lists"])
        self._typos = Typos(words["typos"].split(), words["correct"].split())
        self._denying = frozenset(fold(context["denying"]).split())
        self._denied_before = self._any_of("context.yml", context["denied_before"], end="$")
        self._denied_after = self._any_of("context.yml", context["denied_after"])
        self._harmless = _Index(self._phrases("context.yml: harmless", context["harmless"]))
        self._told = _Index(self._phrases("context.yml: told", context["told"]))
        self._present = _Index(self._phrases("context.yml: present", context["present"]))
        self._dangers = _Index(self._all_dangers(contents))

    def findings(self, text: str, before: Sequence[str]) -> list[Finding]:
        earlier = fold(" ".join(message[-_LETTERS_BEFORE:] for message in before[-_MESSAGES_BEFORE:]))
        earlier = self._typos.mend(earlier).rstrip()
        folded = earlier + self._typos.mend(fold(text))
        for phrase, _ in self._harmless.in_text(_words(folded)):
            folded = phrase.regex.sub(lambda idiom: " " + "~" * (len(idiom[0]) - 1), folded)
        words = _words(folded)
        told = _Sentences(folded, self._told.in_text(words), self._present.in_text(words))
        found: dict[str, Finding] = {}
        for phrase, danger in self._dangers.in_text(words):
            known = found.get(danger.pattern)
            if known is not None and known.level == danger.level:
                continue
            level = self._level(phrase, danger, folded, len(earlier), told)
            if level is not None and (known is None or level == "now"):
                found[danger.pattern] = Finding(danger.pattern, danger.category, level)
        return list(found.values())

    def _level(self, phrase: Phrase, danger: _Danger, folded: str, new: int, told: _Sentences) -> Level | None:
        """The highest level at which the phrase stands in the new part of the text."""
        level: Level | None = None
        for match in _overlapping(phrase.regex, folded):
            if match.end() <= new:
                continue
            lowered: Level | None = danger.level
            if told.around(match):
                lowered = None if danger.mention else "concern"  # who tells of it may still be in it
            if lowered == "now" and self._is_denied(match, folded):
                lowered = "concern"
            if lowered == danger.level:
                return lowered
            level = level or lowered
        return level

    def _is_denied(self, match: re.Match[str], folded: str) -> bool:
        # Groups are the words between those of the phrase; in "niet meer leven" the "niet" is the danger itself.
        if any(not self._denying.isdisjoint(between.split()) for between in match.groups() if between):
            return True
        start = match.start()
        return (
            self._denied_before.search(folded[max(0, start - 60) : start] + " ") is not None
            or self._denied_after.match(folded, match.end()) is not None
        )

    def _all_dangers(self, contents: dict[str, Any]) -> Iterator[tuple[Phrase, _Danger]]:
        for file, patterns in contents.items():
            for name, pattern in patterns.items():
                category = next((known for known in CATEGORIES if known == name.split(".")[0]), None)
                level = next((known for known in LEVELS if known == pattern.get("level")), None)
                if category is None or level is None:
                    raise PatternError(f"{file}: {name}: begin the name with a category, give a level: now or concern.")
                danger = _Danger(name, category, level, pattern.get("mention", False))
                yield from ((phrase, danger) for phrase, _ in self._phrases(f"{file}: {name}", pattern["phrases"]))

    def _phrases(self, place: str, lines: str) -> list[tuple[Phrase, None]]:
        try:
            return [(phrase, None) for line in _lines(lines) for phrase in Phrase.read(line, self._lists)]
        except NotationError as error:
            raise PatternError(f"{place}: {error}") from error

    def _any_of(self, place: str, lines: str, end: str = "") -> re.Pattern[str]:
        phrases = self._phrases(place, "\n".join(f"{line} {end}" for line in _lines(lines)))
        return re.compile("|".join(phrase.regex.pattern for phrase, _ in phrases))


class _Sentences:
    """Whether a danger stands in a sentence that tells of the past, of the news or of work."""

    def __init__(self, folded: str, told: list[tuple[Phrase, None]], present: list[tuple[Phrase, None]]) -> None:
        self._folded = folded
        self._told = [phrase.regex for phrase, _ in told]
        self._present = [phrase.regex for phrase, _ in present]

    def around(self, match: re.Match[str]) -> bool:
        if not self._told:
            return False
        start, end = match.span()
        lowest, highest = max(0, start - _SENTENCE), min(len(self._folded), end + _SENTENCE)
        first = self._folded.rfind(" . ", lowest, start + 1)
        last = self._folded.find(" . ", end - 1, highest)
        sentence = self._folded[lowest if first < 0 else first + 2 : highest if last < 0 else last + 1]
        if not any(regex.search(sentence) for regex in self._told):
            return False
        return not any(regex.search(sentence) for regex in self._present)


def _overlapping(regex: re.Pattern[str], folded: str) -> Iterator[re.Match[str]]:
    """Every match by its start: "ik wil niet meer ik wil dood" must not hide its second half behind its first."""
    match = regex.search(folded)
    while match is not None:
        yield match
        match = regex.search(folded, match.start() + 1)


def _words(folded: str) -> set[str]:
    words = set(folded.split())
    return words | {f"{word[:3]}*" for word in words} | {f"*{word[-3:]}" for word in words}


def _lines(block: str) -> Iterator[str]:
    """The lines of a block that hold something; `# ` begins a comment."""
    return (line for whole in block.splitlines() if (line := whole.split("# ")[0].strip()))


@cache
def _guard() -> _Guard:
    yaml = YAML(typ="safe")
    folder = files("flows") / "crisis_patterns"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".yml"))
    return _Guard({name: yaml.load((folder / name).read_text("utf-8")) for name in names})
