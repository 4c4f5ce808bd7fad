"""The event stream of an open board: it tells that something changed, and ends with the session."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from board import events
from tests.board.board_server import BoardServer
from tests.board.town import Town


class Listener:
    """Reads a stream in a thread of its own, line by line."""

    def __init__(self, client: httpx.Client) -> None:
        self.changes = 0
        self.lines: list[str] = []
        self.ended = threading.Event()
        self._heard = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=(client,), daemon=True)
        self._thread.start()

    def _read(self, client: httpx.Client) -> None:
        try:
            with client.stream("GET", "/board/events") as answer:
                for line in answer.iter_lines():
                    with self._heard:
                        self.lines.append(line)
                        self.changes += line == "event: changed"
                        self._heard.notify_all()
        except httpx.HTTPError:
            pass  # the test closed the browser
        finally:
            self.ended.set()

    def heard(self, changes: int, seconds: float = 10.0) -> bool:
        with self._heard:
            return self._heard.wait_for(lambda: self.changes >= changes, seconds)


@contextmanager
def listening(server: BoardServer, token: str) -> Iterator[Listener]:
    with server.client(token) as client:
        yield Listener(client)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "CHECK_SECONDS", 0.2)
    monkeypatch.setattr(events, "CALM_SECONDS", 0.05)
    monkeypatch.setattr(events, "KEEP_ALIVE_SECONDS", 0.4)


def test_a_change_is_heard_and_says_nothing_else(town: Town, server: BoardServer) -> None:
    with listening(server, town.token("hanna")) as listener:
        assert listener.heard(1), "the first event lets a page catch up"
        referral = town.referral()
        assert listener.heard(2)
        assert all(line in ("", "retry: 1500", "event: changed", "data: ", ": still here") for line in listener.lines)
        assert referral.code not in "".join(listener.lines)


def test_a_quiet_stream_stays_open(town: Town, server: BoardServer) -> None:
    with listening(server, town.token("hanna")) as listener:
        assert listener.heard(1)
        assert not listener.ended.wait(1.0)
        assert ": still here" in listener.lines


@pytest.mark.parametrize("how", ["role", "disabled", "logout"])
def test_it_ends_when_the_user_may_no_longer_look(town: Town, server: BoardServer, how: str) -> None:
    user, token = town.users["hanna"], town.token("hanna")
    with listening(server, token) as listener:
        assert listener.heard(1)
        if how == "role":
            town.desk.database.run(lambda uow: uow.people.revoke(user.id, user.roles[0]))
        elif how == "disabled":
            town.desk.database.run(lambda uow: uow.people.disable(user.id))
        else:
            town.desk.database.run(lambda uow: uow.people.close_session(token))
        assert listener.ended.wait(5)


def test_it_ends_when_the_server_stops(town: Town, server: BoardServer) -> None:
    with listening(server, town.token("hanna")) as listener:
        assert listener.heard(1)
        server.stop()
        assert listener.ended.wait(5)


def test_with_the_times_as_they_are_a_lost_role_ends_it_in_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert events.CHECK_SECONDS + events.CALM_SECONDS < 5
