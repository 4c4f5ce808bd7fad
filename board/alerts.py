"""One alert: the page that the message to the person on duty links to, the button to take it up, and the one exception
to consent: reading what the resident wrote around it, with a reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from board.guard import user_here, visit_of
from board.page import Pages, go_to
from desk import duty, duty_words
from desk.duty_words import CannotRead

NOTICES = {why: f"board.alert.words.no.{why}" for why in ("reason", "not_now", "not_taken", "late")}


def add_routes(board: APIRouter, pages: Pages) -> None:
    desk = pages.desk

    def show(request: Request, code: str, notice: str = "") -> Response:
        visit = visit_of(pages, request)
        user = user_here(visit)
        alert = duty.open_one(desk, user, code)
        words = desk.database.read(lambda uow: duty_words.look(uow, desk, user, code))
        return pages.page(
            visit, "alert.html", here="hand_offs", alert=alert, words=words, notice=NOTICES.get(notice, "")
        )

    def acknowledge(request: Request, code: str) -> Response:
        """Whoever comes second is shown who was first."""
        user = user_here(visit_of(pages, request))
        desk.database.run(lambda uow: duty.acknowledge(uow, user, code))
        return go_to(f"/board/alerts/{code}")

    def open_words(request: Request, code: str, reason: Annotated[str, Form(max_length=20_000)] = "") -> Response:
        user = user_here(visit_of(pages, request))
        try:
            desk.database.run(lambda uow: duty_words.open_with_reason(uow, desk, user, code, reason))
        except CannotRead as error:
            return go_to(f"/board/alerts/{code}?notice={error.why}")
        return go_to(f"/board/alerts/{code}")

    board.add_api_route("/alerts/{code}", show, methods=["GET"], response_class=Response)
    board.add_api_route("/alerts/{code}/acknowledge", acknowledge, methods=["POST"], response_class=Response)
    board.add_api_route("/alerts/{code}/words", open_words, methods=["POST"], response_class=Response)
