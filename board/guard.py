"""At the door of every route: who it is, whether the form came from our own page, and what an error looks like."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from board.page import HEADERS, LANGUAGE_COOKIE, SESSION_COOKIE, Pages, Visit
from desk.duty import NoAlert
from desk.hand_off_views import NotFound
from desk.hand_offs import NotAllowed
from desk.login import user_of
from desk.take_over import NoConversation
from desk.taps import TakenByAnother
from flows.texts import LANGUAGES
from storage.records import User

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class NotLoggedIn(Exception):
    pass


class WrongForm(Exception):
    """Something a form of ours would not have sent."""


class CrossSite(Exception):
    """A form or event stream asked for by another site."""


def route_class(pages: Pages) -> type[APIRoute]:
    """Routes of the board: they check where a request comes from and answer every error with a page."""

    class BoardRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            inner = super().get_route_handler()

            async def handle(request: Request) -> Response:
                try:
                    _check_site(request)
                    response = await inner(request)
                except ERRORS as error:
                    response = await run_in_threadpool(_error_page, pages, request, error)
                for name, value in HEADERS.items():
                    response.headers.setdefault(name, value)
                return response

            return handle

    return BoardRoute


ERRORS = (
    NotLoggedIn,
    CrossSite,
    NotFound,
    NoAlert,
    NoConversation,
    NotAllowed,
    TakenByAnother,
    RequestValidationError,
    WrongForm,
)


def visit_of(pages: Pages, request: Request) -> Visit:
    """Raises `NotLoggedIn`."""
    visit = visit_of_anyone(pages, request)
    if visit.user is None:
        raise NotLoggedIn
    return visit


def user_here(visit: Visit) -> User:
    if visit.user is None:
        raise NotLoggedIn
    return visit.user


def visit_of_anyone(pages: Pages, request: Request) -> Visit:
    user = user_of(pages.desk, request.cookies.get(SESSION_COOKIE))
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return Visit(user, chosen if chosen in LANGUAGES else LANGUAGES[0], pages.desk.database.clock())


def _check_site(request: Request) -> None:
    """A browser says where a form comes from: in `Sec-Fetch-Site`, or in `Origin` when it is older. One that says
    neither is refused. Reading a page needs nothing; the event stream says for itself who may read it."""
    came_from = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if request.method in ("GET", "HEAD"):
        if request.url.path.endswith("/events") and (
            came_from not in (None, "same-origin") or (origin is not None and not _is_ours(request, origin))
        ):
            raise CrossSite
        return
    if came_from is not None and came_from != "same-origin":
        raise CrossSite
    if origin is not None:
        if not _is_ours(request, origin):
            raise CrossSite
    elif came_from is None:
        raise CrossSite


def _is_ours(request: Request, origin: str) -> bool:
    return urlsplit(origin).netloc.casefold() == request.headers.get("host", "").casefold()


def _error_page(pages: Pages, request: Request, error: Exception) -> Response:
    if isinstance(error, NotLoggedIn):
        visit = Visit(None, visit_of_anyone(pages, request).language, pages.desk.database.clock())
        return pages.page(visit, "login.html", 401, notice="board.login.again", wrong="", login="")
    visit = visit_of_anyone(pages, request)
    if isinstance(error, NoAlert):
        return _error(pages, visit, 404, "board.error.not_found", "board.alert.not_found")
    if isinstance(error, NotFound | NoConversation):
        return _error(pages, visit, 404, "board.error.not_found", "board.error.not_found_more")
    if isinstance(error, NotAllowed):
        status = 409 if error.why == "status" else 403
        return _error(pages, visit, status, "board.error.not_allowed", f"board.no.{error.why}")
    if isinstance(error, TakenByAnother):
        return _error(pages, visit, 409, "board.error.not_allowed", "board.no.taken")
    if isinstance(error, CrossSite):
        return _error(pages, visit, 403, "board.error.not_allowed", "board.error.cross_site")
    return _error(pages, visit, 422, "board.error.not_allowed", "board.error.form")


def _error(pages: Pages, visit: Visit, status: int, heading: str, more: str) -> Response:
    return pages.page(visit, "error.html", status, heading=heading, more=more)
