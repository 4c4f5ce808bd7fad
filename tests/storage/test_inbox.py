from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.errors import Missing
from storage.records import Contact
from storage.unit_of_work import UnitOfWork
from tests.storage.conftest import HandClock


def test_the_same_update_is_one_row(database: Database, contact: Contact, clock: HandClock) -> None:
    def receive(uow: UnitOfWork) -> tuple[str, bool]:
        return uow.inbox.add("telegram", "bot", "900", b'{"update_id":900}', contact.id, contact.conversation_id, 1)

    inbox_id, is_new = database.run(receive)
    assert is_new
    clock.advance(days=6.9)
    assert database.run(receive) == (inbox_id, False)
    database.run(lambda uow: uow.inbox.done(inbox_id))
    assert database.run(receive) == (inbox_id, False)
    row = database.read(lambda uow: uow.inbox.get(inbox_id))
    assert (row.state, row.payload, row.n) == ("done", b'{"update_id":900}', 1)
    assert row.received_at < clock.moment
    assert database.read(lambda uow: uow.inbox.find("telegram", "bot", "900")) == row


def test_provider_ids_are_told_apart_by_channel_and_bot(database: Database) -> None:
    ids = {
        database.run(lambda uow, c=channel, b=bot: uow.inbox.add(c, b, "1", b"{}"))[0]  # type: ignore[misc]
        for channel, bot in (("telegram", "a"), ("telegram", "b"), ("web", "a"))
    }
    assert len(ids) == 3
    assert database.read(lambda uow: uow.inbox.find("web", "b", "1")) is None


def test_a_broken_update_is_kept_without_a_contact(database: Database) -> None:
    inbox_id, _ = database.run(lambda uow: uow.inbox.add("telegram", "a", "7", b"\xff{not json", broken="not_json"))
    row = database.read(lambda uow: uow.inbox.get(inbox_id))
    assert (row.state, row.broken, row.payload, row.contact_id) == ("broken", "not_json", b"\xff{not json", None)
    assert database.run(lambda uow: uow.inbox.add("telegram", "a", "7", b"else")) == (inbox_id, False)


def test_a_row_is_found_by_its_message(database: Database, contact: Contact) -> None:
    inbox_id, _ = database.run(
        lambda uow: uow.inbox.add("telegram", "a", "7", b"{}", contact.id, contact.conversation_id, 3)
    )
    assert database.read(lambda uow: uow.inbox.id_of(contact.id, 3)) == inbox_id
    assert database.read(lambda uow: uow.inbox.id_of(contact.id, 4)) is None
    assert database.read(lambda uow: uow.inbox.id_of("else", 3)) is None


def test_an_unknown_row_is_missing(database: Database) -> None:
    with pytest.raises(Missing):
        database.read(lambda uow: uow.inbox.get("none"))


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 5)), max_size=30))
def test_any_redelivery_has_one_effect(database: Database, deliveries: list[tuple[str, int]]) -> None:
    seen: dict[tuple[str, int], str] = {}
    for bot, number in deliveries:
        inbox_id, is_new = database.run(lambda uow, b=bot, i=number: uow.inbox.add("any", b, str(i), b"{}"))  # type: ignore[misc]
        known = database.read(lambda uow, b=bot, i=number: uow.inbox.find("any", b, str(i)))  # type: ignore[misc]
        assert known is not None
        assert known.id == inbox_id
        if (bot, number) in seen:
            assert (inbox_id, is_new) == (seen[bot, number], False)
        seen[bot, number] = inbox_id
