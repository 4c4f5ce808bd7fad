"""The worker: residents side by side, each in order, whatever the language model or the database does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import worker
from bot.understand import Understanding
from bot.worker import Worker
from desk.bootstrap import Desk
from desk.turns import next_turns
from storage.records import StoredMessage
from tests.bot.language_model import LanguageModel, language_model
from tests.bot.test_understand import TIMEOUT, settings
from tests.desk.resident import Resident
from tests.servers.desk_server import NOBODY, desk_in


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_in(tmp_path) as running:
        yield running


@pytest.fixture
def model() -> Iterator[LanguageModel]:
    with language_model() as running:
        yield running


def working(desk: Desk, url: str, work: Callable[[], object]) -> None:
    """Runs `work` while a worker takes turns."""

    async def run() -> None:
        understanding = Understanding(settings(url))
        task = asyncio.create_task(Worker(desk, understanding).run())
        try:
            await asyncio.to_thread(work)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await understanding.close()

    asyncio.run(run())


def answered(*residents: Resident, patience: float = 8.0) -> float:
    """Waits until the desk spoke after each one's last message; gives the seconds that took."""
    before = time.monotonic()
    while time.monotonic() - before < patience:
        if all(resident.messages()[-1].sender == "desk" for resident in residents):
            return time.monotonic() - before
        time.sleep(0.01)
    raise AssertionError("no answer came")


def _keys(messages: list[StoredMessage]) -> list[str | None]:
    return [one.key for one in messages]


def _people(desk: Desk, count: int) -> list[Resident]:
    return [Resident(desk, f"resident-{number}") for number in range(count)]


def test_what_the_model_understood_is_used(desk: Desk, model: LanguageModel) -> None:
    (anna,) = _people(desk, 1)

    def work() -> None:
        anna.sends("ik zit de hele dag alleen")
        answered(anna)

    working(desk, model.url, work)
    assert anna.session.slots["theme"] == "company"
    assert model.asked == ["ik zit de hele dag alleen"]


@pytest.mark.parametrize("manner", ["late", "drop by drop", (200, b"geen json"), (401, b"{}")], ids=str)
def test_without_the_model_the_menu_answers_in_time(
    desk: Desk, model: LanguageModel, manner: str | tuple[int, bytes]
) -> None:
    model.manner = manner
    people = _people(desk, 10)
    took: list[float] = []

    def work() -> None:
        for resident in people:
            resident.sends("ik zit de hele dag alleen")
        took.append(answered(*people))

    working(desk, model.url, work)
    assert took[0] < TIMEOUT + 3
    for resident in people:
        assert "desk.welcome" in _keys(resident.heard())
        assert resident.heard()[-1].choices, "something to choose from"


def test_when_the_model_comes_back_it_is_used_again(
    desk: Desk, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.understand.PAUSE", 0.1)
    model.manner = (500, b"")
    anna, bert = _people(desk, 2)

    def work() -> None:
        anna.sends("ik zit de hele dag alleen")
        answered(anna)
        model.manner = "well"
        time.sleep(0.2)
        bert.sends("ik zit de hele dag alleen")
        answered(bert)

    working(desk, model.url, work)
    assert anna.session.slots.get("theme") != "company"
    assert bert.session.slots.get("theme") == "company"


def test_one_residents_messages_keep_their_order(desk: Desk) -> None:
    (anna,) = _people(desk, 1)

    def work() -> None:
        for number in range(8):
            anna.sends(f"bericht {number}")
        time.sleep(0.2)
        answered(anna)
        while next_turns_left(desk):
            time.sleep(0.02)

    working(desk, NOBODY, work)
    read = [one.text for one in anna.messages() if one.sender == "resident"]
    assert read == [f"bericht {number}" for number in range(8)]
    assert len([key for key in _keys(anna.heard()) if key == "desk.welcome"]) == 1


def next_turns_left(desk: Desk) -> bool:
    return desk.database.read(lambda uow: uow.jobs.next_run_at(("turn",))) is not None


def test_it_is_woken_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 30.0)
    (anna,) = _people(desk, 1)
    took: list[float] = []

    def work() -> None:
        time.sleep(0.3)  # it sleeps
        anna.sends("goedemorgen")
        took.append(answered(anna))

    working(desk, NOBODY, work)
    assert took[0] < 3


def test_a_database_that_refuses_for_a_while_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.05)
    (anna,) = _people(desk, 1)
    refusals = iter(range(3))

    def refuses(*arguments: Any) -> Any:
        if next(refusals, None) is not None:
            raise OSError("busy")
        return next_turns(*arguments)

    monkeypatch.setattr(worker, "next_turns", refuses)

    def work() -> None:
        anna.sends("goedemorgen")
        answered(anna)

    working(desk, NOBODY, work)
    assert anna.heard()


def test_what_was_begun_is_finished_when_it_stops(desk: Desk, model: LanguageModel) -> None:
    model.manner = "late"
    (anna,) = _people(desk, 1)

    def work() -> None:
        anna.sends("ik zit de hele dag alleen")
        while not model.asked:
            time.sleep(0.01)

    working(desk, model.url, work)  # stops while the model is being waited for
    assert anna.heard(), "an answer, not silence until the next start"
    assert not next_turns_left(desk)
