"""Sessions of the web chat: an anonymous contact, a token that slides, and a code to go on elsewhere."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update

from storage.contacts import Contacts
from storage.ids import new_id, new_resume_code, new_token, read_resume_code
from storage.key_ring import token_hash
from storage.prepared import Prepared
from storage.records import Contact, WebSession
from storage.tables import web_session, web_token
from storage.times import from_text, to_text
from storage.transaction import Transaction

LIFETIME = timedelta(days=30)
# Sliding at every message would add a write to each turn for nothing anyone notices.
_SLIDE_AFTER = timedelta(hours=1)

_ADD = Prepared(insert(web_session))
_ADD_TOKEN = Prepared(insert(web_token))
_BY_TOKEN = Prepared(
    select(web_session.c.contact_id, web_session.c.expires_at)
    .join(web_token, web_token.c.contact_id == web_session.c.contact_id)
    .where(web_token.c.token_hash == bindparam("hashed"), web_session.c.expires_at > bindparam("now"))
)
_EXPIRES = Prepared(select(web_session.c.expires_at).where(web_session.c.contact_id == bindparam("of_contact")))
_OPENED = Prepared(
    select(web_token.c.created_at)
    .where(web_token.c.contact_id == bindparam("of_contact"))
    .order_by(web_token.c.created_at)
)
_BY_CODE = Prepared(
    select(web_session.c.contact_id).where(
        web_session.c.resume_hmac == bindparam("hashed"), web_session.c.expires_at > bindparam("now")
    )
)
_SLIDE = Prepared(
    update(web_session).where(web_session.c.contact_id == bindparam("of_contact")).values(expires_at=bindparam("until"))
)


class WebSessions:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def open(self, bot: str = "web") -> WebSession:
        """A new anonymous contact on channel "web"; token and code are stored as hashes only."""
        tx = self._tx
        token, code = new_token(), new_resume_code()
        contact = Contacts(tx).find_or_add("web", bot, new_id())
        expires_at = tx.now + LIFETIME
        tx.do(_ADD, contact_id=contact.id, resume_hmac=self._code_hmac(code), expires_at=to_text(expires_at))
        self._add_token(contact.id, token)
        return WebSession(token=token, resume_code=code, contact=contact, expires_at=expires_at)

    def contact(self, token: str) -> Contact | None:
        """Whose token this is; None when unknown, run out or erased. In a write it slides 30 days on."""
        tx = self._tx
        row = tx.one(_BY_TOKEN, hashed=token_hash(token), now=tx.now_text)
        if row is None:
            return None
        if not tx.read_only and tx.now + LIFETIME - from_text(row[1]) >= _SLIDE_AFTER:
            tx.do(_SLIDE, of_contact=row[0], until=to_text(tx.now + LIFETIME))
        return Contacts(tx).get(row[0])

    def resume(self, code: str) -> str | None:
        """A new token for the same contact, however the code was typed; None when unknown or run out. Guesses must be
        limited by whoever calls."""
        tx = self._tx
        row = tx.one(_BY_CODE, hashed=self._code_hmac(code), now=tx.now_text)
        if row is None:
            return None
        token = new_token()
        self._add_token(row[0], token)
        tx.do(_SLIDE, of_contact=row[0], until=to_text(tx.now + LIFETIME))
        return token

    def expires_at(self, contact_id: str) -> datetime | None:
        """None for a contact of another channel."""
        row = self._tx.one(_EXPIRES, of_contact=contact_id)
        return from_text(row[0]) if row else None

    def opened_at(self, contact_id: str) -> list[datetime]:
        """When a token was given out: at the start, and each time the chat went on elsewhere with its code."""
        return [from_text(row[0]) for row in self._tx.all(_OPENED, of_contact=contact_id)]

    def _add_token(self, contact_id: str, token: str) -> None:
        self._tx.do(_ADD_TOKEN, token_hash=token_hash(token), contact_id=contact_id, created_at=self._tx.now_text)

    def _code_hmac(self, code: str) -> str:
        return self._tx.keys.address_hmac("resume", read_resume_code(code))
