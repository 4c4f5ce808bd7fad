"""Floods: one resident is slowed down, nobody else is, and an alert is never kept waiting."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import httpx
import pytest

from bot.channels.web_flood import ALERTS_A_MINUTE, MESSAGES_A_MINUTE, Flood
from bot.channels.web_limits import Throttle
from tests.bot.web_client import Resident

ALERT = "ik wil dood"


class Ticks:
    """A monotonic clock that stands still until told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_throttle_lets_so_many_through_in_any_minute() -> None:
    ticks = Ticks()
    throttle = Throttle(3, 60.0, ticks)
    waits = []
    for _ in range(4):
        waits.append(throttle.take("a"))
        ticks.seconds += 10
    assert waits == [0, 0, 0, 30]
    assert throttle.take("b") == 0
    ticks.seconds += 20  # the first of the three is a minute old
    assert throttle.take("a") == 0
    assert throttle.take("a") > 0


def test_a_throttle_forgets_who_is_quiet() -> None:
    ticks = Ticks()
    throttle = Throttle(3, 60.0, ticks)
    for number in range(1000):
        throttle.take(str(number))
    ticks.seconds += 61
    throttle.take("last")
    assert len(throttle._stamps) == 1


def flooded(ticks: Ticks) -> Flood:
    flood = Flood(ticks)
    assert [asyncio.run(flood.seconds_to_wait("a", "ja")) for _ in range(MESSAGES_A_MINUTE)] == [0] * MESSAGES_A_MINUTE
    return flood


def test_above_the_limit_only_alerts_pass() -> None:
    ticks = Ticks()
    flood = flooded(ticks)
    assert asyncio.run(flood.seconds_to_wait("a", "nog een")) == 60
    assert asyncio.run(flood.seconds_to_wait("a", ALERT)) == 0
    assert asyncio.run(flood.seconds_to_wait("b", "dag")) == 0
    ticks.seconds += 60
    assert asyncio.run(flood.seconds_to_wait("a", "nog een")) == 0


def test_an_alert_split_over_two_messages_passes_too() -> None:
    flood = flooded(Ticks())
    assert asyncio.run(flood.seconds_to_wait("a", "ik wil niet meer")) in (0, 60)
    assert asyncio.run(flood.seconds_to_wait("a", "leven")) == 0


def test_alerts_are_no_way_around_the_limit() -> None:
    flood = flooded(Ticks())
    passed = [asyncio.run(flood.seconds_to_wait("a", ALERT)) == 0 for _ in range(ALERTS_A_MINUTE + 10)]
    assert passed.count(True) <= ALERTS_A_MINUTE
    assert passed[0]


def test_five_hundred_messages_over_http(client: httpx.Client, resident: Resident) -> None:
    other = Resident(client)
    first = str(uuid4())
    assert resident.post("bericht 0", id=first).status_code == 202
    answers = [resident.post(f"bericht {number}") for number in range(1, 500)]
    taken = [answer for answer in answers if answer.status_code == 202]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(taken) + len(refused) == len(answers)
    assert MESSAGES_A_MINUTE <= len(taken) + 1 < 400
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)

    assert other.post("ik ben een ander").status_code == 202
    assert resident.post(ALERT).status_code == 202
    again = resident.post("bericht 0", id=first)
    assert (again.status_code, again.json()) == (200, {"n": 1})
    texts = resident.texts()
    assert len(texts) == len(set(texts)) == 1 + len(taken) + 1
    assert texts[-1] == ALERT


@pytest.mark.parametrize("forwarded", ["203.0.113.7", "2001:db8:1:2::%x"])
def test_opening_conversations_is_limited_per_network(client: httpx.Client, forwarded: str) -> None:
    def open_from(address: str) -> int:
        return client.post("/chat/sessions", headers={"X-Forwarded-For": address}).status_code

    statuses = [open_from(forwarded.replace("%x", f"{number:x}")) for number in range(1, 62)]
    assert statuses == [201] * 60 + [429]
    assert open_from("198.51.100.9") == 201
    assert client.post("/chat/sessions").status_code == 201
