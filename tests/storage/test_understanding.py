"""How often a guess held: counted per month, and an older database keeps what it had."""

from __future__ import annotations

import sqlite3

import pytest
from alembic import command

from storage import migrate
from storage.database import Database
from storage.records import GuessCount
from storage.tables import understanding_count
from tests.storage.conftest import HandClock, House


def counted(database: Database, since: str = "") -> list[GuessCount]:
    return database.read(lambda uow: uow.understanding.since(since))


def test_it_adds_up_per_month_and_pair(database: Database, clock: HandClock) -> None:
    for guessed, chosen in (("company", "grief"), ("company", "grief"), ("grief", "company")):
        database.run(lambda uow, g=guessed, c=chosen: uow.understanding.count(g, c, "corrected"))  # type: ignore[misc]
    database.run(lambda uow: uow.understanding.count("company", "grief", "chosen"))
    clock.advance(days=31)
    database.run(lambda uow: uow.understanding.count("company", "grief", "corrected"))
    march = [
        GuessCount("2026-03", "company", "grief", "chosen", 1),
        GuessCount("2026-03", "company", "grief", "corrected", 2),
        GuessCount("2026-03", "grief", "company", "corrected", 1),
    ]
    april = [GuessCount("2026-04", "company", "grief", "corrected", 1)]
    assert counted(database) == counted(database, "2026-03") == march + april
    assert counted(database, "2026-04") == april
    assert counted(database, "2026-05") == []


def test_a_work_that_fails_counts_nothing(database: Database) -> None:
    def fails(uow: object) -> None:
        uow.understanding.count("company", "grief", "corrected")  # type: ignore[attr-defined]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.run(fails)
    assert counted(database) == []


def test_there_is_no_room_for_more_than_codes_a_month_and_a_number() -> None:
    assert set(understanding_count.c.keys()) == {"month", "guessed", "chosen", "how", "count"}
    assert understanding_count.foreign_keys == set()


def test_a_database_of_the_first_schema_keeps_what_it_had(house: House, clock: HandClock) -> None:
    house.open(clock).close()  # makes the folders and the keys
    house.file.unlink()
    for beside in house.file.parent.glob(f"{house.file.name}-*"):
        beside.unlink()
    with migrate._connection(house.url) as connection, connection.begin():
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    assert migrate.current(house.url) == "0001"
    file = sqlite3.connect(house.file)
    file.execute(
        "INSERT INTO contact (id, channel, bot, address_hmac, created_at) VALUES ('c1', 'web', 'b', 'h', '2026-03-01')"
    )
    file.execute(
        "INSERT INTO conversation (id, contact_id, channel, owner, last_n, share_before, updated_at)"
        " VALUES ('v1', 'c1', 'web', 'desk', 4, 0, '2026-03-01')"
    )
    file.commit()
    file.close()

    migrate.upgrade(house.url)
    assert migrate.current(house.url) == migrate.LATEST
    file = sqlite3.connect(house.file)
    assert file.execute("SELECT id, contact_id, last_n FROM conversation").fetchall() == [("v1", "c1", 4)]
    assert file.execute("SELECT count(*) FROM understanding_count").fetchone() == (0,)
    file.close()
