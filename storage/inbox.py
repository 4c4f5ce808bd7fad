"""The inbox: each provider's update once, stored before it is acknowledged."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from storage.cipher import QUARANTINE, of_contact
from storage.errors import Missing
from storage.ids import new_id
from storage.prepared import Prepared, Row
from storage.records import InboxRow
from storage.tables import inbox
from storage.times import from_text
from storage.transaction import Transaction

_SELECT = select(
    inbox.c.id,
    inbox.c.channel,
    inbox.c.bot,
    inbox.c.provider_id,
    inbox.c.payload_sealed,
    inbox.c.contact_id,
    inbox.c.conversation_id,
    inbox.c.n,
    inbox.c.state,
    inbox.c.received_at,
    inbox.c.broken,
)
_UNIQUE = (
    inbox.c.channel == bindparam("channel"),
    inbox.c.bot == bindparam("bot"),
    inbox.c.provider_id == bindparam("provider_id"),
)
_FIND = Prepared(_SELECT.where(*_UNIQUE))
_FIND_ID = Prepared(select(inbox.c.id).where(*_UNIQUE))
_GET = Prepared(_SELECT.where(inbox.c.id == bindparam("inbox_id")))
_ID_OF = Prepared(
    select(inbox.c.id).where(inbox.c.contact_id == bindparam("contact"), inbox.c.n == bindparam("number"))
)
_OF_CONTACT = Prepared(
    _SELECT.where(inbox.c.contact_id == bindparam("contact")).order_by(inbox.c.received_at, inbox.c.id)
)
_ADD = Prepared(insert(inbox))
_DONE = Prepared(update(inbox).where(inbox.c.id == bindparam("inbox_id")).values(state="done"))


class Inbox:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(
        self,
        channel: str,
        bot: str,
        provider_id: str,
        payload: bytes,
        contact_id: str | None = None,
        conversation_id: str | None = None,
        n: int | None = None,
        broken: str | None = None,
    ) -> tuple[str, bool]:
        """The row's id, and whether it is new: the same update again changes nothing. Without a contact the payload is
        encrypted with the quarantine key. `broken` is a code that says why it cannot be read. Raises `Erased`."""
        tx = self._tx
        existing = tx.one(_FIND_ID, channel=channel, bot=bot, provider_id=provider_id)
        if existing:
            return existing[0], False
        if contact_id is None:
            tx.cipher.ensure_quarantine()
        inbox_id = new_id()
        subject = QUARANTINE if contact_id is None else of_contact(contact_id)
        tx.do(
            _ADD,
            id=inbox_id,
            channel=channel,
            bot=bot,
            provider_id=provider_id,
            payload_sealed=tx.cipher.seal(subject, f"inbox:payload:{inbox_id}", payload),
            contact_id=contact_id,
            conversation_id=conversation_id,
            n=n,
            state="new" if broken is None else "broken",
            broken=broken,
            received_at=tx.now_text,
        )
        return inbox_id, True

    def get(self, inbox_id: str) -> InboxRow:
        """Raises `Missing`."""
        row = self._tx.one(_GET, inbox_id=inbox_id)
        if row is None:
            raise Missing(f"There is no inbox row {inbox_id}.")
        return self._record(row)

    def find(self, channel: str, bot: str, provider_id: str) -> InboxRow | None:
        row = self._tx.one(_FIND, channel=channel, bot=bot, provider_id=provider_id)
        return self._record(row) if row else None

    def id_of(self, contact_id: str, n: int) -> str | None:
        """The row of message `n` in the conversation of a contact."""
        row = self._tx.one(_ID_OF, contact=contact_id, number=n)
        return row[0] if row else None

    def of_contact(self, contact_id: str) -> list[InboxRow]:
        """Oldest first."""
        return [self._record(row) for row in self._tx.all(_OF_CONTACT, contact=contact_id)]

    def done(self, inbox_id: str) -> None:
        self._tx.do(_DONE, inbox_id=inbox_id)

    def _record(self, row: Row) -> InboxRow:
        payload = row[4]
        if payload is not None:
            subject = QUARANTINE if row[5] is None else of_contact(row[5])
            payload = self._tx.cipher.open(subject, f"inbox:payload:{row[0]}", payload)
        return InboxRow(
            id=row[0],
            channel=row[1],
            bot=row[2],
            provider_id=row[3],
            payload=payload,
            contact_id=row[5],
            conversation_id=row[6],
            n=row[7],
            state=row[8],
            received_at=from_text(row[9]),
            broken=row[10],
        )
