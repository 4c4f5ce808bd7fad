"""Referrals: a request sent to a service, with every change of its status."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, func, insert, literal, select, update

from storage.cipher import of_request
from storage.errors import Missing
from storage.ids import new_id
from storage.prepared import Prepared, Row
from storage.records import OPEN_STATUSES, Referral, ReferralEvent, ReferralStatus
from storage.tables import referral, referral_event, request
from storage.times import from_text
from storage.transaction import Transaction

_Referrals = list[Referral]  # the class below has a method `list`
_Events = list[ReferralEvent]

_SELECT = select(
    referral.c.id,
    referral.c.request_id,
    referral.c.code,
    referral.c.service_id,
    referral.c.organisation_id,
    referral.c.kind,
    referral.c.theme,
    referral.c.neighbourhood,
    referral.c.status,
    referral.c.created_at,
    referral.c.updated_at,
)
_GET = Prepared(_SELECT.where(referral.c.id == bindparam("referral_id")))
_OF_REQUEST = Prepared(
    _SELECT.where(referral.c.request_id == bindparam("request_id")).order_by(referral.c.created_at, referral.c.id)
)
_OPEN_OF_CONTACT = Prepared(
    _SELECT.join(request, request.c.id == referral.c.request_id)
    .where(
        request.c.contact_id == bindparam("contact_id"),
        referral.c.status.in_([literal(status) for status in OPEN_STATUSES]),
    )
    .order_by(referral.c.created_at, referral.c.id)
)
_REQUEST_CODE = Prepared(select(request.c.code).where(request.c.id == bindparam("request_id")))
_ADD = Prepared(insert(referral))
_SET_STATUS = Prepared(
    update(referral)
    .where(referral.c.id == bindparam("referral_id"))
    .values(status=bindparam("new_status"), updated_at=bindparam("at"))
)
_NEXT_NUMBER = Prepared(
    select(func.coalesce(func.max(referral_event.c.number), 0) + 1).where(
        referral_event.c.referral_id == bindparam("referral_id")
    )
)
_ADD_EVENT = Prepared(insert(referral_event))
_EVENTS = Prepared(
    select(
        referral_event.c.id,
        referral_event.c.referral_id,
        referral_event.c.status,
        referral_event.c.actor,
        referral_event.c.reason_sealed,
        referral_event.c.at,
        referral.c.request_id,
    )
    .join(referral, referral.c.id == referral_event.c.referral_id)
    .where(referral_event.c.referral_id == bindparam("referral_id"))
    .order_by(referral_event.c.number)
)
_FORGET_REASONS = Prepared(
    update(referral_event)
    .where(
        referral_event.c.referral_id.in_(select(referral.c.id).where(referral.c.request_id == bindparam("of_request")))
    )
    .values(reason_sealed=None)
)


class Referrals:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(
        self, request_id: str, service_id: str, organisation_id: str, kind: str, theme: str, neighbourhood: str | None
    ) -> Referral:
        """With status "referred" and its first event. Raises `Missing` without such a request."""
        tx = self._tx
        code = tx.one(_REQUEST_CODE, request_id=request_id)
        if code is None:
            raise Missing(f"There is no request {request_id}.")
        referral_id = new_id()
        tx.do(
            _ADD,
            id=referral_id,
            request_id=request_id,
            code=code[0],
            service_id=service_id,
            organisation_id=organisation_id,
            kind=kind,
            theme=theme,
            neighbourhood=neighbourhood,
            status="referred",
            created_at=tx.now_text,
            updated_at=tx.now_text,
        )
        self._add_event(referral_id, request_id, "referred", "desk", None)
        tx.notify("board")
        return self.get(referral_id)

    def get(self, referral_id: str) -> Referral:
        """Raises `Missing`."""
        row = self._tx.one(_GET, referral_id=referral_id)
        if row is None:
            raise Missing(f"There is no referral {referral_id}.")
        return _record(row)

    def of_request(self, request_id: str) -> _Referrals:
        """Oldest first."""
        return [_record(row) for row in self._tx.all(_OF_REQUEST, request_id=request_id)]

    def open_of_contact(self, contact_id: str) -> _Referrals:
        """Referred, accepted or in contact; oldest first."""
        return [_record(row) for row in self._tx.all(_OPEN_OF_CONTACT, contact_id=contact_id)]

    def set_status(self, referral_id: str, status: ReferralStatus, actor: str, reason: str | None = None) -> Referral:
        """Also writes the event. `actor` is a user id, "resident" or "desk"; a `reason` is encrypted with the
        request's key. Which step may follow which is for the desk to say. Raises `Missing`; `Erased` when a reason is
        given for an erased request."""
        tx = self._tx
        found = self.get(referral_id)
        tx.do(_SET_STATUS, referral_id=referral_id, new_status=status, at=tx.now_text)
        self._add_event(referral_id, found.request_id, status, actor, reason)
        tx.notify("board")
        return self.get(referral_id)

    def events(self, referral_id: str) -> _Events:
        """Oldest first."""
        return [
            ReferralEvent(
                id=row[0],
                referral_id=row[1],
                status=row[2],
                actor=row[3],
                reason=None
                if row[4] is None
                else self._tx.cipher.open(of_request(row[6]), f"referral_event:reason:{row[0]}", row[4]).decode(),
                at=from_text(row[5]),
            )
            for row in self._tx.all(_EVENTS, referral_id=referral_id)
        ]

    def list(
        self,
        organisation_ids: Collection[str] | None = None,
        neighbourhoods: Collection[str] | None = None,
        statuses: Collection[str] | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> _Referrals:
        """Newest first. None does not filter; an empty collection lets nothing through."""
        statement = _SELECT
        for column, allowed in (
            (referral.c.organisation_id, organisation_ids),
            (referral.c.neighbourhood, neighbourhoods),
            (referral.c.status, statuses),
        ):
            if allowed is not None:
                statement = statement.where(column.in_(sorted(allowed)))
        statement = statement.order_by(referral.c.created_at.desc(), referral.c.id).limit(limit).offset(offset)
        return [_record(row) for row in self._tx.all(Prepared(statement))]

    def forget_reasons(self, request_id: str) -> None:
        """Part of withdrawing or erasing the request."""
        self._tx.do(_FORGET_REASONS, of_request=request_id)

    def _add_event(
        self, referral_id: str, request_id: str, status: ReferralStatus, actor: str, reason: str | None
    ) -> None:
        tx = self._tx
        event_id = new_id()
        number = tx.one(_NEXT_NUMBER, referral_id=referral_id)
        assert number is not None
        sealed = None
        if reason is not None:
            sealed = tx.cipher.seal(of_request(request_id), f"referral_event:reason:{event_id}", reason.encode())
        tx.do(
            _ADD_EVENT,
            id=event_id,
            referral_id=referral_id,
            number=number[0],
            status=status,
            actor=actor,
            reason_sealed=sealed,
            at=tx.now_text,
        )


def _record(row: Row) -> Referral:
    return Referral(
        id=row[0],
        request_id=row[1],
        code=row[2],
        service_id=row[3],
        organisation_id=row[4],
        kind=row[5],
        theme=row[6],
        neighbourhood=row[7],
        status=row[8],
        created_at=from_text(row[9]),
        updated_at=from_text(row[10]),
    )
