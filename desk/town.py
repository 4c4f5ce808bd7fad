"""Puts a municipality from its files into the database: the directory, and the accounts of a demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from desk.directory_file import read_accounts, read_directory, with_user_ids
from desk.login import one_time_password
from desk.municipality_file import DemoAccount
from storage.records import Directory, Role, User
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk


class OpenedAccount(Struct, frozen=True):
    """An account just made; the only moment its one-time password is known in the clear."""

    account: DemoAccount
    user: User
    password: str


def load_town(desk: Desk, folder: Path) -> tuple[OpenedAccount, ...]:
    """Replaces the directory by the one in `folder`, adds the accounts that are not there yet, and gives each a fresh
    one-time password: nobody knows the old ones any more. Raises DirectoryError with its place and remedy."""
    accounts = read_accounts(folder)
    load_directory(desk, folder)
    # An account a transaction: hashing a password takes long enough for a resident to notice.
    opened = tuple(desk.database.run(lambda uow, one=account: _open(uow, one)) for account in accounts)  # type: ignore[misc]
    load_directory(desk, folder)  # once more: now those who follow have accounts
    return opened


def load_directory(desk: Desk, folder: Path) -> Directory:
    """Replaces the directory by the one in `folder`. Who follows there is found by login; without an account nobody
    does. Raises DirectoryError with its place and remedy."""
    directory = read_directory(folder)
    logins = {follower.user_id for follower in directory.followers.values()}

    def put(uow: UnitOfWork) -> None:
        found = {login: uow.people.by_login(login) for login in logins}
        uow.directory.replace(with_user_ids(directory, {login: user.id for login, user in found.items() if user}))

    desk.database.run(put)
    return directory


def _open(uow: UnitOfWork, account: DemoAccount) -> OpenedAccount:
    password = one_time_password()
    user = uow.people.by_login(account.login)
    if user is None:
        role = Role(account.role, account.organisation_id, account.neighbourhood)
        user = uow.people.add_user(account.login, account.first_name, password, [role])
    else:
        uow.people.set_password(user.id, password)
    return OpenedAccount(account, user, password)
