"""Logging in to the board: guesses are throttled per login and per source, and the owner is never locked out."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from storage.records import User
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

WINDOW = timedelta(minutes=15)
# Tries within the window. One source trying one login is a guess; a community centre shares one address among many.
TRIES_PER_LOGIN_AND_SOURCE = 5
TRIES_PER_SOURCE = 50
TRIES_PER_LOGIN = 50  # over all sources; a device that this login used before is not counted here
TRIES_PER_KNOWN_DEVICE = 10

SHORTEST = 12  # characters; ASVS 5.0 asks for at least 8, and 15 where it stands alone
LONGEST = 200
_ONE_TIME = "eenmalig-"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without look-alikes: it is read from paper or a terminal


class LoggedIn(Struct, frozen=True):
    """`token` goes in the session cookie, `device` in the one that marks a known device."""

    user: User
    token: str
    device: str

    def __repr__(self) -> str:
        return "<LoggedIn>"


class MustChange(Struct, frozen=True):
    """The one-time password is right; there is no session before it is changed."""

    user: User


class Refused(Struct, frozen=True):
    """`wrong`: login or password, it is not said which · `wait`: too many tries · of the new password: `short`,
    `long`, `same` (as the old one), `easy` (holds the login or the word for password)."""

    why: Literal["wrong", "wait", "short", "long", "same", "easy"]


def one_time_password() -> str:
    """About 79 bits; it can only be used to choose a password of one's own."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    return _ONE_TIME + "-".join(groups)


def is_one_time(password: str) -> bool:
    return password.startswith(_ONE_TIME)


def log_in(
    desk: Desk, login: str, password: str, source: str, device: str | None = None
) -> LoggedIn | MustChange | Refused:
    """`source` is the address it comes from. Known and unknown logins take the same work and get the same answer."""
    user = _check(desk, login, password, source, device)
    if isinstance(user, Refused):
        return user
    if is_one_time(password):
        return MustChange(user)
    token = desk.database.run(lambda uow: uow.people.open_session(user.id))
    return LoggedIn(user, token, _device_mark(desk, user))


def change_password(
    desk: Desk, login: str, password: str, new: str, source: str, device: str | None = None
) -> LoggedIn | Refused:
    """Checks the old password as at login, ends all sessions of this user and opens a new one."""
    wrong = _weakness(login, password, new)
    if wrong is not None:
        return wrong
    user = _check(desk, login, password, source, device)
    if isinstance(user, Refused):
        return user

    def work(uow: UnitOfWork) -> str:
        uow.people.set_password(user.id, new)
        return uow.people.open_session(user.id)

    return LoggedIn(user, desk.database.run(work), _device_mark(desk, user))


def user_of(desk: Desk, token: str | None) -> User | None:
    """Whose session this is, with the roles of this moment; None when closed, run out or disabled."""
    if not token or len(token) > LONGEST:
        return None
    return desk.database.read(lambda uow: uow.people.session(token))


def log_out(desk: Desk, token: str) -> None:
    desk.database.run(lambda uow: uow.people.close_session(token))


def source_of(address: str) -> str:
    """An IPv6 subscriber has a whole /64; counted as one source."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, IPv6Address):
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)


def _check(desk: Desk, login: str, password: str, source: str, device: str | None) -> User | Refused:
    known = _is_known(desk, login, device)
    keys = _keys(login, source_of(source), device if known else None)
    # Counted before the password is looked at, in one transaction: guesses sent at once cannot slip through.
    if not desk.database.run(lambda uow: _admit(uow, keys)):
        return Refused("wait")
    found = desk.database.read(lambda uow: uow.people.check_password(login[:LONGEST], password[:LONGEST]))
    if found is None:
        return Refused("wrong")
    desk.database.run(lambda uow: uow.people.clear_failed_logins(keys[0][0]))
    return found


def _keys(login: str, source: str, known_device: str | None) -> list[tuple[str, int]]:
    """What is counted, with its limit. The first is cleared by the right password."""
    if known_device is not None:
        return [(f"device|{known_device}", TRIES_PER_KNOWN_DEVICE)]
    return [
        (f"both|{source}|{login}", TRIES_PER_LOGIN_AND_SOURCE),
        (f"source|{source}", TRIES_PER_SOURCE),
        (f"login|{login}", TRIES_PER_LOGIN),
    ]


def _admit(uow: UnitOfWork, keys: list[tuple[str, int]]) -> bool:
    since = uow.now - WINDOW
    if any(uow.people.failed_logins(key, since) >= limit for key, limit in keys):
        return False
    for key, _ in keys:
        uow.people.note_failed_login(key)
    return True


def _device_mark(desk: Desk, user: User) -> str:
    nonce = secrets.token_hex(8)
    return f"{nonce}.{desk.database.keys.address_hmac('board-device', f'{user.login}:{nonce}')}"


def _is_known(desk: Desk, login: str, device: str | None) -> bool:
    nonce, _, mark = (device or "").partition(".")
    expected = desk.database.keys.address_hmac("board-device", f"{login.strip().casefold()}:{nonce}")
    return bool(mark) and hmac.compare_digest(mark.encode(), expected.encode())


def _weakness(login: str, old: str, new: str) -> Refused | None:
    if len(new) < SHORTEST:
        return Refused("short")
    if len(new) > LONGEST:
        return Refused("long")
    if new == old:
        return Refused("same")
    lowered = new.casefold()
    easy = ("wachtwoord", "password", "buurtbalie", "welkom", "12345", _ONE_TIME, login.strip().casefold())
    if len(set(lowered)) < 5 or any(word and word in lowered for word in easy):
        return Refused("easy")
    return None
