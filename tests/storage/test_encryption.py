from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from storage.cipher import KeyCache
from storage.database import Database
from storage.errors import KeyMissing, Unreadable
from storage.key_ring import KeyRing
from storage.records import Contact
from storage.unit_of_work import UnitOfWork
from tests.storage.conftest import HandClock, House

CANARY = "KANARIE-0612345678"


def fill(database: Database, contact: Contact) -> str:
    """The canary in every field that holds what a resident wrote; gives the request's id."""
    conversation = contact.conversation_id

    def work(uow: UnitOfWork) -> str:
        uow.contacts.find_or_add("telegram", "bot", CANARY)
        uow.inbox.add("telegram", "bot", "1", CANARY.encode(), contact.id, conversation, 1)
        uow.inbox.add("telegram", "bot", "2", CANARY.encode(), broken="not_json")
        uow.messages.add(conversation, "resident", CANARY)
        uow.messages.add(conversation, "desk", "x", [{"id": "1.a", "label": CANARY}])
        uow.conversations.save(conversation, CANARY.encode())
        uow.jobs.add("turn", {"text": CANARY}, contact_id=contact.id)
        request = uow.requests.add(
            contact.id, conversation, "company", "noord", [{"category": "request", "text": CANARY}], {"name": CANARY}
        )
        referral = uow.referrals.add(request.id, "maatjes", "humanitas", "volunteers", "company", "noord")
        uow.referrals.set_status(referral.id, "declined", "anna", CANARY)
        uow.consents.add(request.id, contact.id, conversation, 1, "nl", CANARY, ["request"], "yes", "telegram")
        user = uow.people.add_user("anna", "Anna", CANARY, [])
        uow.people.open_session(user.id)
        uow.people.note_failed_login(CANARY)
        return request.id

    return database.run(work)


def test_no_text_lies_readable_on_the_disk(database: Database, contact: Contact, house: House) -> None:
    fill(database, contact)
    assert house.file.with_name("balie.db-wal").stat().st_size > 0
    found = house.bytes_on_disk()
    assert contact.conversation_id.encode() in found  # the search does find what is there
    for canary in (CANARY, "4711"):
        assert canary.encode() not in found
        assert canary.encode("utf-16-le") not in found


def test_secrets_that_were_handed_out_are_stored_as_hashes(database: Database, house: House) -> None:
    user = database.run(lambda uow: uow.people.add_user("anna", "Anna", "wachtwoord-van-anna", []))
    token = database.run(lambda uow: uow.people.open_session(user.id))
    web = database.run(lambda uow: uow.web.open())
    found = house.bytes_on_disk()
    code = web.resume_code.replace("-", "")
    for secret in (token, web.token, web.resume_code, code, "wachtwoord-van-anna"):
        assert secret.encode() not in found


def test_a_stolen_database_cannot_be_opened(house: House, clock: HandClock, tmp_path: Path) -> None:
    database = house.open(clock)
    contact = database.run(lambda uow: uow.contacts.find_or_add("telegram", "bot", "1"))
    fill(database, contact)
    database.close()
    thief = House(tmp_path / "thief")
    shutil.copytree(house.file.parent, thief.file.parent)
    with pytest.raises(KeyMissing, match="Put it back"):
        thief.open(clock)
    assert not thief.keys.exists()
    KeyRing.create(thief.keys)
    with pytest.raises(KeyMissing, match="does not belong"):
        thief.open(clock)
    foreign = Database(thief.url, KeyRing.load(thief.keys), clock)
    for read in (
        lambda uow: uow.conversations.get(contact.conversation_id),
        lambda uow: uow.messages.after(contact.conversation_id, 0),
        lambda uow: uow.contacts.address(contact.id),
        lambda uow: uow.inbox.find("telegram", "bot", "1"),
        lambda uow: uow.inbox.find("telegram", "bot", "2"),
        lambda uow: uow.requests.of_contact(contact.id),
        lambda uow: uow.consents.of_contact(contact.id),
    ):
        with pytest.raises(KeyMissing):
            foreign.read(read)
    assert foreign.read(lambda uow: uow.contacts.find("telegram", "bot", "1")) is None
    foreign.close()


@pytest.mark.parametrize(
    ("swap", "read"),
    [
        (
            "UPDATE message SET body_sealed = (SELECT body_sealed FROM message AS m WHERE m.n = 3 - message.n)",
            lambda uow, c: uow.messages.after(c.conversation_id, 0),
        ),
        (
            "UPDATE conversation SET session_sealed = (SELECT body_sealed FROM message WHERE n = 1)",
            lambda uow, c: uow.conversations.get(c.conversation_id),
        ),
        (
            "UPDATE request SET option_sealed = lines_sealed",
            lambda uow, c: uow.requests.of_contact(c.id),
        ),
        (
            "UPDATE message SET body_sealed = 'text' WHERE n = 2",
            lambda uow, c: uow.messages.after(c.conversation_id, 0),
        ),
        (
            "UPDATE inbox SET payload_sealed = substr(payload_sealed, 1, length(payload_sealed) - 1)",
            lambda uow, c: uow.inbox.find("telegram", "bot", "1"),
        ),
    ],
)
def test_a_field_that_was_moved_or_changed_is_refused(
    database: Database, contact: Contact, swap: str, read: object
) -> None:
    fill(database, contact)
    assert callable(read)
    database.read(lambda uow: read(uow, contact))
    thief = sqlite3.connect(database.path)
    thief.execute(swap)
    thief.commit()
    thief.close()
    with pytest.raises(Unreadable) as caught:
        database.read(lambda uow: read(uow, contact))
    assert CANARY not in str(caught.value)


def test_each_contact_and_request_has_its_own_key(database: Database, contact: Contact) -> None:
    fill(database, contact)
    with sqlite3.connect(database.path) as thief:
        subjects = sorted(row[0].split(":")[0] for row in thief.execute("SELECT subject FROM data_key"))
    thief.close()
    assert subjects == ["contact", "contact", "quarantine", "request"]


def test_a_rotated_ring_reads_what_the_old_one_wrote(house: House, clock: HandClock) -> None:
    database = house.open(clock)
    contact = database.run(lambda uow: uow.contacts.find_or_add("telegram", "bot", "1"))
    database.run(lambda uow: uow.messages.add(contact.conversation_id, "resident", "hallo"))
    database.close()
    keys = json.loads(house.keys.read_text())
    keys["ring"].insert(0, "A" * 43 + "=")
    house.keys.write_text(json.dumps(keys))
    again = house.open(clock)
    assert again.read(lambda uow: uow.messages.after(contact.conversation_id, 0))[0].text == "hallo"
    again.close()


def test_the_key_cache_is_bounded_and_forgets_across_an_erasure() -> None:
    cache = KeyCache(size=3)
    key = object()
    cache.put(((f"contact:{number}", key) for number in range(5)), cache.generation)  # type: ignore[misc]
    assert len(cache) == 3
    assert cache.get("contact:1") is None
    assert cache.get("contact:2") is key
    before = cache.generation
    cache.drop(["contact:2"])
    cache.put([("contact:2", key)], before)  # type: ignore[list-item]
    assert cache.get("contact:2") is None


def test_more_contacts_than_the_cache_holds(database: Database) -> None:
    database._cache._size = 2
    contacts = [database.run(lambda uow, i=i: uow.contacts.find_or_add("web", "web", str(i))) for i in range(6)]  # type: ignore[misc]
    for contact in contacts:
        database.run(lambda uow, c=contact: uow.messages.add(c.conversation_id, "desk", c.id))  # type: ignore[misc]
    for contact in contacts:
        (message,) = database.read(lambda uow, c=contact: uow.messages.after(c.conversation_id, 0))  # type: ignore[misc]
        assert message.text == contact.id
    assert len(database._cache) == 2
