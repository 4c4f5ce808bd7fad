"""What happened in a scripted dialogue so far: in the conversation and in the database, compared with before."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from balie.dialogue_file import Dialogue, Step
from balie.dialogue_town import desk_in_town
from desk.sessions import session_of
from flows.model import Session
from storage.records import (
    Consent,
    Conversation,
    GuessCount,
    LogRow,
    Referral,
    Request,
    Role,
    RoleName,
    StoredMessage,
    User,
)
from storage.unit_of_work import UnitOfWork

ADDRESS = "resident"
MADE_UP_NAME = "Bo"


class DialogueFailed(AssertionError):
    """`file:line: what was expected, what came`."""


class _Clock:
    def __init__(self, start: datetime):
        self.now = start

    def __call__(self) -> datetime:
        return self.now


class Counts:
    """What happened in the database so far; the difference with before is what a step must name."""

    def __init__(self, uow: UnitOfWork, contact_id: str | None, conversation: Conversation | None, session: Session):
        self.consents: list[Consent] = uow.consents.of_contact(contact_id) if contact_id else []
        self.requests: list[Request] = uow.requests.of_contact(contact_id) if contact_id else []
        self.referrals: list[Referral] = [
            referral for request in reversed(self.requests) for referral in uow.referrals.of_request(request.id)
        ]
        self.links = uow.links.open_of(contact_id) if contact_id else 0
        self.guesses: list[GuessCount] = uow.understanding.since()
        self.log: list[LogRow] = uow.routing_log.rows(limit=500)
        self.alert = session.alert
        self.waiting = conversation.waiting if conversation else None
        self.share_before = conversation.share_before if conversation else False
        self.language = session.language
        self.session = session


class Happened:
    """The desk of one dialogue, and what a step must still name."""

    def __init__(self, dialogue: Dialogue, folder: Path):
        self._dialogue = dialogue
        self._clock = _Clock(dialogue.now)
        self._desk = desk_in_town(dialogue.fixture, folder, self._clock)
        self._seen = 0  # the last message of the conversation that was compared
        self._heard: list[StoredMessage] = []
        self._known = self._count()
        self._open: dict[str, str] = {}  # what happened and no step has named yet: kind → what

    def _fail(self, line: int, what: str) -> DialogueFailed:
        return DialogueFailed(f"{self._dialogue.file}:{line}: {self._dialogue.name}: {what}")

    def _compare(self) -> None:
        before, self._known = self._known, self._count()
        after = self._known
        self._heard += self._new_messages()
        new_consents = after.consents[len(before.consents) :]
        for consent in new_consents:
            self._open["consent_given" if consent.answer == "yes" else "consent_refused"] = str(consent.lines_on)
        if len(after.referrals) > len(before.referrals):
            self._open["referred"] = after.referrals[-1].service_id
        written = after.log[: len(after.log) - len(before.log)]  # newest first
        if any(row.request_id is None for row in written):
            self._open["pointed_elsewhere"] = "a destination"
        if after.alert and (before.alert is None or _alert_key(before) != _alert_key(after)):
            self._open["alert"] = f"{after.alert.category} {after.alert.level}"
        if after.waiting and not before.waiting:
            self._open["handed_to_host"] = "a person was asked for"
        if after.links != before.links:
            self._open["link_made" if after.links > before.links else "link_ended"] = f"{after.links} can be opened"
        if _withdrawn(after) > _withdrawn(before):
            self._open["withdrawn"] = "a request was withdrawn"

    def _nothing_left(self, line: int) -> None:
        if self._heard:
            said = self._heard[0]
            raise self._fail(line, f"the desk also said {said.key or said.sender} ({said.text!r}); name it or mend it")
        if self._open:
            kind, what = next(iter(self._open.items()))
            raise self._fail(line, f"{kind} happened ({what}) and no step names it")

    def _new_messages(self) -> list[StoredMessage]:
        found = self._messages(after=self._seen)
        self._seen = max((message.n for message in found), default=self._seen)
        return [message for message in found if message.sender != "resident"]

    def _messages(self, after: int) -> list[StoredMessage]:
        def read(uow: UnitOfWork) -> list[StoredMessage]:
            contact = uow.contacts.find(self._dialogue.channel, "test", ADDRESS)
            return uow.messages.after(contact.conversation_id, after) if contact else []

        return self._desk.database.read(read)

    def _count(self) -> Counts:
        def read(uow: UnitOfWork) -> Counts:
            contact = uow.contacts.find(self._dialogue.channel, "test", ADDRESS)
            conversation = uow.conversations.get(contact.conversation_id) if contact else None
            session = session_of(conversation) if conversation else Session()
            return Counts(uow, contact.id if contact else None, conversation, session)

        return self._desk.database.read(read)

    def _referral(self, step: Step, service: str) -> Referral:
        for referral in reversed(self._known.referrals):
            if referral.service_id == service:
                return referral
        raise self._fail(step.line, f"nothing was referred to {service}")

    def _user_of(self, uow: UnitOfWork, referral: Referral) -> User:
        """Someone who may act for the organisation of `referral`; made up where the town names nobody."""
        names = ("professional", "coordinator", "volunteer")
        for name in names:
            for user in uow.people.everyone():
                if any(role.name == name and role.organisation_id == referral.organisation_id for role in user.roles):
                    return user
        return self._made_up(uow, "professional" if referral.kind == "team" else "coordinator", referral)

    def _made_up(self, uow: UnitOfWork, role: RoleName, referral: Referral) -> User:
        login = f"{referral.organisation_id}-{role}"
        roles = [Role(role, referral.organisation_id, None)]
        return uow.people.by_login(login) or uow.people.add_user(login, MADE_UP_NAME, None, roles)


def _alert_key(counts: Counts) -> tuple[str, str, int]:
    assert counts.alert is not None
    return counts.alert.category, counts.alert.level, counts.alert.n


def _withdrawn(counts: Counts) -> int:
    return sum(referral.status == "withdrawn" for referral in counts.referrals)
