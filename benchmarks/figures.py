"""The charts in docs/understanding/, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from flows.definition import Thresholds

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "understanding"

mpl.use("svg")
mpl.rcParams |= {
    "svg.fonttype": "none",  # letters stay letters: smaller, and they can be searched
    "svg.hashsalt": "buurtbalie",  # the same figures give the same file
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def coverage(path: Path, points: Sequence[tuple[float, float, float]]) -> None:
    """`points`: (threshold, share that is answered, share of those that is right); the desk's own thresholds marked."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([point[1] for point in points], [point[2] for point in points], marker="o", color="#1f5f8b")
    for threshold, answered, right in points:
        names = [name for name, value in _thresholds().items() if abs(value - threshold) < 0.001]
        if names:
            label = f"{', '.join(names)} {threshold:.2f}"
            axes.annotate(label, (answered, right), xytext=(6, 8), textcoords="offset points")
    axes.set_xlabel("share of messages that is answered")
    axes.set_ylabel("share of the answered that is right")
    axes.grid(alpha=0.3)
    _save(figure, path)


def learning(path: Path, sentences: Sequence[int], lines: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    """`lines`: title → name of a line → a share for each of `sentences`; a panel for each title."""
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    panels: Sequence[Axes] = figure.subplots(1, len(lines), squeeze=False)[0]
    for axes, (title, named) in zip(panels, lines.items(), strict=True):
        for name, shares in named.items():
            axes.plot(sentences, shares, marker="o", label=name)
        axes.set_title(title)
        axes.set_xlabel("sentences in all")
        axes.set_ylim(top=1)
        axes.grid(alpha=0.3)
        axes.legend(loc="lower right", fontsize=9)
    _save(figure, path)


def _thresholds() -> dict[str, float]:
    chosen = Thresholds()
    return {name: getattr(chosen, name) for name in chosen.__struct_fields__}


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
