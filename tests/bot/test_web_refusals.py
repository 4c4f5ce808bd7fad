"""What the web chat refuses, and how it says so."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from bot.channels.problem import STATUS_OF
from bot.channels.web_language import best_language
from bot.channels.web_limits import BODY_LIMIT, TEXT_LIMIT
from desk.bootstrap import Desk
from tests.bot.web_client import Resident
from tests.servers.desk_server import web_server

ROUTES = [
    ("POST", "/chat/messages"),
    ("GET", "/chat/messages"),
    ("GET", "/chat/events"),
    ("GET", "/chat/data"),
    ("GET", "/chat/data.html"),
]


def problem_of(answer: httpx.Response, name: str) -> dict[str, object]:
    """The problem in `answer`, checked to be `name` in the form of RFC 9457."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, object] = answer.json()
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["type"] == f"/chat/problems/{name}"
    assert problem["status"] == answer.status_code == STATUS_OF[name]
    return problem


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_guessed_token_is_not_found(client: httpx.Client, method: str, path: str) -> None:
    for token in ("x", "A" * 43, "A" * 10_000):
        problem_of(client.request(method, path, headers={"Authorization": f"Bearer {token}"}), "unknown_token")


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic eDp5"])
def test_no_token_is_told_apart(client: httpx.Client, method: str, path: str, header: str | None) -> None:
    answer = client.request(method, path, headers={} if header is None else {"Authorization": header})
    problem_of(answer, "no_token")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        pytest.param(b"", "not_json", id="nothing"),
        pytest.param(b"dag", "not_json", id="no JSON"),
        pytest.param(b'{"id": "%s", "text": "\xff"}', "not_json", id="no UTF-8"),
        pytest.param(b"[" * 500_000, "wrong_fields", id="deep list"),
        pytest.param(b'{"text": ' + b"[" * 500_000, "wrong_fields", id="deep text"),
        pytest.param(b'{"x": ' + b'{"x": ' * 100_000 + b"1" + b"}" * 100_001, "wrong_fields", id="deep field"),
        pytest.param(b'{"text": "dag"}', "wrong_fields", id="no id"),
        pytest.param(b'{"id": "1", "text": "dag"}', "wrong_fields", id="id is no uuid"),
        pytest.param(b'{"id": "%s"}', "wrong_fields", id="neither text nor choice"),
        pytest.param(b'{"id": "%s", "text": "a", "choice": "b"}', "wrong_fields", id="both"),
        pytest.param(b'{"id": "%s", "text": 5}', "wrong_fields", id="text is a number"),
        pytest.param(b'{"id": "%s", "text": "dag", "from": "host"}', "wrong_fields", id="a field too many"),
        pytest.param(b'{"id": "%s", "text": "' + b"a" * (TEXT_LIMIT + 1) + b'"}', "text_too_long", id="too long"),
        pytest.param(b'{"id": "%s", "choice": "' + b"a" * 201 + b'"}', "text_too_long", id="choice too long"),
    ],
)
def test_bad_bodies_leave_nothing(resident: Resident, body: bytes, name: str) -> None:
    content = body.replace(b"%s", str(uuid4()).encode())
    answer = resident.client.post("/chat/messages", headers=resident.headers, content=content)
    problem_of(answer, name)
    assert resident.messages() == []
    assert resident.post("daarna gaat het gewoon").status_code == 202


@pytest.mark.parametrize("chunked", [False, True])
def test_ten_megabytes_are_refused_and_not_kept(resident: Resident, chunked: bool) -> None:
    size, chunk = 10_000_000, b"a" * 50_000

    def pieces() -> Iterator[bytes]:
        for _ in range(size // len(chunk)):
            yield chunk

    headers = resident.headers if chunked else resident.headers | {"Content-Length": str(size)}
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        problem_of(resident.client.post("/chat/messages", headers=headers, content=pieces()), "too_large")
        grown = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert grown < 2 * BODY_LIMIT  # client and server together
    assert resident.messages() == []


@pytest.mark.parametrize("code", [b"{}", b'{"code": 5}', b'{"code": "a", "id": 1}'])
def test_a_resume_without_code(client: httpx.Client, code: bytes) -> None:
    problem_of(client.post("/chat/resume", content=code), "wrong_code_fields")


def test_guessing_codes_is_throttled(web_desk: Desk) -> None:
    with web_server(web_desk) as server, server.client() as client:
        resident = Resident(client)
        for number in range(10):
            problem_of(client.post("/chat/resume", json={"code": f"AAAA-AAAA-{number:04}"}), "unknown_code")
        answer = client.post("/chat/resume", json={"code": resident.opened["resume_code"]})
        problem_of(answer, "too_many_codes")
        assert 0 < int(answer.headers["retry-after"]) <= 60


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "٣", "9" * 30])
def test_a_wrong_number(resident: Resident, after: str) -> None:
    client = resident.client
    problem_of(client.get("/chat/messages", params={"after": after}, headers=resident.headers), "wrong_after")
    if after.isascii():
        problem_of(client.get("/chat/events", headers=resident.headers | {"Last-Event-ID": after}), "wrong_after")


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://elders.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "file://"},
        {"Origin": "http://[oops"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_are_refused(resident: Resident, foreign: dict[str, str]) -> None:
    client = resident.client
    for method, path in [*ROUTES, ("POST", "/chat/sessions"), ("POST", "/chat/resume")]:
        body = json.dumps({"id": str(uuid4()), "text": "dag"}) if method == "POST" else None
        answer = client.request(method, path, headers=resident.headers | foreign, content=body)
        problem_of(answer, "cross_site")
        assert "access-control-allow-origin" not in answer.headers
    assert resident.messages() == []


def test_the_own_page_is_welcome(resident: Resident) -> None:
    origin = str(resident.client.base_url).rstrip("/")
    resident.headers |= {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    assert resident.post("dag").status_code == 202


def test_https_outside_and_http_inside_is_the_same_site(resident: Resident) -> None:
    resident.headers |= {"Origin": "https://chat.voorbeeldstad.example", "Host": "chat.voorbeeldstad.example"}
    assert resident.post("dag").status_code == 202


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/chat/messages", "GET, POST"),
        ("GET", "/chat/sessions", "POST"),
        ("OPTIONS", "/chat/sessions", "POST"),
        ("POST", "/chat/events", "GET"),
    ],
)
def test_another_method(client: httpx.Client, method: str, path: str, allowed: str) -> None:
    answer = client.request(method, path)
    problem_of(answer, "wrong_method")
    assert answer.headers["allow"] == allowed


def test_nothing_there(client: httpx.Client) -> None:
    problem_of(client.get("/chat/elsewhere"), "not_found")
    problem_of(client.get("/chat/static/0000000000000000/secret.txt"), "not_found")
    problem_of(client.get("/chat/static/0000000000000000/..%2Ftemplates%2Fpage.html"), "not_found")


def test_a_fault_says_little(client: httpx.Client, web_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(work: object) -> object:
        raise OSError("disk full at /secret/path")

    monkeypatch.setattr(web_desk.database, "write", fails)
    answer = client.post("/chat/sessions")
    problem_of(answer, "fault")
    assert "disk" not in answer.text and answer.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "nl"),
        ("nl-NL,nl;q=0.9,en;q=0.8", "nl"),
        ("en-GB,en;q=0.9", "en"),
        ("pl,en;q=0.5,nl;q=0.4", "en"),
        ("pl", "nl"),
        ("en;q=oops,nl;q=0.1", "nl"),
        ("EN", "en"),
        ("en;q=0", "nl"),
    ],
)
def test_the_language_of_a_browser(header: str, language: str) -> None:
    assert best_language(header) == language


def test_problems_speak_the_readers_language(client: httpx.Client, web_desk: Desk) -> None:
    for language in ("nl", "en"):
        answer = client.get("/chat/messages", headers={"Accept-Language": language})
        assert answer.headers["content-language"] == language
        assert problem_of(answer, "no_token")["title"] == web_desk.texts.render(
            "webchat.problem.no_token.title", language
        )


def test_every_problem_has_its_texts(web_desk: Desk) -> None:
    for language in ("nl", "en"):
        named = {key.split(".")[2] for key in web_desk.texts.keys(language) if key.startswith("webchat.problem.")}
        assert named == set(STATUS_OF)
        for name in STATUS_OF:
            assert web_desk.texts.render(f"webchat.problem.{name}.title", language)
            assert web_desk.texts.render(f"webchat.problem.{name}.detail", language)
