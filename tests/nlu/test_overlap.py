"""No test message is a training sentence or nearly one: otherwise the figures would measure memory.

Messages of up to three words are left out for the sets of other authors: everybody says "hallo" and "nee hoor", and a
model that may not learn them would be the worse for it. How many there are is printed.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from balie.crisis_report import read
from balie.nlu_examples import dangers, examples, harmless
from balie.nlu_report import read_tsv

TESTS = Path(__file__).parent
DATA = TESTS.parents[1] / "nlu" / "data"
CRISIS = TESTS.parent / "flows" / "crisis"
OWN_SETS = ("needs.tsv", "acts.tsv", "alerts.tsv")
OTHER_AUTHORS = (
    "independent_needs.tsv",
    "independent_acts.tsv",
    "second_needs.tsv",
    "second_acts.tsv",
)
CRISIS_SETS = (
    "unseen.tsv",
    "independent.tsv",
    "independent_ordinary.tsv",
    "second_author.tsv",
    "third_author.tsv",
    "second_ordinary.tsv",
)
ALIKE_BY_NATURE = 3  # words
TOO_NEAR = 0.8  # Jaccard similarity of the sets of four characters

_NO_WORD = re.compile(r"[^\w ]+")


def bare(text: str) -> str:
    """Words only, in small letters, with one space between."""
    return " ".join(_NO_WORD.sub("", text.lower()).split())


def pieces(text: str) -> frozenset[str]:
    """Every four characters in a row; a shorter text is one piece."""
    return frozenset(text[start : start + 4] for start in range(max(1, len(text) - 3)))


class Training:
    """Sentences that are learned from, found back by the pieces they share with a text."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._sentences = [bare(sentence) for sentence in sentences]
        self._pieces_of = [pieces(sentence) for sentence in self._sentences]
        self._places = defaultdict[str, list[int]](list)
        for place, others in enumerate(self._pieces_of):
            for piece in others:
                self._places[piece].append(place)

    def __len__(self) -> int:
        return len(self._sentences)

    def near_copies(self, texts: list[str]) -> list[tuple[str, str]]:
        """Pairs (text, training sentence) that are the same or nearly so."""
        pairs = []
        for text in texts:
            own = pieces(bare(text))
            # A near copy lacks less than a fifth of our pieces, so it has one of any fifth: look only at the rarest.
            rarest = sorted(own, key=lambda piece: len(self._places[piece]))[: len(own) // 5 + 1]
            for place in {place for piece in rarest for place in self._places[piece]}:
                others = self._pieces_of[place]
                if min(len(own), len(others)) / max(len(own), len(others)) <= TOO_NEAR:
                    continue  # too different in length, which is told sooner
                if len(own & others) / len(own | others) > TOO_NEAR:
                    pairs.append((text, self._sentences[place]))
        return pairs


@pytest.fixture(scope="module")
def training() -> Training:
    """The examples of all intents, and what only the danger model learns from."""
    return Training([one.text for one in examples(DATA) + dangers(DATA)] + harmless(DATA))


@pytest.mark.parametrize("file", OWN_SETS)
def test_test_messages_are_not_training_sentences(training: Training, file: str) -> None:
    assert len(training) > 10_000
    assert training.near_copies([row.text for row in read_tsv(TESTS / file)]) == []


@pytest.mark.parametrize("file", OTHER_AUTHORS)
def test_messages_of_other_authors_are_not_training_sentences(training: Training, file: str) -> None:
    assert _longer(training, [row.text for row in read_tsv(TESTS / file)]) == []


@pytest.mark.parametrize("file", CRISIS_SETS)
def test_dangers_are_not_training_sentences(training: Training, file: str) -> None:
    assert _longer(training, [row.text for row in read(CRISIS / file)]) == []


def _longer(training: Training, texts: list[str]) -> list[tuple[str, str]]:
    pairs = training.near_copies(texts)
    longer = [pair for pair in pairs if len(bare(pair[0]).split()) > ALIKE_BY_NATURE]
    print(f"as somebody in the training data says it: {len({text for text, _ in pairs})} of {len(texts)} messages")
    return longer


def test_a_near_copy_is_seen() -> None:
    training = Training(["wie kan mij naar het ziekenhuis brengen"])
    assert training.near_copies(["Wie kan mij naar het ziekenhuis toe brengen?"])
    assert training.near_copies(["wie kan mij naar het ziekenhuis brengen!"])
    assert not training.near_copies(["er rijdt hier geen bus"])


def test_every_label_has_enough_messages() -> None:
    needs = Counter(row.label for row in read_tsv(TESTS / "needs.tsv"))
    acts = Counter(row.label for row in read_tsv(TESTS / "acts.tsv"))
    assert (len(needs), len(acts)) == (24, 18)
    assert min(needs.values()) >= 20
    assert min(acts.values()) >= 10
