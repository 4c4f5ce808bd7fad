from __future__ import annotations

from threading import Thread

import pytest
from msgspec.structs import replace as changed

from routing.model import Agreement, Follower, Neighbourhood, Service
from storage.database import Database
from storage.directory import new_edition
from storage.errors import Missing, Outrun
from storage.records import Directory, Organisation
from storage.unit_of_work import UnitOfWork

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


def content(database: Database) -> Directory:
    return changed(load(database), version=0, seats=0)


def test_what_was_put_in_comes_out_in_order(database: Database) -> None:
    assert load(database) == Directory()
    database.run(lambda uow: uow.directory.replace(DIRECTORY))
    assert content(database) == DIRECTORY
    database.run(lambda uow: uow.directory.replace(Directory()))
    assert content(database) == Directory()


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
    def version() -> tuple[int, int]:
        return database.read(lambda uow: uow.directory.version())

    assert version() == (0, 0)
    seen = []
    for change in (
        lambda uow: uow.directory.replace(DIRECTORY),
        lambda uow: uow.directory.reserve("wandelen"),
        lambda uow: uow.directory.release("wandelen"),
        lambda uow: uow.directory.release("wandelen"),  # none was taken: no change
        lambda uow: uow.directory.set_agreement("wijkteam", LETTER),
    ):
        database.run(change)
        seen.append(version())
    versions, seats = zip(*seen, strict=True)
    assert len(set(versions[:4])) == 1 and versions[4] != versions[3]
    assert len(set(seats)) == 3 and seats[2:] == (seats[2],) * 3


def test_a_version_that_was_rolled_back_is_never_used_again(database: Database) -> None:
    read = []

    def fails(uow: UnitOfWork) -> None:
        uow.directory.replace(Directory(organisations=(Organisation("gone", "Gone"),)))
        read.append(uow.directory.load())
        raise ValueError

    with pytest.raises(ValueError):
        database.run(fails)
    database.run(lambda uow: uow.directory.replace(DIRECTORY))
    assert read[0].organisations[0].name == "Gone"
    assert content(database) == DIRECTORY


def test_a_staged_edition_is_seen_by_nobody_until_it_is_switched_to(database: Database) -> None:
    database.run(lambda uow: uow.directory.replace(DIRECTORY))
    database.run(lambda uow: uow.directory.reserve("wandelen"))
    before, edition = load(database), new_edition()
    owner, walk = Organisation("buurthuis", "Het Buurthuis"), changed(WALKING, name="Een rondje om")
    swim = changed(walk, id="zwemmen", name="Zwemmen", organisation="Het Buurthuis")
    database.run(lambda uow: uow.directory.stage(edition, [owner], [walk]))
    database.run(lambda uow: uow.directory.stage(edition, [], [swim], first=1))
    assert load(database) == before
    database.run(lambda uow: uow.directory.switch(edition, 2))
    after = load(database)
    assert [service.name for service in after.services] == ["Een rondje om", "Zwemmen"]
    assert [service.reserved for service in after.services] == [1, 0]  # seats stay taken
    assert after.organisations == (changed(owner, agreement=LETTER),)  # the municipality's letters stay
    assert after.neighbourhoods == before.neighbourhoods


def test_what_is_not_served_is_swept_bit_by_bit(database: Database) -> None:
    database.run(lambda uow: uow.directory.replace(DIRECTORY))
    left, edition = new_edition(), new_edition()  # the first of two imports was killed

    def stage(uow: UnitOfWork) -> None:
        for each in (left, edition):
            uow.directory.stage(each, DIRECTORY.organisations, DIRECTORY.services)

    database.run(stage)
    database.run(lambda uow: uow.directory.switch(edition, 2))
    swept = [database.run(lambda uow: uow.directory.sweep(3)) for _ in range(4)]
    assert swept == [3, 3, 2, 0]
    assert content(database) == DIRECTORY


def test_an_edition_that_was_swept_away_is_refused(database: Database) -> None:
    database.run(lambda uow: uow.directory.replace(DIRECTORY))
    edition = new_edition()
    database.run(lambda uow: uow.directory.stage(edition, DIRECTORY.organisations, DIRECTORY.services))
    database.run(lambda uow: uow.directory.sweep(1))
    with pytest.raises(Outrun, match="import it again"):
        database.run(lambda uow: uow.directory.switch(edition, 2))
    assert content(database) == DIRECTORY


def test_an_agreement_reaches_the_services(database: Database) -> None:
    database.run(lambda uow: uow.directory.replace(DIRECTORY))
    database.run(lambda uow: uow.directory.set_agreement("wijkteam", LETTER))
    database.run(lambda uow: uow.directory.set_agreement("buurthuis", None))
    found = load(database)
    assert [service.agreement for service in found.services] == [None, LETTER]
    assert [organisation.agreement for organisation in found.organisations] == [None, LETTER]
    with pytest.raises(Missing):
        database.run(lambda uow: uow.directory.set_agreement("none", LETTER))
