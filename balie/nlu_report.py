"""How well the language model understands: a file of labelled messages against a model, every figure with its count.

A file is tab-separated with the header `id text label also`: `also` holds further labels that are right too, separated
by commas. The model is any function from a text to its ranking, so that this file knows nothing of Rasa.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

Ranking = Sequence[tuple[str, float]]
"""Intents with their confidence (0 to 1), most likely first."""

HEADER = ("id", "text", "label", "also")
THRESHOLDS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
OFFERED = 3  # a resident is offered three themes


class TableError(Exception):
    """The file cannot be read: `file:line: what is wrong, what to do`."""


@dataclass(frozen=True)
class Row:
    """One labelled message; any of `right` is a right answer."""

    id: str
    text: str
    label: str
    right: frozenset[str]


@dataclass(frozen=True)
class Answer:
    """What the model said to one row."""

    row: Row
    ranking: Ranking

    @property
    def intent(self) -> str:
        """The most likely intent; empty when the model gave none."""
        return self.ranking[0][0] if self.ranking else ""

    @property
    def confidence(self) -> float:
        """The confidence in `intent`."""
        return self.ranking[0][1] if self.ranking else 0.0

    @property
    def right(self) -> bool:
        """Whether the best answer is acceptable."""
        return self.intent in self.row.right

    @property
    def offered(self) -> bool:
        """Whether an acceptable answer is among the first three."""
        return any(intent in self.row.right for intent, _ in self.ranking[:OFFERED])


@dataclass(frozen=True)
class Share:
    """A count out of a total; prints as "0.83 (440 of 530)"."""

    count: int
    total: int

    @property
    def value(self) -> float:
        """Between 0 and 1; 0 of nothing is 0."""
        return self.count / self.total if self.total else 0.0

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.count} of {self.total})"

    def to_json(self) -> dict[str, Any]:
        """The value with its counts."""
        return {"value": round(self.value, 4), "count": self.count, "total": self.total}


@dataclass(frozen=True)
class IntentScore:
    """Precision and recall of one intent; an acceptable other label counts as that row's own label."""

    intent: str
    precision: Share
    recall: Share

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        precision, recall = self.precision.value, self.recall.value
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True)
class Report:
    """All answers to a file, and the figures drawn from them."""

    answers: tuple[Answer, ...]

    @property
    def accuracy(self) -> Share:
        """How often the best answer is acceptable."""
        return self._share(lambda answer: answer.right)

    @property
    def offered(self) -> Share:
        """How often an acceptable answer is among the three that are offered."""
        return self._share(lambda answer: answer.offered)

    def intents(self) -> list[IntentScore]:
        """A score for every label in the file and every intent that was answered, alphabetically."""
        pairs = [(answer.intent if answer.right else answer.row.label, answer.intent) for answer in self.answers]
        labels, answered = Counter(pair[0] for pair in pairs), Counter(pair[1] for pair in pairs)
        right = Counter(label for label, intent in pairs if label == intent)
        return [
            IntentScore(name, Share(right[name], answered[name]), Share(right[name], labels[name]))
            for name in sorted({*labels, *answered})
        ]

    def confusions(self) -> list[tuple[str, str, int]]:
        """(label, wrong answer, how often), the most frequent first."""
        wrong = Counter((answer.row.label, answer.intent) for answer in self.answers if not answer.right)
        return [(*pair, count) for pair, count in sorted(wrong.items(), key=lambda item: (-item[1], item[0]))]

    def at(self, threshold: float) -> tuple[Share, Share]:
        """(coverage, accuracy among those covered) when only answers from this confidence on are given."""
        covered = [answer for answer in self.answers if answer.confidence >= threshold]
        return Share(len(covered), len(self.answers)), Share(sum(answer.right for answer in covered), len(covered))

    @property
    def calibration_error(self) -> float:
        """How far confidence and being right lie apart: the mean distance over tenths of confidence, each weighing as
        many messages as it holds (the expected calibration error of Naeini and others, 2015). 0 is perfect."""
        tenths: dict[int, list[Answer]] = {}
        for answer in self.answers:
            tenths.setdefault(min(int(answer.confidence * 10), 9), []).append(answer)
        apart = (abs(sum(one.confidence - one.right for one in tenth)) for tenth in tenths.values())
        return sum(apart) / max(len(self.answers), 1)

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data, the wrong answers by id and never by text."""
        return {
            "rows": len(self.answers),
            "accuracy": self.accuracy.to_json(),
            "offered": self.offered.to_json(),
            "calibration_error": round(self.calibration_error, 4),
            "intents": {
                score.intent: {
                    "precision": score.precision.to_json(),
                    "recall": score.recall.to_json(),
                    "f1": round(score.f1, 4),
                }
                for score in self.intents()
            },
            "confusions": [{"label": a, "answer": b, "count": count} for a, b, count in self.confusions()],
            "thresholds": [
                {"threshold": threshold, "coverage": coverage.to_json(), "accuracy": accuracy.to_json()}
                for threshold in THRESHOLDS
                for coverage, accuracy in [self.at(threshold)]
            ],
            "wrong": [
                {
                    "id": answer.row.id,
                    "label": answer.row.label,
                    "answer": answer.intent,
                    "confidence": round(answer.confidence, 4),
                }
                for answer in self.answers
                if not answer.right
            ],
        }

    def lines(self) -> Iterator[str]:
        """The report for a terminal."""
        yield f"messages                      {len(self.answers)}"
        yield f"best answer right             {self.accuracy}"
        yield f"right one among three         {self.offered}"
        yield f"calibration error             {self.calibration_error:.3f}"
        yield ""
        yield f"{'intent':<22}{'F1':>7}   {'precision':<22}recall"
        for score in self.intents():
            yield f"{score.intent:<22}{score.f1:>7.3f}   {score.precision!s:<22}{score.recall}"
        yield ""
        yield f"{'confidence from':<22}{'answered':<24}right"
        for threshold in THRESHOLDS:
            coverage, accuracy = self.at(threshold)
            yield f"{threshold:<22}{coverage!s:<24}{accuracy}"
        yield ""
        yield "most frequent confusions (label → answer)"
        for label, intent, count in self.confusions()[:15]:
            yield f"  {label} → {intent}: {count}"

    def _share(self, holds: Callable[[Answer], bool]) -> Share:
        return Share(sum(holds(answer) for answer in self.answers), len(self.answers))


def read_tsv(path: Path) -> list[Row]:
    """The rows of a file. Raises TableError for the first thing that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(f"{path}:1: cannot be read ({error}); give a text file in UTF-8") from error
    if not lines or tuple(lines[0].split("\t")) != HEADER:
        raise TableError(f"{path}:1: the header is not '{' '.join(HEADER)}' with tabs between; make it the first line")
    rows: dict[str, Row] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) == len(HEADER) - 1:
            cells.append("")
        if len(cells) != len(HEADER):
            raise TableError(f"{path}:{number}: {len(cells)} columns, not {len(HEADER)}; put one tab between columns")
        id_, text, label, also = (cell.strip() for cell in cells)
        if not (id_ and text and label):
            raise TableError(f"{path}:{number}: id, text or label is empty; fill it in or remove the line")
        if id_ in rows:
            raise TableError(f"{path}:{number}: id '{id_}' stands on an earlier line too; give each line its own")
        right = frozenset({label, *(name.strip() for name in also.split(",") if name.strip())})
        rows[id_] = Row(id_, text, label, right)
    if not rows:
        raise TableError(f"{path}:2: there are no messages; add lines below the header")
    return list(rows.values())


def evaluate(rows: Sequence[Row], parse: Callable[[str], Ranking]) -> Report:
    """Ask the model about every row."""
    return Report(tuple(Answer(row, parse(row.text)) for row in rows))


@contextmanager
def rasa_server(url: str, token: str) -> Iterator[Callable[[str], Ranking]]:
    """A `parse` that asks a Rasa server at `url`; raises httpx.HTTPError when it does not answer."""
    with httpx.Client(base_url=url, params={"token": token}, timeout=10) as client:

        def parse(text: str) -> Ranking:
            response = client.post("/model/parse", json={"text": text})
            response.raise_for_status()
            return [(intent["name"], intent["confidence"]) for intent in response.json().get("intent_ranking", [])]

        yield parse
