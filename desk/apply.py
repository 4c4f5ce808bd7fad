"""What the engine decided becomes rows: one match statement, event by event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from desk import chat_removal, duty, follow_up, links, my_data_chat, privacy, refer, withdraw
from desk.say import say
from flows.events import (
    AlertShown,
    AskerMayHear,
    CardLinked,
    CardShown,
    CodeWithdrawn,
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    DataAsked,
    DataFileAsked,
    Ended,
    ErasureAsked,
    FollowUpAsked,
    GuessSettled,
    HandedToHost,
    Invited,
    LanguageSet,
    LinksEnded,
    OtherForgotten,
    PointedElsewhere,
    Referred,
    RemovalAsked,
    Reread,
    Routed,
    SlotSet,
    Turn,
    Uttered,
)
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

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
                refer.note_refusal(uow, conversation_id, _where(channel, event), turn.session.language, event)
            case Referred():
                refer.refer(uow, desk, conversation_id, _where(channel, event), turn.session, event)
            case ConsentWithdrawn():
                withdraw.withdraw(uow, desk, conversation_id, event.code)
            case CodeWithdrawn():
                withdraw.withdraw_by_code(uow, desk, conversation_id, channel, turn.session.language, event.code)
            case Invited():
                links.invite(uow, desk, conversation_id, turn.session.language, event)
            case CardLinked():
                links.link_card(uow, desk, conversation_id, turn.session.language, event)
            case AskerMayHear():
                links.tell_asker(uow, desk, event.conversation_id)
            case LinksEnded():
                links.end_links(uow, conversation_id)
            case FollowUpAsked():
                follow_up.plan(uow, conversation_id, event)
            case HandedToHost():
                uow.conversations.waiting(conversation_id, "person_asked", event.share_before)
                uow.notify("board")
            case OtherForgotten():
                privacy.plan_forgetting(uow, conversation_id, event.after, event.until)
            case DataAsked():
                my_data_chat.overview(uow, desk, conversation_id, turn.session)
            case DataFileAsked():
                my_data_chat.give_file(uow, desk, conversation_id, channel, turn.session.language)
            case RemovalAsked():
                chat_removal.plan(uow, desk, conversation_id, turn.session.language, erasing=event.erasing)
            case ErasureAsked():
                withdraw.withdraw(uow, desk, conversation_id)
                privacy.plan_erasure(uow, conversation_id)
            case SlotSet() | LanguageSet() | Routed() | CardShown() | ConsentGiven() | Ended():
                pass  # kept in the session; consent is written with the referral it is for


def _where(channel: str, event: ConsentRefused | Referred) -> str:
    """Where a card was answered, as the consent tells it later."""
    return "link" if event.by_link else channel
