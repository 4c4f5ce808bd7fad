"""Asks the NLU what a text means, with a time limit. Without an answer the menu carries the conversation."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import httpx
import structlog
from msgspec.structs import replace

from bot.clauses import clauses
from bot.spoken import spoken_at_once
from desk.settings import Nlu
from desk.turns import Understood
from flows.model import Entity, Intent, Part

LONGEST_TEXT = 1000  # characters that are sent to the model; the need stands in them or nowhere
PAUSE = 2.0  # seconds without asking after the model could not be reached, so that nobody waits for it in turn

_FAILURES = (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError)
_log = structlog.get_logger("bot.understand")


class Understanding:
    """A client of Rasa's HTTP API (`POST /model/parse`)."""

    def __init__(self, settings: Nlu | None = None):
        """Without settings the model is away until `connect`."""
        self._client: httpx.AsyncClient | None = None
        self._timeout = 0.0
        if settings is not None:
            self.connect(settings)
        self._ready = False
        self._ask_again_at = 0.0

    def connect(self, settings: Nlu) -> None:
        """From now on the model at `settings.url` is asked."""
        token = settings.token.get_secret_value() if settings.token else None
        self._timeout = settings.timeout
        self._client = httpx.AsyncClient(
            base_url=settings.url,
            params={"token": token} if token else None,
            timeout=settings.timeout,
            limits=httpx.Limits(max_connections=8),
            trust_env=False,
        )

    @property
    def ready(self) -> bool:
        """Whether the model answered when it was asked last."""
        return self._ready

    async def read(self, text: str, now: float) -> Understood:
        """The intent ranking and entities of `text`, and of each clause when it is long; `now` is a monotonic time in
        seconds. A clause that is not answered in time is left out."""
        if self._client is None or now < self._ask_again_at:
            return Understood(asked=False)
        text = text[:LONGEST_TEXT]
        asking = [asyncio.create_task(self._ask(self._client, one)) for one in (text, *clauses(text))]
        try:
            await asyncio.wait(asking, timeout=self._timeout)
            understood = _answer(asking[0])
        except _FAILURES as error:
            if self._ready:
                _log.warning("nlu.away", error=type(error).__name__)
            self._ready = False
            self._ask_again_at = now + PAUSE
            return Understood(asked=False)
        finally:
            for task in asking:
                task.cancel()
        if not self._ready:
            _log.info("nlu.ready")
        self._ready = True
        return replace(understood, parts=_parts(clauses(text), asking[1:]), spoken=spoken_at_once(text))

    async def _ask(self, client: httpx.AsyncClient, text: str) -> Understood:
        answer = await client.post("/model/parse", json={"text": text})
        return understood_from(answer.raise_for_status().json())

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()


def understood_from(parsed: dict[str, Any]) -> Understood:
    """Rasa's parse result as the conversation knows it; raises KeyError, TypeError or ValueError on another shape."""
    intents = tuple(
        Intent(str(one["name"]), float(one["confidence"])) for one in parsed["intent_ranking"] if one["name"]
    )
    entities = tuple(Entity(str(one["entity"]), str(one["value"])) for one in parsed["entities"])
    return Understood(intents, entities)


def _answer(task: asyncio.Task[Understood]) -> Understood:
    """Raises what went wrong, TimeoutError when there is no answer yet."""
    if not task.done():
        raise TimeoutError
    return task.result()


def _parts(texts: tuple[str, ...], tasks: list[asyncio.Task[Understood]]) -> tuple[Part, ...]:
    found = []
    for text, task in zip(texts, tasks, strict=True):
        with suppress(*_FAILURES):
            found.append(Part(text, _answer(task).intents))
    return tuple(found)
