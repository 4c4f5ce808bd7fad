"""`balie report understanding`: where the model takes a question for another one than it is."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
import typer

from balie import understanding_report
from balie.cli_options import AsJson, Config, open_desk, put, settings_of, stop_on_mistakes

app = typer.Typer(no_args_is_help=True, help="Figures, never about one person.")

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def _month(given: str) -> str:
    if given and not _MONTH.fullmatch(given):
        raise typer.BadParameter(f"{given!r} is no month; write it like 2026-03")
    return given


@app.callback()
def report() -> None:
    """Figures, never about one person."""


@app.command()
def understanding(
    since: Annotated[
        str, typer.Option(help="The first month to count, like 2026-03.", callback=_month, show_default="all months")
    ] = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Which themes the model takes for which, as residents and hosts put it right. Less than five is not told."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        counts = desk.database.read(lambda uow: uow.understanding.since(since))
    found = understanding_report.make(counts, since)
    put(msgspec.to_builtins(found), as_json, found.lines())
