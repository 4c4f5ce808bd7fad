from __future__ import annotations

from datetime import timedelta

import pytest

from storage.database import Database
from storage.errors import Erased
from storage.records import Contact
from storage.unit_of_work import UnitOfWork
from tests.storage.conftest import HandClock, House

CONTENT = {"words": "Kom je dinsdag koffie drinken?"}
TWO_WEEKS = timedelta(days=14)


@pytest.fixture
def token(database: Database, contact: Contact) -> str:
    return database.run(lambda uow: uow.links.add("invitation", contact.id, CONTENT, TWO_WEEKS))


def opens(database: Database, token: str) -> bool:
    return database.read(lambda uow: uow.links.find("invitation", token)) is not None


def test_only_the_secret_opens_it(database: Database, contact: Contact, token: str, house: House) -> None:
    found = database.read(lambda uow: uow.links.find("invitation", token))
    assert found is not None
    assert (found.content, found.contact_id, found.answer, found.answers) == (CONTENT, contact.id, None, 0)
    assert "koffie" not in repr(found)
    assert len(token) >= 43  # 256 bits
    assert not opens(database, token[:-1]) and not opens(database, "")
    assert database.read(lambda uow: uow.links.find("card", token)) is None
    on_disk = house.bytes_on_disk()
    assert token.encode() not in on_disk and b"koffie" not in on_disk


def test_it_runs_out(database: Database, contact: Contact, token: str, clock: HandClock) -> None:
    clock.advance(days=14, seconds=-1)
    assert opens(database, token)
    assert database.run(lambda uow: uow.links.end_run_out()) == 0
    clock.advance(seconds=1)
    assert not opens(database, token)
    assert database.read(lambda uow: uow.links.open_of(contact.id)) == 0
    assert database.run(lambda uow: uow.links.end_run_out()) == 1


def test_the_last_answer_counts(database: Database, token: str) -> None:
    def answer(uow: UnitOfWork) -> None:
        link = uow.links.find("invitation", token)
        assert link is not None
        uow.links.answer(link.id, "yes")
        uow.links.answer(link.id, "no")

    database.run(answer)
    found = database.read(lambda uow: uow.links.find("invitation", token))
    assert found is not None and (found.answer, found.answers) == ("no", 2)


def test_it_ends_with_who_made_it(database: Database, contact: Contact, token: str) -> None:
    other = database.run(lambda uow: uow.contacts.find_or_add("web", "web", "other"))
    stays = database.run(lambda uow: uow.links.add("invitation", other.id, CONTENT, TWO_WEEKS))
    database.run(lambda uow: uow.contacts.erase(contact.id))
    assert not opens(database, token) and opens(database, stays)
    with pytest.raises(Erased):
        database.run(lambda uow: uow.links.add("invitation", contact.id, CONTENT, TWO_WEEKS))


def test_who_waits_for_an_answer_is_not_quiet(
    database: Database, contact: Contact, token: str, clock: HandClock
) -> None:
    def quiet() -> list[str]:
        return database.read(
            lambda uow: uow.retention.quiet_contacts(
                uow.now - timedelta(days=7), uow.now - timedelta(days=7), "follow_up"
            )
        )

    clock.advance(days=10)
    assert quiet() == []
    clock.advance(days=4)
    assert quiet() == [contact.id]
