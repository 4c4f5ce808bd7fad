"""`balie agreements`: with which organisations it is settled what is shared, and what must be renewed."""

from __future__ import annotations

import msgspec
import typer

from balie.cli_options import AsJson, Config, open_desk, put, settings_of, stop_on_mistakes
from desk.agreements import Entry, register

MARKED = {
    "missing": "!! missing",
    "ended": "!! ended",
    "ending": "!! ends soon",
    "not_begun": "   not begun",
    "valid": "   valid",
    "not_needed": "   not needed",
}


def add_commands(app: typer.Typer) -> None:
    app.command()(agreements)


def agreements(config: Config = None, as_json: AsJson = False) -> None:
    """Every organisation and its agreement: first what is missing, ended, or ends within 30 days."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        found = desk.database.read(lambda uow: register(uow.directory.load(), uow.now.date()))
    put([msgspec.to_builtins(entry) for entry in found], as_json, [line for entry in found for line in _lines(entry)])


def _lines(entry: Entry) -> list[str]:
    lines = [f"{MARKED[entry.state]:<14}{entry.organisation}: {entry.name}"]
    if entry.days_left is not None:
        left = f"{entry.days_left} days left" if entry.days_left >= 0 else f"ended {-entry.days_left} days ago"
        lines += [
            f"{'':<14}version {entry.version}, signed by {entry.signatory}, "
            f"{entry.valid_from} until {entry.valid_until}, {left}",
            f"{'':<14}receives {', '.join(entry.categories)}",
            f"{'':<14}for {', '.join(entry.themes) or 'every theme of its services'}",
        ]
    elif entry.state == "missing":
        lines.append(f"{'':<14}residents get its contact card, and nothing is sent; write the letter together")
    return lines
