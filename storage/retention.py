"""What has been kept long enough: contacts that went quiet, requests that are done, raw updates."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, exists, func, select

from storage.prepared import Prepared
from storage.records import OPEN_STATUSES
from storage.tables import contact, conversation, inbox, job, request
from storage.times import to_text
from storage.transaction import Transaction

_HAS_REQUEST = exists(
    select(1).where(request.c.contact_id == contact.c.id, request.c.erased_at.is_(None)).correlate_except(request)
)
_IS_AWAITED = exists(
    select(1)
    .where(job.c.key == conversation.c.id, job.c.kind == bindparam("awaited"), job.c.state == "ready")
    .correlate_except(job)
)
_QUIET = Prepared(
    select(contact.c.id)
    .select_from(contact.join(conversation, conversation.c.contact_id == contact.c.id))
    .where(
        conversation.c.updated_at < bindparam("before"),
        conversation.c.owner == "desk",
        contact.c.erased_at.is_(None),
        ~_HAS_REQUEST,
        ~_IS_AWAITED,
    )
    .order_by(conversation.c.updated_at)
    .limit(bindparam("most"))
)
_CLOSED = Prepared(
    select(request.c.id)
    .where(
        request.c.updated_at < bindparam("before"),
        request.c.erased_at.is_(None),
        *(request.c.status != status for status in ("open", *OPEN_STATUSES)),
    )
    .order_by(request.c.updated_at)
    .limit(bindparam("most"))
)
_OLD_UPDATES = inbox.c.received_at < bindparam("before"), inbox.c.state != "new"
_COUNT_UPDATES = Prepared(select(func.count()).select_from(inbox).where(*_OLD_UPDATES))
_DELETE_UPDATES = Prepared(delete(inbox).where(*_OLD_UPDATES))


class Retention:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def quiet_contacts(self, before: datetime, awaited: str, most: int = 500) -> list[str]:
        """Ids of contacts without any request that wrote nothing since, longest quiet first; not those for whom a job
        of the kind `awaited` waits, for they were promised a question."""
        return [row[0] for row in self._tx.all(_QUIET, before=to_text(before), awaited=awaited, most=most)]

    def closed_requests(self, before: datetime, most: int = 500) -> list[str]:
        """Ids of requests that were closed before that moment, oldest first."""
        return [row[0] for row in self._tx.all(_CLOSED, before=to_text(before), most=most)]

    def old_updates(self, before: datetime) -> int:
        row = self._tx.one(_COUNT_UPDATES, before=to_text(before))
        return int(row[0]) if row else 0

    def delete_updates(self, before: datetime) -> int:
        """Removes what was received before that moment and is not waiting to be read; gives how many."""
        return self._tx.do(_DELETE_UPDATES, before=to_text(before))
