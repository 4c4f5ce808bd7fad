"""A share of the example sentences, as a data folder of its own."""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from balie.nlu_examples import DANGERS, HARMLESS, Example, examples, harmless
from balie.nlu_process import NLU

Sentence = TypeVar("Sentence", Example, str)
FEWEST = 5
"""Sentences of an intent that the classifier needs."""


@contextmanager
def share_of(share: float) -> Iterator[tuple[Path, int]]:
    """(a data folder with this share of the language model's sentences, how many they are); all of them as they lie."""
    if share == 1:
        yield NLU / "data", len(examples(NLU / "data"))
        return
    with tempfile.TemporaryDirectory() as name:
        write_share(NLU / "data", Path(name), share)
        yield Path(name), len(examples(Path(name)))


def write_share(data: Path, folder: Path, share: float) -> int:
    """Write this share of each intent's sentences, and of the harmless ones, in the same order for every share, so that
    a smaller one is part of a larger. Gives the number of sentences."""
    groups: defaultdict[str, list[Example]] = defaultdict(list)
    for example in examples(data):
        groups[example.intent].append(example)
    (folder / "needs").mkdir(parents=True)
    written = 0
    for intent, group in groups.items():
        chosen = _first(group, share)
        lines = ['version: "3.1"', "nlu:"]
        for level in sorted({one.level for one in chosen}):
            lines.append(f"- intent: {intent}")
            lines += ["  metadata:", f"    level: {level}"] if level else []
            lines += ["  examples: |", *(f"    - {one.text}" for one in chosen if one.level == level)]
        (folder / "needs" / f"{intent}.yml").write_text("\n".join(lines) + "\n", "utf-8")
        written += len(chosen)
    (folder / "entities").symlink_to(data / "entities")
    title, *feared = (data / DANGERS).read_text("utf-8").splitlines()
    feared = _first(feared, share)
    (folder / DANGERS).write_text("\n".join([title, *feared, ""]), "utf-8")
    calm = _first(harmless(data), share)
    (folder / HARMLESS).write_text("\n".join(calm) + "\n", "utf-8")
    return written + len(feared) + len(calm)


def _first(group: list[Sentence], share: float) -> list[Sentence]:
    shuffled = random.Random(1).sample(group, len(group))
    return shuffled[: max(FEWEST, round(share * len(group)))]
