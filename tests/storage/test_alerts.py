"""Alerts as they are stored: a code that leads back, once; and of an erased contact nothing that leads anywhere."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest

from storage import migrate
from storage.database import Database
from storage.errors import Missing
from storage.ids import new_alert_code, read_alert_code
from storage.records import Alert, Contact, Role
from tests.storage.conftest import HandClock, House


def add(database: Database, contact: Contact, category: str = "suicide") -> Alert:
    return database.run(lambda uow: uow.alerts.add(contact.conversation_id, category, "now", "guard"))


def test_what_was_added_is_found_again(database: Database, contact: Contact, clock: HandClock) -> None:
    first = add(database, contact)
    clock.advance(minutes=3)
    second = add(database, contact, "violence")
    assert database.read(lambda uow: uow.alerts.open()) == [first, second]
    assert database.read(lambda uow: uow.alerts.get(first.id)) == first
    assert database.read(lambda uow: uow.alerts.by_code(second.code)) == second
    assert database.read(lambda uow: uow.alerts.open_of(contact.conversation_id, "violence")) == second
    assert database.read(lambda uow: uow.alerts.open_of(contact.conversation_id, "child")) is None
    with pytest.raises(Missing):
        database.read(lambda uow: uow.alerts.get("nothing"))


def test_a_code_can_be_typed_over() -> None:
    code = new_alert_code()
    assert read_alert_code(f" {code.lower().replace('-', ' ')} ") == code


def test_the_first_who_takes_it_up_stays(database: Database, contact: Contact, clock: HandClock) -> None:
    alert = add(database, contact)
    users = [
        database.run(lambda uow, name=name: uow.people.add_user(name, name, None, [Role("professional")]))  # type: ignore[misc]
        for name in ("petra", "tessa")
    ]
    heard: list[frozenset[str]] = []
    database.subscribe(heard.append)
    assert database.run(lambda uow: uow.alerts.acknowledge(alert.id, users[0].id))
    assert any("board" in topics for topics in heard)
    assert not database.run(lambda uow: uow.alerts.acknowledge(alert.id, users[1].id))
    kept = database.read(lambda uow: uow.alerts.get(alert.id))
    assert (kept.acknowledged_by, kept.acknowledged_at) == (users[0].id, clock.moment)
    assert database.read(lambda uow: uow.alerts.open()) == []
    assert database.read(lambda uow: uow.alerts.open_of(contact.conversation_id, "suicide")) is None


def test_how_far_the_duty_was_told_only_goes_up(database: Database, contact: Contact) -> None:
    alert = add(database, contact)
    for step in (2, 1):
        database.run(lambda uow, step=step: uow.alerts.told(alert.id, step))  # type: ignore[misc]
    assert database.read(lambda uow: uow.alerts.get(alert.id)).step == 2


def test_of_an_erased_contact_only_category_level_and_month_are_left(
    database: Database, contact: Contact, clock: HandClock
) -> None:
    alert = add(database, contact)
    other = database.run(lambda uow: uow.contacts.find_or_add("web", "web", "other"))
    stays = add(database, other)
    for one in (alert, stays):
        database.run(lambda uow, one=one: uow.jobs.add("duty", {"alert_id": one.id, "step": 0}, key=one.id))  # type: ignore[misc]
    month = clock.moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    database.run(lambda uow: uow.contacts.erase(contact.id))
    connection = sqlite3.connect(database.path)
    row = connection.execute("SELECT * FROM alert WHERE id = ?", (alert.id,)).fetchone()
    connection.close()
    assert datetime.fromisoformat(row[6]) == month
    assert (*row[1:6], *row[7:]) == (None, None, "suicide", "now", None, None, None, 0)
    assert database.read(lambda uow: uow.alerts.by_code(alert.code)) is None
    assert database.read(lambda uow: uow.alerts.open()) == [stays]
    assert [job.payload["alert_id"] for job in database.read(lambda uow: uow.jobs.pending("duty"))] == [stays.id]


def test_a_database_of_before_gets_the_table_and_keeps_what_it_has(house: House, clock: HandClock) -> None:
    from alembic import command

    house.file.parent.mkdir()
    with migrate._connection(house.url) as connection, connection.begin():
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("INSERT INTO tombstone VALUES ('contact', 'x', '2026-01-01')")
    assert migrate.current(house.url) == "0001"
    migrate.upgrade(house.url)
    upgraded = sqlite3.connect(house.file)
    assert upgraded.execute("SELECT subject_id FROM tombstone").fetchall() == [("x",)]
    assert upgraded.execute("SELECT count(*) FROM alert").fetchone() == (0,)
    upgraded.close()
