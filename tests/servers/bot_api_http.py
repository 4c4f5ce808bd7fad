"""The HTTP side of the local Bot API server: methods, long polling, webhook delivery and a small script API."""

from __future__ import annotations

import asyncio
import copy
import json
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.servers.bot_api_methods import call, ordered_error
from tests.servers.bot_api_payloads import Payload
from tests.servers.bot_api_state import ApiError, State

FILE_LIMIT = 50 * 1024 * 1024
_JSON_IN_FORMS = (
    "reply_markup",
    "allowed_updates",
    "commands",
    "link_preview_options",
    "drop_pending_updates",
    "message_ids",
)
TOKEN_SHAPE = re.compile(r"\d{3,}:[A-Za-z0-9_-]{8,}")
REDELIVERY_SECONDS = (0.05, 0.1, 0.2, 0.5)

Control = Callable[[str, Payload], Any]


class Delivery:
    """Long polls and webhook posts: the two ways an update reaches the bot."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._poster: asyncio.Task[None] | None = None
        state.wake = self.wake

    def wake(self) -> None:
        """May be called from any thread: something waits to be delivered, or delivery changed."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stir)

    def _stir(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
        if self.state.webhook.url and self._poster is None and not self.state.closing:
            self._poster = asyncio.get_running_loop().create_task(self._post())

    def use_running_loop(self) -> None:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()

    async def get_updates(self, parameters: Payload) -> list[Payload]:
        """Confirms everything below `offset`, then waits up to `timeout` seconds for what is left."""
        state = self.state
        failure = state.take_failure("getUpdates", parameters)
        if failure is not None:
            raise ordered_error(failure.status, failure.retry_after, failure.description)
        if state.webhook.url:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the "
                "webhook first",
            )
        offset = int(parameters.get("offset") or 0)
        limit = min(max(int(parameters.get("limit") or 100), 1), 100)
        deadline = time.monotonic() + float(parameters.get("timeout") or 0)
        if about_to := [update["update_id"] for update in state.pending if 0 < update["update_id"] < offset]:
            await asyncio.to_thread(state.before_confirming, about_to)
        with state.changed:
            state.allowed = parameters.get("allowed_updates", state.allowed)
            state.polls += 1
            mine = state.polls
            self._confirm(offset)
        self._stir()
        while True:
            news = self._news
            with state.changed:
                if mine != state.polls:
                    raise ordered_error(409, None, None)
                batch = copy.deepcopy(state.pending[:limit])
            if batch or state.closing or (left := deadline - time.monotonic()) <= 0:
                return batch
            try:
                async with asyncio.timeout(left):
                    await news.wait()
            except TimeoutError:
                continue

    def _confirm(self, offset: int) -> None:
        state = self.state
        if offset < 0:
            state.pending = state.pending[offset:]
        elif offset:
            done: set[int] = set()
            kept: list[Payload] = []
            for update in state.pending:
                # a double keeps its place once more: confirmed, and yet given again
                identifier = update["update_id"]
                if identifier < offset and identifier not in done:
                    done.add(identifier)
                    state.confirmed.append(identifier)
                else:
                    kept.append(update)
            state.pending = kept
        state.changed.notify_all()

    async def _post(self) -> None:
        """One update at a time, again and again until the bot answers 2xx."""
        state = self.state
        attempt = 0
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            while state.webhook.url and not state.closing:
                news = self._news
                with state.changed:
                    update = copy.deepcopy(state.pending[0]) if state.pending else None
                if update is None:
                    await news.wait()
                    continue
                headers = {"Content-Type": "application/json"}
                if state.webhook.secret:
                    headers["X-Telegram-Bot-Api-Secret-Token"] = state.webhook.secret
                try:
                    body = json.dumps(update).encode()
                    answer = await client.post(state.webhook.url, content=body, headers=headers)
                    problem = "" if answer.is_success else f"Wrong response from the webhook: {answer.status_code}"
                except httpx.HTTPError as error:
                    problem = f"Connection failed: {type(error).__name__}"
                with state.changed:
                    state.webhook.last_error = problem
                    if not problem and state.pending and state.pending[0] == update:
                        state.confirmed.append(update["update_id"])
                        del state.pending[0]
                    state.changed.notify_all()
                attempt = attempt + 1 if problem else 0
                if problem:
                    await asyncio.sleep(REDELIVERY_SECONDS[min(attempt, len(REDELIVERY_SECONDS)) - 1])
        self._poster = None


async def read_parameters(request: Request) -> Payload:
    """Parameters from the query string, a form or JSON; values that are JSON inside a form are opened."""
    found: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        async with request.form(max_part_size=FILE_LIMIT) as form:
            for name, value in form.items():
                found[name] = value if isinstance(value, str) else await _upload(value)
    elif kind.startswith("application/json"):
        found.update(json.loads(await request.body() or b"{}"))
    else:
        found.update(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    for name in _JSON_IN_FORMS:
        if isinstance(found.get(name), str):
            found[name] = json.loads(found[name])
    return found


async def _upload(file: UploadFile) -> Payload:
    return {"name": file.filename, "type": file.content_type, "content": await file.read()}


def answer(status: int, body: Payload) -> JSONResponse:
    return JSONResponse(body, status_code=status)


def build_app(state: State, control: Control) -> Starlette:
    """The app: `/bot<token>/<method>` as Telegram has it, and `POST /control/<action>` for scripts."""
    delivery = Delivery(state)

    async def bot_method(request: Request) -> JSONResponse:
        delivery.use_running_loop()
        method = request.path_params["method"]
        parameters = await read_parameters(request)
        try:
            check_token(state, request.path_params["token"])
            work: Awaitable[Any] | None = delivery.get_updates(parameters) if method == "getUpdates" else None
            result = await work if work is not None else call(state, method, parameters)
        except ApiError as error:
            state.record(method, parameters, error.status)
            body: Payload = {"ok": False, "error_code": error.status, "description": error.description}
            if error.parameters:
                body["parameters"] = error.parameters
            return answer(error.status, body)
        state.record(method, parameters, 200)
        return answer(200, {"ok": True, "result": result})

    async def script(request: Request) -> JSONResponse:
        delivery.use_running_loop()
        parameters = await read_parameters(request)
        try:
            found = await asyncio.to_thread(control, request.path_params["action"], parameters)
        except (LookupError, ValueError, TypeError, AssertionError) as error:
            return answer(400, {"error": str(error)})
        return answer(200, {"result": found})

    return Starlette(
        routes=[
            Route("/bot{token}/{method}", bot_method, methods=["GET", "POST"]),
            Route("/control/{action}", script, methods=["POST"]),
        ]
    )


def check_token(state: State, token: str) -> None:
    """A malformed token is 404, a well-formed one that is not the bot's is 401, as with Telegram."""
    if not TOKEN_SHAPE.fullmatch(token):
        raise ApiError(404, "Not Found")
    if state.token is not None and token != state.token:
        raise ApiError(401, "Unauthorized")
