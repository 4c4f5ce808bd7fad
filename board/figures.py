"""Sums for the residents' council: per theme how many, and never a number under five."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter, Request
from fastapi.responses import Response

from board.guard import user_here, visit_of
from board.page import Pages
from desk.visibility import has_role
from storage.unit_of_work import UnitOfWork

FEWEST = 5
_BATCH = 500
_ROLES = frozenset({"council", "team_lead"})


def sums(uow: UnitOfWork) -> list[tuple[str, int | None]]:
    """Theme → count, None for fewer than five. No total stands beside it: it would give the hidden ones away."""
    counted: Counter[str] = Counter()
    offset = 0
    while rows := uow.routing_log.rows(limit=_BATCH, offset=offset):
        counted.update(row.theme for row in rows)
        offset += len(rows)
    ordered = sorted(counted.items(), key=lambda item: (-(item[1] if item[1] >= FEWEST else 0), item[0]))
    return [(theme, count if count >= FEWEST else None) for theme, count in ordered]


def add_routes(board: APIRouter, pages: Pages) -> None:
    desk = pages.desk

    def show(request: Request) -> Response:
        visit = visit_of(pages, request)
        if not has_role(user_here(visit), _ROLES):
            return pages.page(
                visit, "error.html", 403, heading="board.error.not_allowed", more="board.hand_offs.nothing_for_role"
            )
        return pages.page(visit, "figures.html", here="figures", sums=desk.database.read(sums))

    board.add_api_route("/figures", show, methods=["GET"], response_class=Response)
