"""The list of hand-offs, one hand-off, and what can be done with it. Every form works without JavaScript."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from threading import Lock
from typing import Annotated, cast, get_args

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from board.guard import WrongForm, user_here, visit_of
from board.page import Pages, go_to
from desk import correspondence, duty, hand_offs, take_over
from desk.agreements import Entry, to_renew
from desk.correspondence import CannotWrite
from desk.hand_off_views import PAGE, STATUSES, Show, lately_withdrawn, list_for, log_reads, open_one
from desk.hand_offs import OUTCOMES, REASONS, Outcome, Reason, attempt
from desk.visibility import AGREEMENT_ROLES, has_role
from storage.records import User
from storage.unit_of_work import UnitOfWork

Field = Annotated[str, Form(max_length=20_000)]
# What a page can be told to say above its content, by the address that a form leads to.
NOTICES = {
    "undone": "board.undo.done",
    "too_late": "board.undo.too_late",
    "gone": "board.conversation.gone",
    **{why: f"board.write.{why}" for why in ("masked", "empty", "long", "status", "busy", "resident_first")},
}
_LAST_PAGE = 1000


class ReadToday:
    """Which lines of a list were logged today already: a page that refreshes itself is one reading, not a hundred."""

    def __init__(self, limit: int = 20_000) -> None:
        self._limit = limit
        self._lock = Lock()
        self._seen: OrderedDict[tuple[str, str, date], None] = OrderedDict()

    def fresh(self, user: User, request_ids: list[str], day: date) -> list[str]:
        with self._lock:
            found = [one for one in request_ids if (user.id, one, day) not in self._seen]
            for one in found:
                self._seen[user.id, one, day] = None
            while len(self._seen) > self._limit:
                self._seen.popitem(last=False)
        return found


def add_routes(board: APIRouter, pages: Pages) -> None:
    desk = pages.desk
    read_today = ReadToday()

    def show_list(request: Request, show: str = "open", page: str = "0") -> Response:
        visit = visit_of(pages, request)
        user = user_here(visit)
        chosen: Show = show if show in STATUSES else "open"
        number = min(int(page), _LAST_PAGE) if page.isdecimal() and len(page) < 9 else 0
        found = desk.database.read(lambda uow: list_for(uow, desk, user, chosen, offset=number * PAGE))
        asks = desk.database.read(lambda uow: take_over.waiting(uow, desk, user))
        alerts = desk.database.read(lambda uow: duty.open_alerts(uow, user))
        agreements: tuple[Entry, ...] = ()
        if has_role(user, AGREEMENT_ROLES):
            agreements = desk.database.read(lambda uow: to_renew(uow.directory.load(), uow.now.date()))
        fresh = read_today.fresh(user, [one.request_id for one in found.hand_offs if one.lines], visit.now.date())
        if fresh:
            desk.database.run(lambda uow: log_reads(uow, user, fresh))
        return pages.page(
            visit,
            "hand_offs.html",
            here="hand_offs",
            hand_offs=found.hand_offs,
            more=found.more,
            show=chosen,
            shows=get_args(Show),
            number=number,
            asks=[one for one in asks if not one.mine],
            alerts=alerts,
            withdrawn=desk.database.read(lambda uow: lately_withdrawn(uow, user)),
            agreements=agreements,
            reload=any(one.tap for one in found.hand_offs),
        )

    def show_one(request: Request, referral_id: str, notice: str = "") -> Response:
        visit = visit_of(pages, request)
        view = open_one(desk, user_here(visit), referral_id)
        return pages.page(
            visit,
            "hand_off.html",
            here="hand_offs",
            one=view,
            reasons=REASONS,
            outcomes=OUTCOMES,
            notice=NOTICES.get(notice, ""),
            reload=view.tap is not None,
        )

    def act(request: Request, referral_id: str, step: Callable[[UnitOfWork, User], object]) -> Response:
        user = user_here(visit_of(pages, request))
        try:
            attempt(desk, user, referral_id, lambda uow: step(uow, user))
        except ValueError:
            raise WrongForm from None
        return go_to(f"/board/hand-offs/{referral_id}")

    def accept(request: Request, referral_id: str) -> Response:
        return act(request, referral_id, lambda uow, user: hand_offs.accept(uow, desk, user, referral_id))

    def decline(request: Request, referral_id: str, reason: Field = "") -> Response:
        given = cast(Reason, reason)  # checked by the use case
        return act(request, referral_id, lambda uow, user: hand_offs.decline(uow, desk, user, referral_id, given))

    def in_contact(request: Request, referral_id: str) -> Response:
        return act(request, referral_id, lambda uow, user: hand_offs.in_contact(uow, desk, user, referral_id))

    def done(request: Request, referral_id: str, outcome: Field = "") -> Response:
        given = cast(Outcome, outcome)  # checked by the use case
        return act(request, referral_id, lambda uow, user: hand_offs.done(uow, desk, user, referral_id, given))

    def undo(request: Request, referral_id: str) -> Response:
        user = user_here(visit_of(pages, request))
        undone = attempt(desk, user, referral_id, lambda uow: hand_offs.undo(uow, desk, user, referral_id))
        return go_to(f"/board/hand-offs/{referral_id}?notice={'undone' if undone else 'too_late'}")

    def write(request: Request, referral_id: str, text: Field = "") -> Response:
        user = user_here(visit_of(pages, request))
        try:
            written = attempt(
                desk,
                user,
                referral_id,
                lambda uow: correspondence.write_to_resident(uow, desk, user, referral_id, text),
            )
        except CannotWrite as error:
            return go_to(f"/board/hand-offs/{referral_id}?notice={error.why}#write")
        return go_to(f"/board/hand-offs/{referral_id}{'?notice=masked' if written.masked else ''}#write")

    def give_back(request: Request, referral_id: str) -> Response:
        return act(request, referral_id, lambda uow, user: correspondence.give_back(uow, desk, user, referral_id))

    board.add_api_route("/hand-offs", show_list, methods=["GET"], response_class=Response)
    one = "/hand-offs/{referral_id}"
    board.add_api_route(one, show_one, methods=["GET"], response_class=Response)
    for name, form in (
        ("accept", accept),
        ("decline", decline),
        ("in-contact", in_contact),
        ("done", done),
        ("undo", undo),
        ("messages", write),
        ("give-back", give_back),
    ):
        board.add_api_route(f"{one}/{name}", form, methods=["POST"], response_class=Response)
