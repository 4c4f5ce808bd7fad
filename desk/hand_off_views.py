"""Hand-offs as one user may see them: a list sorted by waiting time, and one opened. Reading words is logged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, structs

from desk import taps
from desk.talk import Talk, talk_of
from desk.taps import Tap
from desk.visibility import (
    ORGANISATION_ROLES,
    PROFESSIONAL_ROLES,
    Relation,
    has_role,
    is_host_of,
    is_sensitive,
    may_accept,
    own_organisations,
    relation,
)
from storage.errors import Missing
from storage.records import Directory, Referral, ReferralEvent, ReferralStatus, Request, User
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

Show = Literal["open", "new", "running", "resident", "closed"]

STATUSES: dict[Show, tuple[ReferralStatus, ...]] = {
    "open": ("referred", "accepted", "in_contact"),
    "new": ("referred",),
    "running": ("accepted", "in_contact"),
    "resident": ("declined", "done"),  # of these, the requests that wait for the resident
    "closed": ("done", "withdrawn", "expired"),
}
BEFORE_ACCEPTING = frozenset({"request"})  # the only category that shows before a referral is accepted
WITH_LINES = frozenset({"accepted", "in_contact"})  # what is closed needs no reading any more
ACTIONS: dict[str, tuple[str, ...]] = {
    "referred": ("accept", "decline"),
    "accepted": ("write", "in_contact", "done"),
    "in_contact": ("write", "done"),
}
STEP = "referral_step"
WAITS_FOR_RESIDENT = "waits_resident"  # the request's status while the next word is the resident's
PAGE = 50
WITHDRAWN_SHOWN = timedelta(days=7)  # so that who is in once a week hears of it too
MOST = 2000  # referrals looked through for one list; the longest waiting are shown first


class NotFound(LookupError):
    """There is no such hand-off for this user."""


class CardLine(Struct, frozen=True):
    """One line as the resident agreed to it on the card."""

    category: str
    text: str

    def __repr__(self) -> str:
        return "<CardLine>"


class HandOff(Struct, frozen=True, kw_only=True):
    """A referral as one user may see it. `theme`, `destination` and `kind` are None where they show as "for the
    team". `lines` holds what may be read now; `actions` what may be done now, by name."""

    id: str
    code: str
    theme: str | None
    neighbourhood: str | None
    neighbourhood_name: str
    destination: str | None
    organisation: str | None
    kind: str | None
    status: ReferralStatus
    since: datetime
    updated_at: datetime
    relation: Relation
    lines: tuple[CardLine, ...] = ()
    hidden_lines: bool = False  # there is more on the card, to be read after accepting
    professionals_only: bool = False  # a medical need, and this user is no professional
    actions: tuple[str, ...] = ()
    tap: Tap | None = None
    events: tuple[ReferralEvent, ...] = ()
    waits_for_resident: bool = False
    answered: bool = False  # the resident wrote last in an open correspondence
    talk: Talk | None = None  # what was written with the resident; only when one hand-off is opened
    request_id: str = ""


class Withdrawn(Struct, frozen=True):
    """A hand-off that the resident ended; `id` is the referral's."""

    id: str
    code: str
    at: datetime


class Page(Struct, frozen=True):
    """`more`: there are hand-offs after these."""

    hand_offs: tuple[HandOff, ...]
    more: bool


def list_for(uow: UnitOfWork, desk: Desk, user: User, show: Show = "open", offset: int = 0, limit: int = PAGE) -> Page:
    """What this user sees, longest waiting first. Writes nothing: whoever shows `lines` logs them (`log_reads`)."""
    if user.disabled:
        return Page((), False)
    directory = uow.directory.load()
    found: dict[str, tuple[Referral, Relation]] = {}
    for referral in _candidates(uow, user, directory, STATUSES[show]):
        if referral.id in found:
            continue
        kind_of = relation(user, referral, directory, None)
        if kind_of in (None, "neighbourhood", "team") and has_role(user, ORGANISATION_ROLES):
            kind_of = relation(user, referral, directory, uow.requests.get(referral.request_id))
        if kind_of is None:
            continue
        if show == "resident" and uow.requests.get(referral.request_id).status != WAITS_FOR_RESIDENT:
            continue
        found[referral.id] = (referral, kind_of)
    # What nobody has taken up comes first, longest waiting first.
    ordered = sorted(found.values(), key=lambda item: (item[0].status != "referred", item[0].created_at, item[0].id))
    if show in ("closed", "resident"):
        ordered.sort(key=lambda item: item[0].updated_at, reverse=True)
    pending = taps.pending(uow, STEP)
    hand_offs = tuple(
        _view(uow, directory, user, referral, uow.requests.get(referral.request_id), kind_of, pending.get(referral.id))
        for referral, kind_of in ordered[offset : offset + limit]
    )
    return Page(hand_offs, len(ordered) > offset + limit)


def lately_withdrawn(uow: UnitOfWork, user: User) -> tuple[Withdrawn, ...]:
    """What residents withdrew from this user's own organisations, newest first: they may have noted something down."""
    own = own_organisations(user, uow.directory.load())
    if user.disabled or not own:
        return ()
    found = uow.referrals.list(organisation_ids=own, statuses=("withdrawn",), limit=MOST)
    lately = [one for one in found if uow.now - one.updated_at < WITHDRAWN_SHOWN]
    lately.sort(key=lambda one: one.updated_at, reverse=True)
    return tuple(Withdrawn(one.id, one.code, one.updated_at) for one in lately)


def find(uow: UnitOfWork, user: User, referral_id: str) -> tuple[Referral, Request, Directory, Relation]:
    """Raises `NotFound`, also for what exists and is not for this user."""
    directory = uow.directory.load()
    try:
        referral = uow.referrals.get(referral_id)
        request = uow.requests.get(referral.request_id)
    except Missing:
        raise NotFound(referral_id) from None
    kind_of = relation(user, referral, directory, request)
    if kind_of is None:
        raise NotFound(referral_id)
    return referral, request, directory, kind_of


def look(uow: UnitOfWork, desk: Desk, user: User, referral_id: str) -> HandOff:
    """One hand-off with its history. Raises `NotFound`. Writes nothing: see `open_one`."""
    referral, request, directory, kind_of = find(uow, user, referral_id)
    tap = taps.pending(uow, STEP).get(referral.id)
    view = _view(uow, directory, user, referral, request, kind_of, tap)
    if "write" in ACTIONS.get(referral.status, ()) and kind_of == "own" and not view.professionals_only:
        view = structs.replace(view, talk=talk_of(uow, request.conversation_id, referral.id))
    if kind_of != "neighbourhood":
        view = structs.replace(view, events=tuple(uow.referrals.events(referral.id)))
    return view


def open_one(desk: Desk, user: User, referral_id: str) -> HandOff:
    """One hand-off, and the access log row that says who read it. Raises `NotFound`; a try at what is not for this
    user is logged too."""

    def work(uow: UnitOfWork) -> HandOff | None:
        try:
            view = look(uow, desk, user, referral_id)
        except NotFound:
            note_refusal(uow, user, referral_id)
            return None
        uow.people.log_access(user.id, view.request_id, "opened" if view.lines else "opened_route")
        return view

    found = desk.database.run(work)
    if found is None:
        raise NotFound(referral_id)
    return found


def note_refusal(uow: UnitOfWork, user: User, referral_id: str) -> None:
    """Logs that someone asked for a hand-off that is not theirs; an id that does not exist leaves nothing."""
    try:
        referral = uow.referrals.get(referral_id)
    except Missing:
        return
    uow.people.log_access(user.id, referral.request_id, "refused")


def log_reads(uow: UnitOfWork, user: User, request_ids: Iterable[str]) -> None:
    for request_id in request_ids:
        uow.people.log_access(user.id, request_id, "listed")


def _candidates(
    uow: UnitOfWork, user: User, directory: Directory, statuses: tuple[ReferralStatus, ...]
) -> Iterable[Referral]:
    """Every referral that may be for this user."""
    # Who follows a referral stands with its request, so a professional's own are picked from all.
    if has_role(user, PROFESSIONAL_ROLES) or is_host_of(user, None):
        yield from uow.referrals.list(statuses=statuses, limit=MOST)
        return
    own = own_organisations(user, directory)
    if own:
        yield from uow.referrals.list(organisation_ids=own, statuses=statuses, limit=MOST)
    places = {role.neighbourhood for role in user.roles if role.name == "host" and role.neighbourhood}
    if places:
        yield from uow.referrals.list(neighbourhoods=places, statuses=statuses, limit=MOST)


def _view(
    uow: UnitOfWork,
    directory: Directory,
    user: User,
    referral: Referral,
    request: Request,
    kind_of: Relation,
    tap: Tap | None,
) -> HandOff:
    service = next((one for one in directory.services if one.id == referral.service_id), None)
    organisation = next((one for one in directory.organisations if one.id == referral.organisation_id), None)
    place = next((one for one in directory.neighbourhoods if one.id == referral.neighbourhood), None)
    # The name of a destination ("debt advice") would tell what the theme does not.
    masked = kind_of == "neighbourhood" and is_sensitive(referral.theme)
    lines: tuple[CardLine, ...] = ()
    hidden = False
    accepts = False
    if kind_of == "own":
        accepts = may_accept(user, referral, request, directory)
        if accepts:
            lines, hidden = _lines(uow, referral, request)
        if not _place_is_shared(uow, request):
            place = None  # the organisation sees what stood on the card, and nothing else
    return HandOff(
        id=referral.id,
        code=referral.code,
        theme=None if masked else referral.theme,
        neighbourhood=place.id if place else None,
        neighbourhood_name=place.name if place else "",
        destination=None if masked else (service.name if service else referral.service_id),
        organisation=None if masked else (organisation.name if organisation else referral.organisation_id),
        kind=None if masked else referral.kind,
        status=referral.status,
        since=referral.created_at,
        updated_at=referral.updated_at,
        relation=kind_of,
        lines=lines,
        hidden_lines=hidden,
        professionals_only=kind_of == "own" and not accepts,
        actions=_actions(referral.status, accepts, tap),
        # Others see a step when it has taken effect, and not before.
        tap=tap if kind_of == "own" else None,
        answered=kind_of == "own" and accepts and _answered(uow, referral, request),
        waits_for_resident=request.status == WAITS_FOR_RESIDENT,
        request_id=request.id,
    )


def _lines(uow: UnitOfWork, referral: Referral, request: Request) -> tuple[tuple[CardLine, ...], bool]:
    """What the organisation may read now, and whether the card holds more."""
    if request.erased or referral.status not in ("referred", *WITH_LINES):
        return (), False
    every = tuple(CardLine(str(line["category"]), str(line["text"])) for line in uow.requests.lines(request.id))
    if referral.status in WITH_LINES:
        return every, False
    first = tuple(line for line in every if line.category in BEFORE_ACCEPTING)
    return first, len(first) < len(every)


def _place_is_shared(uow: UnitOfWork, request: Request) -> bool:
    return not request.erased and any(line["category"] == "neighbourhood" for line in uow.requests.lines(request.id))


def _actions(status: str, accepts: bool, tap: Tap | None) -> tuple[str, ...]:
    if tap is not None or not accepts:
        return ()
    return ACTIONS.get(status, ())


def _answered(uow: UnitOfWork, referral: Referral, request: Request) -> bool:
    if referral.status not in WITH_LINES:
        return False
    messages = talk_of(uow, request.conversation_id, referral.id).messages
    return bool(messages) and messages[-1].sender == "resident"
