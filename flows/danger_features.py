"""What the danger model looks at in a message: words, pairs of words near each other, pieces of words; as numbers."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from zlib import crc32

SIZE = 1 << 20
"""How many numbers there are; two features seldom share one."""

_WORD = re.compile(r"\w+")
_LONG_REPEAT = re.compile(r"([a-z])\1{2,}")
_NUMBER = re.compile(r"(?<!\d)(?!11[23]\b)\d+")  # the emergency numbers 112 and 113 keep their meaning
_TEEN = re.compile(r"1[0-7]")
_SHORTEST, _LONGEST = 2, 6  # letters in a piece
_FARTHEST = 4  # places between two words of a pair


def words_of(text: str) -> list[str]:
    """The words as they are compared: small letters, no accents, long repeats shortened, and numbers by their size.

    Ages decide whether an adult or a child is in danger, so there are 0 to 9, 10 to 17, and whatever has more digits.
    """
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = _NUMBER.sub(_size, _LONG_REPEAT.sub(r"\1\1", plain))
    return _WORD.findall(plain)


def _size(number: re.Match[str]) -> str:
    return "10" if _TEEN.fullmatch(number[0]) else "0" * min(len(number[0]), 5)


def features(words: list[str]) -> tuple[list[str], list[str]]:
    """Two groups that weigh alike: words with their pairs ("hij slaat", and "hij _ slaat" with up to three words
    between), and pieces of words (" " marks a word's begin and end)."""
    pieces = []
    for word in words:
        padded = f" {word} "
        for length in range(_SHORTEST, _LONGEST + 1):
            pieces += [padded[start : start + length] for start in range(max(1, len(padded) - length + 1))]
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    for apart in range(2, _FARTHEST + 1):
        pairs += [f"{first} _ {second}" for first, second in zip(words, words[apart:], strict=False)]
    return words + pairs, pieces


def number_of(feature: str, group: int) -> int:
    """The place of a feature in the model's tables, the same on every machine."""
    return crc32(feature.encode("utf-8", "replace"), group) % SIZE
