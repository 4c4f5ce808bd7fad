"""Pages that are opened by a link somebody was given: what they share. No cookie, no account, no need of a script.

The address is the secret. So nothing is kept by the browser or by search engines, no other site hears of it, and who
guesses addresses is soon told to wait. Every error is a page too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.problem import STATUS_OF, Problem
from bot.channels.web_language import asked_language
from bot.channels.web_limits import Throttle, is_this_machine, network_of, read_body, refuse_other_sites
from bot.channels.web_page import FOLDER, SECURITY, StaticFiles
from desk.bootstrap import Desk, facts_of
from flows.texts import LANGUAGES

PAGES_A_MINUTE = 60
WRONG_LINKS_A_MINUTE = 10
ANSWERS_AN_HOUR = 20
"""To one link: whoever has it can change the answer, and each change is a message to a resident."""

FORM_LIMIT = 16 * 1024  # bytes
_FIELDS = 20

# The browser tells our own form from another site's by `Origin`, which "no-referrer" would blank.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = SECURITY | {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Vary": "Accept-Language",
}

Handler = Callable[[Request, str], Awaitable[Response]]


class Gone(Exception):
    """No page opens with this link, or no longer."""


class LinkPages:
    """Renders the pages, reads their forms and keeps count of who asks. Lives in the event loop of one process."""

    def __init__(self, desk: Desk, files: StaticFiles) -> None:
        self.desk = desk
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        exit_address = desk.settings.quick_exit_url
        self._environment.globals.update(
            static=files.path,
            team=desk.settings.team.name,
            languages=LANGUAGES,
            exit_address=exit_address,
            exit_host=(urlsplit(exit_address).hostname or "").removeprefix("www."),
        )
        self._facts = facts_of(desk.settings)
        self._pages = Throttle(PAGES_A_MINUTE, 60.0)
        self._wrong = Throttle(WRONG_LINKS_A_MINUTE, 60.0)
        self._answers = Throttle(ANSWERS_AN_HOUR, 3600.0)

    def guarded(self, handler: Handler) -> Handler:
        """`handler` with the limits before it and a page for what it raises: Problem, or Gone."""

        async def answer(request: Request, token: str) -> Response:
            network = network_of(request)
            try:
                if self._wrong.wait(network) or (not is_this_machine(request) and self._pages.take(network)):
                    raise Problem("too_many_pages", {"Retry-After": "60"})
                if request.method == "POST":
                    refuse_other_sites(request)
                return await handler(request, token)
            except Gone:
                self._wrong.note(network)
                return self.page(request, "link_gone.html", 404)
            except Problem as problem:
                page = self.page(request, "link_problem.html", STATUS_OF[problem.name], problem=problem.name)
                page.headers.update(problem.headers)
                return page

        return answer

    def page(
        self, request: Request, template: str, status: int = 200, *, script: bool = False, **values: Any
    ) -> Response:
        """`script`: the page may run a script of ours; it must read as well without."""
        language = asked_language(request)

        def text(key: str, **more: Any) -> str:
            return self.desk.texts.render(key, language, **{**self._facts[language], **more})

        words = self._environment.get_template(template).render(text=text, language=language, **values)
        headers = _HEADERS | {"Content-Language": language}
        if script:
            headers["Content-Security-Policy"] = f"{_POLICY}; script-src 'self'"
        return Response(words, status, headers, media_type="text/html; charset=utf-8")

    def see_other(self, request: Request) -> Response:
        """Back to the page itself, so that reloading it sends nothing twice."""
        where = f"{request.url.path}?language={asked_language(request)}"
        return Response(None, 303, _HEADERS | {"Location": where})

    async def read_form(self, request: Request, link_id: str) -> dict[str, str]:
        """The fields of a form as they were sent, the last of each name. Raises Problem."""
        if self._answers.take(link_id):
            raise Problem("too_many_pages", {"Retry-After": "3600"})
        body = await read_body(request, FORM_LIMIT)
        try:
            return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_FIELDS))
        except ValueError:
            raise Problem("wrong_form") from None
