"""A database in a folder of its own, under a clock that only moves when told to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.database import Database
from storage.first_start import open_storage
from storage.records import Contact


class HandClock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **parts: float) -> None:
        self.moment += timedelta(**parts)


class House:
    """Where one installation keeps its things."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/var/balie.db"
        self.file = folder / "var" / "balie.db"
        self.keys = folder / "keys" / "keys.json"

    def open(self, clock: HandClock) -> Database:
        return open_storage(self.url, self.keys, clock)

    def bytes_on_disk(self) -> bytes:
        """The database with its write-ahead log and index, as a thief would find it."""
        return b"".join(path.read_bytes() for path in sorted(self.file.parent.iterdir()))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture(scope="session")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Opened once and empty; each test copies it, for the schema takes longer to make than to copy."""
    house = House(tmp_path_factory.mktemp("first_day"))
    house.open(HandClock()).close()
    return house


@pytest.fixture
def database(first_day: House, house: House, clock: HandClock) -> Iterator[Database]:
    shutil.copytree(first_day.folder, house.folder, dirs_exist_ok=True)
    opened = house.open(clock)
    yield opened
    opened.close()


@pytest.fixture
def contact(database: Database) -> Contact:
    return database.run(lambda uow: uow.contacts.find_or_add("telegram", "voorbeeldbot", "4711"))
