"""Delivery: in order per resident, side by side across residents, no early retry, nothing blocked by what fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.sender import CHATS_FOR_ALL, Sender, _Pause
from desk.deliver import Outgoing, next_sends
from tests.bot.telegram_desk import LiveTelegram, live_telegram
from tests.servers.bot_api import BotApi

ANNA, BEP = 7001, 7002
CHATS = range(8000, 8040)


@pytest.fixture
def server() -> Iterator[BotApi]:
    with BotApi() as running:
        running.state.chats.update([ANNA, BEP, *CHATS])
        yield running


@pytest.fixture
def live(tmp_path: Path, server: BotApi) -> Iterator[LiveTelegram]:
    with live_telegram(tmp_path, server) as running:
        yield running


def waiting(live: LiveTelegram) -> bool:
    return live.desk.database.read(lambda uow: uow.jobs.next_run_at(("send",))) is not None


def wait_until_delivered(live: LiveTelegram, server: BotApi, timeout: float = 10.0) -> None:
    server.wait_until(lambda: not waiting(live), "every message delivered", timeout)


def test_in_order_per_resident(live: LiveTelegram, server: BotApi) -> None:
    for number in range(10):
        for chat in CHATS:
            live.says(chat, f"zin {number}")
    live.start(live.sender.run())
    wait_until_delivered(live, server, timeout=40)
    for chat in CHATS:
        assert server.texts(chat) == [f"zin {number}" for number in range(10)]


def test_a_message_is_sent_as_soon_as_it_is_said(tmp_path: Path, server: BotApi) -> None:
    with live_telegram(tmp_path, server) as live:
        slow = live.call(_sender(live, poll_seconds=60))
        live.start(slow.run())
        time.sleep(0.3)
        before = time.monotonic()
        live.says(ANNA, "dag")
        live.says(ANNA, "hoe gaat het?")
        server.wait_for_message(ANNA, "hoe gaat het?")
        assert time.monotonic() - before < 4


async def _sender(live: LiveTelegram, poll_seconds: float) -> Sender:
    return Sender(live.desk, {"telegram": live.telegram.sender}, poll_seconds=poll_seconds)


def test_the_provider_id_is_kept(live: LiveTelegram, server: BotApi) -> None:
    live.says(ANNA, "dag")
    live.start(live.sender.run())
    wait_until_delivered(live, server)
    assert live.messages(ANNA)[0].provider_id == str(server.sent(ANNA)[0]["message_id"])


def test_a_long_text_goes_in_parts_with_the_buttons_under_the_last(live: LiveTelegram, server: BotApi) -> None:
    text = "\n\n".join(f"Alinea {number}. " + "Dit is een zin. 🙂 " * 60 for number in range(12))
    live.says(ANNA, text, [{"id": "1.yes", "label": "Ja"}])
    live.start(live.sender.run())
    wait_until_delivered(live, server)
    sent = server.sent(ANNA)
    assert len(sent) > 2
    assert "".join("".join(message["text"] for message in sent).split()) == "".join(text.split())
    assert ["reply_markup" in message for message in sent] == [False] * (len(sent) - 1) + [True]


def test_a_part_that_arrived_is_not_sent_again(live: LiveTelegram, server: BotApi) -> None:
    live.says(ANNA, "\n\n".join("a" * 3000 + str(number) for number in range(3)))
    server.fail_next("sendMessage", 502, containing="a1")
    live.start(live.sender.run())
    wait_until_delivered(live, server)
    assert [message["text"][-1] for message in server.sent(ANNA)] == ["0", "1", "2"]
    assert [call.status for call in server.calls_of("sendMessage")] == [200, 502, 200, 200]


def test_nothing_of_what_is_written_is_markup(live: LiveTelegram, server: BotApi) -> None:
    text = "<b>vet</b> *schuin* [hier](javascript:alert(1)) {{7*7}} _"
    live.says(ANNA, text, sender="volunteer")
    live.start(live.sender.run())
    wait_until_delivered(live, server)
    assert server.texts(ANNA) == [text]
    assert "parse_mode" not in server.calls_of("sendMessage")[0].parameters


def test_a_person_is_named_and_the_desk_is_not(live: LiveTelegram, server: BotApi) -> None:
    live.says(ANNA, "Dag, ik ben er.", sender="volunteer", author="Els\n")
    live.says(ANNA, "U praat weer met de balie.")
    live.start(live.sender.run())
    wait_until_delivered(live, server)
    assert server.texts(ANNA) == ["Els:\nDag, ik ben er.", "U praat weer met de balie."]


def test_a_slow_chat_is_not_tried_early_and_delays_nobody(live: LiveTelegram, server: BotApi) -> None:
    server.slow(ANNA, 2.5)
    live.says(ANNA, "voor Anna")
    live.says(ANNA, "nog een voor Anna")
    for chat in CHATS:
        live.says(chat, "dag")
    before = time.monotonic()
    live.start(live.sender.run())
    for chat in CHATS:
        server.wait_for_message(chat, "dag", timeout=20)
    others = [call.at for call in server.calls_of("sendMessage") if call.status == 200]
    wait_until_delivered(live, server, timeout=20)
    assert server.texts(ANNA) == ["voor Anna", "nog een voor Anna"]
    assert server.state.early_retries == 0
    served = [call.at for call in server.calls_of("sendMessage") if call.parameters["chat_id"] == str(ANNA)]
    assert served[1] - before >= 2.5
    assert len(others) == len(CHATS)


def test_a_slow_bot_waits_as_a_whole(live: LiveTelegram, server: BotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sender.UNDER_WAY", 4)
    monkeypatch.setattr("desk.deliver.AT_ONCE", 4)
    for chat in CHATS:
        live.says(chat, "dag")
    server.slow_all(4.0)
    live.start(live.sender.run())
    wait_until_delivered(live, server, timeout=40)
    assert server.state.early_retries == 0
    # who was under way heard it; the others waited without asking
    refused = [call for call in server.calls_of("sendMessage") if call.status == 429]
    assert CHATS_FOR_ALL <= len(refused) < 8 < len(CHATS)
    assert all(server.texts(chat) == ["dag"] for chat in CHATS)


def test_alerts_go_first(live: LiveTelegram, server: BotApi) -> None:
    """Of 41 residents the last one's alert is in the first batch that is taken."""
    for chat in CHATS:
        live.says(chat, "dag")
    live.says(ANNA, "Bel 112.", urgent=True)
    batch = next_sends(live.desk, "test")
    assert batch[0].address == str(ANNA)
    assert len(batch) < len(CHATS)
    live.desk.database.run(lambda uow: uow.jobs.release_all())
    live.start(live.sender.run())
    wait_until_delivered(live, server, timeout=20)
    order = [call.parameters["chat_id"] for call in server.calls_of("sendMessage")]
    assert order.index(str(ANNA)) < len(batch)


@pytest.mark.parametrize(
    ("status", "description", "why"),
    [
        (403, None, "blocked"),
        (403, "Forbidden: user is deactivated", "blocked"),
        (400, "Bad Request: chat not found", "chat_not_found"),
        (400, "Bad Request: message is too long", "too_long"),
        (400, "Bad Request: BUTTON_DATA_INVALID", "button_refused"),
        (400, "Bad Request: something new", "refused"),
    ],
)
def test_what_fails_for_good_frees_the_lane(
    live: LiveTelegram, server: BotApi, status: int, description: str | None, why: str
) -> None:
    server.fail_next("sendMessage", status, description=description)
    live.says(ANNA, "een")
    live.says(ANNA, "twee")
    live.start(live.sender.run())
    wait_until_delivered(live, server)
    assert [job.error for job in live.dead()] == [why]
    assert server.texts(ANNA) == ["twee"]


def test_a_blocked_bot_stops_for_that_resident_only(live: LiveTelegram, server: BotApi) -> None:
    server.state.blocked.add(ANNA)
    live.says(ANNA, "een")
    live.says(BEP, "dag")
    live.start(live.sender.run())
    wait_until_delivered(live, server)
    assert server.texts(BEP) == ["dag"]
    assert [job.error for job in live.dead()] == ["blocked"]


def test_a_network_failure_is_tried_again(live: LiveTelegram, server: BotApi) -> None:
    server.fail_next("sendMessage", 502, times=2)
    live.says(ANNA, "een")
    live.says(ANNA, "twee")
    live.start(live.sender.run())
    wait_until_delivered(live, server, timeout=20)
    assert server.texts(ANNA) == ["een", "twee"]
    at = [call.at for call in server.calls_of("sendMessage")]
    assert at[1] - at[0] >= 0.95
    assert at[2] - at[1] >= 1.95


def test_a_lost_answer_gives_a_double_and_never_a_gap(live: LiveTelegram, server: BotApi) -> None:
    server.fail_next("sendMessage", 502, after_effect=True)
    live.says(ANNA, "een")
    live.says(ANNA, "twee")
    live.start(live.sender.run())
    wait_until_delivered(live, server)
    assert server.texts(ANNA) == ["een", "een", "twee"]


def test_a_refused_token_keeps_the_messages(live: LiveTelegram, server: BotApi) -> None:
    server.fail_next("sendMessage", 401)
    live.says(ANNA, "een")
    live.start(live.sender.run())
    wait_until_delivered(live, server)
    assert server.texts(ANNA) == ["een"]
    assert live.dead() == []


def test_stopping_in_the_middle_loses_nothing(tmp_path: Path, server: BotApi) -> None:
    with live_telegram(tmp_path, server) as live:
        for number in range(20):
            for chat in CHATS:
                live.says(chat, f"zin {number}")
        live.start(live.sender.run())
        server.wait_for_call("sendMessage", count=60, timeout=20)
    with live_telegram(tmp_path, server) as live:
        live.desk.database.run(lambda uow: uow.jobs.release_all())
        live.start(live.sender.run())
        wait_until_delivered(live, server, timeout=60)
    for chat in CHATS:
        unique = list(dict.fromkeys(server.texts(chat)))
        assert unique == [f"zin {number}" for number in range(20)]


# Without Telegram: the loop itself ----------------------------------------------------------------------------------


class Odd:
    """A channel that fails in ways no provider documents."""

    def __init__(self, *outcomes: Exception | str) -> None:
        self.outcomes = list(outcomes)
        self.sent: list[str] = []

    async def send(self, out: Outgoing) -> str:
        outcome = self.outcomes.pop(0) if self.outcomes else "ok"
        if isinstance(outcome, Exception):
            raise outcome
        self.sent.append(out.text)
        return outcome

    async def remove(self, out: Outgoing) -> frozenset[str]:
        return frozenset(one.provider_id for one in out.removes)


def test_an_unexpected_error_is_tried_again_and_logged_without_its_words(live: LiveTelegram, server: BotApi) -> None:
    async def build() -> tuple[Odd, Sender]:
        odd = Odd(ValueError("het geheim van Anna"))
        return odd, Sender(live.desk, {"telegram": odd}, poll_seconds=0.1)

    odd, sender = live.call(build())
    with capture_logs() as logs:
        live.says(ANNA, "een")
        live.start(sender.run())
        wait_until_delivered(live, server)
    assert odd.sent == ["een"]
    assert "sender.unexpected" in {entry["event"] for entry in logs}
    assert "geheim" not in str(logs)


def test_a_channel_nobody_sends_for_keeps_its_messages(live: LiveTelegram) -> None:
    async def build() -> Sender:
        return Sender(live.desk, {}, poll_seconds=0.05)

    sender = live.call(build())
    with capture_logs() as logs:
        live.says(ANNA, "een")
        live.start(sender.run())
        time.sleep(0.5)
    assert [entry["why"] for entry in logs if entry["event"] == "sender.again"] == ["no_such_channel"]
    assert waiting(live)
    assert live.dead() == []


def test_one_slow_chat_is_no_slow_bot() -> None:
    async def check() -> None:
        pause = _Pause()
        for number in range(CHATS_FOR_ALL * 2):
            pause.told("one chat", 30 + number)
        assert pause.left() == 0
        for number in range(CHATS_FOR_ALL - 1):
            pause.told(f"chat {number}", 5)
            pause.served()
        assert pause.left() == 0
        for number in range(CHATS_FOR_ALL):
            pause.told(f"chat {number}", 5 + number)
        assert 4 < pause.left() <= 5

    asyncio.run(check())
