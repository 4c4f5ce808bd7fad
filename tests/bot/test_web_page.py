"""The chat page as it is served: headers, weight, languages, texts."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from desk.bootstrap import Desk
from tests.servers.desk_server import desk_in, web_server

STATIC = Path("bot/web/static")


def linked(page: str) -> list[str]:
    return re.findall(r'(?:href|src)="(/chat/static/[^"]+)"', page)


def test_the_page_is_shut_off(client: httpx.Client) -> None:
    headers = client.get("/").headers
    policy = headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_no_script_or_style_stands_in_the_page(client: httpx.Client) -> None:
    page = client.get("/").text
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert "<style" not in page and " style=" not in page
    assert re.findall(r"\son\w+=", page) == []


def test_no_script_reads_html(client: httpx.Client) -> None:
    for file in STATIC.glob("*.js"):
        forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|DOMParser|srcdoc"
        assert re.findall(forbidden, file.read_text("utf-8")) == [], file.name


def test_the_whole_page_weighs_less_than_sixty_kilobytes(client: httpx.Client) -> None:
    page = client.get("/")
    whole = len(page.content)
    for file in STATIC.iterdir():
        answer = client.get(re.sub(r"[^/]+$", file.name, linked(page.text)[0]))
        assert answer.status_code == 200
        whole += len(answer.content)
    print(f"the chat page weighs {whole} bytes in all")
    assert whole <= 60_000


def test_files_are_kept_by_the_browser_until_they_change(client: httpx.Client) -> None:
    for path in linked(client.get("/").text):
        answer = client.get(path)
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        old = re.sub(r"static/[0-9a-f]+/", "static/0000000000000000/", path)
        assert client.get(old).headers["cache-control"] == "no-cache"
    scripts = [path for path in linked(client.get("/").text) if path.endswith(".js")]
    assert client.get(scripts[0]).headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    ("path", "header", "language"),
    [("/", "nl", "nl"), ("/", "en-US", "en"), ("/?language=en", "nl", "en"), ("/?language=nl", "en", "nl")],
)
def test_the_page_speaks_both_languages(
    client: httpx.Client, web_desk: Desk, path: str, header: str, language: str
) -> None:
    page = client.get(path, headers={"Accept-Language": header})
    assert f'<html lang="{language}">' in page.text
    assert web_desk.texts.render("webchat.notice", language) in page.text
    assert page.headers["content-language"] == language


def test_an_unknown_language_is_no_way_in(client: httpx.Client) -> None:
    page = client.get("/", params={"language": '"><script>alert(1)</script>'})
    assert page.status_code == 200
    assert "alert(1)" not in page.text


def test_without_javascript_there_is_a_phone_number(client: httpx.Client) -> None:
    inside = re.findall(r"<noscript>(.*?)</noscript>", client.get("/").text, re.DOTALL)
    assert len(inside) == 1
    assert '<a href="tel:0555123456">0555-123456</a>' in inside[0]


def test_names_from_the_configuration_are_text(tmp_path: Path) -> None:
    team = {"name": "<script>alert(1)</script> {{7*7}}", "phone": '"><b>1'}
    with desk_in(tmp_path, team=team) as desk, web_server(desk) as server, server.client() as client:
        page = client.get("/").text
    assert "<script>alert" not in page and "<b>1" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}" in page


def test_the_way_out_is_configured(tmp_path: Path) -> None:
    with (
        desk_in(tmp_path, quick_exit_url="https://weer.example/nu") as desk,
        web_server(desk) as server,
        server.client() as client,
    ):
        assert 'href="https://weer.example/nu"' in client.get("/").text


def test_the_scripts_have_all_their_texts(web_desk: Desk) -> None:
    used = {f"speaker_{who}" for who in ("resident", "desk", "host", "volunteer", "professional")}
    for file in STATIC.glob("*.js"):
        used |= set(re.findall(r"\btexts\.(\w+)", file.read_text("utf-8")))
    for language in ("nl", "en"):
        keys = web_desk.texts.keys(language)
        assert {key.removeprefix("webchat.script.") for key in keys if key.startswith("webchat.script.")} == used


def test_both_languages_have_the_same_texts(web_desk: Desk) -> None:
    dutch, english = (
        {key for key in web_desk.texts.keys(language) if key.startswith("webchat.")} for language in ("nl", "en")
    )
    assert dutch == english


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two #rrggbb colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_stand_out(dark: bool) -> None:
    css = (STATIC / "tokens.css").read_text("utf-8")
    light_part, dark_part = css.split("@media (prefers-color-scheme: dark)")
    pattern = r"--buurtbalie-([\w-]+): (#[0-9a-f]{6});"
    tokens = dict(re.findall(pattern, light_part)) | (dict(re.findall(pattern, dark_part)) if dark else {})
    page = tokens["document-background-color"]
    pairs = {
        "text on the page": (tokens["document-color"], page),
        "subtle text on the page": (tokens["document-subtle-color"], page),
        "subtle text at the field": (tokens["document-subtle-color"], tokens["composer-background-color"]),
        "heading": (tokens["heading-color"], page),
        "header": (tokens["page-header-color"], tokens["page-header-background-color"]),
        "notice": (tokens["notice-color"], tokens["notice-background-color"]),
        "link": (tokens["link-color"], page),
        "warning": (tokens["warning-color"], tokens["warning-background-color"]),
        "exit": (tokens["button-exit-color"], tokens["button-exit-background-color"]),
        "field": (tokens["document-color"], tokens["textbox-background-color"]),
    }
    for kind in ("desk", "resident", "person"):
        background = tokens[f"message-{kind}-background-color"]
        pairs[f"message of {kind}"] = (tokens["document-color"], background)
        pairs[f"link in message of {kind}"] = (tokens["link-color"], background)
    for kind in ("primary", "secondary"):
        name = f"button-{kind}-action"
        pairs[f"{kind} button"] = (tokens[f"{name}-color"], tokens[f"{name}-background-color"])
    weak = {name: round(contrast(*pair), 1) for name, pair in pairs.items() if contrast(*pair) < 7}
    assert weak == {}  # WCAG's enhanced level, because eyes of 75 read this
    for name in ("textbox-border-color", "button-secondary-action-border-color"):
        assert contrast(tokens[name], page) >= 3
