"""`balie retention run`: erases now what has been kept long enough. The desk itself does so once a day."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from balie.cli_options import AsJson, Config, open_desk, put, settings_of, stop_on_mistakes
from desk.retention import Due, due_now, run_retention

app = typer.Typer(no_args_is_help=True, help="How long things are kept.")


@app.callback()
def retention() -> None:
    """How long things are kept."""


@app.command()
def run(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be erased: how many, and since when.")
    ] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Erases closed requests, conversations that stopped half-way, and raw updates, each after its days."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        if dry_run:
            due = desk.database.read(lambda uow: due_now(uow, desk))
            found = {
                one.kind: {"count": one.count, "kept_days": one.kept_days, "oldest_due": one.oldest_due} for one in due
            }
            put(found, as_json, [_line(one) for one in due])
            return
        done = desk.database.run(lambda uow: run_retention(uow, desk))
    lines = [f"{done.contacts} contacts, {done.requests} requests, {done.raw_updates} raw updates erased"]
    put(msgspec.to_builtins(done), as_json, lines)


def _line(due: Due) -> str:
    oldest = f"the oldest was due on {due.oldest_due}" if due.oldest_due else "none is due"
    return f"{due.kind:<12} {due.count} would be erased; kept {due.kept_days} days, {oldest}"
