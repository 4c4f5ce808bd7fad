"""The event stream of the web chat: complete, resumable, asleep while nothing happens, and gone at shutdown."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.channels import web_events
from desk.bootstrap import Desk
from tests.bot.web_client import Resident, events_of
from tests.servers.desk_server import WebServer, web_server


def test_events_are_the_messages(resident: Resident, web_desk: Desk) -> None:
    resident.post("dag")
    resident.hears(web_desk, "Voor wie is uw vraag?", [{"id": "1.self", "label": "Voor mijzelf"}])
    with resident.client.stream("GET", "/chat/events", headers=resident.headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        events = events_of(response)
        first, second = next(events), next(events)
    assert [first[0], second[0]] == [1, 2]
    assert [first[1], second[1]] == resident.messages()


def test_a_new_message_comes_at_once(resident: Resident, web_desk: Desk) -> None:
    with resident.client.stream("GET", "/chat/events", headers=resident.headers) as response:
        events = events_of(response)
        for number in range(1, 6):
            timer = threading.Timer(0.05, lambda: resident.hears(web_desk, "zin"))
            timer.start()
            begin = time.monotonic()
            assert next(events)[0] == number
            assert time.monotonic() - begin < web_events.HEARTBEAT_SECONDS / 2
            timer.join()


def test_a_cut_line_resumes_without_gap_or_double(resident: Resident, web_desk: Desk) -> None:
    stop = threading.Event()

    def talk() -> None:
        while not stop.is_set():
            resident.hears(web_desk, "zin")
            time.sleep(0.002)

    talker = threading.Thread(target=talk)
    talker.start()
    seen: list[int] = []
    try:
        for cut in range(20):
            headers = resident.headers | {"Last-Event-ID": str(seen[-1] if seen else 0)}
            with resident.client.stream("GET", "/chat/events", headers=headers) as response:
                events = events_of(response)
                seen += [next(events)[0] for _ in range(1 + cut % 5)]
    finally:
        stop.set()
        talker.join()
    assert seen == list(range(1, len(seen) + 1))


def test_conversations_do_not_mix(client: httpx.Client, server: WebServer, web_desk: Desk) -> None:
    mine, other = Resident(client), Resident(client)
    with client.stream("GET", "/chat/events", headers=mine.headers) as response:
        events = events_of(response)
        other.hears(web_desk, "voor een ander")
        mine.hears(web_desk, "voor mij")
        assert next(events)[1]["text"] == "voor mij"


def test_a_sign_of_life(resident: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_events, "HEARTBEAT_SECONDS", 0.05)
    with resident.client.stream("GET", "/chat/events", headers=resident.headers) as response:
        lines = (line for line in response.iter_lines() if line)
        assert all(next(lines).startswith(":") for _ in range(4))


def test_an_idle_stream_leaves_the_database_alone(
    resident: Resident, web_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[float] = []
    read: Callable[..., Any] = web_desk.database.read

    def counted(work: Callable[..., Any]) -> Any:
        reads.append(time.monotonic())
        return read(work)

    with resident.client.stream("GET", "/chat/events", headers=resident.headers) as response:
        events = events_of(response)
        resident.hears(web_desk, "zin")
        next(events)
        time.sleep(0.2)
        monkeypatch.setattr(web_desk.database, "read", counted)
        time.sleep(1.0)
        assert reads == []
        monkeypatch.setattr(web_desk.database, "read", read)


def test_a_conversation_has_a_few_streams(client: httpx.Client, resident: Resident) -> None:
    limit = web_events.STREAMS_PER_CONVERSATION
    opened = [client.stream("GET", "/chat/events", headers=resident.headers) for _ in range(limit + 1)]
    entered = []
    reading = []  # an iterator that is let go closes its line
    try:
        for stream in opened[:limit]:
            response = stream.__enter__()
            entered.append(stream)
            assert response.status_code == 200
            reading.append(response.iter_bytes())
            next(reading[-1])  # it listens from its first byte on
        last = opened[limit].__enter__()
        entered.append(opened[limit])
        assert last.status_code == 429
        assert int(last.headers["retry-after"]) > 0
    finally:
        for stream in entered:
            stream.__exit__(None, None, None)
    deadline = time.monotonic() + 10
    status = 429
    while status == 429 and time.monotonic() < deadline:
        time.sleep(0.05)
        with client.stream("GET", "/chat/events", headers=resident.headers) as again:
            status = again.status_code
    assert status == 200


def test_the_last_listener_unsubscribes(resident: Resident, web_desk: Desk) -> None:
    def listeners_become(count: int) -> bool:
        deadline = time.monotonic() + 10
        while len(web_desk.database._listeners) != count and time.monotonic() < deadline:
            time.sleep(0.02)
        return len(web_desk.database._listeners) == count

    assert listeners_become(0)
    with (
        resident.client.stream("GET", "/chat/events", headers=resident.headers) as one,
        resident.client.stream("GET", "/chat/events", headers=resident.headers) as two,
    ):
        reading = [one.iter_bytes(), two.iter_bytes()]
        for part in reading:
            next(part)
        assert listeners_become(1)
        time.sleep(0.2)
        assert listeners_become(1)
    assert listeners_become(0)


def test_streams_end_cleanly_when_the_server_stops(web_desk: Desk) -> None:
    with web_server(web_desk) as server, server.client() as client:
        resident = Resident(client)
        ended: list[list[str]] = []
        listening = threading.Event()

        def listen() -> None:
            with client.stream("GET", "/chat/events", headers=resident.headers) as response:
                lines = []
                for line in response.iter_lines():  # raises when the stream is cut off half-way
                    lines.append(line)
                    listening.set()
                ended.append(lines)

        listener = threading.Thread(target=listen)
        listener.start()
        assert listening.wait(10)
        begin = time.monotonic()
        server.stop()
        listener.join(timeout=10)
        assert len(ended) == 1
        assert time.monotonic() - begin < 5
