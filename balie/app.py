"""The web application: chat, board, webhook and the two pages that say how the desk is doing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse

from board.app import router as board_router
from bot.channels.web import router as chat_router
from bot.understand import Understanding
from desk.bootstrap import Desk
from storage.migrate import check

if TYPE_CHECKING:
    from bot.channels.telegram_start import Telegram


def build_app(
    desk: Desk,
    closing: asyncio.Event | None = None,
    understanding: Understanding | None = None,
    telegram: Telegram | None = None,
) -> FastAPI:
    """Every page of the desk. Set `closing` (in the event loop) when the server stops, so that open streams end."""
    app = FastAPI(title="Buurtbalie", openapi_url=None)
    app.include_router(chat_router(desk, closing))
    app.include_router(board_router(desk, closing))
    app.include_router(_health(desk, understanding))
    if telegram is not None and telegram.router is not None:
        app.include_router(telegram.router)
    return app


def _health(desk: Desk, understanding: Understanding | None) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    def readyz() -> JSONResponse:
        """Database and migrations decide; without the language model the desk is ready, with the menu."""
        parts = {"database": "ok", "migrations": "ok"}
        try:
            desk.database.read(lambda uow: uow.directory.version())
            check(desk.settings.database.url)
        except Exception as error:
            parts["database"] = type(error).__name__
        parts["nlu"] = "ok" if understanding is not None and understanding.ready else "away"
        ready = parts["database"] == "ok"
        return JSONResponse({"ready": ready, **parts}, status_code=200 if ready else 503)

    routes.add_api_route("/healthz", healthz, methods=["GET"])
    routes.add_api_route("/readyz", readyz, methods=["GET"])
    return routes
