from __future__ import annotations

import stat
from pathlib import Path

import pytest

from storage import migrate
from storage.errors import KeyMissing, KeyUnreadable, NotADatabase, NotWritable
from storage.first_start import open_storage
from storage.key_ring import KeyRing
from tests.storage.conftest import HandClock, House


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_is_made_on_nothing_for_the_owner_only(house: House, clock: HandClock) -> None:
    database = house.open(clock)
    database.run(lambda uow: uow.contacts.find_or_add("web", "web", "x"))
    assert mode(house.keys) == 0o600
    assert {path.name: mode(path) for path in house.file.parent.iterdir()} == {
        "balie.db": 0o600,
        "balie.db-shm": 0o600,
        "balie.db-wal": 0o600,
    }
    assert mode(house.file.parent) == mode(house.keys.parent) == 0o700
    assert [path.name for path in house.keys.parent.iterdir()] == ["keys.json"]
    database.close()
    assert migrate.current(house.url) == migrate.latest()


def test_a_second_start_changes_nothing(house: House, clock: HandClock) -> None:
    house.open(clock).close()
    keys = house.keys.read_bytes()
    house.open(clock).close()
    assert house.keys.read_bytes() == keys


def test_data_without_its_key_makes_no_new_key(house: House, clock: HandClock) -> None:
    house.open(clock).close()
    house.keys.unlink()
    with pytest.raises(KeyMissing) as caught:
        house.open(clock)
    assert str(house.keys) in str(caught.value)
    assert "backup" in str(caught.value)
    assert not house.keys.exists()


def test_a_first_start_that_stopped_half_way_goes_on(house: House, clock: HandClock) -> None:
    KeyRing.create(house.keys)
    house.file.parent.mkdir()
    house.file.touch()
    house.open(clock).close()


@pytest.mark.parametrize("content", ["", "{}", "[]", "not json", '{"ring": ["x"], "address": "", "log": {}}'])
def test_a_damaged_key_file_is_one_sentence_without_its_content(house: House, clock: HandClock, content: str) -> None:
    house.keys.parent.mkdir()
    house.keys.write_text(content)
    with pytest.raises(KeyUnreadable) as caught:
        house.open(clock)
    assert str(house.keys) in str(caught.value)
    assert caught.value.__cause__ is None
    assert house.keys.read_text() == content


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path, clock: HandClock) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotWritable, match=r"database\.url") as caught:
        open_storage(f"sqlite:///{tmp_path}/file/balie.db", tmp_path / "keys.json", clock)
    assert f"{tmp_path}/file/balie.db" in str(caught.value)
    with pytest.raises(NotWritable, match=r"keys\.path"):
        open_storage(f"sqlite:///{tmp_path}/balie.db", tmp_path / "file" / "keys.json", clock)
    assert not (tmp_path / "balie.db").exists()


def test_a_folder_in_the_place_of_the_database(tmp_path: Path, clock: HandClock) -> None:
    (tmp_path / "balie.db").mkdir()
    with pytest.raises(NotADatabase, match="is a folder"):
        open_storage(f"sqlite:///{tmp_path}/balie.db", tmp_path / "keys.json", clock)


def test_something_that_is_no_database(house: House, clock: HandClock) -> None:
    KeyRing.create(house.keys)
    house.file.parent.mkdir()
    house.file.write_text("een heel ander bestand, lang genoeg om geen leeg bestand te zijn" * 20)
    with pytest.raises(NotADatabase, match="is not a database"):
        house.open(clock)
    assert house.file.read_text().startswith("een heel ander bestand")


def test_two_starts_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first, second = KeyRing.create(path), KeyRing.create(path)
    assert first.log_id == second.log_id
    assert second.unwrap(first.wrap(b"key")) == b"key"
    assert first.address_hmac("telegram", "1") == second.address_hmac("telegram", "1")
    assert len({first.address_hmac(*pair) for pair in (("ab", "c"), ("a", "bc"), ("a", "b:c"), ("a:b", "c"))}) == 4
    assert repr(first) == "<KeyRing>"
