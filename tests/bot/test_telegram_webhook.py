"""The webhook over real HTTP: the secret, the limits, the 200 only after the commit, redelivery."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from bot.channels.telegram_polling import BOT_REFUSED
from bot.channels.telegram_webhook import BODY_LIMIT, PATH, SECRET_HEADER, WEBHOOK_REFUSED, derive_secret
from desk import receive
from tests.bot.telegram_desk import LiveTelegram, live_telegram
from tests.servers import bot_api_payloads as payloads
from tests.servers.bot_api import TOKEN, BotApi
from tests.servers.bot_api_payloads import Payload
from tests.servers.http_thread import HttpThread

ANNA = 7001
SECRET = "a-Secret_of-the-test"


class Hooked:
    """A live desk whose webhook listens on `url`."""

    def __init__(self, live: LiveTelegram, port: int) -> None:
        self.live = live
        self.url = f"http://127.0.0.1:{port}"
        self.client = httpx.Client(base_url=self.url, trust_env=False, timeout=30)

    def post(self, body: bytes | Payload, secret: str | None = SECRET) -> int:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if secret is None else {SECRET_HEADER: secret}
        return self.client.post(PATH, content=content, headers=headers).status_code

    def rows(self, *ids: int) -> list[bool]:
        return [self.live.row(one) is not None for one in ids]


@pytest.fixture
def server() -> Iterator[BotApi]:
    with BotApi() as running:
        yield running


@contextmanager
def webhook(folder: Path, server: BotApi, **telegram: Any) -> Iterator[Hooked]:
    """The port is known before the desk is built: the webhook's address stands in its settings."""
    app = FastAPI(openapi_url=None)
    http = HttpThread(app)
    chosen = {"mode": "webhook", "webhook_url": f"http://127.0.0.1:{http.port}", "webhook_secret": SECRET, **telegram}
    try:
        with live_telegram(folder, server, **chosen) as live:
            assert live.telegram.router is not None
            app.include_router(live.telegram.router)
            http.start()
            hooked = Hooked(live, http.port)
            try:
                yield hooked
            finally:
                hooked.client.close()
    finally:
        http.stop()


@pytest.fixture
def hooked(tmp_path: Path, server: BotApi) -> Iterator[Hooked]:
    with webhook(tmp_path, server) as running:
        yield running


def update(update_id: int, text: str = "hallo", **more: Any) -> Payload:
    said = payloads.message(5, 1_700_000_000, payloads.user(ANNA), payloads.private_chat(ANNA), text=text, **more)
    return {"update_id": update_id, "message": said}


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], SECRET.upper(), "ë"])
def test_without_the_secret_there_is_no_row(hooked: Hooked, secret: str | None) -> None:
    headers = [] if secret is None else [(SECRET_HEADER.encode(), secret.encode("latin-1"))]
    answer = hooked.client.post(PATH, content=json.dumps(update(1)).encode(), headers=headers)
    assert answer.status_code == 401
    assert hooked.rows(1) == [False]
    assert hooked.live.contact(ANNA) is None


def test_with_the_secret_the_update_is_stored_as_it_came(hooked: Hooked) -> None:
    body = json.dumps(update(1, "dag, café"), indent=3).encode()
    assert hooked.post(body) == 200
    assert hooked.live.heard(ANNA) == ["dag, café"]
    row = hooked.live.row(1)
    assert row is not None
    assert row.payload == body


def test_a_double_is_a_double(hooked: Hooked) -> None:
    assert [hooked.post(update(1, "ja")), hooked.post(update(1, "ja")), hooked.post(update(2, "ja"))] == [200] * 3
    assert hooked.live.heard(ANNA) == ["ja", "ja"]


def test_the_answer_waits_for_the_commit(hooked: Hooked, monkeypatch: Any) -> None:
    late: Future[receive.Receipt] = Future()
    monkeypatch.setattr(receive, "store", lambda desk, incoming: late)
    with pytest.raises(httpx.ReadTimeout):
        hooked.client.post(PATH, json=update(1), headers={SECRET_HEADER: SECRET}, timeout=0.4)
    late.set_exception(OSError("disk full"))
    assert hooked.post(update(1)) == 503


def test_what_can_never_be_stored_stops_coming(hooked: Hooked, monkeypatch: Any) -> None:
    broken: Future[receive.Receipt] = Future()
    broken.set_exception(ValueError("never"))
    monkeypatch.setattr(receive, "store", lambda desk, incoming: broken)
    assert [hooked.post(update(1)) for _ in range(3)] == [503, 503, 200]
    row = hooked.live.row(1)
    assert row is not None
    assert row.broken == "cannot_be_stored"


def test_a_broken_update_is_stored_and_answered(hooked: Hooked) -> None:
    assert hooked.post({"update_id": 4, "message": "x"}) == 200
    assert hooked.post(b"no json at all") == 200
    assert hooked.post(b'"\xff\xfe"') == 200
    assert hooked.post(b"[]") == 200
    row = hooked.live.row(4)
    assert row is not None
    assert row.state == "broken"
    assert hooked.post(update(5)) == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b" " * (BODY_LIMIT + 1), 413),
        (b'{"update_id":1,"a":"' + b"x" * 10_000_000 + b'"}', 413),
        (b'{"update_id":1,"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
    ],
)
def test_too_much_and_too_deep(hooked: Hooked, body: bytes, expected: int) -> None:
    assert hooked.post(body) == expected
    assert hooked.rows(1) == [False]


def test_too_much_without_saying_so_beforehand(hooked: Hooked) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b" " * 65_536

    answer = hooked.client.post(PATH, content=endless(), headers={SECRET_HEADER: SECRET})
    assert answer.status_code == 413


def test_telegram_delivers_again_until_it_was_stored(hooked: Hooked, server: BotApi, monkeypatch: Any) -> None:
    real, calls = receive.store, []

    def failing(desk: Any, incoming: receive.Incoming) -> Future[receive.Receipt]:
        calls.append(incoming.text)
        if len(calls) > 2:
            return real(desk, incoming)
        broken: Future[receive.Receipt] = Future()
        broken.set_exception(OSError("disk full"))
        return broken

    monkeypatch.setattr(receive, "store", failing)
    hooked.live.call(hooked.live.telegram.run())
    assert server.state.webhook.url == hooked.url + PATH
    server.duplicate_next()
    server.resident_says(ANNA, "hallo")
    server.resident_says(ANNA, "bent u daar?")
    server.wait_until_confirmed()
    assert hooked.live.heard(ANNA) == ["hallo", "bent u daar?"]
    assert calls.count("hallo") == 4


def test_buttons_and_answers_through_the_webhook(hooked: Hooked, server: BotApi) -> None:
    hooked.live.start_all()
    server.resident_says(ANNA, "hallo")
    server.wait_until(lambda: hooked.live.heard(ANNA), "the first message")
    hooked.live.says(ANNA, "Mag dat?", [{"id": "3.yes", "label": "Ja"}])
    query = server.resident_taps(ANNA, server.wait_for_message(ANNA, "Mag dat?"), "Ja")
    server.wait_until(lambda: server.state.queries[query], "the waiting sign to stop")
    assert len(hooked.live.heard(ANNA)) == 2


def test_while_a_webhook_is_set_polling_is_refused(hooked: Hooked, server: BotApi) -> None:
    hooked.live.call(hooked.live.telegram.run())
    refused = httpx.post(f"{server.base_url}{TOKEN}/getUpdates", trust_env=False)
    assert refused.status_code == 409


def test_telegram_away_at_the_start(tmp_path: Path, server: BotApi) -> None:
    with webhook(tmp_path, server) as hooked, capture_logs() as logs:
        server.fail_next("setWebhook", 502)
        before = time.monotonic()
        hooked.live.call(hooked.live.telegram.run())
        assert time.monotonic() - before >= 1.0
        assert server.state.webhook.secret == SECRET
        assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == ["telegram.unreachable"]


def test_a_refused_address_and_a_refused_token_give_one_sentence(tmp_path: Path, server: BotApi) -> None:
    with webhook(tmp_path / "a", server, webhook_url="http://example.org") as hooked, capture_logs() as logs:
        hooked.live.call(hooked.live.telegram.run())
    assert [entry["sentence"] for entry in logs if entry["log_level"] == "error"] == [WEBHOOK_REFUSED]
    with webhook(tmp_path / "b", server, token="654321:not-the-right-token") as hooked, capture_logs() as logs:
        hooked.live.call(hooked.live.telegram.run())
    assert [entry["sentence"] for entry in logs if entry["log_level"] == "error"] == [BOT_REFUSED]
    assert "not-the-right-token" not in str(logs)


def test_a_secret_of_its_own(tmp_path: Path, server: BotApi) -> None:
    """Without a configured secret every process of the desk derives the same one, in Telegram's alphabet."""
    with webhook(tmp_path, server, webhook_secret=None) as hooked:
        hooked.live.call(hooked.live.telegram.run())
        assert server.state.webhook.secret == derive_secret(TOKEN)
        assert hooked.post(update(1), secret=derive_secret(TOKEN)) == 200
        assert hooked.post(update(2), secret="") == 401
    assert re.fullmatch(r"[A-Za-z0-9_-]{32,256}", derive_secret(TOKEN))
    assert derive_secret(TOKEN) != derive_secret("654321:not-the-right-token")
