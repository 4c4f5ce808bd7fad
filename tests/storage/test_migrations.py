from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from storage import migrate
from storage.errors import NotADatabase, SchemaTooNew, SchemaTooOld
from storage.tables import metadata
from tests.storage.conftest import HandClock, House


@pytest.fixture
def empty(house: House) -> House:
    house.file.parent.mkdir()
    return house


def execute(house: House, *statements: str) -> None:
    connection = sqlite3.connect(house.file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_from_nothing_to_the_latest(empty: House) -> None:
    assert migrate.current(empty.url) is None
    migrate.upgrade(empty.url)
    assert migrate.current(empty.url) == migrate.latest() == migrate.LATEST
    migrate.check(empty.url)
    migrate.upgrade(empty.url)


def test_the_migrations_make_the_tables_that_the_code_uses(empty: House) -> None:
    migrate.upgrade(empty.url)
    with migrate._connection(empty.url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    execute(empty, "ALTER TABLE contact ADD COLUMN extra TEXT")
    with migrate._connection(empty.url) as connection:
        assert len(compare_metadata(MigrationContext.configure(connection), metadata)) == 1


def test_indexes_are_partial_as_declared(empty: House) -> None:
    migrate.upgrade(empty.url)
    connection = sqlite3.connect(empty.file)
    found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql LIKE '%WHERE%' AND type = 'index'"))
    connection.close()
    declared = {
        index.name: str(index.dialect_options["sqlite"]["where"])
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    }
    assert len(declared) == 7
    assert {name: sql.split("WHERE ")[1] for name, sql in found.items()} == declared


def test_a_newer_schema_is_refused_with_what_to_do(empty: House, clock: HandClock) -> None:
    empty.open(clock).close()
    execute(empty, "UPDATE alembic_version SET version_num = '9999'")
    for attempt in (migrate.check, migrate.upgrade, lambda url: empty.open(clock).close()):
        with pytest.raises(SchemaTooNew, match="Install that version") as caught:
            attempt(empty.url)
        assert str(empty.file) in str(caught.value)


def test_an_older_schema_is_refused_with_what_to_do(empty: House) -> None:
    execute(empty, "CREATE TABLE something (x)")
    with pytest.raises(SchemaTooOld, match=r"run: balie db upgrade"):
        migrate.check(empty.url)


def test_a_migration_that_fails_leaves_nothing(empty: House) -> None:
    execute(empty, "CREATE TABLE web_token (in_the_way)")
    with pytest.raises(Exception, match="web_token"):
        migrate.upgrade(empty.url)
    connection = sqlite3.connect(empty.file)
    assert connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("web_token",)]
    connection.close()
    execute(empty, "DROP TABLE web_token")
    migrate.upgrade(empty.url)


def test_a_percent_sign_in_the_path(tmp_path: Path, clock: HandClock) -> None:
    house = House(tmp_path / "50% noord")
    house.open(clock).close()
    assert migrate.current(house.url) == migrate.latest()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("postgresql+psycopg://balie:geheim@host/balie", "names postgresql"),
        ("geheim", "not a database address"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_sentence(url: str, says: str) -> None:
    with pytest.raises(NotADatabase, match=says) as caught:
        migrate.check(url)
    assert "geheim" not in str(caught.value)
    assert not re.search(r"\n", str(caught.value))
