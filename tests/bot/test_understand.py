"""Asking the language model: what it says is used, and when it is late, wrong or away nobody waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from structlog.testing import capture_logs

from bot.understand import LONGEST_TEXT, PAUSE, Understanding
from desk.settings import Nlu
from desk.turns import Understood
from flows.model import Entity, Intent
from tests.bot.language_model import TOKEN, LanguageModel, language_model
from tests.servers.desk_server import NOBODY

TIMEOUT = 0.4
BUSY = 3  # seconds that a busy machine may take besides; the late one waits twenty
AWAY = Understood(asked=False)
T = TypeVar("T")


@pytest.fixture
def model() -> Iterator[LanguageModel]:
    with language_model() as running:
        yield running


@pytest.fixture(autouse=True)
def language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the language can be told depends on what was loaded before; here English is all that is told."""
    monkeypatch.setattr("bot.understand.spoken_at_once", lambda text: "en" if text.startswith("I ") else None)


def test_the_language_is_told_with_it(model: LanguageModel) -> None:
    understood = with_understanding(settings(model.url), lambda one: one.read("I live in Noord", 0.0))
    assert understood.spoken == "en"


def settings(url: str, token: str | None = TOKEN) -> Nlu:
    return Nlu.model_validate({"url": url, "token": token, "timeout": TIMEOUT})


def with_understanding(nlu: Nlu | None, work: Callable[[Understanding], Awaitable[T]]) -> T:
    async def run() -> T:
        understanding = Understanding(nlu)
        try:
            return await work(understanding)
        finally:
            await understanding.close()

    return asyncio.run(run())


def test_ranking_and_entities_are_used(model: LanguageModel) -> None:
    async def work(understanding: Understanding) -> Understood:
        assert not understanding.ready
        understood = await understanding.read("mijn dochter woont ver weg", 0.0)
        assert understanding.ready
        return understood

    understood = with_understanding(settings(model.url), work)
    assert understood == Understood(
        (Intent("company", 0.97), Intent("leisure", 0.01)), (Entity("person", "daughter"),), asked=True
    )
    assert model.asked == ["mijn dochter woont ver weg"]


def test_only_the_beginning_of_a_long_text_is_sent(model: LanguageModel) -> None:
    with_understanding(settings(model.url), lambda understanding: understanding.read("é" * 100_000, 0.0))
    assert model.asked == ["é" * LONGEST_TEXT]


LONG = "Mijn man is ziek, ik kan het niet meer aan en mijn dochter woont ver weg"


def test_a_long_message_is_read_clause_by_clause_as_well(model: LanguageModel) -> None:
    understood = with_understanding(settings(model.url), lambda one: one.read(LONG, 0.0))
    assert [part.text for part in understood.parts] == [
        "Mijn man is ziek",
        "ik kan het niet meer aan",
        "mijn dochter woont ver weg",
    ]
    assert {part.intents[0].name for part in understood.parts} == {"company"}
    assert sorted(model.asked) == sorted([LONG, *(part.text for part in understood.parts)])


def test_clauses_that_are_late_are_left_out_and_nobody_waits_longer(model: LanguageModel) -> None:
    model.manner = "late for clauses"

    async def work(understanding: Understanding) -> tuple[Understood, float]:
        before = time.monotonic()
        return await understanding.read(LONG, 0.0), time.monotonic() - before

    understood, took = with_understanding(settings(model.url), work)
    assert understood.asked and understood.intents and understood.parts == ()
    assert took < TIMEOUT + BUSY


@pytest.mark.parametrize(
    "manner",
    [
        "late",
        "drop by drop",
        "hang up",
        (200, b"geen json"),
        (200, b""),
        (200, b"[]"),
        (200, b"null"),
        (200, b'{"intent_ranking": null, "entities": []}'),
        (200, b'{"intent_ranking": [{"name": "company"}], "entities": []}'),
        (200, b'{"intent_ranking": ["company"], "entities": []}'),
        (200, b'{"intent_ranking": [{"name": "company", "confidence": "veel"}], "entities": []}'),
        (200, b'{"intent_ranking": [], "entities": [{"value": "x"}]}'),
        (200, b"\xff\xfe"),
        (401, b"{}"),
        (302, b""),
        (500, b"<html>"),
    ],
    ids=str,
)
def test_late_wrong_or_refused_is_not_understood_in_time(model: LanguageModel, manner: str | tuple[int, bytes]) -> None:
    model.manner = manner

    async def work(understanding: Understanding) -> tuple[Understood, float, bool]:
        before = time.monotonic()
        understood = await understanding.read("ik voel me alleen", 0.0)
        return understood, time.monotonic() - before, understanding.ready

    understood, took, ready = with_understanding(settings(model.url), work)
    assert (understood, ready) == (AWAY, False)
    assert took < TIMEOUT + BUSY


@pytest.mark.parametrize("token", [None, "een-andere-sleutel"])
def test_without_the_right_token(model: LanguageModel, token: str | None) -> None:
    assert with_understanding(settings(model.url, token), lambda one: one.read("hallo", 0.0)) == AWAY


def test_nobody_there() -> None:
    before = time.monotonic()
    assert with_understanding(settings(NOBODY), lambda one: one.read("hallo", 0.0)) == AWAY
    assert with_understanding(None, lambda one: one.read("hallo", 0.0)) == AWAY
    assert time.monotonic() - before < BUSY


def test_after_a_failure_nobody_waits_for_it_in_turn_and_then_it_is_asked_again(model: LanguageModel) -> None:
    async def work(understanding: Understanding) -> None:
        assert (await understanding.read("een", 100.0)).asked
        model.manner = (500, b"")
        assert not (await understanding.read("twee", 101.0)).asked
        model.manner = "well"
        for later in (0.0, 0.5, PAUSE - 0.01):
            assert not (await understanding.read("drie", 101.0 + later)).asked
        assert model.asked == ["een", "twee"]
        assert (await understanding.read("vier", 101.0 + PAUSE)).asked
        assert understanding.ready

    with capture_logs() as logs:
        with_understanding(settings(model.url), work)
    assert [(log["event"], log["log_level"]) for log in logs] == [
        ("nlu.ready", "info"),
        ("nlu.away", "warning"),
        ("nlu.ready", "info"),
    ]
    assert not any(word in str(logs) for word in ("een", "twee", "vier", TOKEN))


def test_many_at_once_wait_no_longer_than_one(model: LanguageModel) -> None:
    model.manner = "late"

    async def work(understanding: Understanding) -> float:
        before = time.monotonic()
        answers = await asyncio.gather(*(understanding.read(f"nummer {number}", 0.0) for number in range(40)))
        assert answers == [AWAY] * 40
        return time.monotonic() - before

    assert with_understanding(settings(model.url), work) < TIMEOUT + 0.6
