"""Codes that were tried and led nowhere, counted so that nobody can go through them all. No code and no words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select

from storage.ids import new_id
from storage.prepared import Prepared
from storage.tables import code_guess
from storage.times import from_text, to_text
from storage.transaction import Transaction

_ADD = Prepared(insert(code_guess))
_SINCE = code_guess.c.at >= bindparam("since")
_COUNT = Prepared(select(func.count()).select_from(code_guess).where(_SINCE))
_COUNT_OF = Prepared(
    select(func.count()).select_from(code_guess).where(code_guess.c.contact_id == bindparam("contact"), _SINCE)
)
_OF_CONTACT = Prepared(
    select(code_guess.c.at).where(code_guess.c.contact_id == bindparam("contact")).order_by(code_guess.c.at)
)
_FORGET = Prepared(delete(code_guess).where(code_guess.c.at < bindparam("before")))


class CodeGuesses:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, contact_id: str) -> None:
        self._tx.do(_ADD, id=new_id(), contact_id=contact_id, at=self._tx.now_text)

    def of_contact(self, contact_id: str) -> list[datetime]:
        """When this contact tried one."""
        return [from_text(row[0]) for row in self._tx.all(_OF_CONTACT, contact=contact_id)]

    def forget(self, before: datetime) -> None:
        self._tx.do(_FORGET, before=to_text(before))

    def count(self, since: datetime, contact_id: str | None = None) -> int:
        """Of this contact, or of everybody together."""
        tx, text = self._tx, to_text(since)
        row = tx.one(_COUNT, since=text) if contact_id is None else tx.one(_COUNT_OF, since=text, contact=contact_id)
        return int(row[0]) if row else 0
