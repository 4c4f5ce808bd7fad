"""A desk and its web chat for the tests of the web channel."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from desk.bootstrap import Desk
from tests.bot.web_client import Resident
from tests.servers.desk_server import WebServer, desk_in, web_server


@pytest.fixture(scope="module")
def web_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for a file of tests; each test has a conversation of its own."""
    with desk_in(tmp_path_factory.mktemp("web")) as desk:
        yield desk


@pytest.fixture(scope="module")
def server(web_desk: Desk) -> Iterator[WebServer]:
    with web_server(web_desk) as running:
        yield running


@pytest.fixture
def client(server: WebServer) -> Iterator[httpx.Client]:
    with server.client() as opened:
        yield opened


@pytest.fixture
def resident(client: httpx.Client) -> Resident:
    return Resident(client)
