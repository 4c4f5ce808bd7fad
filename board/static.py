"""The style sheet and the one script, from memory: nothing else can be asked for."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from board.page import STATIC, Pages
from desk.hand_off_views import NotFound


def add_routes(board: APIRouter, pages: Pages) -> None:
    def file(name: str) -> Response:
        if name not in STATIC:
            raise NotFound(name)
        # The address holds the content's hash, so a new version has a new address.
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(pages.static[name], media_type=STATIC[name], headers=headers)

    board.add_api_route("/static/{name}", file, methods=["GET"], response_class=Response)
