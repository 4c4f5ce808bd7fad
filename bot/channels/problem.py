"""Errors of the web chat as application/problem+json (RFC 9457), in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec
import structlog
from fastapi import Request, Response
from fastapi.routing import APIRoute

from bot.channels.web_language import asked_language
from flows.texts import Texts

_log = structlog.get_logger("bot.web")

STATUS_OF = {
    "no_token": 401,
    "unknown_token": 404,
    "unknown_code": 404,
    "not_found": 404,
    "wrong_method": 405,
    "too_slow": 408,
    "too_large": 413,
    "text_too_long": 413,
    "not_json": 400,
    "wrong_fields": 400,
    "wrong_code_fields": 400,
    "wrong_after": 400,
    "cross_site": 403,
    "too_many_messages": 429,
    "too_many_sessions": 429,
    "too_many_codes": 429,
    "too_many_streams": 429,
    "too_many_pages": 429,
    "wrong_form": 400,
    "too_many_files": 429,
    "fault": 500,
}
"""Every problem by name; its texts are `webchat.problem.<name>.title` and `.detail`."""


class Problem(Exception):
    """Raised by an endpoint; ProblemRoute turns it into the answer. `name` is a key of STATUS_OF."""

    def __init__(self, name: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(name)
        self.name = name
        self.headers = dict(headers or {})


def problem_response(problem: Problem, request: Request, texts: Texts) -> Response:
    """The answer for `problem`: type (a relative name), title, status, detail."""
    language = asked_language(request)
    status = STATUS_OF[problem.name]
    body = {
        "type": f"/chat/problems/{problem.name}",
        "title": texts.render(f"webchat.problem.{problem.name}.title", language),
        "status": status,
        "detail": texts.render(f"webchat.problem.{problem.name}.detail", language),
    }
    headers = {"Content-Language": language, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(msgspec.json.encode(body), status, headers | problem.headers, media_type="application/problem+json")


def problem_route(texts: Texts) -> type[APIRoute]:
    """A route class whose endpoints may raise Problem; any other error becomes `fault` and one log line."""

    class ProblemRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                try:
                    return await answer(request)
                except Problem as problem:
                    return problem_response(problem, request, texts)
                except Exception as error:
                    # The message of an error may hold what someone wrote; its kind never does.
                    _log.error("web_chat_fault", kind=type(error).__name__, route=self.path)
                    return problem_response(Problem("fault", {"Retry-After": "5"}), request, texts)

            return guarded

    return ProblemRoute
