"""`balie crisis test`: how well the crisis guard sees danger in a file of sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from balie import crisis_report
from balie.cli_options import AsJson, finding, put

app = typer.Typer(no_args_is_help=True, help="The crisis guard.")


@app.callback()
def crisis() -> None:
    """The crisis guard."""


@app.command()
def test(
    file: Annotated[Path, typer.Argument(help="TSV: id, text, label, kind, optional level and before.")],
    as_json: AsJson = False,
) -> None:
    """Recall and precision per category, level and kind, with the misses."""
    try:
        rows = crisis_report.read(file)
    except ValueError as error:
        finding(str(error))
    report = crisis_report.evaluate(rows)
    put(msgspec.to_builtins(report), as_json, list(report.lines()))
