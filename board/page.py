"""Pages of the board: templates with every word from the locale files, and the headers that keep a page safe."""

from __future__ import annotations

import hashlib
from datetime import datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FunctionLoader, StrictUndefined
from msgspec import Struct

from board import menu
from desk.bootstrap import Desk
from desk.visibility import TAKE_OVER_ROLES, has_role
from storage.records import User

SESSION_COOKIE = "board_session"
DEVICE_COOKIE = "board_device"
LANGUAGE_COOKIE = "board_language"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
STATIC = {"board.css": "text/css; charset=utf-8", "board.js": "text/javascript; charset=utf-8"}
_ZONE = ZoneInfo("Europe/Amsterdam")


class Visit(Struct, frozen=True):
    """Who looks, in which language, and when."""

    user: User | None
    language: str
    now: datetime


class Pages:
    """Renders templates for one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.static = {name: (files("board") / "static" / name).read_bytes() for name in STATIC}
        self._versions = {name: hashlib.sha256(content).hexdigest()[:12] for name, content in self.static.items()}
        self._environment = Environment(
            loader=FunctionLoader(_template), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._environment.filters["clock_time"] = _clock_time

    def page(self, visit: Visit, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        texts, language = self.desk.texts, visit.language

        def t(key: str, **more: Any) -> str:
            return texts.render(key, language, **more)

        def t_or(key: str, instead: str) -> str:
            """What an operator added (a theme, a rule) has no text here; its own name is better than nothing."""
            return texts.render(key, language) if texts.has(key, language) else instead

        user = visit.user
        values = {
            "t": t,
            "t_or": t_or,
            "waits": lambda since: _since(t, "board.waits", since, visit.now),
            "ago": lambda since: _since(t, "board.since", since, visit.now),
            "seconds_left": lambda due: max(0, round((due - visit.now).total_seconds())),
            "language": language,
            "municipality": self.desk.settings.municipality,
            "user": user,
            "sees_conversations": user is not None and has_role(user, TAKE_OVER_ROLES),
            "menu": menu.entries(menu.DAILY, user),
            "managing": menu.entries(menu.MANAGING, user),
            "versions": self._versions,
            "here": "",
            "notice": "",
            "reload": False,
            **values,
        }
        return HTMLResponse(self._environment.get_template(template).render(values), status_code=status)


def _template(name: str) -> str:
    return (files("board") / "templates" / name).read_text("utf-8")


def _since(t: Any, group: str, since: datetime, now: datetime) -> str:
    """Time that passed, rounded down, in words."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    for unit, size in (("day", 24 * 60), ("hour", 60)):
        count = minutes // size
        if count:
            return str(t(f"{group}.{unit}") if count == 1 else t(f"{group}.{unit}s", count=count))
    return str(t(f"{group}.minutes", count=minutes) if minutes else t(f"{group}.moment"))


def _clock_time(moment: datetime) -> str:
    """As on the clock in the Netherlands: "3-2 14:05"."""
    there = moment.astimezone(_ZONE)
    return f"{there.day}-{there.month} {there:%H:%M}"


def go_to(path: str) -> RedirectResponse:
    """After a form: a fresh page, so that going back or refreshing sends nothing twice."""
    return RedirectResponse(path, status_code=303)


def is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int | None = None) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/board", secure=is_secure(request), httponly=True, samesite="strict"
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(name, path="/board", secure=is_secure(request), httponly=True, samesite="strict")
