"""Reads a message as one who has read many: how likely each danger is, by what was learned from examples. Pure.

The patterns name what they look for; this part knows the words around it. `balie crisis train` learns it and
writes `learned/danger.bin`; without that file the patterns are on their own.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from struct import Struct as Layout

import msgspec
from msgspec import Struct

from flows.danger_features import SIZE, features, number_of, words_of

FILE = "danger.bin"
COLUMNS = ("suicide", "child", "emergency", "violence", "none", "acute")
_WINDOW = 40
"""Words that are read at once. A cry in a long story must not drown in it."""
_SENTENCE = 4
"""Words that a sentence needs to be read by itself."""
_ALONE = 0.2
"""What a sentence's score is lowered by: what stands around it may explain it."""
_MOST_SENTENCES = 100
_SENTENCE_END = re.compile(r"[.!?\n]+")
_MOST = 1000
"""Words that are read in all; a channel's longest message is shorter. The patterns read on."""


class Header(Struct, frozen=True):
    """The first line of the file, as JSON. `columns` names the scores: the dangers, none, acute; `scales` turns each
    column's whole numbers back."""

    learned_from: str  # SHA-256 of the sentences
    columns: tuple[str, ...]
    scales: tuple[float, ...]
    intercepts: tuple[float, ...]

    def fits(self) -> bool:
        """Whether the columns are the ones that are read here."""
        return self.columns == COLUMNS and len(self.scales) == len(self.intercepts) == len(COLUMNS)


_ONE_WORD = 3.0
"""What the score of a single word is lowered by, of two words half of it: a few words tell little, "hij is negen"."""


class Reading(Struct, frozen=True):
    """`scores`: per danger; 0 is as likely as not, above is likelier. `acute`: above 0 when it sounds like now."""

    scores: dict[str, float]
    acute: float

    @property
    def danger(self) -> str:
        """The likeliest one."""
        return max(self.scores, key=self.scores.__getitem__)

    @property
    def score(self) -> float:
        """The score of the likeliest one."""
        return self.scores[self.danger]


class DangerModel:
    """Linear in its features: score = sum of weight × importance of each feature in the message."""

    def __init__(self, header: Header, table: bytes) -> None:
        """`table`: whole numbers of two bytes; a row for each feature number, with its importance and then one weight
        a column. A feature that was never met has importance 0."""
        self.header = header
        self._table = table
        self._row = Layout(f"<{len(header.columns) + 1}h")

    @classmethod
    def load(cls) -> DangerModel | None:
        """The learned file; None when nothing was learned yet or the file is not whole. Nothing may stand between a
        message and the patterns, so this never raises."""
        try:
            return cls.of((files("flows") / "learned" / FILE).read_bytes())
        except OSError:
            return None

    @classmethod
    def of(cls, content: bytes) -> DangerModel | None:
        """The model that a file holds; None when it is not whole."""
        first, _, table = content.partition(b"\n")
        try:
            model = cls(msgspec.json.decode(first, type=Header), table)
        except msgspec.DecodeError:
            return None
        return model if len(table) == SIZE * model._row.size and model.header.fits() else None

    def read(self, text: str) -> Reading:
        """The most dangerous reading of the text as a whole, of any forty words of it, and of any sentence. Of a very
        long text the first thousand words and the first hundred sentences."""
        readings = [self._read(words) for words in _windows(words_of(text))]
        sentences = [words_of(sentence) for sentence in _SENTENCE_END.split(text, _MOST_SENTENCES)[:_MOST_SENTENCES]]
        told = [words[:_WINDOW] for words in sentences if len(words) >= _SENTENCE]
        if len(sentences) > 1:
            readings += [self._read(words, less=_ALONE) for words in told]
        return max(readings, key=lambda one: one.score)

    def weights(self, text: str) -> list[tuple[str, str, float]]:
        """(feature, danger, what it added to that danger's score), the heaviest first: why the model was alarmed."""
        scales = self.header.scales
        found = [
            (feature, name, share * weight * scale)
            for feature, share, weights in self._shares(words_of(text))
            for name, weight, scale in zip(self.header.columns[:-1], weights, scales, strict=False)
        ]
        return sorted(found, key=lambda one: -one[2])

    def _read(self, words: list[str], less: float = 0.0) -> Reading:
        sums = [0.0] * len(self.header.columns)
        for _, share, weights in self._shares(words):
            sums = [total + share * weight for total, weight in zip(sums, weights, strict=True)]
        header = self.header
        *dangers, harmless, acute = (
            total * scale + intercept
            for total, scale, intercept in zip(sums, header.scales, header.intercepts, strict=True)
        )
        less += harmless + _ONE_WORD / max(len(words), 1)
        return Reading({name: score - less for name, score in zip(header.columns, dangers, strict=False)}, acute)

    def _shares(self, words: list[str]) -> Iterator[tuple[str, float, list[int]]]:
        """(feature, its importance here, its weights); each group's importances have length one together."""
        unpack, width, table = self._row.unpack_from, self._row.size, self._table
        for group, names in enumerate(features(words)):
            known = []
            square = 0.0
            for name, times in Counter(names).items():
                importance, *weights = unpack(table, number_of(name, group) * width)
                if importance:
                    here = importance * (1 + math.log(times)) if times > 1 else importance
                    square += here * here
                    known.append((name, here, weights))
            length = math.sqrt(square)
            for name, here, weights in known:
                yield name, here / length, weights


@cache
def danger_model() -> DangerModel | None:
    """The learned model, read once."""
    return DangerModel.load()


def _windows(words: list[str]) -> Iterator[list[str]]:
    yield words[:_WINDOW]
    for start in range(_WINDOW // 2, min(len(words), _MOST) - _WINDOW // 2, _WINDOW // 2):
        yield words[start : start + _WINDOW]
