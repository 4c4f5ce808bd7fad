"""The process is killed (SIGKILL) around the moment of storing: nothing is lost, nothing happens twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bot.telegram_desk import live_telegram
from tests.servers.bot_api import BotApi

ANNA = 7001
ROOT = Path(__file__).parents[2]


@contextmanager
def polling_process(folder: Path, server: BotApi) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.bot.telegram_process", str(folder), server.base_url]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        server.wait_until(
            lambda: server.calls_of("deleteWebhook") or process.poll() is not None, "the desk", timeout=30
        )
        if process.poll() is not None:
            raise AssertionError(process.communicate()[1].decode())
        yield process
    finally:
        process.kill()
        process.communicate()


def test_killed_after_the_commit_and_before_the_confirmation(tmp_path: Path) -> None:
    with BotApi() as server:
        with polling_process(tmp_path, server) as process:
            killed: list[int] = []

            def kill(ids: list[int]) -> None:
                process.kill()
                process.wait()
                killed.extend(ids)

            server.before_confirming(kill)
            first = server.state.next_update
            server.resident_says(ANNA, "hallo")
            server.wait_until(lambda: killed, "the kill")
        server.before_confirming(lambda ids: None)
        # Telegram did get that request; make it as if it never arrived
        with server.state.changed:
            server.state.confirmed.clear()
        server.state.pending.clear()
        server.state.next_update = first
        server.resident_says(ANNA, "hallo")
        with live_telegram(tmp_path, server) as live:
            assert live.heard(ANNA) == ["hallo"]
            server.resident_says(ANNA, "bent u daar?")
            live.start(live.telegram.run())
            server.wait_until(lambda: len(live.heard(ANNA)) > 1, "the second message")
            assert live.heard(ANNA) == ["hallo", "bent u daar?"]


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment(tmp_path: Path, seed: int) -> None:
    moment = random.Random(seed)
    expected = [f"bericht {number}" for number in range(60)]
    with BotApi() as server:
        with polling_process(tmp_path, server) as process:
            for text in expected:
                server.resident_says(ANNA, text)
            time.sleep(moment.uniform(0, 0.06))
            process.kill()
            process.wait()
        with live_telegram(tmp_path, server) as live:
            live.start(live.telegram.run())
            server.wait_until_confirmed()
            assert live.heard(ANNA) == expected
