"""The engine's session of a conversation: read, kept, and told how its referrals go."""

from __future__ import annotations

import msgspec

from flows.model import Session
from storage.records import Conversation
from storage.unit_of_work import UnitOfWork

_decode = msgspec.json.Decoder(Session).decode
_encode = msgspec.json.Encoder().encode


def session_of(conversation: Conversation) -> Session:
    """The session as it was left after the last turn; a new one before the first."""
    return Session() if conversation.session is None else _decode(conversation.session)


def keep(uow: UnitOfWork, conversation_id: str, session: Session) -> None:
    uow.conversations.save(conversation_id, _encode(session))


def drop_referral(uow: UnitOfWork, conversation_id: str, code: str) -> None:
    """The request with this code was withdrawn or erased from outside the conversation."""
    conversation = uow.conversations.lock(conversation_id)
    if conversation.session is None:
        return
    session = session_of(conversation)
    session.referrals = [referral for referral in session.referrals if referral.code != code]
    keep(uow, conversation_id, session)


def update_referral(uow: UnitOfWork, conversation_id: str, referral_id: str, status: str) -> None:
    """What "hoe staat het ermee" answers follows what the host did."""
    session = session_of(uow.conversations.lock(conversation_id))
    for referral in session.referrals:
        if referral.id == referral_id:
            referral.status = status
            keep(uow, conversation_id, session)
