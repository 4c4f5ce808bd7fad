"""Withdrawing consent, in the transaction in which the word is read: whoever had access has none after it.

From the own conversation it always works. From any other it works with the request's code, because a resident may have
lost a phone, or may not dare to touch it. Whoever knows the code can do that too, a violent partner included. So:

- A code can only end access; it shows nothing, and not even whether it exists: what is unknown and what is closed get
  the same sentence, and tries are counted (`settings.Withdrawal`).
- The resident is told in the own conversation that somebody with the code did this. Whoever waits for help that was
  called off by another must know it, and a controlling partner may do just that. The words name the code, and neither
  theme nor organisation, so that a glance at a locked screen tells nothing. Whoever reads along learns nothing that
  the conversation above them does not say already.
- After an alert about violence the desk never writes first, this news included: it waits until the resident writes
  (`tell`). It is not lost for who asks: the access log holds `withdrawn_by_code`, for "wat weet u van mij".
- Withdrawn is withdrawn, whoever did it: nobody brings back what was shared but the resident, who asks again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from desk import correspondence, follow_up, sessions
from desk.hand_off_views import STEP
from desk.say import say
from desk.tell import tell
from flows.model import Language
from storage.records import OPEN_STATUSES, Request
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

WINDOW = timedelta(hours=1)
WITHDRAWN = "withdrawn"
BY_CODE = "withdrawn_by_code"  # in the access log, by "resident": the desk knows no better than that they had the code

_log = structlog.get_logger("desk.withdraw")


def withdraw(uow: UnitOfWork, desk: Desk, conversation_id: str, code: str | None = None) -> None:
    """The resident's own request with this code, or every one: open, declined and done. The session is the caller's."""
    for request in uow.requests.of_contact(uow.conversations.contact_id(conversation_id)):
        if code in (None, request.code) and not (request.erased or request.status == WITHDRAWN):
            end_access(uow, desk, request)
            uow.people.log_access("resident", request.id, WITHDRAWN)


def withdraw_by_code(
    uow: UnitOfWork, desk: Desk, conversation_id: str, channel: str, language: Language, code: str
) -> None:
    """`code` was typed in a conversation that has no such request; the answer is said here."""
    key = _withdraw_elsewhere(uow, desk, conversation_id, code)
    say(uow, desk, conversation_id, "desk", desk.texts.render(key, language, code=code), key=key, channel=channel)


def end_access(uow: UnitOfWork, desk: Desk, request: Request) -> int:
    """Nobody can read or act on this request any more, and what was shared is unreadable for good. Gives how many
    places at services are free again."""
    seats = 0
    for referral in uow.referrals.of_request(request.id):
        if referral.status in OPEN_STATUSES:
            uow.directory.release(referral.service_id)
            seats += 1
        uow.referrals.set_status(referral.id, "withdrawn", actor="resident")
        uow.jobs.cancel(STEP, referral.id)
        correspondence.close(uow, desk, request, referral.id)
    uow.requests.withdraw(request.id)
    uow.consents.withdraw(request.id)
    follow_up.end(uow, request.conversation_id)
    uow.notify("board")
    _log.info("consent.withdrawn", request=request.id)
    return seats


def _withdraw_elsewhere(uow: UnitOfWork, desk: Desk, conversation_id: str, code: str) -> str:
    """Gives the key of what to answer."""
    contact_id = uow.conversations.contact_id(conversation_id)
    limits, since = desk.settings.withdrawal, uow.now - WINDOW
    if (
        uow.code_guesses.count(since, contact_id) >= limits.wrong_codes
        or uow.code_guesses.count(since) >= limits.wrong_codes_in_all
    ):
        _log.warning("withdrawal.too_many_codes", contact=contact_id)
        return "withdraw.code_wait"
    request = uow.requests.by_code(code)
    if request is None or not any(one.status in OPEN_STATUSES for one in uow.referrals.of_request(request.id)):
        uow.code_guesses.add(contact_id)
        return "withdraw.code_unknown"
    end_access(uow, desk, request)
    uow.people.log_access("resident", request.id, BY_CODE)
    sessions.drop_referral(uow, request.conversation_id, request.code)
    if request.contact_id != contact_id:
        tell(uow, desk, request.conversation_id, "referral.withdrawn_elsewhere", code=request.code)
    return "withdraw.done"
