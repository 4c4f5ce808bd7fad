"""`balie retention run`: erases now what has been kept long enough. The desk itself does so once a day."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from balie.cli_options import AsJson, Config, open_desk, put, settings_of, stop_on_mistakes
from desk.retention import run_retention

app = typer.Typer(no_args_is_help=True, help="How long things are kept.")


@app.callback()
def retention() -> None:
    """How long things are kept."""


@app.command()
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be erased.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Erases closed requests, conversations that stopped half-way, and raw updates, each after its days."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        done = desk.database.run(lambda uow: run_retention(uow, desk, dry_run=dry_run))
    verb = "would be erased" if dry_run else "erased"
    lines = [f"{done.contacts} contacts, {done.requests} requests, {done.raw_updates} raw updates {verb}"]
    put(msgspec.to_builtins(done), as_json, lines)
