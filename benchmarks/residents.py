"""Residents who talk with the desk over HTTP, and how long each answer takes."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import Any

import httpx
from msgspec import Struct

PATIENCE = 30.0

# Six turns with buttons: from the menu to the proposed options.
TAPS = ("together", "company", "skip", "self", "noord", "nobody", "walk_there")
# Six turns in words, as a resident would type them.
WORDS = (
    "ik zit de hele dag alleen sinds mijn man er niet meer is",
    "1234 AB",
    "mijn dochter, maar die woont ver weg",
    "ik kan wel naar het buurthuis lopen",
)


class Measured(Struct, frozen=True):
    """Seconds per turn, and the seconds all of them took together."""

    turns: list[float]
    spent: float


class Resident:
    """One web chat. `turn` sends and waits until the desk has answered."""

    def __init__(self, client: httpx.AsyncClient):
        self._client = client
        self._headers: dict[str, str] = {}
        self._choices: list[dict[str, str]] = []
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._listening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        answer = await self._client.post("/chat/sessions")
        self._headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def say(self, text: str) -> float:
        return await self._turn({"text": text})

    async def tap(self, name: str) -> float:
        choice = next(one["id"] for one in self._choices if one["id"].endswith(f".{name}"))
        return await self._turn({"choice": choice})

    async def _turn(self, body: dict[str, str]) -> float:
        start = time.perf_counter()
        posted = await self._client.post(
            "/chat/messages", json={"id": str(uuid.uuid4()), **body}, headers=self._headers
        )
        posted.raise_for_status()
        n = posted.json()["n"]
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self._answers.get()
                if answer["n"] > n and answer["choices"]:  # the last bubble of a turn asks something
                    self._choices = answer["choices"]
                    return time.perf_counter() - start

    async def _listen(self) -> None:
        async with self._client.stream("GET", "/chat/events", headers=self._headers, timeout=None) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    message = json.loads(line.removeprefix("data:"))
                    if message.get("from") == "desk":
                        self._answers.put_nowait(message)


async def measure(url: str, residents: int, rounds: int, kind: str) -> Measured:
    """`residents` at once, each `rounds` times through the script of `kind` ("buttons" or "words")."""
    limits = httpx.Limits(max_connections=residents * 2 + 4)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=PATIENCE, trust_env=False) as client:
        everyone = [Resident(client) for _ in range(residents)]
        for resident in everyone:
            await resident.open()
            await resident.say("/start")
        start = time.perf_counter()
        found = await asyncio.gather(*(_talk(resident, rounds, kind) for resident in everyone))
        spent = time.perf_counter() - start
        for resident in everyone:
            await resident.close()
    return Measured([one for turns in found for one in turns], spent)


async def _talk(resident: Resident, rounds: int, kind: str) -> list[float]:
    turns = []
    for _ in range(rounds):
        if kind == "buttons":
            turns += [await resident.tap(name) for name in TAPS]
        else:
            turns += [await resident.say(words) for words in WORDS]
        await resident.say("opnieuw")
    return turns
