"""The web chat over HTTP: sessions, messages, events, files. A message is acknowledged once committed, not before."""

from __future__ import annotations

import asyncio
import math

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from bot.channels import web_card, web_invitation, web_page
from bot.channels.problem import Problem, problem_route
from bot.channels.web_events import WakeUps, stream
from bot.channels.web_flood import Flood
from bot.channels.web_language import asked_language
from bot.channels.web_limits import Throttle, is_this_machine, network_of, read_body, refuse_other_sites
from bot.channels.web_link_pages import LinkPages
from bot.channels.web_messages import messages_after, read_code, read_posted
from desk.bootstrap import Desk
from desk.my_data_file import Kind, file_of
from desk.receive import Incoming, store
from storage.records import Contact
from storage.unit_of_work import UnitOfWork
from storage.web_sessions import LIFETIME

SESSIONS_A_MINUTE = 60
WRONG_CODES_A_MINUTE = 10
FILES_A_MINUTE = 10
SLIDE_SECONDS = 2 * 3600.0

_PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
_INERT = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
_METHODS = {
    "sessions": "POST",
    "resume": "POST",
    "messages": "GET, POST",
    "events": "GET",
    "data": "GET",
    "data.html": "GET",
}


def router(desk: Desk, closing: asyncio.Event | None = None) -> APIRouter:
    """Every route of the web chat. Set `closing` (in the event loop) when the server stops: open streams then end."""
    chat = WebChat(desk, closing or asyncio.Event())
    routes = APIRouter(route_class=problem_route(desk.texts), include_in_schema=False)
    routes.add_api_route("/chat/sessions", chat.open_session, methods=["POST"])
    routes.add_api_route("/chat/resume", chat.resume, methods=["POST"])
    routes.add_api_route("/chat/messages", chat.post, methods=["POST"])
    routes.add_api_route("/chat/messages", chat.messages, methods=["GET"])
    routes.add_api_route("/chat/events", chat.events, methods=["GET"])
    routes.add_api_route("/chat/data", chat.data, methods=["GET"])
    routes.add_api_route("/chat/data.html", chat.data_page, methods=["GET"])
    files = web_page.add_routes(routes, desk)
    pages = LinkPages(desk, files)
    web_invitation.add_routes(routes, pages)
    web_card.add_routes(routes, pages)
    routes.add_api_route(
        "/chat/{rest:path}", chat.elsewhere, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]
    )
    return routes


class WebChat:
    """The endpoints. Blocking work goes to threads; limits are counted in the event loop."""

    def __init__(self, desk: Desk, closing: asyncio.Event) -> None:
        self._desk = desk
        self._closing = closing
        self._wake_ups = WakeUps(desk.database.subscribe)
        self._flood = Flood()
        self._sessions = Throttle(SESSIONS_A_MINUTE, 60.0)
        self._wrong_codes = Throttle(WRONG_CODES_A_MINUTE, 60.0)
        self._files = Throttle(FILES_A_MINUTE, 60.0)
        self._slides = Throttle(1, SLIDE_SECONDS)

    async def open_session(self, request: Request) -> Response:
        """201 with a token and a resume code for a new, empty conversation."""
        refuse_other_sites(request)
        seconds = 0.0 if is_this_machine(request) else self._sessions.take(network_of(request))
        if seconds:
            raise Problem("too_many_sessions", _retry_after(seconds))
        token, resume_code, _, expires_at = await asyncio.wrap_future(
            self._desk.database.write(lambda uow: uow.web.open())
        )
        return _json(201, {"token": token, "expires_at": expires_at, "resume_code": resume_code})

    async def resume(self, request: Request) -> Response:
        """201 with a new token for the conversation that the code belongs to."""
        refuse_other_sites(request)
        network = network_of(request)
        seconds = self._wrong_codes.wait(network)
        if seconds:
            raise Problem("too_many_codes", _retry_after(seconds))
        code = read_code(await read_body(request))
        token, expires_at = await asyncio.wrap_future(
            self._desk.database.write(lambda uow: (uow.web.resume(code), uow.now + LIFETIME))
        )
        if token is None:
            self._wrong_codes.note(network)
            raise Problem("unknown_code")
        return _json(201, {"token": token, "expires_at": expires_at})

    async def post(self, request: Request) -> Response:
        """202 with the message's number once it is committed; 200 with the same number for a double."""
        refuse_other_sites(request)
        contact, address = await self._caller(request)
        body = await read_body(request)
        posted = read_posted(body)
        provider_id = f"{contact.id}:{posted.id}"
        seconds = await self._flood.seconds_to_wait(contact.id, posted.text or "")
        if seconds:
            return await self._double_or_later(provider_id, seconds)
        incoming = Incoming(
            channel="web",
            bot="web",
            provider_id=provider_id,
            address=address,
            payload=body,
            text=posted.text or "",
            choice=posted.choice,
            attachment=None,
            language_hint=asked_language(request),
        )
        receipt = await asyncio.wrap_future(store(self._desk, incoming))
        return _json(202 if receipt.is_new else 200, {"n": receipt.n})

    async def _double_or_later(self, provider_id: str, seconds: int) -> Response:
        row = await asyncio.to_thread(self._desk.database.read, lambda uow: uow.inbox.find("web", "web", provider_id))
        if row is None:
            raise Problem("too_many_messages", _retry_after(seconds))
        return _json(200, {"n": row.n})

    async def messages(self, request: Request) -> Response:
        """200 with the messages after `after`, both directions."""
        refuse_other_sites(request)
        contact, _ = await self._caller(request)
        after = _number(request.query_params.get("after", "0"))
        return _json(200, {"messages": await messages_after(self._desk, contact.conversation_id, after)})

    async def events(self, request: Request) -> Response:
        """The same messages as server-sent events, from `Last-Event-ID` (or `after`) on."""
        refuse_other_sites(request)
        contact, _ = await self._caller(request)
        after = _number(request.headers.get("last-event-id") or request.query_params.get("after", "0"))
        self._wake_ups.refuse_when_full(f"conversation:{contact.conversation_id}")
        return StreamingResponse(
            stream(self._desk, self._wake_ups, self._closing, contact, after),
            media_type="text/event-stream",
            headers=_PRIVATE | {"X-Accel-Buffering": "no"},
        )

    async def data(self, request: Request) -> Response:
        """200 with everything the desk keeps of this resident, as JSON to keep."""
        return await self._file(request, "json")

    async def data_page(self, request: Request) -> Response:
        """200 with the same as a page to read and print."""
        return await self._file(request, "html")

    async def _file(self, request: Request, kind: Kind) -> Response:
        refuse_other_sites(request)
        contact, _ = await self._caller(request)
        seconds = self._files.take(contact.id)
        if seconds:
            raise Problem("too_many_files", _retry_after(seconds))
        made = await asyncio.to_thread(file_of, self._desk, contact.id, kind)
        if made is None:
            raise Problem("unknown_token")
        headers = {"Content-Disposition": f'attachment; filename="{made.name}"', "Content-Language": made.language}
        return Response(made.content, headers=_PRIVATE | _INERT | headers, media_type=made.media_type)

    async def elsewhere(self, request: Request) -> Response:
        """Anything else below /chat/: a known path with another method, or nothing at all."""
        allowed = _METHODS.get(request.path_params["rest"])
        raise Problem("wrong_method", {"Allow": allowed}) if allowed else Problem("not_found")

    async def _caller(self, request: Request) -> tuple[Contact, str]:
        """Whose token the request carries, and that contact's address."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Problem("no_token", {"WWW-Authenticate": "Bearer"})
        caller = await asyncio.to_thread(self._desk.database.read, lambda uow: _caller_of(uow, token))
        if caller is None:
            raise Problem("unknown_token")
        if not self._slides.take(caller[0].id):
            # Reading changes nothing; once in a while a write keeps the session from running out.
            await asyncio.wrap_future(self._desk.database.write(lambda uow: uow.web.contact(token)))
        return caller


def _caller_of(uow: UnitOfWork, token: str) -> tuple[Contact, str] | None:
    contact = uow.web.contact(token)
    return None if contact is None or contact.erased else (contact, uow.contacts.address(contact.id))


def _json(status: int, body: object) -> Response:
    return Response(msgspec.json.encode(body), status, _PRIVATE, media_type="application/json")


def _retry_after(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Problem("wrong_after")
    return int(text)
