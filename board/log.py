"""The routing log for the team: what went where and why, read afterwards. There is nothing to approve."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from board.guard import user_here, visit_of
from board.page import Pages
from desk.visibility import LOG_ROLES, has_role
from storage.records import Directory, LogRow
from storage.unit_of_work import UnitOfWork

PAGE = 50


def add_routes(board: APIRouter, pages: Pages) -> None:
    desk = pages.desk

    def show(request: Request, page: str = "0") -> Response:
        visit = visit_of(pages, request)
        if not has_role(user_here(visit), LOG_ROLES):
            return pages.page(
                visit, "error.html", 403, heading="board.error.not_allowed", more="board.log.not_for_role"
            )
        number = int(page) if page.isdecimal() and len(page) < 7 else 0

        def work(uow: UnitOfWork) -> tuple[list[LogRow], Directory]:
            return uow.routing_log.rows(limit=PAGE + 1, offset=number * PAGE), uow.directory.load()

        rows, directory = desk.database.read(work)
        return pages.page(
            visit,
            "log.html",
            here="log",
            rows=rows[:PAGE],
            more=len(rows) > PAGE,
            number=number,
            services={service.id: service for service in directory.services},
            places={place.id: place.name for place in directory.neighbourhoods},
        )

    board.add_api_route("/log", show, methods=["GET"], response_class=Response)
