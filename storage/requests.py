"""Requests: the resident's cases, each under a key of its own."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from storage.cipher import of_request
from storage.errors import Missing
from storage.ids import new_id, new_request_code, read_request_code
from storage.prepared import Prepared, Row
from storage.records import OPEN_STATUSES, Referral, Request
from storage.referrals import Referrals
from storage.tables import request, routing_log_request, tombstone
from storage.times import from_text
from storage.transaction import Transaction

_SELECT = select(
    request.c.id,
    request.c.code,
    request.c.contact_id,
    request.c.conversation_id,
    request.c.theme,
    request.c.neighbourhood,
    request.c.status,
    request.c.responsible,
    request.c.option_sealed,
    request.c.created_at,
    request.c.updated_at,
    request.c.erased_at,
)
_GET = Prepared(_SELECT.where(request.c.id == bindparam("request_id")))
_BY_CODE = Prepared(_SELECT.where(request.c.code == bindparam("code"), request.c.erased_at.is_(None)))
_CODE_TAKEN = Prepared(select(request.c.id).where(request.c.code == bindparam("code")))
_OF_CONTACT = Prepared(
    _SELECT.where(request.c.contact_id == bindparam("contact_id")).order_by(request.c.created_at.desc(), request.c.id)
)
_LINES = Prepared(select(request.c.lines_sealed).where(request.c.id == bindparam("request_id")))
_ADD = Prepared(insert(request))
_SET_STATUS = Prepared(
    update(request)
    .where(request.c.id == bindparam("request_id"), request.c.erased_at.is_(None))
    .values(status=bindparam("new_status"), updated_at=bindparam("at"))
)
_SET_RESPONSIBLE = Prepared(
    update(request)
    .where(request.c.id == bindparam("request_id"))
    .values(responsible=bindparam("user_id"), updated_at=bindparam("at"))
)
_ERASE = Prepared(
    update(request)
    .where(request.c.id == bindparam("request_id"), request.c.erased_at.is_(None))
    .values(
        status="erased",
        option_sealed=None,
        lines_sealed=None,
        updated_at=bindparam("at"),
        erased_at=bindparam("at"),
    )
)
_FORGET_WORDS = Prepared(
    update(request)
    .where(request.c.id == bindparam("request_id"))
    .values(option_sealed=None, lines_sealed=None, updated_at=bindparam("at"))
)
_UNLINK_LOG = Prepared(delete(routing_log_request).where(routing_log_request.c.request_id == bindparam("request_id")))
_ADD_TOMBSTONE = Prepared(insert(tombstone))
_LIST = msgspec.json.Decoder(list[dict[str, Any]])
_DICT = msgspec.json.Decoder(dict[str, Any])
_ENCODE = msgspec.json.Encoder().encode


class Requests:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(
        self,
        contact_id: str,
        conversation_id: str,
        theme: str,
        neighbourhood: str | None,
        lines: list[dict[str, Any]],
        option: dict[str, Any],
        responsible: str | None = None,
    ) -> Request:
        """`lines` are what the resident agreed to share, as `{"category", "text"}`; they and the `option` are
        encrypted with a key of this request. Its status is "open"."""
        tx = self._tx
        request_id = new_id()
        code = new_request_code()
        while tx.one(_CODE_TAKEN, code=code):
            code = new_request_code()
        subject = of_request(request_id)
        tx.cipher.create(subject)
        tx.do(
            _ADD,
            id=request_id,
            code=code,
            contact_id=contact_id,
            conversation_id=conversation_id,
            theme=theme,
            neighbourhood=neighbourhood,
            status="open",
            responsible=responsible,
            option_sealed=tx.cipher.seal(subject, f"request:option:{request_id}", _ENCODE(option)),
            lines_sealed=tx.cipher.seal(subject, f"request:lines:{request_id}", _ENCODE(lines)),
            created_at=tx.now_text,
            updated_at=tx.now_text,
            erased_at=None,
        )
        tx.notify("board")
        return self.get(request_id)

    def get(self, request_id: str) -> Request:
        """Raises `Missing`."""
        row = self._tx.one(_GET, request_id=request_id)
        if row is None:
            raise Missing(f"There is no request {request_id}.")
        return self._record(row)

    def by_code(self, code: str) -> Request | None:
        """However it was typed ("7k3qf"); an erased request is not found."""
        row = self._tx.one(_BY_CODE, code=read_request_code(code))
        return self._record(row) if row else None

    def of_contact(self, contact_id: str) -> list[Request]:
        """Newest first, erased ones included."""
        return [self._record(row) for row in self._tx.all(_OF_CONTACT, contact_id=contact_id)]

    def lines(self, request_id: str) -> list[dict[str, Any]]:
        """The shared lines; empty once withdrawn or erased. Raises `Missing`."""
        row = self._tx.one(_LINES, request_id=request_id)
        if row is None:
            raise Missing(f"There is no request {request_id}.")
        if row[0] is None:
            return []
        return _LIST.decode(self._tx.cipher.open(of_request(request_id), f"request:lines:{request_id}", row[0]))

    def set_status(self, request_id: str, status: str) -> None:
        """An erased request keeps the status "erased"."""
        self._tx.do(_SET_STATUS, request_id=request_id, new_status=status, at=self._tx.now_text)
        self._tx.notify("board")

    def set_responsible(self, request_id: str, user_id: str | None) -> None:
        """Who follows it at a distance."""
        self._tx.do(_SET_RESPONSIBLE, request_id=request_id, user_id=user_id, at=self._tx.now_text)
        self._tx.notify("board")

    def withdraw(self, request_id: str) -> None:
        """Status "withdrawn"; its key goes, and with it what was shared, where to, and the card's words. That it was
        there, the code and the statuses stay until it is erased."""
        tx = self._tx
        self.set_status(request_id, "withdrawn")
        tx.do(_FORGET_WORDS, request_id=request_id, at=tx.now_text)
        Referrals(tx).forget_reasons(request_id)
        tx.cipher.delete(of_request(request_id))

    def erase(self, request_id: str) -> list[Referral]:
        """Deletes its key, its texts and its link with the routing log, of which the coarse codes stay. Gives back the
        referrals that were still open and are withdrawn by this. Twice is once."""
        tx = self._tx
        if not tx.do(_ERASE, request_id=request_id, at=tx.now_text):
            return []
        referrals = Referrals(tx)
        withdrawn = [
            referrals.set_status(referral.id, "withdrawn", "resident")
            for referral in referrals.of_request(request_id)
            if referral.status in OPEN_STATUSES
        ]
        referrals.forget_reasons(request_id)
        tx.do(_UNLINK_LOG, request_id=request_id)
        tx.cipher.delete(of_request(request_id))
        tx.do(_ADD_TOMBSTONE, kind="request", subject_id=request_id, at=tx.now_text)
        tx.notify("board")
        return withdrawn

    def erase_of_contact(self, contact_id: str) -> list[Referral]:
        withdrawn = []
        for found in self.of_contact(contact_id):
            withdrawn += self.erase(found.id)
        return withdrawn

    def _record(self, row: Row) -> Request:
        sealed = row[8]
        option = {}
        if sealed is not None:
            option = _DICT.decode(self._tx.cipher.open(of_request(row[0]), f"request:option:{row[0]}", sealed))
        return Request(
            id=row[0],
            code=row[1],
            contact_id=row[2],
            conversation_id=row[3],
            theme=row[4],
            neighbourhood=row[5],
            status=row[6],
            responsible=row[7],
            option=option,
            created_at=from_text(row[9]),
            updated_at=from_text(row[10]),
            erased=row[11] is not None,
        )
