from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from storage.cipher import of_contact, of_request
from storage.database import Database
from storage.errors import Erased
from storage.records import Contact, Tombstone
from storage.unit_of_work import UnitOfWork
from tests.storage.conftest import HandClock, House
from tests.storage.test_encryption import fill


def rows(database: Database, question: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(database.path)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def log(database: Database, request_id: str) -> None:
    database.run(
        lambda uow: uow.routing_log.append(
            "2026-03", "company", "noord", "maatjes", "volunteers", "r1", "p1", ["near"], request_id
        )
    )


def test_an_erased_contact_is_gone(database: Database, contact: Contact, clock: HandClock) -> None:
    request_id = fill(database, contact)
    other = database.run(lambda uow: uow.contacts.find_or_add("web", "web", "other"))
    database.run(lambda uow: uow.messages.add(other.conversation_id, "resident", "blijft"))
    clock.advance(hours=1)
    database.run(lambda uow: uow.contacts.erase(contact.id))

    assert database.read(lambda uow: uow.contacts.find("telegram", "voorbeeldbot", "4711")) is None
    assert database.read(lambda uow: uow.contacts.get(contact.id)).erased
    with pytest.raises(Erased):
        database.read(lambda uow: uow.contacts.address(contact.id))
    assert database.read(lambda uow: uow.messages.after(contact.conversation_id, 0)) == []
    assert database.read(lambda uow: uow.conversations.get(contact.conversation_id)).session is None
    update = database.read(lambda uow: uow.inbox.find("telegram", "bot", "1"))
    assert update is not None
    assert update.payload is None
    assert rows(database, "SELECT * FROM job") == []
    (request,) = database.read(lambda uow: uow.requests.of_contact(contact.id))
    assert (request.erased, request.status, request.option) == (True, "erased", {})
    assert database.read(lambda uow: uow.requests.lines(request_id)) == []
    (consent,) = database.read(lambda uow: uow.consents.of_contact(contact.id))
    assert (consent.card_text, consent.answer, consent.card_version, consent.lines_on) == (None, "yes", 1, ("request",))
    keys = {row[0] for row in rows(database, "SELECT subject FROM data_key")}
    assert not {of_contact(contact.id), of_request(request_id)} & keys
    assert database.read(lambda uow: uow.contacts.tombstones(clock.moment - timedelta(minutes=1))) == sorted(
        [
            Tombstone(kind="contact", id=contact.id, at=clock.moment),
            Tombstone(kind="request", id=request_id, at=clock.moment),
        ],
        key=lambda stone: stone.id,
    )
    assert database.read(lambda uow: uow.messages.after(other.conversation_id, 0))[0].text == "blijft"


def test_nothing_can_be_added_for_an_erased_contact(database: Database, contact: Contact) -> None:
    database.run(lambda uow: uow.contacts.erase(contact.id))
    for work in (
        lambda uow: uow.messages.add(contact.conversation_id, "desk", "hallo"),
        lambda uow: uow.conversations.save(contact.conversation_id, b"x"),
        lambda uow: uow.jobs.add("turn", {"x": 1}, contact_id=contact.id),
        lambda uow: uow.inbox.add("telegram", "b", "9", b"x", contact.id, contact.conversation_id, 1),
    ):
        with pytest.raises(Erased) as caught:
            database.run(work)
        assert "4711" not in str(caught.value)
    assert rows(database, "SELECT last_n FROM conversation") == [(0,)]


def test_who_writes_again_is_someone_new(database: Database, contact: Contact) -> None:
    database.run(lambda uow: uow.contacts.erase(contact.id))
    again = database.run(lambda uow: uow.contacts.find_or_add("telegram", "voorbeeldbot", "4711"))
    assert again.id != contact.id
    assert again.conversation_id != contact.conversation_id
    assert database.run(lambda uow: uow.messages.add(again.conversation_id, "resident", "hallo")) == 1


def test_erasing_twice_is_once(database: Database, contact: Contact, clock: HandClock) -> None:
    database.run(lambda uow: uow.contacts.erase(contact.id))
    clock.advance(days=1)
    database.run(lambda uow: uow.contacts.erase(contact.id))
    (stone,) = database.read(lambda uow: uow.contacts.tombstones(clock.moment - timedelta(days=9)))
    assert stone.at == clock.moment - timedelta(days=1)


def test_a_redelivered_update_of_an_erased_contact_stays_known(database: Database, contact: Contact) -> None:
    fill(database, contact)
    database.run(lambda uow: uow.contacts.erase(contact.id))
    _, is_new = database.run(lambda uow: uow.inbox.add("telegram", "bot", "1", b"again"))
    assert not is_new


def test_within_one_commit_an_erased_key_is_not_used_again(database: Database, contact: Contact) -> None:
    def erase_and_write(uow: UnitOfWork) -> None:
        uow.contacts.erase(contact.id)
        uow.messages.add(contact.conversation_id, "desk", "te laat")

    with pytest.raises(Erased):
        database.run(erase_and_write)
    # The whole work was undone, the erasure too.
    assert database.run(lambda uow: uow.messages.add(contact.conversation_id, "desk", "nog hier")) == 1


def test_key_and_address_are_wiped_from_the_files(database: Database, contact: Contact, house: House) -> None:
    fill(database, contact)
    subject = of_contact(contact.id)
    wrapped = rows(database, f"SELECT wrapped FROM data_key WHERE subject = '{subject}'")[0][0]
    address = rows(database, f"SELECT address_hmac FROM contact WHERE id = '{contact.id}'")[0][0]
    assert isinstance(wrapped, bytes)
    assert isinstance(address, str)
    assert wrapped in house.bytes_on_disk()
    assert address.encode() in house.bytes_on_disk()
    database.run(lambda uow: uow.contacts.erase(contact.id))
    database.run(lambda uow: None)  # the wiping comes right after the commit, before the next work
    assert wrapped not in house.bytes_on_disk()
    assert address.encode() not in house.bytes_on_disk()


def test_a_reader_in_the_way_only_delays_the_wiping(database: Database, contact: Contact, house: House) -> None:
    subject = of_contact(contact.id)
    wrapped = rows(database, f"SELECT wrapped FROM data_key WHERE subject = '{subject}'")[0][0]
    assert isinstance(wrapped, bytes)

    def while_reading(uow: UnitOfWork) -> None:
        uow.contacts.get(contact.id)
        database.run(lambda writing: writing.contacts.erase(contact.id))
        assert uow.contacts.address(contact.id) == "4711"  # its moment was before the erasure

    database.read(while_reading)
    database.run(lambda uow: uow.jobs.add("anything", {}))
    database.run(lambda uow: None)
    assert wrapped not in house.bytes_on_disk()
    with pytest.raises(Erased):
        database.run(lambda uow: uow.conversations.save(contact.conversation_id, b"x"))


def test_an_erased_request_leaves_coarse_codes_and_a_whole_chain(database: Database, contact: Contact) -> None:
    kept_id, erased_id = fill(database, contact), ""
    erased_id = database.run(
        lambda uow: uow.requests.add(contact.id, contact.conversation_id, "grief", "zuid", [], {}).id
    )
    for request_id in (kept_id, erased_id, kept_id):
        log(database, request_id)
    database.run(lambda uow: uow.requests.erase(erased_id))
    newest, erased, oldest = database.read(lambda uow: uow.routing_log.rows())
    assert (newest.request_id, erased.request_id, oldest.request_id) == (kept_id, None, kept_id)
    assert (erased.month, erased.theme, erased.destination, erased.reasons) == (
        "2026-03",
        "company",
        "maatjes",
        ("near",),
    )
    assert database.read(lambda uow: uow.routing_log.verify()) == []
    assert rows(database, f"SELECT * FROM routing_log_request WHERE request_id = '{erased_id}'") == []
    assert not database.read(lambda uow: uow.requests.get(kept_id)).erased
    with pytest.raises(Erased):
        database.run(lambda uow: uow.referrals.set_status(_first_referral(uow, erased_id), "done", "anna", "woorden"))


def _first_referral(uow: UnitOfWork, request_id: str) -> str:
    return uow.referrals.add(request_id, "s", "o", "volunteers", "grief", "zuid").id


def test_open_referrals_of_an_erased_contact_are_withdrawn(database: Database, contact: Contact) -> None:
    def refer(uow: UnitOfWork) -> tuple[str, str, str]:
        request = uow.requests.add(contact.id, contact.conversation_id, "company", "noord", [], {})
        waits = uow.referrals.add(request.id, "maatjes", "humanitas", "volunteers", "company", "noord")
        closed = uow.referrals.add(request.id, "koffie", "buurthuis", "initiative", "company", "noord")
        uow.referrals.set_status(closed.id, "done", "anna", "goed gegaan")
        return request.id, waits.id, closed.id

    _, waits, closed = database.run(refer)
    withdrawn = database.run(lambda uow: uow.contacts.erase(contact.id))
    assert [(referral.id, referral.status, referral.service_id) for referral in withdrawn] == [
        (waits, "withdrawn", "maatjes")
    ]
    assert database.read(lambda uow: uow.referrals.get(closed).status) == "done"
    assert [event.reason for event in database.read(lambda uow: uow.referrals.events(closed))] == [None, None]
    assert database.read(lambda uow: uow.referrals.open_of_contact(contact.id)) == []


def test_the_session_of_an_erased_web_contact_is_closed(database: Database) -> None:
    web = database.run(lambda uow: uow.web.open())
    database.run(lambda uow: uow.contacts.erase(web.contact.id))
    assert database.run(lambda uow: uow.web.contact(web.token)) is None
    assert database.run(lambda uow: uow.web.resume(web.resume_code)) is None
