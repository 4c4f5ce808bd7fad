"""Contacts: one address on one channel, found again by an HMAC, and erased by deleting its key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, or_, select, update

from storage.alerts import Alerts
from storage.cipher import of_contact
from storage.errors import Erased, Missing
from storage.ids import new_id
from storage.links import Links
from storage.prepared import Prepared
from storage.records import Contact, Referral, Tombstone
from storage.requests import Requests
from storage.tables import alert, contact, conversation, inbox, job, message, tombstone, web_session, web_token
from storage.times import from_text, to_text
from storage.transaction import Transaction

_COLUMNS = (contact.c.id, contact.c.channel, contact.c.bot, conversation.c.id, contact.c.erased_at)
_JOINED = contact.join(conversation, conversation.c.contact_id == contact.c.id)

_FIND = Prepared(
    select(*_COLUMNS)
    .select_from(_JOINED)
    .where(
        contact.c.channel == bindparam("channel"),
        contact.c.bot == bindparam("bot"),
        contact.c.address_hmac == bindparam("address_hmac"),
    )
)
_GET = Prepared(select(*_COLUMNS).select_from(_JOINED).where(contact.c.id == bindparam("id")))
_SINCE = Prepared(select(contact.c.created_at).where(contact.c.id == bindparam("id")))
_ADDRESS = Prepared(select(contact.c.address_sealed).where(contact.c.id == bindparam("id")))
_ADD = Prepared(insert(contact))
_ADD_CONVERSATION = Prepared(insert(conversation))

# Erasure
_FORGET_ADDRESS = Prepared(
    update(contact)
    .where(contact.c.id == bindparam("contact_id"), contact.c.erased_at.is_(None))
    .values(address_hmac=None, address_sealed=None, erased_at=bindparam("at"))
)
_EMPTY_CONVERSATION = Prepared(
    update(conversation)
    .where(conversation.c.id == bindparam("conversation_id"))
    .values(session_sealed=None, waiting=None, waiting_since=None, share_before=False, updated_at=bindparam("at"))
)
_DELETE_MESSAGES = Prepared(delete(message).where(message.c.conversation_id == bindparam("conversation_id")))
_EMPTY_INBOX = Prepared(
    update(inbox).where(inbox.c.contact_id == bindparam("contact_id")).values(payload_sealed=None, broken=None)
)
_DELETE_JOBS = Prepared(
    delete(job).where(
        or_(
            job.c.contact_id == bindparam("contact_id"),
            job.c.key == bindparam("of_conversation"),
            job.c.key.in_(select(alert.c.id).where(alert.c.conversation_id == bindparam("of_conversation"))),
        ),
        or_(job.c.locked_by.is_(None), job.c.lease_until <= bindparam("at")),
    )
)
_DELETE_WEB_TOKENS = Prepared(delete(web_token).where(web_token.c.contact_id == bindparam("contact_id")))
_DELETE_WEB_SESSION = Prepared(delete(web_session).where(web_session.c.contact_id == bindparam("contact_id")))
_ADD_TOMBSTONE = Prepared(insert(tombstone))
_TOMBSTONES = Prepared(
    select(tombstone.c.kind, tombstone.c.subject_id, tombstone.c.at)
    .where(tombstone.c.at >= bindparam("since"))
    .order_by(tombstone.c.at, tombstone.c.subject_id)
)


class Contacts:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def find(self, channel: str, bot: str, address: str) -> Contact | None:
        """An erased contact is never found: its address is not known any more."""
        row = self._tx.one(_FIND, channel=channel, bot=bot, address_hmac=self._tx.keys.address_hmac(channel, address))
        return self._contact(row) if row else None

    def find_or_add(self, channel: str, bot: str, address: str) -> Contact:
        """A new contact comes with its key and its one conversation, owned by the desk."""
        found = self.find(channel, bot, address)
        if found:
            return found
        tx = self._tx
        contact_id, conversation_id = new_id(), new_id()
        tx.cipher.create(of_contact(contact_id))
        tx.do(
            _ADD,
            id=contact_id,
            channel=channel,
            bot=bot,
            address_hmac=tx.keys.address_hmac(channel, address),
            address_sealed=tx.cipher.seal(of_contact(contact_id), f"contact:address:{contact_id}", address.encode()),
            created_at=tx.now_text,
            erased_at=None,
        )
        tx.do(
            _ADD_CONVERSATION,
            id=conversation_id,
            contact_id=contact_id,
            channel=channel,
            owner="desk",
            session_sealed=None,
            last_n=0,
            waiting=None,
            waiting_since=None,
            share_before=False,
            updated_at=tx.now_text,
        )
        tx.contact_of[conversation_id] = contact_id
        return Contact(id=contact_id, channel=channel, bot=bot, conversation_id=conversation_id)

    def get(self, contact_id: str) -> Contact:
        """Raises `Missing`."""
        row = self._tx.one(_GET, id=contact_id)
        if row is None:
            raise Missing(f"There is no contact {contact_id}.")
        return self._contact(row)

    def since(self, contact_id: str) -> datetime:
        """When the first message came, or the web chat was opened. Raises `Missing`."""
        row = self._tx.one(_SINCE, id=contact_id)
        if row is None:
            raise Missing(f"There is no contact {contact_id}.")
        return from_text(row[0])

    def address(self, contact_id: str) -> str:
        """Raises `Missing` or `Erased`."""
        row = self._tx.one(_ADDRESS, id=contact_id)
        if row is None:
            raise Missing(f"There is no contact {contact_id}.")
        if row[0] is None:
            raise Erased(f"Contact {contact_id} was erased; nothing can be sent to it.")
        return self._tx.cipher.open(of_contact(contact_id), f"contact:address:{contact_id}", row[0]).decode()

    def erase(self, contact_id: str) -> list[Referral]:
        """Deletes the key, the address and everything written, here and in the contact's requests; a tombstone stays.
        A job that runs just now keeps its row, so that its worker can complete it; what it carried is unreadable.

        Gives back the referrals that were still open and are withdrawn by this, so that their seats can be released.
        Erasing twice does nothing more. Raises `Missing`."""
        tx = self._tx
        found = self.get(contact_id)
        withdrawn = Requests(tx).erase_of_contact(contact_id)
        if not tx.do(_FORGET_ADDRESS, contact_id=contact_id, at=tx.now_text):
            return withdrawn
        tx.cipher.delete(of_contact(contact_id))
        tx.do(_EMPTY_CONVERSATION, conversation_id=found.conversation_id, at=tx.now_text)
        tx.do(_DELETE_MESSAGES, conversation_id=found.conversation_id)
        tx.do(_EMPTY_INBOX, contact_id=contact_id)
        tx.do(
            _DELETE_JOBS,
            contact_id=contact_id,
            of_conversation=found.conversation_id,
            at=tx.now_text,
        )
        Alerts(tx).forget(found.conversation_id)
        Links(tx).end_of(contact_id)
        tx.do(_DELETE_WEB_TOKENS, contact_id=contact_id)
        tx.do(_DELETE_WEB_SESSION, contact_id=contact_id)
        tx.do(_ADD_TOMBSTONE, kind="contact", subject_id=contact_id, at=tx.now_text)
        tx.notify(f"conversation:{found.conversation_id}")
        tx.notify("board")
        return withdrawn

    def tombstones(self, since: datetime) -> list[Tombstone]:
        """Erased contacts and requests, oldest first: what a restored backup has to erase again."""
        return [
            Tombstone(kind=row[0], id=row[1], at=from_text(row[2]))
            for row in self._tx.all(_TOMBSTONES, since=to_text(since))
        ]

    def _contact(self, row: tuple[str, str, str, str, str | None]) -> Contact:
        self._tx.contact_of[row[3]] = row[0]
        return Contact(id=row[0], channel=row[1], bot=row[2], conversation_id=row[3], erased=row[4] is not None)
