"""Puts a municipality from its files into the database: the directory, and the accounts of a demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from desk.directory_file import read_accounts, read_directory, with_user_ids
from desk.login import one_time_password
from desk.municipality_file import DemoAccount
from storage.records import Role, User
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
    directory, accounts = read_directory(folder), read_accounts(folder)
    desk.database.run(lambda uow: uow.directory.replace(with_user_ids(directory, _ids(uow, accounts))))
    # An account a transaction: hashing a password takes long enough for a resident to notice.
    opened = tuple(desk.database.run(lambda uow, one=account: _open(uow, one)) for account in accounts)  # type: ignore[misc]
    desk.database.run(lambda uow: uow.directory.replace(with_user_ids(directory, _ids(uow, accounts))))
    return opened


def _ids(uow: UnitOfWork, accounts: tuple[DemoAccount, ...]) -> dict[str, str]:
    found = {account.login: uow.people.by_login(account.login) for account in accounts}
    return {login: user.id for login, user in found.items() if user is not None}


def _open(uow: UnitOfWork, account: DemoAccount) -> OpenedAccount:
    password = one_time_password()
    user = uow.people.by_login(account.login)
    if user is None:
        role = Role(account.role, account.organisation_id, account.neighbourhood)
        user = uow.people.add_user(account.login, account.first_name, password, [role])
    else:
        uow.people.set_password(user.id, password)
    return OpenedAccount(account, user, password)
