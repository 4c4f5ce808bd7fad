"""Opening storage: everything is made on nothing, and nothing is guessed where there is data already."""

from __future__ import annotations

import os
from pathlib import Path

from storage import migrate
from storage.connection import database_path
from storage.database import Database
from storage.errors import NotADatabase, NotWritable
from storage.key_ring import KeyRing
from storage.times import Clock, now


def open_storage(url: str, keys_path: str | Path, clock: Clock = now) -> Database:
    """On nothing: folders, key ring and database (both mode 0600) and the schema. On data: checks that it can be read.

    Raises `NotWritable`, `NotADatabase`, `KeyMissing`, `KeyUnreadable`, `SchemaTooNew` or `SchemaTooOld`."""
    path = database_path(url)
    exists = _holds_data(path)
    keys = KeyRing.load_or_create(keys_path, data_exists=exists)
    if exists:
        migrate.check(url)
    else:
        _create_file(path)
        migrate.upgrade(url)
    database = Database(url, keys, clock)
    try:
        database.run(lambda uow: uow.check_keys())
    except BaseException:
        database.close()
        raise
    return database


def _holds_data(path: Path) -> bool:
    try:
        if path.is_dir():
            raise NotADatabase(f"{path} is a folder; database.url must name a file, like sqlite:///var/balie.db.")
        return path.exists() and path.stat().st_size > 0
    except PermissionError:
        raise NotWritable(
            f"The folder of the database {path} cannot be entered. Give the account that runs the desk access to it, "
            "or choose another place with database.url."
        ) from None


def _create_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise NotWritable(
            f"The database {path} cannot be made ({error.strerror}). Make its folder writable for the account that "
            "runs the desk, or choose another place with database.url."
        ) from None
