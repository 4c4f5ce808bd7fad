"""Users of the board: accounts, roles, login sessions, failed logins, and who looked at which request."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import bindparam, delete, func, insert, select, union_all, update

from storage.cipher import of_contact
from storage.errors import Missing, StorageError
from storage.ids import new_id, new_token
from storage.key_ring import token_hash
from storage.prepared import Prepared, Row
from storage.records import Access, Role, User
from storage.tables import (
    access_log,
    alert,
    conversation,
    failed_login,
    login_session,
    request,
    role_grant,
    user_account,
)
from storage.times import from_text, to_text
from storage.transaction import Transaction

SESSION = timedelta(hours=12)

# OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 passes, 1 lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

_USER = select(
    user_account.c.id,
    user_account.c.login,
    user_account.c.first_name,
    user_account.c.disabled_at,
    user_account.c.password_hash,
)
_GET = Prepared(_USER.where(user_account.c.id == bindparam("user_id")))
_BY_LOGIN = Prepared(_USER.where(user_account.c.login == bindparam("login")))
_LIST = Prepared(_USER.order_by(user_account.c.login))
_ADD = Prepared(insert(user_account))
_SET_PASSWORD = Prepared(
    update(user_account).where(user_account.c.id == bindparam("user_id")).values(password_hash=bindparam("hashed"))
)
_DISABLE = Prepared(
    update(user_account).where(user_account.c.id == bindparam("user_id")).values(disabled_at=bindparam("now"))
)
_ROLES = Prepared(
    select(role_grant.c.name, role_grant.c.organisation_id, role_grant.c.neighbourhood)
    .where(role_grant.c.user_id == bindparam("user_id"))
    .order_by(role_grant.c.number)
)
_NEXT_ROLE = Prepared(
    select(func.coalesce(func.max(role_grant.c.number), 0) + 1).where(role_grant.c.user_id == bindparam("user_id"))
)
_ADD_ROLE = Prepared(insert(role_grant))
_DELETE_ROLE = Prepared(
    delete(role_grant).where(
        role_grant.c.user_id == bindparam("user_id"),
        role_grant.c.name == bindparam("name"),
        role_grant.c.organisation_id.is_not_distinct_from(bindparam("organisation_id")),
        role_grant.c.neighbourhood.is_not_distinct_from(bindparam("neighbourhood")),
    )
)
_ADD_SESSION = Prepared(insert(login_session))
_SESSION = Prepared(
    _USER.join(login_session, login_session.c.user_id == user_account.c.id).where(
        login_session.c.token_hash == bindparam("hashed"),
        login_session.c.expires_at > bindparam("now"),
        user_account.c.disabled_at.is_(None),
    )
)
_CLOSE_SESSION = Prepared(delete(login_session).where(login_session.c.token_hash == bindparam("hashed")))
_CLOSE_SESSIONS = Prepared(delete(login_session).where(login_session.c.user_id == bindparam("user_id")))
_CLOSE_EXPIRED = Prepared(delete(login_session).where(login_session.c.expires_at <= bindparam("now")))
_ADD_FAILED = Prepared(insert(failed_login))
_COUNT_FAILED = Prepared(
    select(func.count()).where(
        failed_login.c.login_hmac == bindparam("hashed"), failed_login.c.at >= bindparam("since")
    )
)
_CLEAR_FAILED = Prepared(delete(failed_login).where(failed_login.c.login_hmac == bindparam("hashed")))
_ADD_ACCESS = Prepared(insert(access_log))
_ACCESSES = select(
    access_log.c.id,
    access_log.c.user_id,
    access_log.c.request_id,
    access_log.c.what,
    access_log.c.at,
    access_log.c.reason_sealed,
).order_by(access_log.c.at, access_log.c.id)
_ACCESSES_TO = Prepared(_ACCESSES.where(access_log.c.request_id == bindparam("request_id")))
_ACCESSES_OF = Prepared(
    _ACCESSES.where(
        access_log.c.request_id.in_(
            union_all(
                select(request.c.id).where(request.c.contact_id == bindparam("contact")),
                select(conversation.c.id).where(conversation.c.contact_id == bindparam("contact")),
                select(alert.c.id)
                .join(conversation, conversation.c.id == alert.c.conversation_id)
                .where(conversation.c.contact_id == bindparam("contact")),
            )
        )
    )
)


def hash_password(password: str) -> str:
    """Argon2id; about 20 ms of work."""
    return _HASHER.hash(password)


@cache
def _nobodys_hash() -> str:
    """What is checked for an unknown login, so that it takes as long as a known one."""
    return hash_password(new_token())


def _matches(hashed: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(hashed or _nobodys_hash(), password) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


class People:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add_user(self, name: str, first_name: str, password: str | None, roles: list[Role]) -> User:
        """`name` is what they log in with; capitals make no difference. Without a password nobody can log in yet.
        Raises `StorageError` when the name is taken."""
        tx = self._tx
        login = _login(name)
        if tx.one(_BY_LOGIN, login=login):
            raise StorageError(f"There is a user {login} already; choose another name.")
        user_id = new_id()
        tx.do(
            _ADD,
            id=user_id,
            login=login,
            first_name=first_name,
            password_hash=None if password is None else hash_password(password),
            created_at=tx.now_text,
            disabled_at=None,
        )
        for role in roles:
            self.grant(user_id, role)
        return self.get(user_id)

    def get(self, user_id: str) -> User:
        """Raises `Missing`."""
        row = self._tx.one(_GET, user_id=user_id)
        if row is None:
            raise Missing(f"There is no user {user_id}.")
        return self._user(row)

    def by_login(self, login: str) -> User | None:
        """Disabled users too."""
        row = self._tx.one(_BY_LOGIN, login=_login(login))
        return self._user(row) if row else None

    def everyone(self) -> list[User]:
        """By login, disabled users too."""
        return [self._user(row) for row in self._tx.all(_LIST)]

    def check_password(self, login: str, password: str) -> User | None:
        """The user whose password this is; None for a wrong password, an unknown or a disabled user, each after the
        same work. Call it in a `read`: it takes about 20 ms."""
        row = self._tx.one(_BY_LOGIN, login=_login(login))
        right = _matches(row[4] if row else None, password)
        return self._user(row) if row and right and row[3] is None else None

    def set_password(self, user_id: str, password: str) -> None:
        """Ends all sessions of this user."""
        self._tx.do(_SET_PASSWORD, user_id=user_id, hashed=hash_password(password))
        self._tx.do(_CLOSE_SESSIONS, user_id=user_id)

    def grant(self, user_id: str, role: Role) -> None:
        """A role they have already is not added again."""
        tx = self._tx
        if role in self._roles(user_id):
            return
        number = tx.one(_NEXT_ROLE, user_id=user_id)
        assert number is not None
        tx.do(
            _ADD_ROLE,
            user_id=user_id,
            number=number[0],
            name=role.name,
            organisation_id=role.organisation_id,
            neighbourhood=role.neighbourhood,
        )
        tx.notify("board")

    def revoke(self, user_id: str, role: Role) -> bool:
        """False when they did not have it."""
        self._tx.notify("board")
        return (
            self._tx.do(
                _DELETE_ROLE,
                user_id=user_id,
                name=role.name,
                organisation_id=role.organisation_id,
                neighbourhood=role.neighbourhood,
            )
            > 0
        )

    def disable(self, user_id: str) -> None:
        """No login any more, and all sessions end."""
        self._tx.do(_DISABLE, user_id=user_id, now=self._tx.now_text)
        self._tx.do(_CLOSE_SESSIONS, user_id=user_id)
        self._tx.notify("board")

    # Sessions

    def open_session(self, user_id: str, lifetime: timedelta = SESSION) -> str:
        """A new token; only its hash is stored. Sessions that ran out are removed on the way."""
        tx = self._tx
        token = new_token()
        tx.do(_CLOSE_EXPIRED, now=tx.now_text)
        tx.do(
            _ADD_SESSION,
            token_hash=token_hash(token),
            user_id=user_id,
            created_at=tx.now_text,
            expires_at=to_text(tx.now + lifetime),
        )
        return token

    def session(self, token: str) -> User | None:
        """With the roles of this moment; None when closed, run out or disabled."""
        row = self._tx.one(_SESSION, hashed=token_hash(token), now=self._tx.now_text)
        return self._user(row) if row else None

    def close_session(self, token: str) -> None:
        self._tx.do(_CLOSE_SESSION, hashed=token_hash(token))

    # Failed logins: a hash of what was typed, for people type their password there too.

    def note_failed_login(self, login: str) -> None:
        self._tx.do(_ADD_FAILED, id=new_id(), login_hmac=self._typed(login), at=self._tx.now_text)

    def failed_logins(self, login: str, since: datetime) -> int:
        row = self._tx.one(_COUNT_FAILED, hashed=self._typed(login), since=to_text(since))
        return row[0] if row else 0

    def clear_failed_logins(self, login: str) -> None:
        self._tx.do(_CLEAR_FAILED, hashed=self._typed(login))

    # Access log

    def log_access(
        self, user_id: str, request_id: str, what: str, reason: str | None = None, contact_id: str | None = None
    ) -> None:
        """As in `records.Access`. A `reason` is encrypted with the key of the contact it is about, who may read it and
        with whom it is erased."""
        access_id, sealed = new_id(), None
        if reason is not None and contact_id is not None:
            sealed = self._tx.cipher.seal(of_contact(contact_id), f"access_log:reason:{access_id}", reason.encode())
        self._tx.do(
            _ADD_ACCESS,
            id=access_id,
            user_id=user_id,
            request_id=request_id,
            what=what,
            at=self._tx.now_text,
            reason_sealed=sealed,
        )

    def accesses(self, request_id: str) -> list[Access]:
        """Oldest first, without reasons."""
        return [self._access(row, None) for row in self._tx.all(_ACCESSES_TO, request_id=request_id)]

    def accesses_of(self, contact_id: str) -> list[Access]:
        """Everything that was opened of one resident: requests, the conversation, alerts; oldest first, with the
        reasons that were given. Of an erased contact no reason can be read any more."""
        return [self._access(row, contact_id) for row in self._tx.all(_ACCESSES_OF, contact=contact_id)]

    def _access(self, row: Row, contact_id: str | None) -> Access:
        reason = None
        if row[5] is not None and contact_id is not None and self._tx.cipher.has(of_contact(contact_id)):
            reason = self._tx.cipher.open(of_contact(contact_id), f"access_log:reason:{row[0]}", row[5]).decode()
        return Access(user_id=row[1], request_id=row[2], what=row[3], at=from_text(row[4]), reason=reason)

    def _typed(self, login: str) -> str:
        return self._tx.keys.address_hmac("login", _login(login))

    def _roles(self, user_id: str) -> tuple[Role, ...]:
        return tuple(
            Role(name=row[0], organisation_id=row[1], neighbourhood=row[2])
            for row in self._tx.all(_ROLES, user_id=user_id)
        )

    def _user(self, row: Row) -> User:
        return User(id=row[0], login=row[1], first_name=row[2], roles=self._roles(row[0]), disabled=row[3] is not None)


def _login(name: str) -> str:
    return name.strip().casefold()
