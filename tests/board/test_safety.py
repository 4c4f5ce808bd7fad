"""Forms from elsewhere, headers, and words that try to be more than words."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from board.page import SESSION_COOKIE
from tests.board.board_server import BoardServer
from tests.board.town import Town

Browsers = Callable[[str], httpx.Client]

CROSS_SITE = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://elders.example"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://elders.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://127.0.0.1:1"},
    {},
]


@pytest.mark.parametrize("headers", CROSS_SITE)
def test_a_form_from_another_site_is_refused(town: Town, server: BoardServer, headers: dict[str, str]) -> None:
    referral = town.referral()
    cookies = {SESSION_COOKIE: town.token("cor")}
    with httpx.Client(base_url=server.url, cookies=cookies, headers=headers) as client:
        for path in (f"/board/hand-offs/{referral.id}/accept", "/board/logout", "/board/login", "/board/language"):
            answer = client.post(path, data={"to": "en", "login": "cor", "password": "x"})
            assert answer.status_code == 403, path
        assert town.due(seconds=10) == 0
        assert client.get("/board/hand-offs").status_code == 200, "still logged in, and reading is no harm"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "own"}])
def test_one_sign_of_our_own_site_is_enough(town: Town, server: BoardServer, headers: dict[str, str]) -> None:
    referral = town.referral()
    headers = {name: server.url if value == "own" else value for name, value in headers.items()}
    with httpx.Client(base_url=server.url, cookies={SESSION_COOKIE: town.token("cor")}, headers=headers) as client:
        assert client.post(f"/board/hand-offs/{referral.id}/accept").status_code == 303


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elders.example"}])
def test_an_event_stream_for_another_site_is_refused(town: Town, server: BoardServer, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=server.url, cookies={SESSION_COOKIE: town.token("cor")}, headers=headers) as client:
        assert client.get("/board/events").status_code == 403


@pytest.mark.parametrize(
    "path", ["/board/login", "/board/hand-offs", "/board/log", "/board/hand-offs/nergens", "/board/static/board.js"]
)
def test_headers_of_every_page(as_user: Browsers, path: str) -> None:
    answer = as_user("cor").get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "no-store" in answer.headers["cache-control"] or path.endswith(".js")


def test_pages_hold_no_inline_script_or_style(town: Town, as_user: Browsers) -> None:
    referral = town.referral()
    for path in ("/board/hand-offs", f"/board/hand-offs/{referral.id}", "/board/conversations"):
        page = as_user("petra").get(path).text
        assert page.count("<script") == 1 and "<style" not in page and " style=" not in page and " onclick" not in page
        assert len(page.encode()) < 100_000


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "{{1234*4321}} {{''.__class__}} {% raw %}",
    "{0.__class__} %s",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_words_stay_words(town: Town, as_user: Browsers, words: str) -> None:
    lines = [{"category": "request", "text": words}, {"category": "first_name", "text": words}]
    referral = town.referral(lines=lines)
    cor, where = as_user("cor"), f"/board/hand-offs/{referral.id}"
    cor.post(f"{where}/accept")
    town.due(seconds=10)
    cor.post(f"{where}/messages", data={"text": words})
    town.resident_writes(town.conversation_of(referral), words)
    for path in ("/board/hand-offs", where):
        page = cor.get(path).text
        assert "<img" not in page and "<svg" not in page and "alert(1)</script>" not in page and "5332114" not in page
    shown = cor.get(where).text
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    escaped = escaped.replace("'", "&#39;").replace('"', "&#34;")
    assert shown.count(escaped) == 4
    assert town.messages(town.conversation_of(referral))[-2].text == words, "the resident gets them as they were"


@pytest.mark.parametrize("name", ["app.py", "..%2fpage.py", "board.css%00", "%2e%2e/log.py"])
def test_only_two_files_are_served(anyone: httpx.Client, name: str) -> None:
    assert anyone.get(f"/board/static/{name}").status_code == 404


def test_a_huge_form_is_refused(town: Town, as_user: Browsers) -> None:
    referral = town.referral()
    answer = as_user("cor").post(f"/board/hand-offs/{referral.id}/messages", data={"text": "a" * 30_000})
    assert answer.status_code == 422
