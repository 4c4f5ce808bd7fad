"""`balie crisis test`: how well the crisis guard sees danger in a file of sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from balie import crisis_report
from balie.cli_options import AsJson, finding, put, say
from flows import crisis
from flows.danger_model import danger_model

HEAVIEST = 12

app = typer.Typer(no_args_is_help=True, help="The crisis guard.")


@app.callback()
def about() -> None:
    """The crisis guard."""


@app.command()
def test(
    file: Annotated[Path, typer.Argument(help="TSV: id, text, label, kind, optional level, also and before.")],
    as_json: AsJson = False,
) -> None:
    """Recall and precision per category, level and kind, with the misses."""
    try:
        rows = crisis_report.read(file)
    except ValueError as error:
        finding(str(error))
    report = crisis_report.evaluate(rows)
    put(msgspec.to_builtins(report), as_json, report.lines())
    if report.below_bar():
        raise typer.Exit(1)


@app.command()
def train() -> None:
    """Learns the danger model when the sentences changed since the last time."""
    from balie import danger_training  # what it learns with takes a second to load, and only this command needs it

    danger_training.train(progress=say)


@app.command()
def explain(text: Annotated[str, typer.Argument(help="A message.")]) -> None:
    """What the guard saw in a message: the patterns, and what weighed most with the model."""
    found = crisis.findings(text)
    for one in found:
        print(f"{one.category:<10} {one.level:<8} {one.pattern}")
    if not found:
        print("no danger seen")
    model = danger_model()
    if model is not None:
        reading = model.read(text)
        print(
            ", ".join(f"{name} {score:+.2f}" for name, score in reading.scores.items())
            + f", acute {reading.acute:+.2f}"
        )
        for feature, danger, share in model.weights(text)[:HEAVIEST]:
            print(f"{share:+.3f}  {danger:<10} {feature!r}")
