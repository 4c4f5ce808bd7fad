from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.key_ring import KeyRing
from storage.records import Broken, Head
from storage.unit_of_work import UnitOfWork
from tests.storage.conftest import HandClock, House

TRIGGERS = ("routing_log_no_update", "routing_log_no_delete", "routing_log_no_replace", "routing_log_head_no_delete")
COLUMNS = [
    *("at_month", "theme", "neighbourhood", "destination", "kind", "rule", "policy", "reasons"),
    *("request_mark", "key_id", "previous", "mac"),
]


def append(uow: UnitOfWork, request_id: str | None = "request-1", theme: str = "company") -> int:
    return uow.routing_log.append(
        "2026-03",
        theme,
        "noord",
        "koffie_noord",
        "initiative",
        "initiative_first",
        "a1b2",
        ["near", "open"],
        request_id,
    )


def tamper(database: Database, *statements: str) -> None:
    """As anyone with the file and sqlite3 can."""
    thief = sqlite3.connect(database.path)
    for trigger in TRIGGERS:
        thief.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        thief.execute(statement)
    thief.commit()
    thief.close()


def verify(database: Database) -> list[Broken]:
    return database.read(lambda uow: uow.routing_log.verify())


@pytest.fixture
def filled(database: Database) -> Database:
    for number in range(6):
        database.run(lambda uow, n=number: append(uow, f"request-{n}"))  # type: ignore[misc]
    return database


def test_rows_come_newest_first_with_what_was_decided(database: Database) -> None:
    assert database.run(append) == 1
    assert database.run(lambda uow: append(uow, None, "public_space")) == 2
    newest, oldest = database.read(lambda uow: uow.routing_log.rows())
    assert (newest.seq, newest.theme, newest.request_id) == (2, "public_space", None)
    assert (oldest.month, oldest.neighbourhood, oldest.destination, oldest.kind, oldest.rule, oldest.policy) == (
        "2026-03",
        "noord",
        "koffie_noord",
        "initiative",
        "initiative_first",
        "a1b2",
    )
    assert (oldest.reasons, oldest.request_id) == (("near", "open"), "request-1")
    assert database.read(lambda uow: uow.routing_log.rows(limit=1, offset=1)) == [oldest]
    assert database.read(lambda uow: uow.routing_log.of_request("request-1")) == [oldest]


def test_an_untouched_log_is_intact(filled: Database) -> None:
    assert verify(filled) == []


def test_an_empty_log_is_intact(database: Database) -> None:
    assert verify(database) == []
    assert database.read(lambda uow: uow.routing_log.heads()) == []


def test_numbers_have_no_gaps_when_a_work_fails(filled: Database) -> None:
    def fails(uow: UnitOfWork) -> None:
        append(uow)
        raise ValueError

    with pytest.raises(ValueError):
        filled.run(fails)
    assert filled.run(append) == 7
    assert verify(filled) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE routing_log SET theme = 'grief' WHERE seq = 3",
        "UPDATE routing_log SET theme = theme",
        "DELETE FROM routing_log WHERE seq = 6",
        "DELETE FROM routing_log",
        "INSERT OR REPLACE INTO routing_log SELECT * FROM routing_log WHERE seq = 2",
        "DELETE FROM routing_log_head",
    ],
)
def test_the_database_refuses_to_change_the_log(filled: Database, statement: str) -> None:
    anyone = sqlite3.connect(filled.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        anyone.execute(statement)
    anyone.rollback()
    anyone.close()
    assert verify(filled) == []


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_found_with_its_row(filled: Database, column: str) -> None:
    tamper(filled, f"UPDATE routing_log SET {column} = 'x' || substr({column}, 2) WHERE seq = 4")
    (broken,) = verify(filled)
    assert broken.seq == 4
    assert broken.what == ("unknown_key" if column == "key_id" else "changed")


def test_every_changed_row_is_named(filled: Database) -> None:
    tamper(filled, "UPDATE routing_log SET theme = 'grief' WHERE seq IN (1, 3, 4, 6)")
    assert [broken.seq for broken in verify(filled)] == [1, 3, 4, 6]


@pytest.mark.parametrize(
    "value", ["NULL", "x'ff'", "CAST(x'ff41' AS TEXT)", "17", "'company' || char(0)"], ids=lambda v: v.split("'")[0]
)
def test_a_value_of_another_type_or_unreadable_text_is_found(filled: Database, value: str) -> None:
    tamper(filled, f"UPDATE routing_log SET neighbourhood = {value} WHERE seq = 2")
    assert verify(filled) == [Broken(seq=2, what="changed")]


def test_a_row_removed_from_the_middle_is_found(filled: Database) -> None:
    tamper(filled, "PRAGMA foreign_keys=OFF", "DELETE FROM routing_log WHERE seq IN (3, 4)")
    assert verify(filled) == [Broken(seq=3, what="missing"), Broken(seq=4, what="missing")]


def test_the_first_row_removed_is_found(filled: Database) -> None:
    tamper(filled, "DELETE FROM routing_log WHERE seq = 1")
    assert verify(filled) == [Broken(seq=1, what="missing")]


def test_a_cut_tail_is_found(filled: Database) -> None:
    tamper(filled, "DELETE FROM routing_log WHERE seq >= 5")
    assert verify(filled) == [Broken(seq=5, what="missing"), Broken(seq=6, what="missing")]


def test_a_cut_tail_with_the_head_moved_back_is_found(filled: Database) -> None:
    tamper(
        filled,
        "UPDATE routing_log_head SET seq = 5, mac = (SELECT mac FROM routing_log WHERE seq = 5)",
        "DELETE FROM routing_log WHERE seq = 6",
    )
    assert verify(filled) == [Broken(seq=5, what="head")]


def test_a_log_without_its_head_is_found(filled: Database) -> None:
    tamper(filled, "DELETE FROM routing_log_head")
    assert verify(filled) == [Broken(seq=6, what="head")]


def test_an_emptied_log_is_found(filled: Database) -> None:
    tamper(filled, "DELETE FROM routing_log")
    assert [broken.what for broken in verify(filled)] == ["missing"] * 6


def test_two_rows_that_changed_places_are_found(filled: Database) -> None:
    tamper(
        filled,
        "UPDATE routing_log SET seq = 99 WHERE seq = 2",
        "UPDATE routing_log SET seq = 2 WHERE seq = 3",
        "UPDATE routing_log SET seq = 3 WHERE seq = 99",
    )
    assert {broken.seq for broken in verify(filled)} == {2, 3}


def test_a_renumbered_row_is_found(filled: Database) -> None:
    tamper(filled, "UPDATE routing_log SET seq = 50 WHERE seq = 6")
    found = verify(filled)
    assert Broken(seq=6, what="missing") in found
    assert Broken(seq=50, what="changed") in found


def test_a_row_that_points_to_another_request_is_found(filled: Database) -> None:
    tamper(filled, "UPDATE routing_log_request SET request_id = 'request-1' WHERE seq = 5")
    assert verify(filled) == [Broken(seq=5, what="other_request")]


def test_a_log_from_before_with_other_rows_after_is_found_by_a_kept_head(
    house: House, clock: HandClock, tmp_path: Path
) -> None:
    database = house.open(clock)
    database.run(append)
    database.close()
    shutil.copy(house.file, tmp_path / "older.db")
    database = house.open(clock)
    database.run(lambda uow: append(uow, theme="nuisance"))
    (head,) = database.read(lambda uow: uow.routing_log.heads())
    assert database.read(lambda uow: uow.routing_log.verify([head])) == []
    database.close()
    shutil.copy(tmp_path / "older.db", house.file)
    database = house.open(clock)
    assert database.read(lambda uow: uow.routing_log.verify()) == []
    assert database.read(lambda uow: uow.routing_log.verify([head])) == [Broken(seq=2, what="missing")]
    database.run(lambda uow: append(uow, theme="company"))
    assert database.read(lambda uow: uow.routing_log.verify()) == []
    assert database.read(lambda uow: uow.routing_log.verify([head])) == [Broken(seq=2, what="changed")]
    database.close()


def test_the_last_row_of_another_history_does_not_fit_the_head(house: House, clock: HandClock, tmp_path: Path) -> None:
    database = house.open(clock)
    database.run(append)
    database.close()
    shutil.copy(house.file, tmp_path / "other.db")
    for theme in ("nuisance", "grief"):
        database = house.open(clock)
        database.run(lambda uow, t=theme: append(uow, theme=t))  # type: ignore[misc]
        database.close()
        if theme == "nuisance":
            house.file.rename(tmp_path / "nuisance.db")
            shutil.copy(tmp_path / "other.db", house.file)
    database = house.open(clock)
    tamper(
        database,
        f"ATTACH '{tmp_path / 'nuisance.db'}' AS former",
        "DELETE FROM routing_log_request",
        "DELETE FROM routing_log WHERE seq = 2",
        "INSERT INTO routing_log SELECT * FROM former.routing_log WHERE seq = 2",
    )
    assert verify(database) == [Broken(seq=2, what="head")]
    database.close()


def test_rows_signed_with_another_key_are_named(filled: Database, house: House, clock: HandClock) -> None:
    other = Database(house.url, KeyRing.create(house.folder / "other.json"), clock)
    found = other.read(lambda uow: uow.routing_log.verify())
    other.close()
    assert [broken.what for broken in found if broken.seq < 6] == ["unknown_key"] * 5


def test_more_rows_than_a_page(database: Database) -> None:
    database.run(lambda uow: [append(uow, None) for _ in range(1203)])
    assert verify(database) == []
    tamper(
        database,
        "UPDATE routing_log SET theme = CAST(x'ff' AS TEXT) WHERE seq = 700",
        "UPDATE routing_log SET kind = 'team' WHERE seq = 1200",
        "DELETE FROM routing_log WHERE seq = 501",
    )
    assert verify(database) == [
        Broken(seq=501, what="missing"),
        Broken(seq=700, what="changed"),
        Broken(seq=1200, what="changed"),
    ]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(tmp_path_factory.mktemp("sealed"))
    database = house.open(HandClock())
    for number in range(5):
        database.run(lambda uow, n=number: append(uow, f"request-{n}"))  # type: ignore[misc]
    database.close()
    return house


@settings(deadline=None, max_examples=60)
@given(seq=st.integers(1, 5), column=st.sampled_from(COLUMNS), place=st.integers(0, 500), bit=st.integers(0, 7))
def test_any_flipped_bit_names_its_row(
    sealed: House, tmp_path_factory: pytest.TempPathFactory, seq: int, column: str, place: int, bit: int
) -> None:
    copy = House(tmp_path_factory.mktemp("copy"))
    shutil.copytree(sealed.folder, copy.folder, dirs_exist_ok=True)
    database = Database(copy.url, KeyRing.load(copy.keys), HandClock())
    thief = sqlite3.connect(copy.file)
    value = bytearray(thief.execute(f"SELECT CAST({column} AS BLOB) FROM routing_log WHERE seq = {seq}").fetchone()[0])
    if value:
        value[place % len(value)] ^= 1 << bit
    thief.execute("DROP TRIGGER routing_log_no_update")
    thief.execute(f"UPDATE routing_log SET {column} = CAST(? AS TEXT) WHERE seq = ?", (bytes(value), seq))
    thief.commit()
    thief.close()
    found = verify(database)
    database.close()
    assert [broken.seq for broken in found] == ([seq] if value else [])


def test_a_head_is_plain_data(filled: Database) -> None:
    (head,) = filled.read(lambda uow: uow.routing_log.heads())
    assert head == Head(seq=6, mac=head.mac, key_id=head.key_id)
    assert len(head.mac) == 64
