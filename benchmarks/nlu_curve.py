"""`make nlu-curve`: what more sentences are worth. Both models learn from a share of the data, and are asked what
authors wrote who saw none of it. Writes the figures under docs/understanding/."""

from __future__ import annotations

import random
import sys
import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

from balie import crisis_report, danger_training
from balie.nlu_examples import HARMLESS, Example, examples, harmless
from balie.nlu_process import NLU
from benchmarks import figures
from benchmarks.nlu_workshop import SETS, configuration, tried, workshop
from flows.danger_model import DangerModel

SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
DANGERS = {
    "first author": ("independent", "independent_ordinary"),
    "second author": ("second_author", "second_ordinary"),
}
Sentence = TypeVar("Sentence", Example, str)

_CRISIS = Path(__file__).resolve().parent.parent / "tests" / "flows" / "crisis"


def main() -> int:
    pipeline = configuration()["pipeline"]
    sentences: list[int] = []
    rows: list[dict[str, float]] = []
    for share in SHARES:
        with tempfile.TemporaryDirectory() as name:
            part = Path(name)
            sentences.append(write_share(NLU / "data", part, share))
            print(f"{sentences[-1]} sentences ...", file=sys.stderr, flush=True)
            row = _dangers(part)
            with workshop(pipeline, part) as folder:
                for set_, report in tried(folder).reports.items():
                    row |= {f"{set_} best": report.accuracy.value, f"{set_} three": report.offered.value}
        rows.append(row)
    table = _table(sentences, rows)
    print(table)
    figures.FOLDER.mkdir(parents=True, exist_ok=True)
    (figures.FOLDER / "curve.md").write_text(table, "utf-8")
    names = [name for name in rows[0] if not name.startswith("false alarm")]
    lines = {
        "needs and acts": {name: [row[name] for row in rows] for name in names if name.startswith(SETS)},
        "dangers seen": {name: [row[name] for row in rows] for name in names if not name.startswith(SETS)},
    }
    figures.learning(figures.FOLDER / "curve.svg", sentences, lines)
    return 0


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
    calm = _first(harmless(data), share)
    (folder / HARMLESS).write_text("\n".join(calm) + "\n", "utf-8")
    return written + len(calm)


def _first(group: list[Sentence], share: float) -> list[Sentence]:
    shuffled = random.Random(1).sample(group, len(group))
    return shuffled[: max(3, round(share * len(group)))]


def _dangers(data: Path) -> dict[str, float]:
    """Recall of any alert over all dangers, and the share of ordinary messages that raised one, by author."""
    file = data / "danger.bin"
    danger_training.train(data, file)
    model = DangerModel.of(file.read_bytes())
    row = {}
    with patch("flows.crisis.danger_model", lambda: model):  # the guard itself reads only what lies in its package
        for author, (dangers, ordinary) in DANGERS.items():
            seen = crisis_report.evaluate(crisis_report.read(_CRISIS / f"{dangers}.tsv")).noticed.values()
            row[author] = sum(one.count for one in seen) / sum(one.of for one in seen)
            calm = crisis_report.evaluate(crisis_report.read(_CRISIS / f"{ordinary}.tsv")).false_alert["all"]
            row[f"false alarm, {author}"] = calm.count / calm.of
    return row


def _table(sentences: list[int], rows: list[dict[str, float]]) -> str:
    lines = [
        f"Measured with `make nlu-curve`, {datetime.now(UTC).date()}.",
        "",
        f"| | {' | '.join(f'{one} sentences' for one in sentences)} |",
        f"|{'---|' * (len(sentences) + 1)}",
        *(f"| {name} | {' | '.join(f'{row[name]:.3f}' for row in rows)} |" for name in rows[0]),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
