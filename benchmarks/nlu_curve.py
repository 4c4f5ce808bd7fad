"""`make nlu-curve`: what more sentences are worth. Both models learn from a share of the data, and are asked what
authors wrote who saw none of it. Writes the figures under docs/understanding/."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from balie import crisis_report, danger_training
from balie.nlu_process import NLU
from benchmarks import figures
from benchmarks.nlu_share import write_share
from benchmarks.nlu_workshop import SETS, configuration, tried, workshop
from flows.danger_model import DangerModel

SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
DANGERS = {"first author": "independent", "second author": "second_author", "third author": "third_author"}
ORDINARY = {"first author": "independent_ordinary", "second author": "second_ordinary"}
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
        "danger seen": {
            name.removeprefix("danger seen, "): [row[name] for row in rows]
            for name in names
            if not name.startswith(SETS)
        },
    }
    figures.learning(figures.FOLDER / "curve.svg", sentences, lines)
    return 0


def _dangers(data: Path) -> dict[str, float]:
    """Recall of any alert over all dangers, and the share of ordinary messages that raised one, by author."""
    learned = data / "danger.bin"
    danger_training.train(data, learned)
    model = DangerModel.of(learned.read_bytes())
    row: dict[str, float] = {}
    with patch("flows.crisis.danger_model", lambda: model):  # the guard itself reads only what lies in its package
        for author, file in DANGERS.items():
            seen = _guard_on(file).recall.values()
            row[f"danger seen, {author}"] = sum(one.count for one in seen) / sum(one.of for one in seen)
        for author, file in ORDINARY.items():
            calm = _guard_on(file).false_alert["all"]
            row[f"false alarm, {author}"] = calm.count / calm.of
    return row


def _guard_on(file: str) -> crisis_report.Report:
    return crisis_report.evaluate(crisis_report.read(_CRISIS / f"{file}.tsv"))


def _table(sentences: list[int], rows: list[dict[str, float]]) -> str:
    lines = [
        f"Measured with `make nlu-curve`, {datetime.now(UTC).date()}.",
        "",
        f"| | {' | '.join(f'{one:,} sentences' for one in sentences)} |",
        f"|{'---|' * (len(sentences) + 1)}",
        *(f"| {name} | {' | '.join(f'{row[name]:.3f}' for row in rows)} |" for name in rows[0]),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
