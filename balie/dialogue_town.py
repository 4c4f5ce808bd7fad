"""The town in which scripted dialogues play: made once, copied for each dialogue."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from desk.bootstrap import Clock, Desk, bootstrap
from desk.settings import Settings
from desk.town import load_town


def desk_in_town(fixture: str, folder: Path, clock: Clock) -> Desk:
    """A desk on a database of its own in `folder`, with the organisations and accounts of `fixture`."""
    shutil.copytree(_town(fixture), folder, dirs_exist_ok=True)
    return bootstrap(_settings(folder), clock)


def _settings(folder: Path) -> Settings:
    return Settings.model_validate(
        {
            "database": {"url": f"sqlite:///{folder / 'dialogue.db'}"},
            "keys": {"path": folder / "keys.json"},
            "team": {
                "name": "Wijkteam Voorbeeldstad",
                "phone": "010-000 00 01",
                "hours": {"nl": "werkdagen van 9 tot 17 uur", "en": "weekdays from 9 to 5"},
                "address": "Raadhuisplein 2",
            },
            "complaints": {"name": "mevrouw Aerts", "phone": "010-000 00 45"},
        }
    )


@cache
def _town(fixture: str) -> Path:
    """A folder with a town in which nothing happened yet; reading its files takes longer than a whole dialogue."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    desk = bootstrap(_settings(Path(folder.name)))
    try:
        with as_file(files("balie.demo") / fixture) as town:
            load_town(desk, town)
    finally:
        desk.close()
    return Path(folder.name)
