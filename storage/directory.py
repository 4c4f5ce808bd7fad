"""The directory: organisations, their services and agreements, neighbourhoods and who follows there.

Organisations and services come in editions: one is served, the next is staged beside it in small works and then
switched to at once. Agreements and seats belong to no edition, so they outlive an import."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace as changed
from sqlalchemy import bindparam, delete, func, insert, select, update

from routing.model import Agreement, Follower, Neighbourhood, Service
from storage.errors import Missing, Outrun
from storage.prepared import Prepared
from storage.records import Directory, Organisation
from storage.tables import agreement, directory_version, follower, neighbourhood, organisation, seat, service
from storage.transaction import Transaction

_NUMBERS = Prepared(select(directory_version.c.edition, directory_version.c.version, directory_version.c.seats))
_FIRST_NUMBERS = Prepared(insert(directory_version))
_NEXT_NUMBERS = Prepared(
    update(directory_version).values(
        edition=bindparam("edition"), version=bindparam("version"), seats=bindparam("seats")
    )
)
_OF_EDITION = {table: table.c.edition == bindparam("edition") for table in (organisation, service)}
_ADD = {table: Prepared(insert(table)) for table in (organisation, service, agreement, neighbourhood, follower, seat)}
_EMPTY = {table: Prepared(delete(table)) for table in (agreement, neighbourhood, follower)}
_STAGED = Prepared(select(func.count()).where(_OF_EDITION[service]))
_LEFT_BEHIND = {
    table: Prepared(select(table.c.edition, table.c.id).where(~_OF_EDITION[table]).limit(bindparam("most")))
    for table in (service, organisation)  # children first
}
_SWEEP = {
    table: Prepared(delete(table).where(_OF_EDITION[table], table.c.id == bindparam("id")))
    for table in (service, organisation)
}
_ORGANISATIONS = Prepared(
    select(organisation.c.document, agreement.c.document)
    .select_from(organisation.outerjoin(agreement, agreement.c.organisation_id == organisation.c.id))
    .where(_OF_EDITION[organisation])
    .order_by(organisation.c.position)
)
_SERVICES = Prepared(select(service.c.document).where(_OF_EDITION[service]).order_by(service.c.position))
_NEIGHBOURHOODS = Prepared(select(neighbourhood.c.document).order_by(neighbourhood.c.position))
_FOLLOWERS = Prepared(
    select(follower.c.neighbourhood_id, follower.c.user_id, follower.c.name).order_by(follower.c.neighbourhood_id)
)
_SEATS = Prepared(select(seat.c.service_id, seat.c.reserved).where(seat.c.reserved > 0))
_ROOM = Prepared(
    select(service.c.capacity, seat.c.reserved)
    .select_from(service.outerjoin(seat, seat.c.service_id == service.c.id))
    .where(_OF_EDITION[service], service.c.id == bindparam("service_id"))
)
_TAKEN = Prepared(select(seat.c.reserved).where(seat.c.service_id == bindparam("service_id"), seat.c.reserved > 0))
_SET_SEATS = Prepared(update(seat).where(seat.c.service_id == bindparam("service")).values(reserved=bindparam("taken")))
_HAS_ORGANISATION = Prepared(
    select(organisation.c.id).where(_OF_EDITION[organisation], organisation.c.id == bindparam("organisation_id"))
)
_DELETE_AGREEMENT = Prepared(delete(agreement).where(agreement.c.organisation_id == bindparam("organisation_id")))
_ALL = 1 << 31
_DECODE_ORGANISATION = msgspec.json.Decoder(Organisation).decode
_DECODE_SERVICE = msgspec.json.Decoder(Service).decode
_DECODE_AGREEMENT = msgspec.json.Decoder(Agreement).decode
_DECODE_NEIGHBOURHOOD = msgspec.json.Decoder(Neighbourhood).decode


def new_edition() -> int:
    """A number for an edition or a version. Drawn, not counted: two imports at a time never meet in one edition."""
    return secrets.randbits(53)


def _encode(record: msgspec.Struct) -> str:
    return msgspec.json.encode(record).decode()


class DirectoryRepository:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def version(self) -> tuple[int, int]:
        """Two numbers that are other ones after every change: of the directory, and of the seats. (0, 0) before the
        first."""
        _, version, seats = self._numbers()
        return version, seats

    def replace(self, directory: Directory) -> None:
        """The whole directory at once, agreements and neighbourhoods too; its versions are ignored. Seats that are
        taken stay taken. An organisation that only its services mention is added; one without an agreement of its own
        gets that of its services."""
        tx, edition = self._tx, new_edition()
        organisations = _organisations(directory)
        for empty in _EMPTY.values():
            tx.do(empty)
        for found in organisations:
            if found.agreement:
                tx.do(_ADD[agreement], organisation_id=found.id, document=_encode(found.agreement))
        for position, place in enumerate(directory.neighbourhoods):
            tx.do(_ADD[neighbourhood], id=place.id, position=position, document=_encode(place))
        for neighbourhood_id, who in directory.followers.items():
            tx.do(_ADD[follower], neighbourhood_id=neighbourhood_id, user_id=who.user_id, name=who.name)
        self.stage(edition, organisations, directory.services)
        for offered in directory.services:
            if offered.reserved and tx.one(_TAKEN, service_id=offered.id) is None:
                self._set_seats(offered.id, offered.reserved)
        self.switch(edition, len(directory.services))
        self.sweep(_ALL)

    def stage(
        self, edition: int, organisations: Iterable[Organisation], services: Iterable[Service], first: int = 0
    ) -> None:
        """Puts a part of the next edition beside what is served; nobody sees it before `switch`. Organisations come
        before their services. `first`: the place of the first one in the directory's order."""
        tx = self._tx
        for position, found in enumerate(organisations, first):
            document = _encode(changed(found, agreement=None))
            tx.do(_ADD[organisation], edition=edition, id=found.id, position=position, document=document)
        for position, offered in enumerate(services, first):
            tx.do(
                _ADD[service],
                edition=edition,
                id=offered.id,
                position=position,
                document=_encode(changed(offered, agreement=None, reserved=0)),
                capacity=offered.capacity,
            )

    def switch(self, edition: int, services: int) -> None:
        """From now on this edition is served. Raises `Outrun` when not all of its services are there: another import
        swept them away."""
        staged = self._tx.one(_STAGED, edition=edition)
        if staged is None or staged[0] != services:
            raise Outrun("Another import ended meanwhile, and this one was not put in its place; import it again.")
        self._changed(edition=edition, version=new_edition())

    def sweep(self, most: int) -> int:
        """Removes at most so many rows of other editions; gives how many there were to remove, 0 when it is done."""
        swept = 0
        edition = self._numbers()[0]
        for table, left_behind in _LEFT_BEHIND.items():
            for old, row_id in self._tx.all(left_behind, edition=edition, most=most - swept):
                swept += self._tx.do(_SWEEP[table], edition=old, id=row_id)
        return swept

    def load(self) -> Directory:
        """With the seats taken now; a service carries its organisation's name, account and agreement."""
        edition, version, seats = self._numbers()
        found = self._tx.directories.get(version)
        if found is None:
            found = self._read(edition, version)
            self._tx.directories.put(found)
        taken: dict[str, int] = dict(self._tx.all(_SEATS))
        if taken:
            services = (changed(one, reserved=taken[one.id]) if one.id in taken else one for one in found.services)
            found = changed(found, services=tuple(services))
        return changed(found, seats=seats)

    def reserve(self, service_id: str) -> bool:
        """Takes one seat; False when it is full or not there."""
        row = self._tx.one(_ROOM, edition=self._numbers()[0], service_id=service_id)
        if row is None:
            return False
        capacity, reserved = row
        if capacity is not None and (reserved or 0) >= capacity:
            return False
        self._set_seats(service_id, (reserved or 0) + 1)
        return True

    def release(self, service_id: str) -> bool:
        """Gives one seat back; False when none was taken."""
        row = self._tx.one(_TAKEN, service_id=service_id)
        if row is None:
            return False
        self._set_seats(service_id, row[0] - 1)
        return True

    def set_agreement(self, organisation_id: str, letter: Agreement | None) -> None:
        """Raises `Missing` without such an organisation."""
        tx = self._tx
        if tx.one(_HAS_ORGANISATION, edition=self._numbers()[0], organisation_id=organisation_id) is None:
            raise Missing(f"There is no organisation {organisation_id}.")
        tx.do(_DELETE_AGREEMENT, organisation_id=organisation_id)
        if letter:
            tx.do(_ADD[agreement], organisation_id=organisation_id, document=_encode(letter))
        self._changed(version=new_edition())

    def _numbers(self) -> tuple[int, int, int]:
        """Edition, version, seats; zeros before the first directory."""
        row = self._tx.one(_NUMBERS)
        return (row[0], row[1], row[2]) if row else (0, 0, 0)

    def _read(self, edition: int, version: int) -> Directory:
        organisations = {}
        for document, letter in self._tx.all(_ORGANISATIONS, edition=edition):
            found = _DECODE_ORGANISATION(document)
            organisations[found.id] = changed(found, agreement=_DECODE_AGREEMENT(letter) if letter else None)
        services = []
        for (document,) in self._tx.all(_SERVICES, edition=edition):
            offered = _DECODE_SERVICE(document)
            owner = organisations[offered.organisation_id]
            services.append(
                changed(offered, organisation=owner.name, has_account=owner.has_account, agreement=owner.agreement)
            )
        return Directory(
            organisations=tuple(organisations.values()),
            services=tuple(services),
            neighbourhoods=tuple(_DECODE_NEIGHBOURHOOD(row[0]) for row in self._tx.all(_NEIGHBOURHOODS)),
            followers={row[0]: Follower(user_id=row[1], name=row[2]) for row in self._tx.all(_FOLLOWERS)},
            version=version,
        )

    def _set_seats(self, service_id: str, taken: int) -> None:
        if not self._tx.do(_SET_SEATS, service=service_id, taken=taken):
            self._tx.do(_ADD[seat], service_id=service_id, reserved=taken)
        self._changed(seats=new_edition())

    def _changed(self, **numbers: int) -> None:
        edition, version, seats = self._numbers()
        now = {"edition": edition, "version": version, "seats": seats} | numbers
        if not self._tx.do(_NEXT_NUMBERS, **now):
            self._tx.do(_FIRST_NUMBERS, id=1, **now)
        self._tx.notify("board")


def _organisations(directory: Directory) -> list[Organisation]:
    """The organisations, completed with what their services say of them."""
    found = {each.id: each for each in directory.organisations}
    for offered in directory.services:
        owner = found.get(offered.organisation_id) or Organisation(
            id=offered.organisation_id, name=offered.organisation
        )
        found[owner.id] = changed(
            owner,
            has_account=owner.has_account or offered.has_account,
            agreement=owner.agreement or offered.agreement,
        )
    return list(found.values())
