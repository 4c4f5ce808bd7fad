"""The page for somebody another asked for: it opens a conversation of their own with the card, or says no at once."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from bot.channels.web_link_pages import Gone, LinkPages
from desk import card_page
from desk.links import CARD
from storage.key_ring import token_hash

_TEMPLATE = "card.html"


def add_routes(routes: APIRouter, pages: LinkPages) -> None:
    page = CardPage(pages)
    routes.add_api_route(f"{CARD}{{token}}", pages.guarded(page.show), methods=["GET", "HEAD"])
    routes.add_api_route(f"{CARD}{{token}}", pages.guarded(page.take), methods=["POST"])


class CardPage:
    def __init__(self, pages: LinkPages) -> None:
        self._pages = pages
        self._database = pages.desk.database

    async def show(self, request: Request, token: str) -> Response:
        return self._pages.page(request, _TEMPLATE, state="asks", form=await self._form(token))

    async def take(self, request: Request, token: str) -> Response:
        """The link is used up by either button, so a form that is sent twice counts once."""
        shown = await self._form(token)
        fields = await self._pages.read_form(request, token_hash(token))
        form, tell = fields.get("form", ""), fields.get("tell") == "yes"
        taken: Response | None = None
        if fields.get("answer") == "open":
            taken = await self._open(request, token, form, tell)
        elif fields.get("answer") == "no":
            taken = await self._refuse(request, token, form, tell)
        return taken or self._pages.page(request, _TEMPLATE, 400, state="asks", form=shown)

    async def _open(self, request: Request, token: str, form: str, tell: bool) -> Response | None:
        desk = self._pages.desk
        work = self._database.write(lambda uow: card_page.open_card(uow, desk, token, form, tell=tell))
        opened = await asyncio.wrap_future(work)
        if opened is None:
            return None
        values: dict[str, Any] = {"token": opened.token, "code": opened.resume_code}
        return self._pages.page(request, _TEMPLATE, script=True, state="opened", **values)

    async def _refuse(self, request: Request, token: str, form: str, tell: bool) -> Response | None:
        desk = self._pages.desk
        work = self._database.write(lambda uow: card_page.refuse(uow, desk, token, form, tell=tell))
        return self._pages.page(request, _TEMPLATE, state="refused") if await asyncio.wrap_future(work) else None

    async def _form(self, token: str) -> str:
        form = await asyncio.to_thread(self._database.read, lambda uow: card_page.look(uow, token))
        if form is None:
            raise Gone
        return form
