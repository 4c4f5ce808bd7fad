"""The directory: organisations, their services and agreements, neighbourhoods and who follows there."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace as changed
from sqlalchemy import Table, bindparam, delete, insert, or_, select, update

from routing.model import Agreement, Follower, Neighbourhood, Service
from storage.errors import Missing
from storage.prepared import Prepared
from storage.records import Directory, Organisation
from storage.tables import agreement, directory_version, follower, neighbourhood, organisation, service
from storage.transaction import Transaction

_VERSION = Prepared(select(directory_version.c.version).where(directory_version.c.id == 1))
_FIRST_VERSION = Prepared(insert(directory_version))
_NEXT_VERSION = Prepared(
    update(directory_version).where(directory_version.c.id == 1).values(version=directory_version.c.version + 1)
)
_TABLES = (agreement, service, organisation, neighbourhood, follower)  # children first
_EMPTY = [Prepared(delete(table)) for table in _TABLES]
_ADD: dict[Table, Prepared] = {table: Prepared(insert(table)) for table in _TABLES}
_ORGANISATIONS = Prepared(
    select(organisation.c.document, agreement.c.document)
    .select_from(organisation.outerjoin(agreement, agreement.c.organisation_id == organisation.c.id))
    .order_by(organisation.c.position)
)
_SERVICES = Prepared(select(service.c.document, service.c.reserved).order_by(service.c.position))
_SEATS = Prepared(select(service.c.id, service.c.reserved))
_NEIGHBOURHOODS = Prepared(select(neighbourhood.c.document).order_by(neighbourhood.c.position))
_FOLLOWERS = Prepared(
    select(follower.c.neighbourhood_id, follower.c.user_id, follower.c.name).order_by(follower.c.neighbourhood_id)
)
_RESERVE = Prepared(
    update(service)
    .where(
        service.c.id == bindparam("service_id"),
        or_(service.c.capacity.is_(None), service.c.reserved < service.c.capacity),
    )
    .values(reserved=service.c.reserved + 1)
)
_RELEASE = Prepared(
    update(service)
    .where(service.c.id == bindparam("service_id"), service.c.reserved > 0)
    .values(reserved=service.c.reserved - 1)
)
_HAS_ORGANISATION = Prepared(select(organisation.c.id).where(organisation.c.id == bindparam("organisation_id")))
_DELETE_AGREEMENT = Prepared(delete(agreement).where(agreement.c.organisation_id == bindparam("organisation_id")))
_DECODE_ORGANISATION = msgspec.json.Decoder(Organisation).decode
_DECODE_SERVICE = msgspec.json.Decoder(Service).decode
_DECODE_AGREEMENT = msgspec.json.Decoder(Agreement).decode
_DECODE_NEIGHBOURHOOD = msgspec.json.Decoder(Neighbourhood).decode


def _encode(record: msgspec.Struct) -> str:
    return msgspec.json.encode(record).decode()


class DirectoryRepository:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def version(self) -> int:
        """0 before the first directory; changes with every change of what `load` gives."""
        row = self._tx.one(_VERSION)
        return row[0] if row else 0

    def replace(self, directory: Directory) -> None:
        """The whole directory at once; its `version` is ignored. Seats that are taken at a service that was there
        before stay taken. An organisation that only its services mention is added; one without an agreement of its
        own gets that of its services."""
        tx = self._tx
        seats: dict[str, int] = {row[0]: row[1] for row in tx.all(_SEATS)}
        for empty in _EMPTY:
            tx.do(empty)
        for position, found in enumerate(_organisations(directory)):
            tx.do(
                _ADD[organisation],
                id=found.id,
                position=position,
                document=_encode(changed(found, agreement=None)),
            )
            if found.agreement:
                tx.do(_ADD[agreement], organisation_id=found.id, document=_encode(found.agreement))
        for position, offered in enumerate(directory.services):
            tx.do(
                _ADD[service],
                id=offered.id,
                organisation_id=offered.organisation_id,
                position=position,
                document=_encode(changed(offered, agreement=None, reserved=0)),
                capacity=offered.capacity,
                reserved=seats.get(offered.id, offered.reserved),
            )
        for position, place in enumerate(directory.neighbourhoods):
            tx.do(_ADD[neighbourhood], id=place.id, position=position, document=_encode(place))
        for neighbourhood_id, who in directory.followers.items():
            tx.do(_ADD[follower], neighbourhood_id=neighbourhood_id, user_id=who.user_id, name=who.name)
        self._changed()

    def load(self) -> Directory:
        """With the seats taken now; a service carries its organisation's name, account and agreement."""
        organisations = {}
        for document, letter in self._tx.all(_ORGANISATIONS):
            found = _DECODE_ORGANISATION(document)
            organisations[found.id] = changed(found, agreement=_DECODE_AGREEMENT(letter) if letter else None)
        services = []
        for document, reserved in self._tx.all(_SERVICES):
            offered = _DECODE_SERVICE(document)
            owner = organisations[offered.organisation_id]
            services.append(
                changed(
                    offered,
                    organisation=owner.name,
                    has_account=owner.has_account,
                    agreement=owner.agreement,
                    reserved=reserved,
                )
            )
        return Directory(
            organisations=tuple(organisations.values()),
            services=tuple(services),
            neighbourhoods=tuple(_DECODE_NEIGHBOURHOOD(row[0]) for row in self._tx.all(_NEIGHBOURHOODS)),
            followers={row[0]: Follower(user_id=row[1], name=row[2]) for row in self._tx.all(_FOLLOWERS)},
            version=self.version(),
        )

    def reserve(self, service_id: str) -> bool:
        """Takes one seat; False when it is full or not there."""
        return self._seat(_RESERVE, service_id)

    def release(self, service_id: str) -> bool:
        """Gives one seat back; False when none was taken."""
        return self._seat(_RELEASE, service_id)

    def set_agreement(self, organisation_id: str, letter: Agreement | None) -> None:
        """Raises `Missing` without such an organisation."""
        tx = self._tx
        if tx.one(_HAS_ORGANISATION, organisation_id=organisation_id) is None:
            raise Missing(f"There is no organisation {organisation_id}.")
        tx.do(_DELETE_AGREEMENT, organisation_id=organisation_id)
        if letter:
            tx.do(_ADD[agreement], organisation_id=organisation_id, document=_encode(letter))
        self._changed()

    def _seat(self, prepared: Prepared, service_id: str) -> bool:
        if not self._tx.do(prepared, service_id=service_id):
            return False
        self._changed()
        return True

    def _changed(self) -> None:
        if not self._tx.do(_NEXT_VERSION):
            self._tx.do(_FIRST_VERSION, id=1, version=1)
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
