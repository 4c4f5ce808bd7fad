from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.errors import Missing
from storage.records import Contact
from tests.storage.conftest import HandClock, House


def test_an_address_is_one_contact_with_one_conversation(database: Database) -> None:
    def find_or_add(channel: str, bot: str, address: str) -> Contact:
        return database.run(lambda uow: uow.contacts.find_or_add(channel, bot, address))

    one = find_or_add("telegram", "a", "1")
    assert find_or_add("telegram", "a", "1") == one
    others = [find_or_add("telegram", "b", "1"), find_or_add("web", "a", "1"), find_or_add("telegram", "a", "2")]
    assert len({contact.id for contact in [one, *others]}) == 4
    assert len({contact.conversation_id for contact in [one, *others]}) == 4
    assert database.read(lambda uow: uow.contacts.find("telegram", "a", "1")) == one
    assert database.read(lambda uow: uow.contacts.get(one.id)) == one
    assert database.read(lambda uow: uow.contacts.address(others[2].id)) == "2"
    assert database.read(lambda uow: uow.contacts.find("telegram", "a", "3")) is None


def test_a_new_conversation_belongs_to_the_desk(database: Database, contact: Contact, clock: HandClock) -> None:
    found = database.run(lambda uow: uow.conversations.lock(contact.conversation_id))
    assert (found.owner, found.session, found.channel, found.contact_id) == ("desk", None, "telegram", contact.id)
    assert (found.waiting, found.waiting_since, found.share_before, found.last_n) == (None, None, False, 0)
    assert found.updated_at == clock.moment


def test_a_session_is_kept(database: Database, contact: Contact, clock: HandClock) -> None:
    clock.advance(minutes=1)
    database.run(lambda uow: uow.conversations.save(contact.conversation_id, b'{"slots":{"x":"\xc3\xa9"}}'))
    found = database.read(lambda uow: uow.conversations.get(contact.conversation_id))
    assert found.session == b'{"slots":{"x":"\xc3\xa9"}}'
    assert found.updated_at == clock.moment


def test_the_owner_changes_only_from_who_was_expected(database: Database, contact: Contact) -> None:
    conversation = contact.conversation_id
    assert database.run(lambda uow: uow.conversations.set_owner(conversation, "anna", expected="desk"))
    assert not database.run(lambda uow: uow.conversations.set_owner(conversation, "bea", expected="desk"))
    assert database.read(lambda uow: uow.conversations.get(conversation).owner) == "anna"
    assert database.run(lambda uow: uow.conversations.set_owner(conversation, "desk"))
    assert database.read(lambda uow: uow.conversations.get(conversation).owner) == "desk"


def test_who_waits_longest_stands_first(database: Database, clock: HandClock) -> None:
    contacts = [database.run(lambda uow, a=a: uow.contacts.find_or_add("web", "web", a)) for a in "abc"]  # type: ignore[misc]
    for contact in (contacts[2], contacts[0]):
        clock.advance(minutes=5)
        database.run(
            lambda uow, c=contact: uow.conversations.waiting(c.conversation_id, "person_asked", c is contacts[0])  # type: ignore[misc]
        )
    waiting = database.read(lambda uow: uow.conversations.list_waiting())
    assert [found.id for found in waiting] == [contacts[2].conversation_id, contacts[0].conversation_id]
    assert [found.share_before for found in waiting] == [False, True]
    assert waiting[1].waiting_since == clock.moment
    assert waiting[1].waiting == "person_asked"
    database.run(lambda uow: uow.conversations.waiting(contacts[2].conversation_id, None))
    waiting = database.read(lambda uow: uow.conversations.list_waiting())
    assert [found.id for found in waiting] == [contacts[0].conversation_id]


def test_messages_count_over_both_directions(database: Database, contact: Contact, clock: HandClock) -> None:
    conversation = contact.conversation_id
    choices = [{"id": "1.self", "label": "Voor mijzelf"}]
    assert database.read(lambda uow: uow.messages.next_n(conversation)) == 1
    assert database.run(lambda uow: uow.messages.add(conversation, "resident", "hallo")) == 1
    assert database.run(lambda uow: uow.messages.add(conversation, "desk", "Voor wie?", choices, "who.ask")) == 2
    assert database.run(lambda uow: uow.messages.add(conversation, "host", "Dag!", author="anna")) == 3
    assert database.read(lambda uow: uow.messages.next_n(conversation)) == 4
    database.run(lambda uow: uow.messages.set_provider_id(conversation, 2, "tg-88"))
    first, second, third = database.read(lambda uow: uow.messages.after(conversation, 0))
    assert (first.n, first.sender, first.text, first.choices, first.key) == (1, "resident", "hallo", [], None)
    assert (second.text, second.choices, second.key, second.provider_id) == ("Voor wie?", choices, "who.ask", "tg-88")
    assert (third.author, third.at) == ("anna", clock.moment)
    assert [m.n for m in database.read(lambda uow: uow.messages.after(conversation, 1, limit=1))] == [2]
    assert database.read(lambda uow: uow.messages.get(conversation, 3)) == third
    assert database.read(lambda uow: uow.messages.get(conversation, 4)) is None


def test_a_message_is_announced(database: Database, contact: Contact) -> None:
    heard: list[frozenset[str]] = []
    database.subscribe(heard.append)
    database.run(lambda uow: uow.messages.add(contact.conversation_id, "desk", "hallo"))
    database.run(lambda uow: None)
    assert heard == [frozenset({f"conversation:{contact.conversation_id}"})]


def test_what_is_not_there_is_missing(database: Database) -> None:
    with pytest.raises(Missing):
        database.read(lambda uow: uow.conversations.get("none"))
    with pytest.raises(Missing):
        database.run(lambda uow: uow.conversations.save("none", b""))
    with pytest.raises(Missing):
        database.run(lambda uow: uow.messages.add("none", "desk", "hallo"))
    with pytest.raises(Missing):
        database.read(lambda uow: uow.messages.next_n("none"))
    with pytest.raises(Missing):
        database.read(lambda uow: uow.contacts.get("none"))
    with pytest.raises(Missing):
        database.read(lambda uow: uow.contacts.address("none"))
    assert database.read(lambda uow: uow.messages.after("none", 0)) == []


def test_records_do_not_show_what_people_wrote(database: Database, contact: Contact) -> None:
    conversation = contact.conversation_id
    database.run(lambda uow: uow.messages.add(conversation, "resident", "KANARIE"))
    database.run(lambda uow: uow.conversations.save(conversation, b"KANARIE"))
    job = database.run(lambda uow: (uow.jobs.add("turn", {"text": "KANARIE"}), uow.jobs.claim(("turn",), "me")))[1]
    shown = repr(
        [
            database.read(lambda uow: uow.messages.after(conversation, 0)),
            database.read(lambda uow: uow.conversations.get(conversation)),
            job,
        ]
    )
    assert "KANARIE" not in shown
    assert "<StoredMessage>" in shown


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300), label=st.text(max_size=40), session=st.binary(max_size=500))
def test_every_text_comes_back_as_it_was(
    database: Database, contact: Contact, text: str, label: str, session: bytes
) -> None:
    conversation = contact.conversation_id
    choices = [{"id": "1.a", "label": label}]
    n = database.run(lambda uow: uow.messages.add(conversation, "resident", text, choices))
    database.run(lambda uow: uow.conversations.save(conversation, session))
    stored = database.read(lambda uow: uow.messages.get(conversation, n))
    assert stored is not None
    assert (stored.text, stored.choices) == (text, choices)
    assert database.read(lambda uow: uow.conversations.get(conversation).session) == session


def test_all_is_there_after_a_restart(house: House, clock: HandClock) -> None:
    database = house.open(clock)
    contact = database.run(lambda uow: uow.contacts.find_or_add("web", "web", "x"))
    database.run(lambda uow: uow.messages.add(contact.conversation_id, "resident", "hallo"))
    database.close()
    again = house.open(clock)
    assert again.read(lambda uow: uow.contacts.find("web", "web", "x")) == contact
    assert again.read(lambda uow: uow.messages.after(contact.conversation_id, 0))[0].text == "hallo"
    again.close()


def test_what_is_in_the_chat_is_known_until_it_was_taken_out(database: Database, contact: Contact) -> None:
    for text in ("een", "twee", "drie"):
        database.run(lambda uow, text=text: uow.messages.add(contact.conversation_id, "desk", text))  # type: ignore[misc]
    for n, provider_id in ((1, "101"), (2, "102 103"), (3, "104")):
        database.run(lambda uow, n=n, one=provider_id: uow.messages.set_provider_id(contact.conversation_id, n, one))  # type: ignore[misc]
    database.run(lambda uow: uow.messages.set_provider_id(contact.conversation_id, 1, None))
    (found,) = database.read(lambda uow: uow.messages.delivered(contact.conversation_id, 2))
    assert (found.n, found.provider_id) == (2, "102 103")
