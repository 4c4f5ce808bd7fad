"""One alert: the page that the message to the person on duty links to, and the button to take it up."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from board.guard import user_here, visit_of
from board.page import Pages, go_to
from desk import duty


def add_routes(board: APIRouter, pages: Pages) -> None:
    desk = pages.desk

    def show(request: Request, code: str) -> Response:
        visit = visit_of(pages, request)
        alert = duty.open_one(desk, user_here(visit), code)
        return pages.page(visit, "alert.html", here="hand_offs", alert=alert)

    def acknowledge(request: Request, code: str) -> Response:
        """Whoever comes second is shown who was first."""
        user = user_here(visit_of(pages, request))
        desk.database.run(lambda uow: duty.acknowledge(uow, user, code))
        return go_to(f"/board/alerts/{code}")

    board.add_api_route("/alerts/{code}", show, methods=["GET"], response_class=Response)
    board.add_api_route("/alerts/{code}/acknowledge", acknowledge, methods=["POST"], response_class=Response)
