"""The own data over HTTP: with the conversation's token only, as a file, kept nowhere on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import httpx
import pytest

from board.page import SESSION_COOKIE
from bot.channels.web import FILES_A_MINUTE
from desk.bootstrap import Desk
from storage.records import Role, RoleName
from storage.unit_of_work import UnitOfWork
from storage.web_sessions import LIFETIME
from tests.bot.test_web_refusals import problem_of
from tests.bot.web_client import Resident
from tests.servers.desk_server import WebServer, desk_in, web_server

PATHS = ("/chat/data", "/chat/data.html")


def fetch(resident: Resident, path: str = "/chat/data") -> httpx.Response:
    return resident.client.get(path, headers=resident.headers)


def test_the_data_come_as_a_file_to_keep(resident: Resident) -> None:
    resident.post("ik zoek hulp met mijn dak")
    answer = fetch(resident)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="mijn-gegevens.json"'
    assert [one["text"] for one in answer.json()["messages"]] == ["ik zoek hulp met mijn dak"]


def test_the_page_comes_as_a_file_to_keep(resident: Resident) -> None:
    resident.post("ik zoek hulp met <b>mijn dak</b>")
    answer = fetch(resident, "/chat/data.html")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="mijn-gegevens.html"'
    assert answer.headers["content-language"] == "nl"
    assert "ik zoek hulp met &lt;b&gt;mijn dak&lt;/b&gt;" in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_nobody_keeps_it_on_the_way_and_nothing_in_it_runs(resident: Resident, path: str) -> None:
    headers = fetch(resident, path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert (
        headers["content-security-policy"].startswith("default-src 'none'")
        and "sandbox" in (headers["content-security-policy"])
    )


@pytest.mark.parametrize("path", PATHS)
def test_a_token_opens_its_own_data_only(client: httpx.Client, path: str) -> None:
    anna, bert = Resident(client), Resident(client)
    anna.post("dit is van Anna")
    bert.post("dit is van Bert")
    assert "dit is van Anna" in fetch(anna, path).text and "Bert" not in fetch(anna, path).text
    assert "dit is van Bert" in fetch(bert, path).text and "Anna" not in fetch(bert, path).text


@pytest.mark.rule("domain-16")
@pytest.mark.parametrize("role", get_args(RoleName))
@pytest.mark.parametrize("path", PATHS)
def test_nobody_who_works_there_can_fetch_it(resident: Resident, web_desk: Desk, role: RoleName, path: str) -> None:
    resident.post("dit is van mij")

    def log_in(uow: UnitOfWork) -> str:
        return uow.people.open_session(uow.people.add_user(f"{role}-{path}", "Petra", None, [Role(role)]).id)

    token = web_desk.database.run(log_in)
    cookie = {"Cookie": f"{SESSION_COOKIE}={token}"}
    problem_of(resident.client.get(path, headers={"Authorization": f"Bearer {token}", **cookie}), "unknown_token")
    problem_of(resident.client.get(path, headers=cookie), "no_token")


@pytest.mark.parametrize("path", PATHS)
def test_the_token_is_never_in_the_address(resident: Resident, path: str) -> None:
    answer = resident.client.get(path, params={"token": resident.opened["token"]})
    problem_of(answer, "no_token")


@pytest.mark.parametrize("path", PATHS)
def test_another_site_cannot_fetch_it(resident: Resident, path: str) -> None:
    answer = resident.client.get(path, headers={**resident.headers, "Origin": "https://elders.example"})
    problem_of(answer, "cross_site")


def test_another_method_is_told(resident: Resident) -> None:
    for path in PATHS:
        answer = resident.client.post(path, headers=resident.headers)
        problem_of(answer, "wrong_method")
        assert answer.headers["allow"] == "GET"


def test_a_flood_of_files_waits(resident: Resident) -> None:
    for _ in range(FILES_A_MINUTE):
        assert fetch(resident).status_code == 200
    answer = fetch(resident, "/chat/data.html")
    problem_of(answer, "too_many_files")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert resident.post("schrijven kan gewoon").status_code == 202


def test_the_reader_may_be_english(client: httpx.Client) -> None:
    resident = Resident(client)
    resident.client.post(
        "/chat/messages",
        headers={**resident.headers, "Accept-Language": "en"},
        json={"id": "6f0c1c53-34d5-4a1d-9a5f-6a4e0e3c1a11", "text": "hello"},
    )
    answer = fetch(resident, "/chat/data.html")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.html"'
    assert '<html lang="en">' in answer.text


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(tmp_path: Path, clock: Clock) -> Iterator[tuple[Desk, WebServer]]:
    with desk_in(tmp_path, clock) as desk, web_server(desk) as running:
        yield desk, running


@pytest.mark.parametrize("path", PATHS)
def test_an_expired_token_opens_nothing(timed: tuple[Desk, WebServer], clock: Clock, path: str) -> None:
    with timed[1].client() as client:
        resident = Resident(client)
        resident.post("dag")
        assert fetch(resident, path).status_code == 200
        clock.moment += LIFETIME + timedelta(seconds=1)
        problem_of(fetch(resident, path), "unknown_token")


@pytest.mark.parametrize("path", PATHS)
def test_after_erasure_nothing_can_be_had(timed: tuple[Desk, WebServer], path: str) -> None:
    desk, running = timed
    with running.client() as client:
        resident = Resident(client)
        resident.post("vergeet dit maar")
        conversation = resident.conversation(desk)
        desk.database.run(lambda uow: uow.contacts.erase(uow.conversations.contact_id(conversation)))
        answer = fetch(resident, path)
        problem_of(answer, "unknown_token")
        assert "vergeet dit" not in answer.text


def test_a_message_that_offers_the_files_names_them(resident: Resident, web_desk: Desk) -> None:
    resident.hears(web_desk, "Hieronder staan uw gegevens.", key="data.file_here")
    resident.hears(web_desk, "Iets anders.")
    offer, other = resident.messages()
    assert offer["files"] == ["/chat/data.html", "/chat/data"]
    assert "files" not in other


def test_the_json_is_the_same_as_what_the_page_shows(resident: Resident) -> None:
    resident.post("één ding")
    data, page = json.loads(fetch(resident).content), fetch(resident, "/chat/data.html").text
    assert all(one["text"] in page for one in data["messages"])
    assert data["contact"]["address"] in page
