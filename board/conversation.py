"""Conversations that wait for a person: take one, write, give it back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from board.guard import user_here, visit_of
from board.hand_offs import NOTICES
from board.page import Pages, go_to
from desk import take_over
from desk.correspondence import CannotWrite
from desk.take_over import NoConversation


def add_routes(board: APIRouter, pages: Pages) -> None:
    desk = pages.desk

    def show_list(request: Request, notice: str = "") -> Response:
        visit = visit_of(pages, request)
        user = user_here(visit)
        asks = desk.database.read(lambda uow: take_over.waiting(uow, desk, user))
        return pages.page(
            visit,
            "conversations.html",
            here="conversations",
            asks=asks,
            notice=NOTICES.get(notice, ""),
            reload=any(one.tap for one in asks),
        )

    def show_one(request: Request, conversation_id: str, notice: str = "") -> Response:
        visit = visit_of(pages, request)
        user = user_here(visit)
        joined = take_over.open_one(desk, user, conversation_id)
        return pages.page(
            visit,
            "conversation.html",
            here="conversations",
            joined=joined,
            one=joined.asks,
            notice=NOTICES.get(notice, ""),
            reload=joined.asks.tap is not None,
        )

    def take(request: Request, conversation_id: str) -> Response:
        user = user_here(visit_of(pages, request))
        desk.database.run(lambda uow: take_over.take(uow, desk, user, conversation_id))
        return go_to(f"/board/conversations/{conversation_id}")

    def give_back(request: Request, conversation_id: str) -> Response:
        user = user_here(visit_of(pages, request))
        desk.database.run(lambda uow: take_over.give_back(uow, desk, user, conversation_id))
        return go_to(f"/board/conversations/{conversation_id}")

    def undo(request: Request, conversation_id: str) -> Response:
        user = user_here(visit_of(pages, request))
        undone = desk.database.run(lambda uow: take_over.undo(uow, desk, user, conversation_id))
        return go_to(f"/board/conversations/{conversation_id}?notice={'undone' if undone else 'too_late'}")

    def write(request: Request, conversation_id: str, text: Annotated[str, Form(max_length=20_000)] = "") -> Response:
        user = user_here(visit_of(pages, request))
        try:
            written = desk.database.run(lambda uow: take_over.write(uow, desk, user, conversation_id, text))
        except CannotWrite as error:
            return go_to(f"/board/conversations/{conversation_id}?notice={error.why}#write")
        return go_to(f"/board/conversations/{conversation_id}{'?notice=masked' if written.masked else ''}#write")

    def gone(request: Request, conversation_id: str, notice: str = "") -> Response:
        """A conversation that went back to the desk leads to the list, not to an error."""
        try:
            return show_one(request, conversation_id, notice)
        except NoConversation:
            if notice:
                return go_to("/board/conversations?notice=gone")
            raise

    board.add_api_route("/conversations", show_list, methods=["GET"], response_class=Response)
    one = "/conversations/{conversation_id}"
    board.add_api_route(one, gone, methods=["GET"], response_class=Response)
    for name, form in (("take", take), ("give-back", give_back), ("undo", undo), ("messages", write)):
        board.add_api_route(f"{one}/{name}", form, methods=["POST"], response_class=Response)
