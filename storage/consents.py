"""Consents: the proof of what a resident answered to which card. Rows are added, never changed or removed."""

from __future__ import annotations

import json
from typing import Literal

from sqlalchemy import bindparam, insert, select, update

from storage.cipher import of_contact, of_request
from storage.ids import new_id
from storage.prepared import Prepared, Row
from storage.records import Consent
from storage.tables import consent
from storage.times import from_text, from_text_or_none
from storage.transaction import Transaction

_SELECT = select(
    consent.c.id,
    consent.c.request_id,
    consent.c.contact_id,
    consent.c.conversation_id,
    consent.c.card_version,
    consent.c.language,
    consent.c.card_sealed,
    consent.c.lines_on,
    consent.c.answer,
    consent.c.channel,
    consent.c.at,
    consent.c.withdrawn_at,
).order_by(consent.c.at, consent.c.id)
_OF_REQUEST = Prepared(_SELECT.where(consent.c.request_id == bindparam("request_id")))
_OF_CONTACT = Prepared(_SELECT.where(consent.c.contact_id == bindparam("contact_id")))
_ADD = Prepared(insert(consent))
_WITHDRAW = Prepared(
    update(consent)
    .where(consent.c.request_id == bindparam("of_request"), consent.c.answer == "yes", consent.c.withdrawn_at.is_(None))
    .values(withdrawn_at=bindparam("now"))
)


class Consents:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(
        self,
        request_id: str | None,
        contact_id: str,
        conversation_id: str,
        card_version: int,
        language: str,
        card_text: str,
        lines_on: list[str],
        answer: Literal["yes", "no"],
        channel: str,
    ) -> str:
        """Gives the id. `lines_on` are data categories. The card's words are encrypted with the request's key (a
        refusal has none: with the contact's), so that withdrawing or erasing leaves the proof without the words. Raises
        `Erased`."""
        tx = self._tx
        consent_id = new_id()
        tx.do(
            _ADD,
            id=consent_id,
            request_id=request_id,
            contact_id=contact_id,
            conversation_id=conversation_id,
            card_version=card_version,
            language=language,
            card_sealed=tx.cipher.seal(
                _subject(request_id, contact_id), f"consent:card:{consent_id}", card_text.encode()
            ),
            lines_on=json.dumps(lines_on),
            answer=answer,
            channel=channel,
            at=tx.now_text,
            withdrawn_at=None,
        )
        return consent_id

    def withdraw(self, request_id: str) -> int:
        """Every yes for this request that was not withdrawn yet; gives how many."""
        count = self._tx.do(_WITHDRAW, of_request=request_id, now=self._tx.now_text)
        self._tx.notify("board")
        return count

    def of_request(self, request_id: str) -> list[Consent]:
        """Oldest first."""
        return [self._record(row) for row in self._tx.all(_OF_REQUEST, request_id=request_id)]

    def of_contact(self, contact_id: str) -> list[Consent]:
        """Oldest first, refusals included."""
        return [self._record(row) for row in self._tx.all(_OF_CONTACT, contact_id=contact_id)]

    def _record(self, row: Row) -> Consent:
        subject = _subject(row[1], row[2])
        text = None
        if self._tx.cipher.has(subject):
            text = self._tx.cipher.open(subject, f"consent:card:{row[0]}", row[6]).decode()
        return Consent(
            id=row[0],
            request_id=row[1],
            contact_id=row[2],
            conversation_id=row[3],
            card_version=row[4],
            language=row[5],
            card_text=text,
            lines_on=tuple(json.loads(row[7])),
            answer=row[8],
            channel=row[9],
            at=from_text(row[10]),
            withdrawn_at=from_text_or_none(row[11]),
        )


def _subject(request_id: str | None, contact_id: str) -> str:
    return of_contact(contact_id) if request_id is None else of_request(request_id)
