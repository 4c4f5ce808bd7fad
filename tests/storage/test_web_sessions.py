from __future__ import annotations

from datetime import timedelta

from storage.database import Database
from tests.storage.conftest import HandClock


def test_an_opened_session_is_an_anonymous_contact(database: Database, clock: HandClock) -> None:
    token, code, contact, expires_at = database.run(lambda uow: uow.web.open())
    assert contact.channel == "web"
    assert expires_at == clock.moment + timedelta(days=30)
    assert database.run(lambda uow: uow.web.contact(token)) == contact
    assert [len(part) for part in code.split("-")] == [4, 4, 4]
    other = database.run(lambda uow: uow.web.open())
    assert other.contact.id != contact.id
    assert other.token != token
    address = database.read(lambda uow: uow.contacts.address(contact.id))
    assert database.read(lambda uow: uow.contacts.find("web", contact.bot, address)) == contact


def test_a_guessed_token_is_nobody(database: Database) -> None:
    web = database.run(lambda uow: uow.web.open())
    for guess in ("", web.token[:-1], web.token.swapcase(), web.resume_code):
        assert database.run(lambda uow, g=guess: uow.web.contact(g)) is None  # type: ignore[misc]


def test_use_slides_thirty_days_and_silence_ends(database: Database, clock: HandClock) -> None:
    web = database.run(lambda uow: uow.web.open())
    for _ in range(4):
        clock.advance(days=29, hours=23)
        assert database.run(lambda uow: uow.web.contact(web.token)) == web.contact
    clock.advance(days=30)
    assert database.run(lambda uow: uow.web.contact(web.token)) is None
    assert database.run(lambda uow: uow.web.resume(web.resume_code)) is None


def test_reading_alone_does_not_slide(database: Database, clock: HandClock) -> None:
    web = database.run(lambda uow: uow.web.open())
    clock.advance(days=20)
    assert database.read(lambda uow: uow.web.contact(web.token)) == web.contact
    clock.advance(days=10)
    assert database.read(lambda uow: uow.web.contact(web.token)) is None


def test_the_resume_code_goes_on_elsewhere(database: Database, clock: HandClock) -> None:
    web = database.run(lambda uow: uow.web.open())
    clock.advance(days=25)
    typed = f" {web.resume_code.lower().replace('-', ' ')} "
    token = database.run(lambda uow: uow.web.resume(typed))
    assert token is not None
    assert token != web.token
    assert database.run(lambda uow: uow.web.contact(token)) == web.contact
    clock.advance(days=29)
    assert database.run(lambda uow: uow.web.contact(web.token)) == web.contact
    assert database.run(lambda uow: uow.web.resume("AAAA-AAAA-AAAA")) is None
