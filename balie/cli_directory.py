"""`balie directory`: takes a directory over, gives ours to others, and says what in it asks for attention."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from balie.cli_options import AsJson, Config, finding, open_desk, put, say, settings_of, stop_on_mistakes
from desk.directory_check import Attention, attention
from desk.directory_export import write_json, write_tables
from desk.directory_file import DIRECTORY_FILES
from desk.directory_import import Found, put_in_place, read_import
from desk.directory_import import Progress as Told
from desk.terms_file import read_terms
from desk.town import load_directory
from routing.hsds import NO_TERMS

app = typer.Typer(no_args_is_help=True, help="The directory: who does what, where and when.")

_WHY = {
    "not_checked": "not checked for a year",
    "not_met": "the team has not met them",
    "no_theme": "has no theme: no question leads to it",
}


@app.command(name="import")
def import_(
    source: Annotated[Path, typer.Argument(help="A folder of HSDS CSV files, an HSDS JSON file, or our own files.")],
    terms: Annotated[Path | None, typer.Option(help="What another taxonomy's terms mean: `theme: [terms]`.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Replaces what an earlier import brought. Nothing changes when anything is wrong, and no conversation waits."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        if (source / DIRECTORY_FILES[0]).exists():
            if dry_run:
                finding("our own files are tried with `balie check`; leave out --dry-run")
            directory = load_directory(desk, source)
            put({"services": len(directory.services)}, as_json, [f"{len(directory.services)} services from our files"])
            return
        with _bar() as told:
            found = read_import(desk, source, told, read_terms(terms) if terms else NO_TERMS)
            if not dry_run:
                put_in_place(desk, found, told)
    put(_summary(found), as_json, _told(found, dry_run))


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="A folder for CSV files, or a file that ends with .json.")],
    config: Config = None,
) -> None:
    """Writes the directory as Open Referral HSDS 3.0, without accounts, agreements and places taken."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        directory = desk.database.read(lambda uow: uow.directory.load())
    try:
        (write_json if target.suffix == ".json" else write_tables)(directory, target)
    except OSError as error:
        finding(f"{target} cannot be written ({error.strerror}); name another place")
    say(f"{len(directory.services)} services of {len(directory.organisations)} organisations are in {target}.")


@app.command()
def check(config: Config = None, as_json: AsJson = False) -> None:
    """Lists what was not checked for a year, whom the team has not met, and what no question leads to."""
    with stop_on_mistakes(), open_desk(settings_of(config)) as desk:
        found = desk.database.read(lambda uow: list(attention(uow.directory.load(), uow.now.date())))
    put(msgspec.to_builtins(found), as_json, [_line(one) for one in found])
    if found:
        raise typer.Exit(1)
    say("Everything was checked within a year, and the team has met everybody.")


def _line(one: Attention) -> str:
    since = ""
    if one.what == "not_checked":
        day = date.fromisoformat(one.since).strftime("%-d-%-m-%Y") if one.since else "never"
        since = f" (last: {day}{f', by {one.by}' if one.by else ''})"
    return f"{one.id}: {one.name}: {_WHY[one.what]}{since}"


def _summary(found: Found) -> dict[str, object]:
    counts = {name: getattr(found, name) for name in ("other_towns", "ended", "without_theme")}
    return {
        "services": len(found.services),
        "organisations": len(found.organisations),
        **{name: list(getattr(found, name)) for name in ("added", "changed", "removed")},
        **counts,
    }


def _told(found: Found, dry_run: bool) -> Iterator[str]:
    would = "would be " if dry_run else ""
    yield (
        f"{len(found.services)} services of {len(found.organisations)} organisations: "
        f"{len(found.added)} {would}added, {len(found.changed)} {would}changed, {len(found.removed)} {would}removed"
    )
    if found.other_towns:
        yield f"{found.other_towns} left out: they are for other towns"
    if found.ended:
        yield f"{found.ended} left out: they have ended, or are closed until nobody knows when"
    if found.without_theme:
        yield f"{found.without_theme} have no theme, so no question leads to them; say with --terms what theirs mean"


@contextmanager
def _bar() -> Iterator[Told]:
    """A progress bar on a terminal, and nothing elsewhere."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        tasks: dict[str, TaskID] = {}

        def told(what: str, done: int, every: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=every)
            progress.update(tasks[what], completed=done)

        yield told
