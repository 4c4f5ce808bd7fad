"""A request handled for a resident on paper or by phone: shown without words, exported for the resident, or erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from desk import follow_up, sessions, withdraw
from desk.privacy import erase_contact
from desk.talk import talk_of
from storage.records import Access, Request
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

OPERATOR = "operator"
"""Who works at the command line, in the access log: the desk knows no person there, only that it was done there."""


class NoCase(LookupError):
    """There is no request with this code, or it was erased."""


class ErasedCase(Struct, frozen=True):
    """What was done. `requests`: codes of what was erased; `seats`: how many places at services were given back;
    `conversation`: whether everything else of this resident went too."""

    requests: tuple[str, ...]
    seats: int
    conversation: bool


def show(uow: UnitOfWork, code: str) -> dict[str, Any]:
    """Status, dates and codes; no words of the resident. The access log says that it was looked up. Raises `NoCase`."""
    request = _find(uow, code)
    uow.people.log_access(OPERATOR, request.id, "case_shown")
    return _outline(uow, request)


def export(uow: UnitOfWork, code: str, reason: str) -> dict[str, Any]:
    """Everything of one request, to give to the resident whose it is. The `reason` stands in the access log, readable
    for the resident. Raises `NoCase`."""
    request = _find(uow, code)
    uow.people.log_access(OPERATOR, request.id, "case_exported", reason, request.contact_id)
    found = _outline(uow, request)
    found["shared"] = uow.requests.lines(request.id)
    found["destination"] = request.option
    for outline, consent in zip(found["consents"], uow.consents.of_request(request.id), strict=True):
        outline["card"] = consent.card_text
    for outline in found["referrals"]:
        events = uow.referrals.events(outline["id"])
        for event, told in zip(events, outline["events"], strict=True):
            told["reason"] = event.reason
        messages = talk_of(uow, request.conversation_id, outline["id"]).messages
        outline["messages"] = msgspec.to_builtins(messages)
    found["routing_log"] = msgspec.to_builtins(uow.routing_log.of_request(request.id))
    accesses = [one for one in uow.people.accesses_of(request.contact_id) if one.request_id == request.id]
    found["accesses"] = [{**_access(uow, one), "reason": one.reason} for one in accesses]
    return found


def erase(uow: UnitOfWork, desk: Desk, code: str, *, conversation: bool = False) -> ErasedCase:
    """The request's key goes and a tombstone stays; with `conversation` everything of this resident. Raises
    `NoCase`."""
    request = _find(uow, code)
    every = [one for one in uow.requests.of_contact(request.contact_id) if conversation or one.id == request.id]
    going = [one for one in every if not one.erased]
    seats = 0
    for one in going:
        seats += withdraw.end_access(uow, desk, one)
        uow.people.log_access(OPERATOR, one.id, "case_erased")
    if conversation:
        erase_contact(uow, request.contact_id)
    else:
        uow.requests.erase(request.id)
        sessions.drop_referral(uow, request.conversation_id, request.code)
    return ErasedCase(tuple(one.code for one in going), seats, conversation)


def _find(uow: UnitOfWork, code: str) -> Request:
    request = uow.requests.by_code(code)
    if request is None:
        raise NoCase(code)
    return request


def _outline(uow: UnitOfWork, request: Request) -> dict[str, Any]:
    return {
        "code": request.code,
        "status": request.status,
        "theme": request.theme,
        "neighbourhood": request.neighbourhood,
        "created_at": request.created_at.isoformat(),
        "updated_at": request.updated_at.isoformat(),
        "follow_up_planned": follow_up.is_planned(uow, request.conversation_id),
        "referrals": [
            {
                "id": one.id,
                "service": one.service_id,
                "organisation": one.organisation_id,
                "status": one.status,
                "created_at": one.created_at.isoformat(),
                "updated_at": one.updated_at.isoformat(),
                "events": [
                    {"status": event.status, "by": _who(uow, event.actor), "at": event.at.isoformat()}
                    for event in uow.referrals.events(one.id)
                ],
            }
            for one in uow.referrals.of_request(request.id)
        ],
        "consents": [
            {
                "answer": one.answer,
                "card_version": one.card_version,
                "language": one.language,
                "lines": list(one.lines_on),
                "channel": one.channel,
                "at": one.at.isoformat(),
                "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
            }
            for one in uow.consents.of_request(request.id)
        ],
        "accesses": [_access(uow, one) for one in uow.people.accesses(request.id)],
    }


def _access(uow: UnitOfWork, access: Access) -> dict[str, Any]:
    return {"what": access.what, "by": _who(uow, access.user_id), "at": access.at.isoformat()}


def _who(uow: UnitOfWork, actor: str) -> str:
    """The role of a user; whoever else acted is named by what they are (resident, desk, operator)."""
    try:
        user = uow.people.get(actor)
    except LookupError:
        return actor
    return user.roles[0].name if user.roles else "user"
