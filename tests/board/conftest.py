"""The board of a small town over HTTP, on a free loopback port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.board.board_server import BoardServer, board_server
from tests.board.town import Town, town_in


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with town_in(tmp_path) as found:
        yield found


@pytest.fixture
def server(town: Town) -> Iterator[BoardServer]:
    with board_server(town.desk) as running:
        yield running


@pytest.fixture
def anyone(server: BoardServer) -> Iterator[httpx.Client]:
    """A browser that is not logged in."""
    with server.client() as client:
        yield client


@pytest.fixture
def as_user(server: BoardServer, town: Town) -> Iterator[Callable[[str], httpx.Client]]:
    """Gives the browser of a logged-in user, by login name."""
    opened: dict[str, httpx.Client] = {}

    def of(login: str) -> httpx.Client:
        if login not in opened:
            opened[login] = server.client(town.token(login))
        return opened[login]

    yield of
    for client in opened.values():
        client.close()
