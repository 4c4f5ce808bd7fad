"""What the commands share: the configuration, an open desk, and one clear sentence for every mistake."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from balie.dialogue_file import DialogueError
from balie.listener import CannotServe
from balie.nlu_process import NluError
from desk.bootstrap import Desk, bootstrap
from desk.content import ContentError
from desk.directory_file import DirectoryError
from desk.settings import Settings, SettingsError, load_settings
from routing.policy import PolicyError
from storage.errors import StorageError

Config = Annotated[Path | None, typer.Option("--config", help="The configuration file.", show_default="config.yml")]
AsJson = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]

MISTAKES = (
    SettingsError,
    ContentError,
    PolicyError,
    DirectoryError,
    StorageError,
    DialogueError,
    NluError,
    CannotServe,
)


def say(words: str) -> None:
    """A message for the person at the terminal, never data. What it quotes cannot steer that terminal."""
    shown = "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in words)
    print(shown, file=sys.stderr, flush=True)


def put(data: Any, as_json: bool, lines: Iterator[str] | list[str]) -> None:
    """Data on stdout: as JSON, or as lines."""
    if as_json:
        print(json.dumps(data, ensure_ascii=False, indent=2, default=str))
    else:
        for line in lines:
            print(line)


def finding(words: str) -> NoReturn:
    say(words)
    raise typer.Exit(1)


@contextmanager
def stop_on_mistakes() -> Iterator[None]:
    """A mistake of an operator or author ends the command with its sentence and exit 1, and without a traceback."""
    try:
        yield
    except MISTAKES as error:
        finding(str(error))


def settings_of(config: Path | None) -> Settings:
    return load_settings(config)


@contextmanager
def open_desk(settings: Settings) -> Iterator[Desk]:
    desk = bootstrap(settings)
    try:
        yield desk
    finally:
        desk.close()
