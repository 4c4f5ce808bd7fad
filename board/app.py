"""The board for hosts, organisations and the team, as one router to mount in the application."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from board import alerts, conversation, events, figures, hand_offs, log, login, static
from board.guard import route_class
from board.page import Pages, go_to
from desk.bootstrap import Desk


def router(desk: Desk, closing: asyncio.Event | None = None) -> APIRouter:
    """All pages under `/board`. Set `closing` (in the event loop) when the server stops: open streams then end."""
    pages = Pages(desk)
    board = APIRouter(prefix="/board", route_class=route_class(pages), include_in_schema=False)
    board.add_api_route("", lambda: go_to("/board/hand-offs"), methods=["GET"])
    for part in (static, login, hand_offs, alerts, conversation, log, figures):
        part.add_routes(board, pages)
    events.add_routes(board, pages, closing or asyncio.Event())
    return board
