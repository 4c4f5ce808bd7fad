"""Conversations with their session, and the messages of both directions under one counter."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from storage.cipher import of_contact
from storage.errors import Missing
from storage.prepared import Prepared, Row
from storage.records import Conversation, Delivered, Sender, StoredMessage, WaitsFor
from storage.tables import conversation, inbox, message
from storage.times import from_text, from_text_or_none
from storage.transaction import Transaction

_SELECT = select(
    conversation.c.id,
    conversation.c.contact_id,
    conversation.c.channel,
    conversation.c.owner,
    conversation.c.session_sealed,
    conversation.c.updated_at,
    conversation.c.waiting,
    conversation.c.waiting_since,
    conversation.c.share_before,
    conversation.c.last_n,
)
_THIS = conversation.c.id == bindparam("conversation_id")
_GET = Prepared(_SELECT.where(_THIS))
_LOCK = Prepared(_SELECT.where(_THIS).with_for_update())
_LIST_WAITING = Prepared(
    _SELECT.where(conversation.c.waiting.is_not(None)).order_by(conversation.c.waiting_since, conversation.c.id)
)
_CONTACT = Prepared(select(conversation.c.contact_id).where(_THIS))
_LAST_N = Prepared(select(conversation.c.last_n).where(_THIS))
_SAVE = Prepared(
    update(conversation).where(_THIS).values(session_sealed=bindparam("session"), updated_at=bindparam("at"))
)
_SET_OWNER = Prepared(update(conversation).where(_THIS).values(owner=bindparam("new_owner")))
_SET_OWNER_FROM = Prepared(
    update(conversation)
    .where(_THIS, conversation.c.owner == bindparam("expected"))
    .values(owner=bindparam("new_owner"))
)
_WAITING = Prepared(
    update(conversation)
    .where(_THIS)
    .values(waiting=bindparam("kind"), waiting_since=bindparam("since"), share_before=bindparam("share"))
)
_NEXT_N = Prepared(
    update(conversation)
    .where(_THIS)
    .values(last_n=conversation.c.last_n + 1, updated_at=bindparam("at"))
    .returning(conversation.c.last_n, conversation.c.contact_id)
)
_ADD_MESSAGE = Prepared(insert(message))
_AFTER = Prepared(
    select(
        message.c.n,
        message.c.sender,
        message.c.author,
        message.c.body_sealed,
        message.c.key,
        message.c.at,
        message.c.provider_id,
    )
    .where(message.c.conversation_id == bindparam("conversation_id"), message.c.n > bindparam("after"))
    .order_by(message.c.n)
    .limit(bindparam("count"))
)
_FORGET_TOLD = Prepared(
    delete(message).where(
        message.c.conversation_id == bindparam("conversation_id"),
        message.c.sender == "resident",
        message.c.n > bindparam("after"),
        message.c.n <= bindparam("until"),
    )
)
_FORGET_UPDATES = Prepared(
    update(inbox)
    .where(
        inbox.c.contact_id == bindparam("of_contact"),
        inbox.c.n > bindparam("after"),
        inbox.c.n <= bindparam("until"),
    )
    .values(payload_sealed=None)
)
_SET_PROVIDER_ID = Prepared(
    update(message)
    .where(message.c.conversation_id == bindparam("conversation_id"), message.c.n == bindparam("number"))
    .values(provider_id=bindparam("provider"))
)
_DELIVERED = Prepared(
    select(message.c.n, message.c.provider_id, message.c.at)
    .where(
        message.c.conversation_id == bindparam("conversation_id"),
        message.c.n <= bindparam("last"),
        message.c.provider_id.is_not(None),
    )
    .order_by(message.c.n)
)
_BODY = msgspec.json.Decoder(tuple[str, list[dict[str, Any]]])
_ENCODE = msgspec.json.Encoder().encode


def _missing(conversation_id: str) -> Missing:
    return Missing(f"There is no conversation {conversation_id}.")


class Conversations:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def get(self, conversation_id: str) -> Conversation:
        """Raises `Missing`."""
        return self._one(_GET, conversation_id)

    def lock(self, conversation_id: str) -> Conversation:
        """As `get`; nobody else changes it until the commit. Raises `Missing`."""
        return self._one(_LOCK, conversation_id)

    def save(self, conversation_id: str, session: bytes) -> None:
        """Raises `Missing` or `Erased`."""
        tx = self._tx
        sealed = tx.cipher.seal(
            of_contact(self.contact_id(conversation_id)), f"conversation:session:{conversation_id}", session
        )
        tx.do(_SAVE, conversation_id=conversation_id, session=sealed, at=tx.now_text)

    def set_owner(self, conversation_id: str, owner: str, expected: str | None = None) -> bool:
        """ "desk" or a user id. With `expected`, only when that is the owner now; False when it is not."""
        if expected is None:
            changed = self._tx.do(_SET_OWNER, conversation_id=conversation_id, new_owner=owner)
        else:
            changed = self._tx.do(_SET_OWNER_FROM, conversation_id=conversation_id, new_owner=owner, expected=expected)
        self._tx.notify(f"conversation:{conversation_id}")
        self._tx.notify("board")
        return changed == 1

    def waiting(self, conversation_id: str, kind: WaitsFor | None, share_before: bool = False) -> None:
        """From now it waits for a person, or (None) no longer."""
        since = None if kind is None else self._tx.now_text
        self._tx.do(_WAITING, conversation_id=conversation_id, kind=kind, since=since, share=share_before)
        self._tx.notify("board")

    def list_waiting(self) -> list[Conversation]:
        """Longest wait first; without their sessions."""
        return [self._record(row, None) for row in self._tx.all(_LIST_WAITING)]

    def contact_id(self, conversation_id: str) -> str:
        """Raises `Missing`."""
        known = self._tx.contact_of.get(conversation_id)
        if known is None:
            row = self._tx.one(_CONTACT, conversation_id=conversation_id)
            if row is None:
                raise _missing(conversation_id)
            known = self._tx.contact_of[conversation_id] = row[0]
        return known

    def _one(self, prepared: Prepared, conversation_id: str) -> Conversation:
        row = self._tx.one(prepared, conversation_id=conversation_id)
        if row is None:
            raise _missing(conversation_id)
        self._tx.contact_of[conversation_id] = row[1]
        session = row[4]
        if session is not None:
            session = self._tx.cipher.open(of_contact(row[1]), f"conversation:session:{conversation_id}", session)
        return self._record(row, session)

    def _record(self, row: Row, session: bytes | None) -> Conversation:
        return Conversation(
            id=row[0],
            contact_id=row[1],
            channel=row[2],
            owner=row[3],
            session=session,
            updated_at=from_text(row[5]),
            waiting=row[6],
            waiting_since=from_text_or_none(row[7]),
            share_before=bool(row[8]),
            last_n=row[9],
        )


class Messages:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(
        self,
        conversation_id: str,
        sender: Sender,
        text: str,
        choices: list[dict[str, Any]] | None = None,
        key: str | None = None,
        inbox_id: str | None = None,
        author: str | None = None,
    ) -> int:
        """Gives the message's number `n`, from 1, counted over both directions. Raises `Missing` or `Erased`."""
        tx = self._tx
        row = tx.one(_NEXT_N, conversation_id=conversation_id, at=tx.now_text)
        if row is None:
            raise _missing(conversation_id)
        n: int = row[0]
        tx.contact_of[conversation_id] = row[1]
        tx.do(
            _ADD_MESSAGE,
            conversation_id=conversation_id,
            n=n,
            sender=sender,
            author=author,
            key=key,
            body_sealed=tx.cipher.seal(
                of_contact(row[1]), f"message:body:{conversation_id}:{n}", _ENCODE((text, choices or []))
            ),
            inbox_id=inbox_id,
            provider_id=None,
            at=tx.now_text,
        )
        tx.notify(f"conversation:{conversation_id}")
        return n

    def after(self, conversation_id: str, n: int, limit: int = 200) -> list[StoredMessage]:
        """The messages with a number above `n`, in order; none once the contact was erased. Raises `Missing`."""
        tx = self._tx
        rows = tx.all(_AFTER, conversation_id=conversation_id, after=n, count=limit)
        if not rows:
            return []
        subject = of_contact(Conversations(tx).contact_id(conversation_id))
        messages = []
        for row in rows:
            text, choices = _BODY.decode(tx.cipher.open(subject, f"message:body:{conversation_id}:{row[0]}", row[3]))
            messages.append(
                StoredMessage(
                    n=row[0],
                    sender=row[1],
                    author=row[2],
                    text=text,
                    choices=choices,
                    key=row[4],
                    at=from_text(row[5]),
                    provider_id=row[6],
                )
            )
        return messages

    def get(self, conversation_id: str, n: int) -> StoredMessage | None:
        """None when there is no such message, or no longer."""
        found = self.after(conversation_id, n - 1, limit=1)
        return found[0] if found and found[0].n == n else None

    def forget_told(self, conversation_id: str, after: int, until: int) -> None:
        """Removes what the resident wrote in messages `after` + 1 to `until`, and what the provider sent of it."""
        tx = self._tx
        tx.do(_FORGET_TOLD, conversation_id=conversation_id, after=after, until=until)
        contact_id = Conversations(tx).contact_id(conversation_id)
        tx.do(_FORGET_UPDATES, of_contact=contact_id, after=after, until=until)

    def next_n(self, conversation_id: str) -> int:
        """The number that the next message of this conversation gets; it is not taken yet. Raises `Missing`."""
        row = self._tx.one(_LAST_N, conversation_id=conversation_id)
        if row is None:
            raise _missing(conversation_id)
        last: int = row[0]
        return last + 1

    def delivered(self, conversation_id: str, last: int) -> list[Delivered]:
        """What was delivered up to and with message `last` and is still in the resident's chat as far as is known;
        oldest first."""
        rows = self._tx.all(_DELIVERED, conversation_id=conversation_id, last=last)
        return [Delivered(n=row[0], provider_id=row[1], at=from_text(row[2])) for row in rows]

    def set_provider_id(self, conversation_id: str, n: int, provider_id: str | None) -> None:
        """What the provider calls the message that was delivered, several with spaces between where it went in parts;
        None once it was taken out of the resident's chat."""
        self._tx.do(_SET_PROVIDER_ID, conversation_id=conversation_id, number=n, provider=provider_id)
