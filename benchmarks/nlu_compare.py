"""`make nlu-compare`: pipelines side by side, through Rasa, on sentences of authors who saw no data.

Prints a table and writes it, with the coverage curve, under docs/understanding/. What was measured on the same
sentences, code and settings is not measured again. The network takes so long that it is measured
only when it is named, as any other can be: `python -m benchmarks.nlu_compare "NAME"`.
"""

from __future__ import annotations

import statistics
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from balie.nlu_process import data_fingerprint
from balie.nlu_report import Report, Share
from benchmarks import figures
from benchmarks.nlu_share import share_of
from benchmarks.nlu_variants import CHOSEN, NETWORK, variants
from benchmarks.nlu_workshop import SETS, Tried, configuration, tried, workshop

KEPT = figures.FOLDER / "compare.json"
MEGABYTE = 1 << 20


class Measured(Struct, frozen=True):
    """A line of the table. Times in milliseconds, training in seconds, memory in megabytes."""

    on: str
    fingerprint: str
    sentences: int
    best: dict[str, tuple[int, int]]  # set → how many of how many
    among_three: dict[str, tuple[int, int]]
    calibration_error: float
    parse_p50: float
    parse_p99: float
    memory: float
    training: float
    coverage: list[tuple[float, float, float]]  # threshold, share that is answered, share of those that is right


def main(named: list[str]) -> int:
    kept = _kept()
    every = variants(configuration()["pipeline"][0]["groups"])
    for name in named or [name for name in every if name != NETWORK]:
        variant = every[name]
        with share_of(variant.share) as (data, sentences), workshop(variant.pipeline, data) as folder:
            fingerprint = data_fingerprint(folder)
            if name in kept and kept[name].fingerprint == fingerprint:
                continue
            print(f"{name} ...", file=sys.stderr, flush=True)
            measured = _measured(tried(folder), fingerprint, sentences)
        kept = _kept() | {name: measured}  # read again: the network may be measured beside this
        figures.FOLDER.mkdir(parents=True, exist_ok=True)
        KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1))
    if CHOSEN not in kept:
        return 0
    table = _table({name: kept[name] for name in every if name in kept})
    print(table)
    (figures.FOLDER / "compare.md").write_text(table, "utf-8")
    figures.coverage(figures.FOLDER / "coverage.svg", kept[CHOSEN].coverage)
    return 0


def _measured(found: Tried, fingerprint: str, sentences: int) -> Measured:
    every = Report(tuple(answer for report in found.reports.values() for answer in report.answers))
    cuts = statistics.quantiles(found.parses, n=100)
    return Measured(
        on=datetime.now(UTC).date().isoformat(),
        fingerprint=fingerprint,
        sentences=sentences,
        best={name: _counts(report.accuracy) for name, report in found.reports.items()},
        among_three={name: _counts(report.offered) for name, report in found.reports.items()},
        calibration_error=every.calibration_error,
        parse_p50=cuts[49] * 1000,
        parse_p99=cuts[98] * 1000,
        memory=found.memory / MEGABYTE,
        training=found.training,
        coverage=[
            (threshold, coverage.value, accuracy.value)
            for threshold in (hundredth / 100 for hundredth in range(0, 100, 5))
            for coverage, accuracy in [every.at(threshold)]
        ],
    )


def _table(kept: dict[str, Measured]) -> str:
    """Markdown. The first author is the one with whose sentences settings were chosen."""
    titles = (
        "pipeline",
        *(_title(name) for name in SETS),
        "calibration error",
        "parse p50 / p99",
        "memory",
        "training",
    )
    last = max(one.on for one in kept.values())
    lines = [
        f"Measured with `make nlu-compare`, {last}: best answer right / right one among three.",
        "",
        f"| {' | '.join(titles)} |",
        f"|{'---|' * len(titles)}",
    ]
    for name, one in kept.items():
        shares = [f"{_share(one.best[part])} / {_share(one.among_three[part])}" for part in SETS]
        cells: list[Any] = [
            f"**{name}**" if name == CHOSEN else name,
            *shares,
            f"{one.calibration_error:.3f}",
            f"{one.parse_p50:.1f} / {one.parse_p99:.1f} ms",
            f"{one.memory:.0f} MB",
            f"{one.training:.0f} s",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", _counts_line(kept), ""]
    return "\n".join(lines)


def _counts_line(kept: dict[str, Measured]) -> str:
    """How many messages stand behind each column, and which lines are of other sentences than the rest."""
    chosen = kept[CHOSEN]
    counts = ", ".join(f"{_title(name)} {chosen.best[name][1]}" for name in SETS)
    line = f"Messages: {counts}. Trained on {chosen.sentences} sentences"
    others = [f"{name}: {one.sentences} ({one.on})" for name, one in kept.items() if one.sentences != chosen.sentences]
    return f"{line}; {', '.join(others)}." if others else f"{line}."


def _title(name: str) -> str:
    author, kind = name.split("_")
    return f"{kind}, {'first' if author == 'independent' else 'second'} author"


def _counts(share: Share) -> tuple[int, int]:
    return share.count, share.total


def _share(counts: tuple[int, int]) -> str:
    return f"{counts[0] / counts[1]:.3f}"


def _kept() -> dict[str, Measured]:
    return msgspec.json.decode(KEPT.read_bytes(), type=dict[str, Measured]) if KEPT.exists() else {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
