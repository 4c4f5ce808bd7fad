"""The page that a resident's link opens: their words, two buttons, and room for a line back."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from bot.channels.web_language import asked_language
from bot.channels.web_link_pages import Gone, LinkPages
from desk.invitation_page import LONGEST_LINE, Answered, Invitation, answer, look
from desk.links import INVITATION
from storage.key_ring import token_hash
from storage.records import LinkAnswer

_ANSWERS: dict[str, LinkAnswer] = {"yes": "yes", "no": "no"}


def add_routes(routes: APIRouter, pages: LinkPages) -> None:
    page = InvitationPage(pages)
    routes.add_api_route(f"{INVITATION}{{token}}", pages.guarded(page.show), methods=["GET", "HEAD"])
    routes.add_api_route(f"{INVITATION}{{token}}", pages.guarded(page.take), methods=["POST"])


class InvitationPage:
    def __init__(self, pages: LinkPages) -> None:
        self._pages = pages
        self._database = pages.desk.database

    async def show(self, request: Request, token: str) -> Response:
        return self._page(request, await self._invitation(token))

    async def take(self, request: Request, token: str) -> Response:
        """303 back to the page once the answer is committed; the numbers at once when the line speaks of danger."""
        invitation = await self._invitation(token)
        form = await self._pages.read_form(request, token_hash(token))
        said, line = _ANSWERS.get(form.get("answer", "")), form.get("line", "")
        if said is None:
            return self._page(request, invitation, "choose", 400, line)
        try:
            answered = await self._answer(request, token, form.get("form", ""), said, line)
        except ValueError:
            return self._page(request, invitation, "too_long", 413, line)
        if answered.stale:
            return self._page(request, await self._invitation(token), "stale", 409)
        if answered.card:
            return self._page(request, await self._invitation(token), card=answered.card)
        return self._pages.see_other(request)

    async def _invitation(self, token: str) -> Invitation:
        found = await asyncio.to_thread(self._database.read, lambda uow: look(uow, token))
        if found is None:
            raise Gone
        return found

    async def _answer(self, request: Request, token: str, form: str, said: LinkAnswer, line: str) -> Answered:
        desk, language = self._pages.desk, asked_language(request)
        work = self._database.write(lambda uow: answer(uow, desk, token, form, said, line, language))
        answered = await asyncio.wrap_future(work)
        if answered is None:
            raise Gone
        return answered

    def _page(
        self,
        request: Request,
        invitation: Invitation,
        note: str = "",
        status: int = 200,
        line: str = "",
        card: str = "",
    ) -> Response:
        return self._pages.page(
            request,
            "invitation.html",
            status,
            invitation=invitation,
            note=note,
            line=line,
            card=card,
            longest=LONGEST_LINE,
        )
