"""Links: pages that a resident sends to somebody themself. Who holds the secret sees the page; nobody else does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select, update

from storage.cipher import of_contact
from storage.ids import new_id, new_token
from storage.key_ring import token_hash
from storage.prepared import Prepared, Row
from storage.records import Link, LinkAnswer, LinkKind
from storage.tables import link
from storage.times import from_text, to_text
from storage.transaction import Transaction

_ADD = Prepared(insert(link))
_LINKS = select(
    link.c.id,
    link.c.kind,
    link.c.contact_id,
    link.c.content_sealed,
    link.c.answer,
    link.c.answers,
    link.c.created_at,
    link.c.expires_at,
)
_FIND = Prepared(
    _LINKS.where(
        link.c.token_hash == bindparam("hashed"),
        link.c.kind == bindparam("of_kind"),
        link.c.expires_at > bindparam("now"),
    )
)
_OF_CONTACT = Prepared(_LINKS.where(link.c.contact_id == bindparam("of_contact")).order_by(link.c.created_at))
_ANSWER = Prepared(
    update(link).where(link.c.id == bindparam("link_id")).values(answer=bindparam("said"), answers=link.c.answers + 1)
)
_END = Prepared(delete(link).where(link.c.id == bindparam("link_id")))
_END_OF_CONTACT = Prepared(delete(link).where(link.c.contact_id == bindparam("of_contact")))
_RUN_OUT = Prepared(delete(link).where(link.c.expires_at <= bindparam("now")))
_COUNT = Prepared(
    select(func.count())
    .select_from(link)
    .where(link.c.contact_id == bindparam("of_contact"), link.c.expires_at > bindparam("now"))
)
_CONTENT = msgspec.json.Decoder(dict[str, Any])
_ENCODE = msgspec.json.Encoder().encode


class Links:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, kind: LinkKind, contact_id: str, content: dict[str, Any], lifetime: timedelta) -> str:
        """Gives the secret of a new link, of which only the hash is kept. `content` is encrypted with the key of the
        contact who made the link. Raises `Erased`."""
        tx = self._tx
        link_id, token = new_id(), new_token()
        tx.do(
            _ADD,
            id=link_id,
            kind=kind,
            token_hash=token_hash(token),
            contact_id=contact_id,
            content_sealed=tx.cipher.seal(of_contact(contact_id), f"link:content:{link_id}", _ENCODE(content)),
            answer=None,
            answers=0,
            created_at=tx.now_text,
            expires_at=to_text(tx.now + lifetime),
        )
        return token

    def find(self, kind: LinkKind, token: str) -> Link | None:
        """None when there is no such link, or no longer: nobody is told which."""
        row = self._tx.one(_FIND, hashed=token_hash(token), of_kind=kind, now=self._tx.now_text)
        return self._link(row) if row else None

    def of_contact(self, contact_id: str) -> list[Link]:
        """Oldest first, also those that can no longer be opened and are not removed yet. Raises `Erased`."""
        return [self._link(row) for row in self._tx.all(_OF_CONTACT, of_contact=contact_id)]

    def answer(self, link_id: str, answer: LinkAnswer) -> None:
        """The last answer counts."""
        self._tx.do(_ANSWER, link_id=link_id, said=answer)

    def open_of(self, contact_id: str) -> int:
        """How many links of this contact can be opened now."""
        row = self._tx.one(_COUNT, of_contact=contact_id, now=self._tx.now_text)
        return int(row[0]) if row else 0

    def end(self, link_id: str) -> None:
        self._tx.do(_END, link_id=link_id)

    def end_of(self, contact_id: str) -> int:
        """Every link of this contact; gives how many there were."""
        return self._tx.do(_END_OF_CONTACT, of_contact=contact_id)

    def end_run_out(self) -> int:
        """Removes what can no longer be opened; gives how many."""
        return self._tx.do(_RUN_OUT, now=self._tx.now_text)

    def _link(self, row: Row) -> Link:
        content = self._tx.cipher.open(of_contact(row[2]), f"link:content:{row[0]}", row[3])
        return Link(
            id=row[0],
            kind=row[1],
            contact_id=row[2],
            content=_CONTENT.decode(content),
            answer=row[4],
            answers=row[5],
            created_at=from_text(row[6]),
            expires_at=from_text(row[7]),
        )
