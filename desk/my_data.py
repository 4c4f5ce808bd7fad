"""Everything the desk keeps of one resident, read from the rows of that contact alone. Docs: docs/my-data.md."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from desk import take_over
from desk.talk import every_message
from desk.who_looked import looks, plain, who
from storage.errors import Erased
from storage.records import OPEN_STATUSES, Alert, Consent, Contact, Directory, Job, Link, Referral, Request
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

FORMAT = "buurtbalie.my-data/1"

Kept = dict[str, Any]


def kept(uow: UnitOfWork, desk: Desk, contact_id: str) -> Kept:
    """The whole, with times as `datetime`. Raises `Missing` and `Erased`."""
    contact = uow.contacts.get(contact_id)
    if contact.erased:
        raise Erased(f"Contact {contact_id} was erased; nothing is kept of it.")
    directory = uow.directory.load()
    return {
        "format": FORMAT,
        "made_at": uow.now,
        "municipality": desk.settings.municipality,
        "team": desk.settings.team.name,
        "retention_days": desk.settings.retention.model_dump(),
        "contact": _contact(uow, contact),
        "conversation": _conversation(uow, directory, contact),
        "messages": _messages(uow, contact.conversation_id),
        "requests": requests(uow, desk, directory, contact_id),
        "consents": consents(uow, contact_id),
        "alerts": alerts(uow, directory, contact),
        "links": [_link(link) for link in uow.links.of_contact(contact_id)],
        "planned": [_planned(job) for job in _jobs(uow, contact)],
        "received": _received(uow, contact_id),
        "wrong_codes": [{"at": at} for at in uow.code_guesses.of_contact(contact_id)],
    }


def requests(uow: UnitOfWork, desk: Desk, directory: Directory, contact_id: str) -> list[Kept]:
    """Oldest first, erased ones too: of those no words are left."""
    found = reversed(uow.requests.of_contact(contact_id))
    return [_request(uow, desk, directory, request) for request in found]


def consents(uow: UnitOfWork, contact_id: str) -> list[Kept]:
    """Given, refused and withdrawn, oldest first."""
    codes = {request.id: request.code for request in uow.requests.of_contact(contact_id)}
    return [_consent(consent, codes) for consent in uow.consents.of_contact(contact_id)]


def alerts(uow: UnitOfWork, directory: Directory, contact: Contact) -> list[Kept]:
    """Danger that was seen, oldest first."""
    found = uow.alerts.of_conversation(contact.conversation_id)
    return [_alert(uow, directory, contact.id, alert) for alert in found]


def _contact(uow: UnitOfWork, contact: Contact) -> Kept:
    return {
        "id": contact.id,
        "channel": contact.channel,
        "bot": contact.bot,
        "address": uow.contacts.address(contact.id),
        "since": uow.contacts.since(contact.id),
        "web_expires_at": uow.web.expires_at(contact.id),
        "web_opened_at": uow.web.opened_at(contact.id),
    }


def _conversation(uow: UnitOfWork, directory: Directory, contact: Contact) -> Kept:
    conversation = uow.conversations.get(contact.conversation_id)
    return {
        "id": conversation.id,
        "with": plain(who(uow, directory, conversation.owner)),
        "waiting_for": conversation.waiting,
        "waiting_since": conversation.waiting_since,
        "share_before": conversation.share_before,
        "last_n": conversation.last_n,
        "updated_at": conversation.updated_at,
        "memory": None if conversation.session is None else msgspec.json.decode(conversation.session),
        "looked": [look.plain() for look in looks(uow, directory, contact.id, conversation.id)],
    }


def _messages(uow: UnitOfWork, conversation_id: str) -> list[Kept]:
    return [
        {
            "n": message.n,
            "from": message.sender,
            "name": message.author,
            "text": message.text,
            "choices": [str(choice["label"]) for choice in message.choices],
            "key": message.key,
            "at": message.at,
            "in_chat_as": message.provider_id,
        }
        for message in every_message(uow, conversation_id)
    ]


def _request(uow: UnitOfWork, desk: Desk, directory: Directory, request: Request) -> Kept:
    referrals = uow.referrals.of_request(request.id)
    sent_to = referrals[-1].organisation_id if referrals else None
    return {
        "id": request.id,
        "code": request.code,
        "theme": request.theme,
        "neighbourhood": request.neighbourhood,
        "status": request.status,
        "created_at": request.created_at,
        "updated_at": request.updated_at,
        "kept_until": _kept_until(desk, request),
        "erased": request.erased,
        "destination": request.option or None,
        "followed_by": plain(who(uow, directory, request.responsible)) if request.responsible else None,
        "lines": uow.requests.lines(request.id),
        "referrals": [_referral(uow, directory, referral) for referral in referrals],
        "looked": [look.plain() for look in looks(uow, directory, request.contact_id, request.id, sent_to)],
        "routing_log": [
            {
                "month": row.month,
                "theme": row.theme,
                "neighbourhood": row.neighbourhood,
                "destination": row.destination,
                "kind": row.kind,
                "rule": row.rule,
                "policy": row.policy,
                "reasons": list(row.reasons),
            }
            for row in uow.routing_log.of_request(request.id)
        ],
    }


def _kept_until(desk: Desk, request: Request) -> datetime | None:
    """None while it is open, as in storage/retention.py: the days count from when it is closed."""
    if request.erased or request.status in ("open", *OPEN_STATUSES):
        return None
    return request.updated_at + timedelta(days=desk.settings.retention.closed)


def _referral(uow: UnitOfWork, directory: Directory, referral: Referral) -> Kept:
    service = next((one.name for one in directory.services if one.id == referral.service_id), None)
    organisation = next((one.name for one in directory.organisations if one.id == referral.organisation_id), None)
    return {
        "id": referral.id,
        "code": referral.code,
        "service": referral.service_id,
        "service_name": service,
        "organisation": referral.organisation_id,
        "organisation_name": organisation,
        "kind": referral.kind,
        "theme": referral.theme,
        "neighbourhood": referral.neighbourhood,
        "status": referral.status,
        "created_at": referral.created_at,
        "updated_at": referral.updated_at,
        "events": [
            {
                "status": event.status,
                "by": plain(who(uow, directory, event.actor, referral.organisation_id)),
                "reason": event.reason,
                "at": event.at,
            }
            for event in uow.referrals.events(referral.id)
        ],
    }


def _consent(consent: Consent, codes: dict[str, str]) -> Kept:
    return {
        "id": consent.id,
        "request": codes.get(consent.request_id or ""),
        "answer": consent.answer,
        "card": consent.card_text,
        "card_version": consent.card_version,
        "language": consent.language,
        "lines_on": list(consent.lines_on),
        "channel": consent.channel,
        "at": consent.at,
        "withdrawn_at": consent.withdrawn_at,
    }


def _alert(uow: UnitOfWork, directory: Directory, contact_id: str, alert: Alert) -> Kept:
    return {
        "code": alert.code,
        "category": alert.category,
        "level": alert.level,
        "source": alert.source,
        "at": alert.at,
        "taken_by": plain(who(uow, directory, alert.acknowledged_by)) if alert.acknowledged_by else None,
        "taken_at": alert.acknowledged_at,
        "steps_told": alert.step,
        "looked": [look.plain() for look in looks(uow, directory, contact_id, alert.id)],
    }


def _link(link: Link) -> Kept:
    return {
        "id": link.id,
        "kind": link.kind,
        "content": link.content,
        "answer": link.answer,
        "answers": link.answers,
        "made_at": link.created_at,
        "works_until": link.expires_at,
    }


def _jobs(uow: UnitOfWork, contact: Contact) -> list[Job]:
    """Without what somebody tapped less than ten seconds ago: it can still be undone and is nobody's yet."""
    jobs = uow.jobs.of_contact(contact.id, contact.conversation_id)
    return [job for job in jobs if job.kind != take_over.STEP]


def _planned(job: Job) -> Kept:
    """A payload that is not encrypted holds ids only."""
    content = job.payload if job.contact_id is not None else None
    return {"kind": job.kind, "due": job.run_at, "tries": job.attempts, "error": job.error, "content": content}


def _received(uow: UnitOfWork, contact_id: str) -> list[Kept]:
    """What the channel handed over, as it came, for the days that it is kept."""
    return [
        {
            "n": row.n,
            "channel": row.channel,
            "bot": row.bot,
            "provider_id": row.provider_id,
            "state": row.state,
            "received_at": row.received_at,
            "content": None if row.payload is None else row.payload.decode("utf-8", "replace"),
        }
        for row in uow.inbox.of_contact(contact_id)
    ]
