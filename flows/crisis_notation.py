"""How danger is written down: text folded to what it sounds like, and phrases in a small notation turned into regexes.

A folded text is ` word word . word `: one space around each word, ` . ` where a sentence ends. Text and phrases are
folded alike, so whoever writes a phrase writes ordinary spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, cached_property

# What people type for the same sound. Both sides are folded, so an odd result ("dot" for "dood") does no harm.
_SOUNDS = (
    (re.compile(r"ij|ei"), "y"),
    (re.compile(r"ch"), "g"),
    (re.compile(r"ck"), "k"),
    (re.compile(r"ph|v"), "f"),
    (re.compile(r"z"), "s"),
    (re.compile(r"au"), "ou"),
    (re.compile(r"[dt]+(?= )"), "t"),
    (re.compile(r"([^\W\d_])\1+"), r"\1"),
)
_LETTERS = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "æ": "ae", "ى": "ي", "ة": "ه", "ґ": "г"})
_LEET = str.maketrans("013457@$", "oieastas")
_LEET_INSIDE = re.compile(r"(?<=[a-z])[013457@$]+(?=[a-z])")
_APOSTROPHE = re.compile(r"['’‘`´ʼ]")
_SENTENCE_END = re.compile(r"[.!?;…。؟]+")
_NOT_A_WORD = re.compile(r"[^\w.]+|_+")
_SPELLED_OUT = re.compile(r"(?<= )(?:[^\W\d_] ){3,}[^\W\d_](?= )")


def fold(text: str) -> str:
    """The text as words between single spaces, ` . ` between sentences; ` ` when nothing is left. Linear in length."""
    text = text.casefold()
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        text = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Mn", "Cf"))
    text = _LEET_INSIDE.sub(lambda run: run[0].translate(_LEET), _APOSTROPHE.sub("", text))
    words = _NOT_A_WORD.sub(" ", _SENTENCE_END.sub(" . ", text)).split()
    text = f" {' '.join(words)} " if words else " "
    text = _SPELLED_OUT.sub(lambda run: run[0].replace(" ", ""), text)
    for sound, letter in _SOUNDS:
        text = sound.sub(letter, text)
    return text


class Typos:
    """Key words that are recognised with one letter too many, missing, wrong or swapped.

    `words` are long enough to be unlike any other word; `correct` are the words that come near one and are right.
    """

    def __init__(self, words: Iterable[str], correct: Iterable[str]) -> None:
        self._words = {fold(word).strip() for word in words}
        self._right = self._words | {fold(word).strip() for word in correct}
        # Two words one letter apart share a form with one letter less, so no distance needs computing.
        self._near = {near: word for word in sorted(self._words) for near in (word, *_one_letter_less(word))}
        self._lengths = range(min(map(len, self._words), default=1) - 1, max(map(len, self._words), default=0) + 2)

    def mend(self, folded: str) -> str:
        """The folded text with those words written as they should be."""
        return " ".join([self._mend_word(word) if len(word) in self._lengths else word for word in folded.split(" ")])

    def _mend_word(self, word: str) -> str:
        if word in self._right:
            return word
        return next((self._near[near] for near in (word, *_one_letter_less(word)) if near in self._near), word)


def _one_letter_less(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


Needs = tuple[frozenset[str], ...]
"""Sets of words; every text that holds a phrase has a word of each set. A word is `word`, `beg*` or `*end`."""
_Part = tuple[str, Needs]


class NotationError(ValueError):
    """A phrase that cannot be read; the message quotes it and says what to do."""


class Lists:
    """Named lists of words; each is a phrase of its own and is read once."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._read: dict[str, _Part] = {}

    def part(self, name: str, phrase: str) -> _Part:
        """The pattern and the needs of list `name`. Raises NotationError, quoting the phrase that asks for it."""
        if name not in self._read:
            if name not in self._sources:
                raise NotationError(f"{phrase!r}: there is no list @{name}; add it to words.yml.")
            self._read[name] = _either(_Reader(self._sources[name], self).read())
        return self._read[name]


class Phrase:
    """A line in the notation, as a regex over folded text.

    `word` a word · `word*` any ending · `*word` any beginning · `a-b` apart or joined · `(a | b c)` one of these ·
    `[a]` may stand there · `..` up to three words in the same sentence · `...` up to six · `a ~ b` both, in any
    order, with up to six words between · `!(a | b)` not followed by
    these · `@name` a list of words · `@number` a number · `^` and `$` begin and end of a sentence.
    """

    def __init__(self, source: str, pattern: str, needs: Needs) -> None:
        self.source = source
        self.needs = needs
        self._pattern = pattern

    @classmethod
    def read(cls, source: str, lists: Lists) -> list[Phrase]:
        """The phrases on one line, which ` | ` divides. Raises NotationError."""
        parts = _Reader(source, lists).read()
        if not all(needs for _, needs in parts):
            raise NotationError(f"{source!r} holds a phrase without a word that must be there; write one outside [ ].")
        return [cls(source, pattern, needs) for pattern, needs in parts]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Compiled at first use, because most phrases are never needed. Its groups are what need not stand there."""
        return re.compile(f"{self._pattern}(?= )")


_TOKEN = re.compile(r"\s*(!\(|[()\[\]|~^$]|\.{2,3}|@\w+|[\w*’'-]+)")
_SPECIAL = {
    "..": r"((?: [^ .]+){0,3}?)",
    "...": r"((?: [^ .]+){0,6}?)",
    "^": r"(?:^|(?<= \.))",
    "$": r"(?= (?:\.|$))",
    "@number": r" \d+",
}


class _Reader:
    """Reads one phrase from left to right. Each part gives its pattern and its needs."""

    def __init__(self, source: str, lists: Lists) -> None:
        self._source, self._lists = source, lists
        self._tokens = list(self._split())[::-1]

    def read(self) -> list[_Part]:
        parts = self._alternatives()
        if self._tokens:
            raise NotationError(f"{self._source!r}: {self._tokens[-1]!r} closes nothing; remove it.")
        return parts

    def _split(self) -> Iterable[str]:
        position, source = 0, self._source.rstrip()
        while position < len(source):
            found = _TOKEN.match(source, position)
            if found is None:
                raise NotationError(f"{source!r}: {source[position:]!r} is not in the notation; write it otherwise.")
            position = found.end()
            yield found[1]

    def _alternatives(self) -> list[_Part]:
        parts = [self._pair()]
        while self._tokens and self._tokens[-1] == "|":
            self._tokens.pop()
            parts.append(self._pair())
        return parts

    def _pair(self) -> _Part:
        first, first_needs = self._sequence()
        if not self._tokens or self._tokens[-1] != "~":
            return first, first_needs
        self._tokens.pop()
        second, second_needs = self._sequence()
        gap = _SPECIAL["..."]
        return f"(?:{first}{gap}{second}|{second}{gap}{first})", first_needs + second_needs

    def _sequence(self) -> _Part:
        pattern, needs = "", Needs()
        while self._tokens and self._tokens[-1] not in (")", "]", "|", "~"):
            more, more_needs = self._part(self._tokens.pop())
            pattern, needs = pattern + more, needs + more_needs
        return pattern, needs

    def _part(self, mark: str) -> _Part:
        if mark in ("(", "[", "!("):
            pattern, needs = _either(self._alternatives())
            if not self._tokens or self._tokens.pop() != ("]" if mark == "[" else ")"):
                raise NotationError(f"{self._source!r}: {mark!r} is never closed; close it.")
            if mark == "(":
                return pattern, needs
            return (f"({pattern})?" if mark == "[" else f"(?!{pattern} )"), ()
        if mark in _SPECIAL:
            return _SPECIAL[mark], ()
        if mark[0] == "@":
            return self._lists.part(mark[1:], self._source)
        return _word(mark)


def _either(parts: list[_Part]) -> _Part:
    """One part for several alternatives. What it needs is a word of each alternative, the longest as that is rarest."""
    if len(parts) == 1:
        return parts[0]
    pattern = f"(?:{'|'.join(pattern for pattern, _ in parts)})"
    if not all(needs for _, needs in parts):
        return pattern, ()
    return pattern, (frozenset[str]().union(*(max(needs, key=_rarity) for _, needs in parts)),)


def _rarity(words: frozenset[str]) -> int:
    return min(map(len, words))


@cache
def _word(token: str) -> _Part:
    """One word with its stars and hyphens. Before a star the final d or t stays open, as more letters may follow."""
    plain = token.strip("*-")
    if not plain or (token[0] == "*" and token[-1] == "*"):
        raise NotationError(f"{token!r}: a star stands at one end of a word; keep one.")
    # Joined, a first piece may keep the letter that folding changes at its end: "dood-moe" is "dot moe" and "dodmoe".
    apart, joined = (fold(plain.replace("-", between)).strip() for between in (" ", ""))
    forms = {apart: None, joined: None}
    if token[-1] == "*":
        forms = {form[:-1] + letter: None for form in forms for letter in ("dt" if form[-1] in "dt" else form[-1])}
    if min(map(len, forms)) < 3 and "*" in token:
        raise NotationError(f"{token!r}: three letters at least must stand beside a star; write more of the word.")
    begin, end = ("[^ ]*" if token[0] == "*" else ""), ("[^ ]*" if token[-1] == "*" else "")
    if token[0] == "*":
        anchors = frozenset(f"*{form[-3:]}" for form in forms)
    elif token[-1] == "*":
        anchors = frozenset(f"{form[:3]}*" if " " not in form[:3] else form.split()[0] for form in forms)
    else:
        anchors = frozenset(form.split()[0] for form in forms)
    pattern = "|".join(f" {begin}{form}{end}" for form in forms)
    return (pattern if len(forms) == 1 else f"(?:{pattern})"), (anchors,)
