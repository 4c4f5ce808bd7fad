"""A desk in the demonstration's town, made once and copied for each test, with a clock that stands still."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from desk.bootstrap import Desk
from desk.town import load_town
from tests.desk.full_life import OTHER_WORDS, WORDS, lives, web_resident
from tests.desk.resident import Resident
from tests.servers.desk_server import desk_in


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@pytest.fixture(scope="session")
def _town_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    with desk_in(folder) as desk, as_file(files("balie.demo") / "voorbeeldstad") as town:
        load_town(desk, town)
    return folder


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town_desk(_town_folder: Path, tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    shutil.copytree(_town_folder, tmp_path, dirs_exist_ok=True)
    with desk_in(tmp_path, clock) as desk:
        yield desk


@pytest.fixture
def lived(town_desk: Desk, clock: Clock) -> Resident:
    """A resident with something in every table; somebody else has lived the same."""
    lives(town_desk, clock, web_resident(town_desk), OTHER_WORDS)
    resident = web_resident(town_desk)
    lives(town_desk, clock, resident, WORDS)
    return resident
