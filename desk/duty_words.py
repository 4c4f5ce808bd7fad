"""The one exception to consent: after an alert of level *now*, whoever took it up may read what the resident wrote
around it, with a reason. The resident sees who, when and why when they ask; the desk never writes to them about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from desk import duty
from desk.talk import Spoken, as_spoken, every_message
from desk.visibility import WhyNoWords, why_no_words
from storage.records import Alert, User
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

READ = "alert_words"  # in the access log
OPEN_FOR = timedelta(minutes=15)  # one reason is for one look; then it is asked anew
AROUND = timedelta(hours=1)  # before and after the alert; danger that goes on longer is an alert of its own
SHORTEST, LONGEST = 10, 500  # characters of a reason


class CannotRead(Exception):
    """`why`: as in `visibility.why_no_words`, or `reason`: none was given."""

    def __init__(self, why: WhyNoWords) -> None:
        super().__init__(why)
        self.why = why


class Words(Struct, frozen=True):
    """`askable_until`: until when a reason opens the words, None when it never does. `open_until`: until when they are
    open now, None when they are closed; then `messages` is empty."""

    askable_until: datetime | None = None
    open_until: datetime | None = None
    messages: tuple[Spoken, ...] = ()


def open_with_reason(uow: UnitOfWork, desk: Desk, user: User, code: str, reason: str) -> None:
    """Raises `NoAlert` and `CannotRead`. The access log keeps the reason, readable for the resident."""
    alert = duty.find(uow, user, code)
    why = _why_not(uow, desk, user, alert)
    if why is not None:
        raise CannotRead(why)
    given = " ".join(reason.split())
    if not SHORTEST <= len(given) <= LONGEST:
        raise CannotRead("reason")
    assert alert.conversation_id is not None, "an alert with a code has its conversation"
    contact_id = uow.conversations.contact_id(alert.conversation_id)
    uow.people.log_access(user.id, alert.id, READ, given, contact_id)


def look(uow: UnitOfWork, desk: Desk, user: User, code: str) -> Words:
    """What is open for this user now. Raises `NoAlert`. Writes nothing: the opening was logged."""
    alert = duty.find(uow, user, code)
    if _why_not(uow, desk, user, alert) is not None:
        return Words()
    last = alert.at + _hours(desk)
    opened = [one.at for one in uow.people.accesses(alert.id) if (one.user_id, one.what) == (user.id, READ)]
    until = min(opened[-1] + OPEN_FOR, last) if opened else None
    if until is None or until <= uow.now:
        return Words(last)
    return Words(last, until, _messages(uow, alert))


def _why_not(uow: UnitOfWork, desk: Desk, user: User, alert: Alert) -> WhyNoWords | None:
    return why_no_words(user, alert, uow.directory.load(), uow.now, _hours(desk))


def _hours(desk: Desk) -> timedelta:
    return timedelta(hours=desk.settings.alerts.words_hours)


def _messages(uow: UnitOfWork, alert: Alert) -> tuple[Spoken, ...]:
    """The resident's own words only; what others wrote with them is not needed to help."""
    assert alert.conversation_id is not None
    return tuple(
        as_spoken(one)
        for one in every_message(uow, alert.conversation_id)
        if one.sender == "resident" and one.key != "choice" and abs(one.at - alert.at) <= AROUND
    )
