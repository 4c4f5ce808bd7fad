"""Who is on duty hears of an alert: a code and a link, one step after another until somebody takes it up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from desk.visibility import TAKE_OVER_ROLES, has_role, sees_alerts
from flows.events import AlertShown
from flows.texts import LANGUAGES
from storage.errors import Missing
from storage.ids import read_alert_code
from storage.records import Alert, Job, User
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

DUTY = "duty"
AGAIN = timedelta(hours=1)
"""How long an alert that nobody took up stands for what follows it: somebody who writes in the evening that it goes on
must be heard, though nobody came in the morning."""


class NoAlert(LookupError):
    """There is no such alert for this user."""


class Call(Struct, frozen=True):
    """What one step of the duty is told, and in which Telegram chat."""

    chat: int
    text: str


class AlertView(Struct, frozen=True, kw_only=True):
    """An alert as the team sees it. `taken_by` is the first name of who took it up; `conversation_id` is filled when
    the resident asked for a person and nobody else has the conversation."""

    code: str
    category: str
    level: str
    since: datetime
    taken_by: str = ""
    taken_at: datetime | None = None
    mine: bool = False
    conversation_id: str | None = None


# When danger is seen -------------------------------------------------------------------------------------------------


def alert_shown(uow: UnitOfWork, desk: Desk, conversation_id: str, shown: AlertShown) -> None:
    """The card for danger now was shown: the team sees it and the duty is told, once an hour for each danger in a
    conversation that nobody has taken up. Towards the resident this changes nothing."""
    if shown.level != "now":
        return
    known = uow.alerts.open_of(conversation_id, shown.category)
    if known is not None and uow.now - known.at < AGAIN:
        return
    alert = uow.alerts.add(conversation_id, shown.category, shown.level, shown.source)
    for number, step in enumerate(desk.settings.duty):
        # Every step is planned in the transaction of the card, so that no restart can come between them.
        uow.jobs.add(
            DUTY,
            {"alert_id": alert.id, "step": number},
            lane=_lane(alert.id, number),
            run_at=uow.now + step.wait,
            urgent=True,
            key=alert.id,
        )


def call_for(uow: UnitOfWork, desk: Desk, job: Job) -> Call | None:
    """What the job `duty` sends now; None when somebody took the alert up meanwhile, when it was erased, or when this
    step is no longer in the configuration."""
    number = int(job.payload["step"])
    try:
        alert = uow.alerts.get(str(job.payload["alert_id"]))
    except Missing:
        return None
    if not alert.code or alert.acknowledged_at is not None or number >= len(desk.settings.duty):
        return None
    link = f"{desk.settings.http.public_url.rstrip('/')}/board/alerts/{alert.code}"
    text = desk.texts.render("board.duty.message", LANGUAGES[0], code=alert.code, link=link)
    return Call(desk.settings.duty[number].telegram, text)


def told(uow: UnitOfWork, job: Job) -> None:
    """A step was delivered."""
    uow.alerts.told(str(job.payload["alert_id"]), int(job.payload["step"]) + 1)


def not_told(uow: UnitOfWork, job: Job) -> None:
    """A step that can never be delivered (a chat that is gone): the next one is not kept waiting for it."""
    alert_id = str(job.payload["alert_id"])
    for later in uow.jobs.pending(DUTY, key=alert_id):
        if later.run_at > uow.now:
            uow.jobs.cancel(DUTY, _lane(alert_id, int(later.payload["step"])))
            uow.jobs.add(DUTY, later.payload, _lane(alert_id, int(later.payload["step"])), urgent=True, key=alert_id)
            return


def _lane(alert_id: str, number: int) -> str:
    """A lane for each step: a chat that is told to wait holds up nobody else."""
    return f"duty:{alert_id}:{number}"


# On the board --------------------------------------------------------------------------------------------------------


def open_alerts(uow: UnitOfWork, user: User) -> list[AlertView]:
    """What nobody has taken up, oldest first; empty for who may not see alerts."""
    if not sees_alerts(user, uow.directory.load()):
        return []
    return [_view(uow, user, alert) for alert in uow.alerts.open()]


def open_one(desk: Desk, user: User, code: str) -> AlertView:
    """One alert; the access log says who looked. Raises `NoAlert`."""

    def work(uow: UnitOfWork) -> AlertView:
        alert = find(uow, user, code)
        uow.people.log_access(user.id, alert.id, "alert")
        return _view(uow, user, alert)

    return desk.database.run(work)


def acknowledge(uow: UnitOfWork, user: User, code: str) -> bool:
    """ "Ik pak dit op". False when somebody else was first. Raises `NoAlert`.

    It takes effect at once, without the ten seconds of undo of other steps: those protect a resident from a message
    that was not meant, and here nobody is sent anything. In ten seconds the next on duty could be called for nothing.
    """
    alert = find(uow, user, code)
    if not uow.alerts.acknowledge(alert.id, user.id):
        return alert.acknowledged_by == user.id
    uow.jobs.cancel(DUTY, alert.id)
    uow.people.log_access(user.id, alert.id, "alert_taken")
    return True


def find(uow: UnitOfWork, user: User, code: str) -> Alert:
    """Raises `NoAlert`, also for what exists and is not for this user."""
    alert = uow.alerts.by_code(read_alert_code(code))
    if alert is None or not sees_alerts(user, uow.directory.load()):
        raise NoAlert(code)
    return alert


def _view(uow: UnitOfWork, user: User, alert: Alert) -> AlertView:
    asks = None
    if alert.conversation_id is not None and has_role(user, TAKE_OVER_ROLES):
        conversation = uow.conversations.get(alert.conversation_id)
        if conversation.waiting is not None and conversation.owner in ("desk", user.id):
            asks = conversation.id
    return AlertView(
        code=alert.code,
        category=alert.category,
        level=alert.level,
        since=alert.at,
        taken_by=uow.people.get(alert.acknowledged_by).first_name if alert.acknowledged_by else "",
        taken_at=alert.acknowledged_at,
        mine=alert.acknowledged_by == user.id,
        conversation_id=asks,
    )
