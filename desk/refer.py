"""A referral and what goes with it, in one transaction: request, consent, hand-off, reserved place, routing log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from flows.events import ConsentRefused, PointedElsewhere, Referred
from flows.model import Session
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk


def refer(uow: UnitOfWork, desk: Desk, conversation_id: str, channel: str, session: Session, event: Referred) -> None:
    """The lines that are on go to the chosen service. Nothing here waits for anybody's approval."""
    contact_id = uow.conversations.contact_id(conversation_id)
    roster = desk.roster(uow)
    follower = roster.followers.get(event.neighbourhood or "") or roster.followers.get("")
    service = next(one for one in roster.services if one.id == event.option.id)
    lines = [line for line in event.card.lines if line.on]
    request = uow.requests.add(
        contact_id,
        conversation_id,
        event.theme,
        event.neighbourhood,
        [{"category": line.category, "text": line.text} for line in lines],
        {**msgspec.to_builtins(event.option), "medical": event.medical, "decision": event.decision},
        follower.user_id if follower else None,
    )
    referral = uow.referrals.add(
        request.id, service.id, service.organisation_id, service.kind, event.theme, event.neighbourhood
    )
    if not uow.directory.reserve(service.id):  # looked at before the turn, in this same work
        raise RuntimeError(f"{service.id} has no room; the turn is undone and read again")
    uow.consents.add(
        request.id,
        contact_id,
        conversation_id,
        event.card.version,
        session.language,
        event.card.text,
        [line.category for line in lines],
        "yes",
        channel,
    )
    _log(uow, event, request.id)
    known = session.referrals[-1]
    known.id, known.code = referral.id, request.code
    uow.notify("board")


def point_elsewhere(uow: UnitOfWork, event: PointedElsewhere) -> None:
    """The resident goes there themself: a row in the log, without a request."""
    _log(uow, event, None)


def note_refusal(uow: UnitOfWork, conversation_id: str, channel: str, language: str, event: ConsentRefused) -> None:
    """The no is kept too, with the card it was said to."""
    contact_id = uow.conversations.contact_id(conversation_id)
    card = event.card
    uow.consents.add(None, contact_id, conversation_id, card.version, language, card.text, [], "no", channel)


def _log(uow: UnitOfWork, event: Referred | PointedElsewhere, request_id: str | None) -> None:
    uow.routing_log.append(
        uow.now.strftime("%Y-%m"),
        event.theme,
        event.neighbourhood,
        event.option.id,
        event.option.kind,
        event.rule,
        event.policy,
        list(event.option.reasons),
        request_id,
    )
