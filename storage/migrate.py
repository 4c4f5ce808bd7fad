"""The schema's version: bring it up to date, say which it is, refuse what this code does not know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from storage.connection import connect, database_path
from storage.errors import SchemaTooNew, SchemaTooOld

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

# Alembic is imported where it works: loading it takes a fifth of a second, and most starts only compare two words.
LATEST = "0006"  # the schema that this code speaks; a test holds it to the newest migration

_FOLDER = Path(__file__).parent / "migrations"


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def latest() -> str:
    """The newest migration there is."""
    head = _scripts().get_current_head()
    assert head is not None
    return head


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    path = database_path(url)
    engine = create_engine("sqlite://", creator=lambda: connect(path), poolclass=NullPool)
    # The driver does not begin by itself (see connection.py), so that table changes are part of the transaction.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def current(url: str) -> str | None:
    """The schema of the database; None when it has none yet. Raises `NotADatabase` or `NotWritable`."""
    with _connection(url) as connection:
        if not connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").first():
            return None
        row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
        return str(row[0]) if row else None


def check(url: str) -> None:
    """Raises `SchemaTooNew` or `SchemaTooOld` when this code cannot work with the database."""
    found = current(url)
    if found == LATEST:
        return
    path = database_path(url)
    if found is not None and found not in _known():
        raise SchemaTooNew(
            f"The database {path} was made by a newer version of Buurtbalie (schema {found}). "
            "Install that version, or restore a backup from before."
        )
    raise SchemaTooOld(
        f"The database {path} has an older schema ({found or 'none'}). Make a backup, then run: balie db upgrade"
    )


def upgrade(url: str) -> None:
    """From any older schema, or none, to the latest, in one transaction. Raises `SchemaTooNew`."""
    try:
        check(url)
        return
    except SchemaTooOld:
        pass
    from alembic import command

    with _connection(url) as connection, connection.begin():
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _known() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}
