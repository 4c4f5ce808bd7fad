from __future__ import annotations

from threading import Thread

import pytest
from msgspec.structs import replace as changed

from routing.model import Agreement, Follower, Neighbourhood, Service
from storage.database import Database
from storage.errors import Missing
from storage.records import Directory, Organisation

LETTER = Agreement("2026-1", "J. de Vries", "2026-01-01", "2026-12-31", ("request", "first_name"), ("company",))
WALKING = Service(
    id="wandelen",
    organisation_id="buurthuis",
    organisation="Buurthuis Noord",
    kind="initiative",
    name="Wandelgroep",
    themes=("company", "activities"),
    neighbourhoods=("noord",),
    does={"nl": "Samen wandelen"},
    capacity=2,
    has_account=True,
    agreement=LETTER,
)
TEAM = Service(id="team", organisation_id="wijkteam", organisation="Wijkteam", kind="team", name="Team", themes=())
DIRECTORY = Directory(
    organisations=(
        Organisation("buurthuis", "Buurthuis Noord", has_account=True, agreement=LETTER, met=True, phone="000"),
        Organisation("wijkteam", "Wijkteam"),
    ),
    services=(WALKING, TEAM),
    neighbourhoods=(Neighbourhood("noord", "Noord", ("7511",), ("het noorden",)), Neighbourhood("zuid", "Zuid")),
    followers={"": Follower("petra", "Petra"), "noord": Follower("paul", "Paul")},
)


def load(database: Database) -> Directory:
    return database.read(lambda uow: uow.directory.load())


def test_what_was_put_in_comes_out_in_order(database: Database) -> None:
    assert load(database) == Directory()
    database.run(lambda uow: uow.directory.replace(DIRECTORY))
    assert load(database) == changed(DIRECTORY, version=1)
    database.run(lambda uow: uow.directory.replace(Directory()))
    assert load(database) == Directory(version=2)


def test_organisations_are_completed_from_their_services(database: Database) -> None:
    database.run(lambda uow: uow.directory.replace(Directory(services=(WALKING, TEAM))))
    found = load(database)
    assert found.organisations == (
        Organisation("buurthuis", "Buurthuis Noord", has_account=True, agreement=LETTER),
        Organisation("wijkteam", "Wijkteam"),
    )
    assert found.services == (WALKING, TEAM)


def test_seats_are_taken_until_full_and_survive_a_new_directory(database: Database) -> None:
    database.run(lambda uow: uow.directory.replace(DIRECTORY))
    taken = [database.run(lambda uow: uow.directory.reserve("wandelen")) for _ in range(3)]
    assert taken == [True, True, False]
    assert load(database).services[0].reserved == 2
    database.run(lambda uow: uow.directory.replace(DIRECTORY))
    assert load(database).services[0].reserved == 2
    given = [database.run(lambda uow: uow.directory.release("wandelen")) for _ in range(3)]
    assert given == [True, True, False]
    assert all(database.run(lambda uow: uow.directory.reserve("team")) for _ in range(5))  # no capacity: no limit
    assert not database.run(lambda uow: uow.directory.reserve("none"))


def test_the_last_seat_goes_to_one(database: Database) -> None:
    database.run(lambda uow: uow.directory.replace(DIRECTORY))
    won: list[bool] = []
    threads = [
        Thread(target=lambda: won.append(database.run(lambda uow: uow.directory.reserve("wandelen"))))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(won) == 2


def test_the_version_changes_with_every_change_and_only_then(database: Database) -> None:
    def version() -> int:
        return database.read(lambda uow: uow.directory.version())

    assert version() == 0
    database.run(lambda uow: uow.directory.replace(DIRECTORY))
    database.run(lambda uow: uow.directory.reserve("wandelen"))
    database.run(lambda uow: uow.directory.release("wandelen"))
    assert version() == 3
    database.run(lambda uow: uow.directory.release("wandelen"))
    load(database)
    assert version() == 3


def test_an_agreement_reaches_the_services(database: Database) -> None:
    database.run(lambda uow: uow.directory.replace(DIRECTORY))
    database.run(lambda uow: uow.directory.set_agreement("wijkteam", LETTER))
    database.run(lambda uow: uow.directory.set_agreement("buurthuis", None))
    found = load(database)
    assert [service.agreement for service in found.services] == [None, LETTER]
    assert [organisation.agreement for organisation in found.organisations] == [None, LETTER]
    assert found.version == 3
    with pytest.raises(Missing):
        database.run(lambda uow: uow.directory.set_agreement("none", LETTER))
