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
    """Replaces the directory by the one in `folder` and adds the accounts that are not there yet. Gives those that
    were added. Raises DirectoryError with `file:line:column: what, what to do`."""
    directory, accounts = read_directory(folder), read_accounts(folder)

    def load(uow: UnitOfWork) -> tuple[OpenedAccount, ...]:
        opened = []
        ids: dict[str, str] = {}
        for account in accounts:
            user = uow.people.by_login(account.login)
            if user is None:
                password = one_time_password()
                role = Role(account.role, account.organisation_id, account.neighbourhood)
                user = uow.people.add_user(account.login, account.first_name, password, [role])
                opened.append(OpenedAccount(account, user, password))
            ids[account.login] = user.id
        uow.directory.replace(with_user_ids(directory, ids))
        return tuple(opened)

    return desk.database.run(load)


def new_passwords(desk: Desk, folder: Path) -> tuple[OpenedAccount, ...]:
    """Fresh one-time passwords for the demonstration's accounts: the old ones are known to nobody any more."""
    accounts = read_accounts(folder)

    def renew(uow: UnitOfWork) -> tuple[OpenedAccount, ...]:
        opened = []
        for account in accounts:
            user = uow.people.by_login(account.login)
            if user is not None:
                password = one_time_password()
                uow.people.set_password(user.id, password)
                opened.append(OpenedAccount(account, user, password))
        return tuple(opened)

    return desk.database.run(renew)
