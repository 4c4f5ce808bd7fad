"""What the engine decided becomes rows: one match statement, event by event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from desk import duty, privacy, refer
from desk.duration import duration
from desk.say import say
from flows.model import (
    AlertShown,
    CardShown,
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    Ended,
    ErasureAsked,
    FollowUpAsked,
    GuessSettled,
    HandedToHost,
    LanguageSet,
    PointedElsewhere,
    Referred,
    Reread,
    Routed,
    SlotSet,
    Turn,
    Uttered,
)
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

FOLLOW_UP = "follow_up"
REREAD = "reread"

_log = structlog.get_logger("desk.turn")


def apply(uow: UnitOfWork, desk: Desk, conversation_id: str, channel: str, turn: Turn) -> None:
    """Writes the rows of every event of `turn`, in order. The session itself is kept by the caller."""
    urgent = any(isinstance(event, AlertShown) for event in turn.events)
    for event in turn.events:
        match event:
            case Uttered():
                choices = [{"id": f"{event.prompt}.{choice.id}", "label": choice.label} for choice in event.choices]
                say(
                    uow,
                    desk,
                    conversation_id,
                    "desk",
                    event.text,
                    choices,
                    event.key,
                    channel=channel,
                    urgent=urgent,
                )
            case AlertShown():
                _log.info("alert", category=event.category, urgency=event.level, source=event.source)
                duty.alert_shown(uow, desk, conversation_id, event)
            case Reread():
                uow.jobs.add(REREAD, {"conversation_id": conversation_id, "n": event.n})
            case PointedElsewhere():
                refer.point_elsewhere(uow, event)
            case GuessSettled():
                uow.understanding.count(event.guessed, event.chosen, event.how)
            case ConsentRefused():
                refer.note_refusal(uow, conversation_id, channel, turn.session.language, event)
            case Referred():
                refer.refer(uow, desk, conversation_id, channel, turn.session, event)
            case ConsentWithdrawn():
                refer.withdraw(uow, conversation_id)
            case FollowUpAsked():
                _follow_up(uow, conversation_id, event)
            case HandedToHost():
                uow.conversations.waiting(conversation_id, "person_asked", event.share_before)
                uow.notify("board")
            case ErasureAsked():
                privacy.plan_erasure(uow, conversation_id)
            case SlotSet() | LanguageSet() | Routed() | CardShown() | ConsentGiven() | Ended():
                pass  # kept in the session; consent is written with the referral it is for


def _follow_up(uow: UnitOfWork, conversation_id: str, event: FollowUpAsked) -> None:
    payload = {"conversation_id": conversation_id, "asks": event.asks, "slots": event.slots}
    contact_id = uow.conversations.contact_id(conversation_id)
    run_at = uow.now + duration(event.after)
    uow.jobs.add(FOLLOW_UP, payload, run_at=run_at, key=conversation_id, contact_id=contact_id)
