"""The person on duty hears of an alert in Telegram: from the resident's message to the local Bot API server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk import duty
from desk.bootstrap import Desk, bootstrap
from desk.settings import Settings
from storage.records import Role, User
from storage.unit_of_work import UnitOfWork
from tests.bot.telegram_desk import BOT, LiveTelegram, telegram_settings
from tests.servers.bot_api import BotApi

ANNA, BEP = 7001, 7002
FIRST, SECOND = 5001, -100500
PUBLIC = "https://balie.example"
WANTS_TO_DIE = "Ik ben Anna de Vries en ik wil dood, vanavond nog"
MOST_SECONDS = 5.0


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server() -> Iterator[BotApi]:
    with BotApi() as running:
        running.state.chats.update([FIRST, SECOND])
        yield running


@contextmanager
def live_duty(folder: Path, server: BotApi, clock: Callable[[], datetime]) -> Iterator[LiveTelegram]:
    """A desk with two steps of duty that receives and delivers, as `balie serve` does."""
    plain = telegram_settings(folder, server.base_url).model_dump()
    plain["telegram"]["token"] = telegram_settings(folder, server.base_url).telegram.token
    steps = [{"telegram": FIRST, "after": "0 minutes"}, {"telegram": SECOND, "after": "5 minutes"}]
    desk = bootstrap(Settings.model_validate({**plain, "duty": steps, "http": {"public_url": PUBLIC}}), clock)
    desk.database.run(lambda uow: uow.jobs.release_all())
    live = LiveTelegram(desk)
    try:
        live.start_all()
        yield live
    finally:
        live.stop()
        desk.close()


@pytest.fixture
def live(tmp_path: Path, server: BotApi, clock: Clock) -> Iterator[LiveTelegram]:
    with live_duty(tmp_path, server, clock) as running:
        yield running


def code_of(desk: Desk) -> str:
    (alert,) = desk.database.read(lambda uow: uow.alerts.open())
    return alert.code


def nothing_waits(desk: Desk) -> bool:
    """Neither for a resident nor for the duty is anything due or under way."""
    due = desk.database.read(lambda uow: uow.jobs.next_run_at(("send", duty.DUTY)))
    return due is None or due > desk.database.clock()


def petra(desk: Desk) -> User:
    return desk.database.run(lambda uow: uow.people.add_user("petra", "Petra", None, [Role("professional")]))


def test_it_arrives_at_once_and_holds_a_code_and_a_link_only(live: LiveTelegram, server: BotApi) -> None:
    before = time.monotonic()
    server.resident_says(ANNA, WANTS_TO_DIE)
    said = server.wait_for_message(FIRST, timeout=MOST_SECONDS)
    took = time.monotonic() - before
    print(f"from the resident's message to the person on duty: {took:.2f} s (at most {MOST_SECONDS:.0f} s)")
    assert took <= MOST_SECONDS
    code = code_of(live.desk)
    assert said["text"] == f"{code}\n{PUBLIC}/board/alerts/{code}"
    assert "reply_markup" not in said
    server.wait_for_message(ANNA, "113")
    assert server.texts(SECOND) == []


def test_it_passes_what_waits_for_forty_residents(live: LiveTelegram, server: BotApi) -> None:
    chats = range(8000, 8040)
    server.state.chats.update(chats)
    for number in range(5):
        for chat in chats:
            live.says(chat, f"zin {number}")
    before = time.monotonic()
    server.resident_says(ANNA, WANTS_TO_DIE)
    server.wait_for_message(FIRST, timeout=MOST_SECONDS)
    took = time.monotonic() - before
    print(f"with 200 messages waiting for 40 residents: {took:.2f} s (at most {MOST_SECONDS:.0f} s)")
    assert took <= MOST_SECONDS


def test_the_next_is_told_after_five_minutes(live: LiveTelegram, server: BotApi, clock: Clock) -> None:
    server.resident_says(ANNA, WANTS_TO_DIE)
    server.wait_for_message(FIRST)
    server.wait_until(
        lambda: nothing_waits(live.desk), "the first step settled"
    )  # else its lease ends as the clock moves
    clock.moment += timedelta(minutes=4, seconds=59)
    time.sleep(0.5)
    assert server.texts(SECOND) == []
    clock.moment += timedelta(seconds=1)
    server.wait_for_message(SECOND, code_of(live.desk), timeout=MOST_SECONDS)
    server.wait_until(lambda: nothing_waits(live.desk), "everything settled")
    assert (len(server.texts(FIRST)), len(server.texts(SECOND))) == (1, 1)


def test_taking_it_up_stops_the_next(live: LiveTelegram, server: BotApi, clock: Clock) -> None:
    server.resident_says(ANNA, WANTS_TO_DIE)
    server.wait_for_message(FIRST)
    user, code = petra(live.desk), code_of(live.desk)
    assert live.desk.database.run(lambda uow: duty.acknowledge(uow, user, code))
    clock.moment += timedelta(hours=1)
    time.sleep(0.5)
    assert server.texts(SECOND) == []


def test_nothing_twice_after_a_restart_and_the_next_step_still_comes(
    tmp_path: Path, server: BotApi, clock: Clock
) -> None:
    with live_duty(tmp_path, server, clock) as live:
        server.resident_says(ANNA, WANTS_TO_DIE)
        server.wait_for_message(FIRST)
        server.wait_until_confirmed()
        server.wait_until(lambda: nothing_waits(live.desk), "everything settled")
    with live_duty(tmp_path, server, clock) as live:
        server.resident_says(BEP, "goedemorgen")
        server.wait_until_confirmed()
        time.sleep(0.5)
        assert len(server.texts(FIRST)) == 1
        clock.moment += timedelta(minutes=5)
        server.wait_for_message(SECOND, code_of(live.desk), timeout=MOST_SECONDS)
        time.sleep(0.3)
        assert (len(server.texts(FIRST)), len(server.texts(SECOND))) == (1, 1)


def test_what_was_planned_before_the_process_ended_arrives_after_it(
    tmp_path: Path, server: BotApi, clock: Clock
) -> None:
    server.fail_next("sendMessage", 502, chat_id=FIRST, times=50)
    with live_duty(tmp_path, server, clock) as live:
        server.resident_says(ANNA, WANTS_TO_DIE)
        server.wait_for_call("sendMessage", status=502)
        assert server.texts(FIRST) == []
    server.state.failures.clear()
    clock.moment += timedelta(seconds=15)
    with live_duty(tmp_path, server, clock) as live:
        server.wait_for_message(FIRST, code_of(live.desk), timeout=MOST_SECONDS)


def test_a_slow_chat_is_told_when_it_may_be(tmp_path: Path, server: BotApi) -> None:
    with live_duty(tmp_path, server, lambda: datetime.now(UTC)):
        server.slow(FIRST, 2)
        server.resident_says(ANNA, WANTS_TO_DIE)
        server.wait_for_message(FIRST, timeout=10)
    assert server.state.early_retries == 0
    assert [call.status for call in server.calls_of("sendMessage") if call.parameters["chat_id"] == str(FIRST)] == [
        429,
        200,
    ]


def test_a_chat_that_blocked_the_bot_calls_the_next(live: LiveTelegram, server: BotApi) -> None:
    server.state.blocked.add(FIRST)
    server.resident_says(ANNA, WANTS_TO_DIE)
    said = server.wait_for_message(SECOND, timeout=MOST_SECONDS)
    assert code_of(live.desk) in said["text"]
    assert server.texts(FIRST) == []


def test_while_a_person_has_the_conversation(live: LiveTelegram, server: BotApi) -> None:
    user = petra(live.desk)

    def take_over(uow: UnitOfWork) -> None:
        contact = uow.contacts.find_or_add("telegram", BOT, str(ANNA))
        uow.conversations.waiting(contact.conversation_id, "person_asked")
        uow.conversations.set_owner(contact.conversation_id, user.id)

    live.desk.database.run(take_over)
    server.resident_says(ANNA, WANTS_TO_DIE)
    server.wait_for_message(FIRST, timeout=MOST_SECONDS)
    server.wait_for_message(ANNA, "113")
