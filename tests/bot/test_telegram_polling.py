"""Polling against a local Bot API server: stored before confirmed, doubles, broken updates, a server that refuses."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.channels.telegram_polling import BOT_REFUSED, Polling, next_offset
from desk import receive
from tests.bot.telegram_desk import LiveTelegram, live_telegram
from tests.servers.bot_api import TOKEN, BotApi

ANNA, BEP = 7001, 7002


@pytest.fixture
def server() -> Iterator[BotApi]:
    with BotApi() as running:
        yield running


def fast(live: LiveTelegram, naps: list[float] | None = None) -> None:
    """Polling that naps a hundredth of what it would; `naps` gets what it would."""

    async def nap(seconds: float) -> None:
        if naps is not None:
            naps.append(seconds)
        await asyncio.sleep(seconds / 100)

    live.telegram.polling = Polling(live.telegram.channel, seconds=2, sleep=nap)


def test_a_text_is_stored_before_it_is_confirmed(tmp_path: Path, server: BotApi) -> None:
    with live_telegram(tmp_path, server) as live:
        stored_when_confirmed: list[bool] = []
        server.before_confirming(lambda ids: stored_when_confirmed.extend(live.row(one) is not None for one in ids))
        for number in range(30):
            server.resident_says(ANNA + number % 3, f"bericht {number}")
        live.start(live.telegram.run())
        for number in range(30, 60):
            server.resident_says(ANNA + number % 3, f"bericht {number}")
        server.wait_until_confirmed()
        assert stored_when_confirmed == [True] * 60
        for chat in range(3):
            assert live.heard(ANNA + chat) == [f"bericht {number}" for number in range(chat, 60, 3)]


def test_nothing_is_confirmed_while_the_commit_waits(tmp_path: Path, server: BotApi, monkeypatch: Any) -> None:
    """The database answers late: until then Telegram must not hear that the update arrived."""
    late: Future[receive.Receipt] = Future()
    real = receive.store
    with live_telegram(tmp_path, server) as live:
        monkeypatch.setattr(receive, "store", lambda desk, incoming: late)
        server.resident_says(ANNA, "hallo")
        live.start(live.telegram.run())
        server.wait_for_call("getUpdates")
        time.sleep(0.3)
        assert len(server.calls_of("getUpdates")) == 1
        assert server.state.pending
        monkeypatch.setattr(receive, "store", real)
        late.set_result(receive.Receipt(inbox_id="", conversation_id="", n=1, is_new=True))
        server.wait_until_confirmed()


def test_an_update_that_cannot_be_stored_comes_again(tmp_path: Path, server: BotApi, monkeypatch: Any) -> None:
    real, calls = receive.store, []

    def failing(desk: Any, incoming: receive.Incoming) -> Future[receive.Receipt]:
        calls.append(incoming.text)
        if incoming.text == "twee" and calls.count("twee") == 1:
            broken: Future[receive.Receipt] = Future()
            broken.set_exception(OSError("disk full"))
            return broken
        return real(desk, incoming)

    with live_telegram(tmp_path, server) as live:
        fast(live)
        monkeypatch.setattr(receive, "store", failing)
        for text in ("een", "twee", "drie"):
            server.resident_says(ANNA, text)
        live.start(live.telegram.run())
        server.wait_until_confirmed()
        assert sorted(live.heard(ANNA)) == ["drie", "een", "twee"]
        assert calls.count("twee") == 2


def test_what_can_never_be_stored_does_not_block_the_next(tmp_path: Path, server: BotApi, monkeypatch: Any) -> None:
    real = receive.store

    def failing(desk: Any, incoming: receive.Incoming) -> Future[receive.Receipt]:
        if incoming.text == "gif":
            raise ValueError("cannot be")
        return real(desk, incoming)

    with live_telegram(tmp_path, server) as live:
        fast(live)
        monkeypatch.setattr(receive, "store", failing)
        poison = server.state.next_update
        server.resident_says(ANNA, "gif")
        server.resident_says(BEP, "en ik dan?")
        live.start(live.telegram.run())
        server.wait_until_confirmed()
        assert live.heard(BEP) == ["en ik dan?"]
        row = live.row(poison)
        assert row is not None
        assert (row.state, row.broken) == ("broken", "cannot_be_stored")


def test_a_broken_update_is_stored_and_skipped(tmp_path: Path, server: BotApi) -> None:
    with live_telegram(tmp_path, server) as live, capture_logs() as logs:
        live.start(live.telegram.run())
        broken = server.state.next_update
        server.raw_update({"message": {"message_id": 4, "text": ["geheim"], "chat": {"id": "x"}}})
        server.raw_update({"edited_message": "geheim"})
        server.resident_says(ANNA, "hallo")
        server.wait_until(lambda: live.heard(ANNA), "the next message")
        row = live.row(broken)
        assert row is not None
        assert (row.state, row.contact_id) == ("broken", None)
        assert b"geheim" in (row.payload or b"")
        assert {"telegram.broken_update"} <= {entry["event"] for entry in logs}
        assert "geheim" not in str(logs)


def test_a_double_is_a_double_and_two_yes_are_two(tmp_path: Path, server: BotApi) -> None:
    with live_telegram(tmp_path, server) as live:
        live.start(live.telegram.run())
        server.duplicate_next()
        server.resident_says(ANNA, "ja")
        server.resident_says(ANNA, "ja")
        server.wait_until_confirmed()
        assert live.heard(ANNA) == ["ja", "ja"]
        assert len(server.state.confirmed) == 3


def test_after_a_quiet_week_the_numbers_start_again(tmp_path: Path, server: BotApi) -> None:
    with live_telegram(tmp_path, server) as live:
        fast(live)
        live.start(live.telegram.run())
        server.resident_says(ANNA, "voor de vakantie")
        server.wait_until_confirmed()
        confirming = len(server.calls_of("getUpdates"))
        server.wait_until(lambda: len(server.calls_of("getUpdates")) > confirming, "an empty answer")
        server.renumber(1_234)
        server.resident_says(ANNA, "na de vakantie")
        server.wait_until_confirmed()
        assert live.heard(ANNA) == ["voor de vakantie", "na de vakantie"]


def test_the_next_offset() -> None:
    assert next_offset([]) is None
    assert next_offset([{"update_id": 8}, {"update_id": 5}]) == 9
    assert next_offset([{"update_id": "8"}, "x"]) is None


def test_a_refused_token_gives_one_sentence_and_stops_polling_only(tmp_path: Path, server: BotApi) -> None:
    wrong = "654321:not-the-right-token"
    with live_telegram(tmp_path, server, token=wrong) as live, capture_logs() as logs:
        live.call(live.telegram.run())
        refused = [entry for entry in logs if entry["event"] == "telegram.token_refused"]
        assert [entry["sentence"] for entry in refused] == [BOT_REFUSED]
        assert live.telegram.polling is not None
        assert live.telegram.polling.state == "refused"
        assert "not-the-right-token" not in str(logs)
        assert live.desk.database.read(lambda uow: uow.jobs.dead()) == []


def test_a_token_withdrawn_later_stops_polling_too(tmp_path: Path, server: BotApi) -> None:
    with live_telegram(tmp_path, server) as live, capture_logs() as logs:
        server.fail_next("getUpdates", 401)
        live.call(live.telegram.run())
        assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["telegram.token_refused"]


def test_another_reader_is_named_once_and_waited_for(tmp_path: Path, server: BotApi) -> None:
    with live_telegram(tmp_path, server) as live, capture_logs() as logs:
        naps: list[float] = []
        fast(live, naps)
        server.fail_next("getUpdates", 409, times=4)
        server.resident_says(ANNA, "hallo")
        live.start(live.telegram.run())
        server.wait_until_confirmed()
        assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == ["telegram.other_reader"]
        assert naps == [1.0, 2.0, 4.0, 8.0]
        assert live.heard(ANNA) == ["hallo"]


def test_a_webhook_from_before_is_removed_without_losing_what_waits(tmp_path: Path, server: BotApi) -> None:
    with live_telegram(tmp_path, server) as live:
        server.resident_says(ANNA, "hallo")
        server.state.webhook.url = "http://127.0.0.1:9/elsewhere"
        live.start(live.telegram.run())
        server.wait_until_confirmed()
        assert live.heard(ANNA) == ["hallo"]


def test_telegram_away_is_waited_for_ever_longer(tmp_path: Path, server: BotApi) -> None:
    with live_telegram(tmp_path, server) as live, capture_logs() as logs:
        naps: list[float] = []
        fast(live, naps)
        server.fail_next("getUpdates", 502, times=8)
        server.resident_says(ANNA, "hallo")
        live.start(live.telegram.run())
        server.wait_until_confirmed(timeout=10)
        assert naps == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
        assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == ["telegram.unreachable"]
        server.wait_until(lambda: live.telegram.polling and live.telegram.polling.state == "reading", "reading again")


def test_told_to_slow_down_while_polling(tmp_path: Path, server: BotApi) -> None:
    with live_telegram(tmp_path, server) as live:
        naps: list[float] = []
        fast(live, naps)
        server.fail_next("getUpdates", 429, retry_after=7)
        server.resident_says(ANNA, "hallo")
        live.start(live.telegram.run())
        server.wait_until_confirmed()
        assert naps == [7.0]


def test_the_token_and_the_words_stay_out_of_every_log(tmp_path: Path, server: BotApi, caplog: Any) -> None:
    """The root logger wide open, every kind of failure forced."""
    caplog.set_level(logging.DEBUG)
    with live_telegram(tmp_path, server) as live, capture_logs() as logs:
        fast(live)
        for status in (409, 500, 502, 429, 400, 403):
            server.fail_next("getUpdates", status, retry_after=1 if status == 429 else None)
            server.fail_next("sendMessage", status, retry_after=1 if status == 429 else None)
        live.start_all()
        server.resident_says(ANNA, "mijn kanarie heet Pietertje")
        server.wait_until_confirmed(timeout=10)
        live.says(ANNA, "Pietertje is een mooie naam")
        server.wait_for_call("sendMessage", status=409)
        server.fail_next("getUpdates", 401)
        server.resident_says(ANNA, "nog een keer Pietertje")
        server.wait_for_call("getUpdates", status=401)
    # the local server is not the desk, and it logs its requests
    lines = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    said = "\n".join([*lines, str(logs)])
    assert "sender.again" in said
    assert TOKEN not in said
    assert TOKEN.split(":")[1] not in said
    assert "Pietertje" not in said
    assert str(ANNA) not in said
