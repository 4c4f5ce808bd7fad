"""Logging in and out, choosing a password, and the language of the pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from board.guard import user_here, visit_of, visit_of_anyone
from board.page import (
    DEVICE_COOKIE,
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    Pages,
    Visit,
    drop_cookie,
    go_to,
    set_cookie,
)
from desk.login import SHORTEST, LoggedIn, MustChange, change_password, log_in, log_out
from flows.texts import LANGUAGES

_YEAR = 365 * 24 * 3600
_LONGEST_FIELD = 1000
Field = Annotated[str, Form(max_length=_LONGEST_FIELD)]


def add_routes(board: APIRouter, pages: Pages) -> None:
    desk = pages.desk

    def welcome(request: Request) -> Response:
        visit = visit_of_anyone(pages, request)
        if visit.user is not None:
            return go_to("/board/hand-offs")
        return pages.page(visit, "login.html", wrong="", login="")

    def enter(request: Request, login: Field = "", password: Field = "") -> Response:
        visit = visit_of_anyone(pages, request)
        outcome = log_in(desk, login, password, _source(request), request.cookies.get(DEVICE_COOKIE))
        if isinstance(outcome, LoggedIn):
            return _inside(request, outcome)
        if isinstance(outcome, MustChange):
            return _password_page(visit, login=login, old=password)
        status = 429 if outcome.why == "wait" else 401
        nobody = Visit(None, visit.language, visit.now)
        return pages.page(nobody, "login.html", status, wrong=f"board.login.{outcome.why}", login=login)

    def leave(request: Request) -> Response:
        log_out(desk, request.cookies.get(SESSION_COOKIE, ""))
        response = go_to("/board/login")
        drop_cookie(request, response, SESSION_COOKIE)
        return response

    def ask_password(request: Request) -> Response:
        visit = visit_of(pages, request)
        return _password_page(visit, login=user_here(visit).login)

    def save_password(request: Request, login: Field = "", old: Field = "", new: Field = "") -> Response:
        """For whoever is inside, and for whoever has only the one-time password."""
        visit = visit_of_anyone(pages, request)
        if visit.user is not None:
            login = visit.user.login
        outcome = change_password(desk, login, old, new, _source(request), request.cookies.get(DEVICE_COOKIE))
        if isinstance(outcome, LoggedIn):
            return _inside(request, outcome)
        first = old if visit.user is None and outcome.why not in ("wrong", "wait") else ""
        status = {"wrong": 401, "wait": 429}.get(outcome.why, 422)
        return _password_page(visit, status, wrong=f"board.password.{outcome.why}", login=login, old=first)

    def choose_language(request: Request, to: Field = "") -> Response:
        response = go_to("/board/hand-offs" if request.cookies.get(SESSION_COOKIE) else "/board/login")
        if to in LANGUAGES:
            set_cookie(request, response, LANGUAGE_COOKIE, to, _YEAR)
        return response

    def _password_page(visit: Visit, status: int = 200, wrong: str = "", login: str = "", old: str = "") -> Response:
        return pages.page(
            visit, "password.html", status, wrong=wrong, login=login, old=old, shortest=SHORTEST, here="password"
        )

    board.add_api_route("/login", welcome, methods=["GET"], response_class=Response)
    board.add_api_route("/login", enter, methods=["POST"], response_class=Response)
    board.add_api_route("/logout", leave, methods=["POST"], response_class=Response)
    board.add_api_route("/password", ask_password, methods=["GET"], response_class=Response)
    board.add_api_route("/password", save_password, methods=["POST"], response_class=Response)
    board.add_api_route("/language", choose_language, methods=["POST"], response_class=Response)


def _inside(request: Request, outcome: LoggedIn) -> Response:
    response = go_to("/board/hand-offs")
    # Without an age: the browser forgets it when it closes; the session itself ends after twelve hours.
    set_cookie(request, response, SESSION_COOKIE, outcome.token)
    set_cookie(request, response, DEVICE_COOKIE, outcome.device, _YEAR)
    return response


def _source(request: Request) -> str:
    return request.client.host if request.client else ""
