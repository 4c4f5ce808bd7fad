"""What an organisation does with a hand-off: accept, decline, in contact, done. Each step can be undone for ten
seconds; only then is anything revealed and is the resident told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

from desk import correspondence, reroute, sessions, taps
from desk.hand_off_views import ACTIONS, WAITS_FOR_RESIDENT, NotFound, find, note_refusal
from desk.hand_off_views import STEP as STEP
from desk.sessions import session_of
from desk.taps import Tap
from desk.tell import tell
from desk.visibility import Relation, may_accept
from storage.records import Directory, Job, Referral, ReferralStatus, Request, User
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

T = TypeVar("T")
Step = Literal["accept", "decline", "in_contact", "done"]
Reason = Literal["full", "not_our_work", "not_our_area", "needs_professional", "other"]
Outcome = Literal["helped", "not_helped", "back_to_team"]
REASONS: tuple[Reason, ...] = get_args(Reason)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

STATUS_AFTER: dict[str, ReferralStatus] = {
    "accept": "accepted",
    "decline": "declined",
    "in_contact": "in_contact",
    "done": "done",
}
TOLD = {"accept": "referral.accepted", "decline": "referral.declined", "in_contact": "referral.in_contact"}


class NotAllowed(Exception):
    """The user may read this hand-off, and may not do this with it (now). `why`: `status`, `medical` or `role`."""

    def __init__(self, why: Literal["status", "medical", "role"]) -> None:
        super().__init__(why)
        self.why = why


def accept(uow: UnitOfWork, desk: Desk, user: User, referral_id: str) -> Tap:
    """Raises `NotFound`, `NotAllowed`, `TakenByAnother`; so do the other steps."""
    return _tap(uow, user, referral_id, "accept")


def decline(uow: UnitOfWork, desk: Desk, user: User, referral_id: str, reason: Reason) -> Tap:
    """Also raises `ValueError` for another reason than one of the five."""
    return _tap(uow, user, referral_id, "decline", reason, REASONS)


def in_contact(uow: UnitOfWork, desk: Desk, user: User, referral_id: str) -> Tap:
    return _tap(uow, user, referral_id, "in_contact")


def done(uow: UnitOfWork, desk: Desk, user: User, referral_id: str, outcome: Outcome) -> Tap:
    """Also raises `ValueError` for another outcome than one of the three."""
    return _tap(uow, user, referral_id, "done", outcome, OUTCOMES)


def undo(uow: UnitOfWork, desk: Desk, user: User, referral_id: str) -> bool:
    """Takes back this user's own last tap; False when it took effect already. Raises `NotFound`."""
    find(uow, user, referral_id)
    return taps.undo(uow, STEP, referral_id, user.id)


def attempt(desk: Desk, user: User, referral_id: str, work: Callable[[UnitOfWork], T]) -> T:
    """Runs one of these steps; a try at a hand-off that is not for this user is logged before `NotFound` is raised."""
    try:
        return desk.database.run(work)
    except NotFound:
        desk.database.run(lambda uow: note_refusal(uow, user, referral_id))
        raise


def _tap(
    uow: UnitOfWork, user: User, referral_id: str, step: Step, detail: str = "", allowed: tuple[str, ...] = ("",)
) -> Tap:
    referral, request, directory, kind_of = find(uow, user, referral_id)
    _check(user, referral, request, directory, kind_of, step)
    if detail not in allowed:
        raise ValueError("choose one of " + ", ".join(allowed))
    return taps.make(uow, STEP, referral_id, step, user.id, detail)


def _check(
    user: User, referral: Referral, request: Request, directory: Directory, kind_of: Relation, step: str
) -> None:
    if kind_of != "own":
        raise NotAllowed("role")
    if not may_accept(user, referral, request, directory):
        raise NotAllowed("medical")
    if step not in ACTIONS.get(referral.status, ()):
        raise NotAllowed("status")


def run_step(uow: UnitOfWork, desk: Desk, job: Job) -> None:
    """The job `referral_step`: what was tapped takes effect. A step that is no longer possible (withdrawn meanwhile,
    role taken away) has none."""
    tap = taps.of_job(job)
    uow.notify("board")
    try:
        user = uow.people.get(tap.user_id)
        referral, request, directory, kind_of = find(uow, user, tap.subject)
        _check(user, referral, request, directory, kind_of, tap.step)
    except (LookupError, NotAllowed):
        return
    _apply(uow, desk, user, referral, request, directory, tap)


def _apply(
    uow: UnitOfWork, desk: Desk, user: User, referral: Referral, request: Request, directory: Directory, tap: Tap
) -> None:
    status = STATUS_AFTER[tap.step]
    uow.referrals.set_status(referral.id, status, actor=user.id, reason=tap.detail or None)
    asks_resident = tap.step == "decline" or tap.detail == "back_to_team"
    uow.requests.set_status(request.id, WAITS_FOR_RESIDENT if asks_resident else status)
    sessions.update_referral(uow, request.conversation_id, referral.id, status)
    if status in ("declined", "done"):
        uow.directory.release(referral.service_id)
        correspondence.close(uow, desk, request, referral.id)
    why = ""
    if tap.step == "decline":
        if tap.detail == reroute.NOT_OURS:
            reroute.note(uow, referral.theme)
        language = session_of(uow.conversations.get(request.conversation_id)).language
        why = desk.texts.render(f"referral.why.{tap.detail}", language)
    service = next((one.name for one in directory.services if one.id == referral.service_id), "")
    key = TOLD.get(tap.step) or f"referral.done.{tap.detail}"
    tell(uow, desk, request.conversation_id, key, service=service, code=referral.code, why=why)
