"""What has been kept long enough: contacts that went quiet, requests that are done, raw updates."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import and_, bindparam, delete, exists, func, not_, select

from storage.prepared import Prepared, Row
from storage.records import OPEN_STATUSES
from storage.tables import contact, conversation, inbox, job, link, request
from storage.times import from_text_or_none, to_text
from storage.transaction import Transaction

_IS_CLOSED = (
    request.c.updated_at < bindparam("closed_before"),
    request.c.erased_at.is_(None),
    *(request.c.status != status for status in ("open", *OPEN_STATUSES)),
)
_HAS_REQUEST = exists(
    select(1)
    .where(request.c.contact_id == contact.c.id, request.c.erased_at.is_(None), not_(and_(*_IS_CLOSED)))
    .correlate_except(request)
)
_WAITS_FOR_ANSWER = exists(
    select(1).where(link.c.contact_id == contact.c.id, link.c.expires_at > bindparam("now")).correlate_except(link)
)
_IS_AWAITED = exists(
    select(1)
    .where(job.c.key == conversation.c.id, job.c.kind == bindparam("awaited"), job.c.state == "ready")
    .correlate_except(job)
)
_IS_QUIET = (
    conversation.c.updated_at < bindparam("before"),
    conversation.c.owner == "desk",
    contact.c.erased_at.is_(None),
    ~_HAS_REQUEST,
    ~_WAITS_FOR_ANSWER,
    ~_IS_AWAITED,
)
_CONTACTS = contact.join(conversation, conversation.c.contact_id == contact.c.id)
_QUIET = Prepared(
    select(contact.c.id)
    .select_from(_CONTACTS)
    .where(*_IS_QUIET)
    .order_by(conversation.c.updated_at)
    .limit(bindparam("most"))
)
_CLOSED = Prepared(select(request.c.id).where(*_IS_CLOSED).order_by(request.c.updated_at).limit(bindparam("most")))
_OLD_UPDATES = inbox.c.received_at < bindparam("before"), inbox.c.state != "new"
_COUNT_QUIET = Prepared(
    select(func.count(), func.min(conversation.c.updated_at)).select_from(_CONTACTS).where(*_IS_QUIET)
)
_COUNT_CLOSED = Prepared(select(func.count(), func.min(request.c.updated_at)).where(*_IS_CLOSED))
_COUNT_UPDATES = Prepared(select(func.count(), func.min(inbox.c.received_at)).where(*_OLD_UPDATES))
_DELETE_UPDATES = Prepared(delete(inbox).where(*_OLD_UPDATES))


class Kept(Struct, frozen=True):
    """How many were kept too long, and since when the oldest of them is as it is; None without any."""

    count: int
    oldest: datetime | None


class Retention:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def quiet_contacts(self, before: datetime, closed_before: datetime, awaited: str, most: int = 500) -> list[str]:
        """Ids of contacts that wrote nothing since and have no open link, and no request but such as `closed_requests`
        gives, longest quiet first; not those for whom a job of the kind `awaited` waits, for they were promised a
        question."""
        rows = self._tx.all(_QUIET, **self._quiet(before, closed_before, awaited), most=most)
        return [row[0] for row in rows]

    def closed_requests(self, before: datetime, most: int = 500) -> list[str]:
        """Ids of requests that were closed before that moment, oldest first."""
        return [row[0] for row in self._tx.all(_CLOSED, closed_before=to_text(before), most=most)]

    def count_quiet(self, before: datetime, closed_before: datetime, awaited: str) -> Kept:
        return _kept(self._tx.one(_COUNT_QUIET, **self._quiet(before, closed_before, awaited)))

    def count_closed(self, before: datetime) -> Kept:
        return _kept(self._tx.one(_COUNT_CLOSED, closed_before=to_text(before)))

    def count_updates(self, before: datetime) -> Kept:
        return _kept(self._tx.one(_COUNT_UPDATES, before=to_text(before)))

    def delete_updates(self, before: datetime) -> int:
        """Removes what was received before that moment and is not waiting to be read; gives how many."""
        return self._tx.do(_DELETE_UPDATES, before=to_text(before))

    def _quiet(self, before: datetime, closed_before: datetime, awaited: str) -> dict[str, str]:
        closed = to_text(closed_before)
        return {"before": to_text(before), "closed_before": closed, "now": self._tx.now_text, "awaited": awaited}


def _kept(row: Row | None) -> Kept:
    assert row is not None  # a count always gives a row
    return Kept(row[0], from_text_or_none(row[1]))
