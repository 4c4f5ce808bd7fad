from __future__ import annotations

from datetime import timedelta

import pytest

from storage.database import Database
from storage.errors import Missing, StorageError
from storage.records import Role, User
from tests.storage.conftest import HandClock, House

HOST = Role(name="host", neighbourhood="noord")
COORDINATOR = Role(name="coordinator", organisation_id="humanitas")


@pytest.fixture
def anna(database: Database) -> User:
    return database.run(lambda uow: uow.people.add_user(" Anna@Voorbeeldstad ", "Anna", "geheim-genoeg", [HOST]))


def test_a_user_is_found_however_the_name_is_typed(database: Database, anna: User) -> None:
    assert (anna.login, anna.first_name, anna.roles, anna.disabled) == ("anna@voorbeeldstad", "Anna", (HOST,), False)
    assert database.read(lambda uow: uow.people.by_login("ANNA@voorbeeldstad")) == anna
    assert database.read(lambda uow: uow.people.get(anna.id)) == anna
    assert database.read(lambda uow: uow.people.by_login("bea")) is None
    assert database.read(lambda uow: uow.people.everyone()) == [anna]
    with pytest.raises(Missing):
        database.read(lambda uow: uow.people.get("none"))


def test_a_taken_name_is_refused(database: Database, anna: User) -> None:
    with pytest.raises(StorageError, match="choose another"):
        database.run(lambda uow: uow.people.add_user("ANNA@voorbeeldstad", "Anna", None, []))


def test_only_the_right_password_opens(database: Database, anna: User) -> None:
    assert database.read(lambda uow: uow.people.check_password("anna@voorbeeldstad", "geheim-genoeg")) == anna
    for login, password in (
        ("anna@voorbeeldstad", "geheim-genoeg "),
        ("anna@voorbeeldstad", ""),
        ("bea", "geheim-genoeg"),
    ):
        assert database.read(lambda uow, a=login, b=password: uow.people.check_password(a, b)) is None  # type: ignore[misc]
    database.run(lambda uow: uow.people.set_password(anna.id, "nieuw-en-lang"))
    assert database.read(lambda uow: uow.people.check_password("anna@voorbeeldstad", "geheim-genoeg")) is None
    assert database.read(lambda uow: uow.people.check_password("anna@voorbeeldstad", "nieuw-en-lang")) == anna


def test_without_a_password_nobody_can_log_in(database: Database) -> None:
    database.run(lambda uow: uow.people.add_user("bea", "Bea", None, []))
    assert database.read(lambda uow: uow.people.check_password("bea", "")) is None


def test_passwords_are_argon2id_with_a_salt(database: Database, house: House) -> None:
    for name in ("a", "b"):
        database.run(lambda uow, n=name: uow.people.add_user(n, n, "hetzelfde", []))  # type: ignore[misc]
    hashes = [part[:80] for part in house.bytes_on_disk().split(b"$argon2id$v=19$m=19456,t=2,p=1$")[1:]]
    assert len(set(hashes)) >= 2


def test_a_session_is_the_users_of_this_moment(database: Database, anna: User) -> None:
    token = database.run(lambda uow: uow.people.open_session(anna.id))
    assert len(token) >= 43  # 256 bits in base64
    assert database.read(lambda uow: uow.people.session(token)) == anna
    database.run(lambda uow: uow.people.grant(anna.id, COORDINATOR))
    database.run(lambda uow: uow.people.grant(anna.id, COORDINATOR))
    now = database.read(lambda uow: uow.people.session(token))
    assert now is not None
    assert now.roles == (HOST, COORDINATOR)
    assert database.run(lambda uow: uow.people.revoke(anna.id, HOST))
    assert not database.run(lambda uow: uow.people.revoke(anna.id, HOST))
    assert database.read(lambda uow: uow.people.get(anna.id).roles) == (COORDINATOR,)


def test_a_session_ends(database: Database, anna: User, clock: HandClock) -> None:
    closed, kept = (database.run(lambda uow: uow.people.open_session(anna.id)) for _ in range(2))
    assert closed != kept
    database.run(lambda uow: uow.people.close_session(closed))
    assert database.read(lambda uow: uow.people.session(closed)) is None
    clock.advance(hours=11, minutes=59)
    assert database.read(lambda uow: uow.people.session(kept)) == anna
    clock.advance(minutes=1)
    assert database.read(lambda uow: uow.people.session(kept)) is None
    short = database.run(lambda uow: uow.people.open_session(anna.id, timedelta(minutes=5)))
    clock.advance(minutes=5)
    assert database.read(lambda uow: uow.people.session(short)) is None
    assert database.read(lambda uow: uow.people.session("guessed")) is None


def test_disabling_and_a_new_password_end_all_sessions(database: Database, anna: User) -> None:
    token = database.run(lambda uow: uow.people.open_session(anna.id))
    database.run(lambda uow: uow.people.set_password(anna.id, "nieuw-en-lang"))
    assert database.read(lambda uow: uow.people.session(token)) is None
    token = database.run(lambda uow: uow.people.open_session(anna.id))
    database.run(lambda uow: uow.people.disable(anna.id))
    assert database.read(lambda uow: uow.people.session(token)) is None
    assert database.read(lambda uow: uow.people.check_password("anna@voorbeeldstad", "nieuw-en-lang")) is None
    late = database.run(lambda uow: uow.people.open_session(anna.id))
    assert database.read(lambda uow: uow.people.session(late)) is None
    assert database.read(lambda uow: uow.people.get(anna.id)).disabled


def test_failed_logins_are_counted_per_name(database: Database, clock: HandClock) -> None:
    start = clock.moment
    for login in ("anna", "ANNA ", "bea"):
        clock.advance(minutes=1)
        database.run(lambda uow, name=login: uow.people.note_failed_login(name))  # type: ignore[misc]
    assert database.read(lambda uow: uow.people.failed_logins("anna", start)) == 2
    assert database.read(lambda uow: uow.people.failed_logins("anna", start + timedelta(minutes=2))) == 1
    assert database.read(lambda uow: uow.people.failed_logins("bea", start)) == 1
    assert database.read(lambda uow: uow.people.failed_logins("carla", start)) == 0
    database.run(lambda uow: uow.people.clear_failed_logins("anna"))
    assert database.read(lambda uow: uow.people.failed_logins("anna", start)) == 0
    assert database.read(lambda uow: uow.people.failed_logins("bea", start)) == 1


def test_who_looked_is_kept(database: Database, anna: User, clock: HandClock) -> None:
    database.run(lambda uow: uow.people.log_access(anna.id, "request-1", "opened"))
    clock.advance(minutes=1)
    database.run(lambda uow: uow.people.log_access(anna.id, "request-1", "exported"))
    database.run(lambda uow: uow.people.log_access(anna.id, "request-2", "opened"))
    looked = database.read(lambda uow: uow.people.accesses("request-1"))
    assert [(access.user_id, access.what) for access in looked] == [(anna.id, "opened"), (anna.id, "exported")]
    assert looked[1].at == clock.moment
