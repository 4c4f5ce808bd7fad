"""What the repositories return: frozen plain data. Times are aware and in UTC; ids are text.

Records that hold what people wrote keep it out of their `repr`, so that no log line or traceback can show it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NamedTuple

from msgspec import Struct, field

from routing.model import Agreement, Follower, Neighbourhood, Roster, Service

Sender = Literal["resident", "desk", "host", "volunteer", "professional"]
WaitsFor = Literal["person_asked"]
Settled = Literal["corrected", "chosen", "confirmed", "rerouted"]
AlertSource = Literal["guard", "nlu", "answer"]
ReferralStatus = Literal["referred", "accepted", "declined", "in_contact", "done", "withdrawn", "expired"]
LinkKind = Literal["invitation", "card"]
LinkAnswer = Literal["yes", "no"]
RoleName = Literal["host", "volunteer", "coordinator", "professional", "team_lead", "council", "operator"]

OPEN_STATUSES: tuple[ReferralStatus, ...] = ("referred", "accepted", "in_contact")


class Private(Struct, frozen=True):
    """A record with people's words in it; shown by its name only."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


# Conversations -------------------------------------------------------------------------------------------------------


class Contact(Struct, frozen=True):
    """One address on one channel, under a pseudonymous id. `erased`: nothing can be read or sent any more."""

    id: str
    channel: str
    bot: str
    conversation_id: str
    erased: bool = False


class Tombstone(Struct, frozen=True):
    """What stays of an erased contact or request."""

    kind: Literal["contact", "request"]
    id: str
    at: datetime


class Alert(Struct, frozen=True):
    """A danger that was seen, for the person on duty. `step` is how many steps of the duty have been told. Once its
    contact was erased only `category`, `level` and the month in `at` are left."""

    id: str
    code: str
    conversation_id: str | None
    category: str
    level: str
    source: AlertSource | None
    at: datetime
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    step: int = 0


class GuessCount(Struct, frozen=True):
    """How often the theme `guessed` turned out to be `chosen` in one month ("2026-03"). `how`: `corrected` by the
    resident, `chosen` by the resident when the model was unsure, `confirmed` by going where it led, `rerouted` by
    whoever it was sent to. `guessed` is "none" when the model saw no theme, `chosen` is "elsewhere" when none was
    named."""

    month: str
    guessed: str
    chosen: str
    how: Settled
    count: int


class Conversation(Private, frozen=True):
    """`owner` is "desk" or a user id. `session` is the engine's session as JSON, None before the first turn.
    `waiting` says which human act it waits for, since `waiting_since`; `share_before`: what was said earlier may be
    read by whoever takes it. `last_n` is the number of the last message, 0 before the first."""

    id: str
    contact_id: str
    channel: str
    owner: str
    session: bytes | None
    updated_at: datetime
    waiting: WaitsFor | None = None
    waiting_since: datetime | None = None
    share_before: bool = False
    last_n: int = 0


class StoredMessage(Private, frozen=True):
    """`choices` are quick replies as `{"id", "label"}`; `key` is the text's key when the desk said it; `author` is the
    first name of the person who wrote it, as they were called then. `provider_id` is what the provider calls it once
    delivered, several with spaces between where it went in parts."""

    n: int
    sender: Sender
    author: str | None
    text: str
    choices: list[dict[str, Any]]
    key: str | None
    at: datetime
    provider_id: str | None = None


class Delivered(Struct, frozen=True):
    """A message that is in the resident's chat. `provider_id` is as in `StoredMessage`; `at` is when it was said."""

    n: int
    provider_id: str
    at: datetime


class InboxRow(Private, frozen=True):
    """A provider's raw update. `payload` is None once the contact was erased or the retention period passed.
    `state` is new, done or broken; `broken` says why."""

    id: str
    channel: str
    bot: str
    provider_id: str
    payload: bytes | None
    contact_id: str | None
    conversation_id: str | None
    n: int | None
    state: Literal["new", "done", "broken"]
    received_at: datetime
    broken: str | None = None


class WebSession(NamedTuple):
    """A web chat just opened: the only moment that token and resume code are known in the clear."""

    token: str
    resume_code: str
    contact: Contact
    expires_at: datetime


class Link(Private, frozen=True):
    """A page that a resident sends to somebody themself. `answer`: what was said there last; `answers`: how often."""

    id: str
    kind: LinkKind
    contact_id: str
    content: dict[str, Any]
    answer: LinkAnswer | None
    answers: int
    created_at: datetime
    expires_at: datetime


# Jobs ----------------------------------------------------------------------------------------------------------------


class Job(Private, frozen=True):
    """A piece of work as claimed. `attempts` counts this claim too and fences its completion."""

    id: str
    kind: str
    lane: str | None
    payload: dict[str, Any]
    attempts: int
    run_at: datetime
    urgent: bool = False
    contact_id: str | None = None
    error: str | None = None


# Requests ------------------------------------------------------------------------------------------------------------


class Request(Private, frozen=True):
    """A resident's case. `code` is short and can be read aloud; `responsible` is the user who follows it. `option` is
    the destination as it was chosen, with the decision it came from in codes; empty once withdrawn or erased."""

    id: str
    code: str
    contact_id: str
    conversation_id: str
    theme: str
    neighbourhood: str | None
    status: str
    responsible: str | None
    option: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    erased: bool = False


class Consent(Private, frozen=True):
    """The proof of an answer to a disclosure card. `card_text` is None once its request was withdrawn or
    erased."""

    id: str
    request_id: str | None
    contact_id: str
    conversation_id: str
    card_version: int
    language: str
    card_text: str | None
    lines_on: tuple[str, ...]
    answer: Literal["yes", "no"]
    channel: str
    at: datetime
    withdrawn_at: datetime | None = None


class Referral(Struct, frozen=True):
    """A request sent to a service. `code` is the request's."""

    id: str
    request_id: str
    code: str
    service_id: str
    organisation_id: str
    kind: str
    theme: str
    neighbourhood: str | None
    status: ReferralStatus
    created_at: datetime
    updated_at: datetime


class ReferralEvent(Private, frozen=True):
    """`actor` is a user id, "resident" or "desk"; `reason` is None when none was given or the request was erased."""

    id: str
    referral_id: str
    status: ReferralStatus
    actor: str
    reason: str | None
    at: datetime


# Directory -----------------------------------------------------------------------------------------------------------


class Organisation(Struct, frozen=True):
    """Who runs services. `has_account`: someone there reads the board. `met`: the team has met them. `imported`: it
    came from another directory, and goes when that no longer has it."""

    id: str
    name: str
    has_account: bool = False
    agreement: Agreement | None = None
    met: bool = False
    imported: bool = False
    phone: str = ""
    email: str = ""
    url: str = ""


class Directory(Struct, frozen=True):
    """The whole directory. `followers` goes by neighbourhood id, "" for the whole municipality. `version` is another
    number after every change, `seats` after every seat taken or given back."""

    organisations: tuple[Organisation, ...] = ()
    services: tuple[Service, ...] = ()
    neighbourhoods: tuple[Neighbourhood, ...] = ()
    followers: dict[str, Follower] = field(default_factory=dict)
    version: int = 0
    seats: int = 0

    def roster(self, today: str) -> Roster:
        """What a decision of this day is made on. `today`: ISO 8601."""
        return Roster(self.services, self.neighbourhoods, self.followers, today)


# Routing log ---------------------------------------------------------------------------------------------------------


class LogRow(Struct, frozen=True):
    """One line of the routing log. `request_id` is None when there was none or the request was erased."""

    seq: int
    month: str
    theme: str
    neighbourhood: str | None
    destination: str
    kind: str
    rule: str
    policy: str
    reasons: tuple[str, ...]
    request_id: str | None


class Broken(Struct, frozen=True):
    """What verification found at row `seq`: `changed`, `missing` (removed from the middle or the end),
    `out_of_chain`, `unknown_key`, `other_request` (points to another request than when written) or `head`."""

    seq: int
    what: Literal["changed", "missing", "out_of_chain", "unknown_key", "other_request", "head"]


class Head(Struct, frozen=True):
    """The end of the log at some moment; kept elsewhere it proves later that nothing before it was changed."""

    seq: int
    mac: str
    key_id: str


# People --------------------------------------------------------------------------------------------------------------


class Role(Struct, frozen=True):
    name: RoleName
    organisation_id: str | None = None
    neighbourhood: str | None = None


class User(Struct, frozen=True):
    id: str
    login: str
    first_name: str
    roles: tuple[Role, ...] = ()
    disabled: bool = False


class Access(Private, frozen=True):
    """Someone looked at a request, a conversation or an alert (`request_id`), or ended the access to it. `user_id` is a
    user of the board, "operator" for whoever works at the command line, or "resident". `what` is a code such as
    "opened", "case_exported" or "alert_words"; `reason` was typed by who looked, and is None where none is asked."""

    user_id: str
    request_id: str
    what: str
    at: datetime
    reason: str | None = None
