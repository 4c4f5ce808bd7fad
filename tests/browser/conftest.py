"""Chromium, driven by Playwright, on a real desk served over HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, ViewportSize, sync_playwright

from board.page import SESSION_COOKIE
from desk.bootstrap import Desk
from tests.board.board_server import BoardServer
from tests.board.town import Town, town_in
from tests.servers.desk_server import WebServer, desk_in, web_server

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TABLET: ViewportSize = {"width": 820, "height": 1180}
PHONE: ViewportSize = {"width": 390, "height": 844}
WAY_OUT = "https://weer.example/"


def chromium_path() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for this folder; a loop of Playwright's own runs until the folder's last test is done."""
    path = chromium_path()
    if path is None:
        pytest.skip("BROWSER TESTS SKIPPED: no Chromium found. Install the package `chromium` to run them.")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def web_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for a file of tests; each test has a conversation of its own."""
    with desk_in(tmp_path_factory.mktemp("web"), quick_exit_url=WAY_OUT) as desk:
        yield desk


@pytest.fixture(scope="module")
def server(web_desk: Desk) -> Iterator[WebServer]:
    with web_server(web_desk) as running:
        running.answer()
        yield running


@pytest.fixture
def phone(browser: Browser, server: WebServer) -> Iterator[BrowserContext]:
    """A Dutch phone. Fails the test when a page of it throws, breaks its own policy, or asks anything elsewhere."""
    context = browser.new_context(viewport=PHONE, locale="nl-NL", has_touch=True, base_url=server.url)
    context.set_default_timeout(10_000)
    wrong: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        wrong.append("opened a dialog")
        dialog.dismiss()

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: wrong.append(f"threw {error}"))
        page.on("console", lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None)
        page.on("dialog", dismiss)

    context.on("page", watch)
    context.on(
        "request",
        lambda request: None if request.url.startswith((server.url, WAY_OUT)) else wrong.append(f"asked {request.url}"),
    )
    context.route(WAY_OUT, lambda route: route.fulfill(body="<title>Het weer</title>Zon", content_type="text/html"))
    yield context
    context.close()
    assert wrong == []


@pytest.fixture
def chat(phone: BrowserContext) -> Page:
    """The chat page, just opened."""
    page = phone.new_page()
    page.goto("/")
    return page


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with town_in(tmp_path) as found:
        yield found


@pytest.fixture
def tablet(browser: Browser, board: BoardServer | WebServer, town: Town) -> Iterator[Callable[..., Page]]:
    """Opens a tablet of a user, by login name ("": not logged in), on the `board` of the test's own file. Fails when a
    page throws or breaks its policy."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def refuse(dialog: Dialog) -> None:
        wrong.append("opened a dialog")
        dialog.dismiss()

    def open_tablet(login: str = "", **options: bool) -> Page:
        context = browser.new_context(viewport=TABLET, locale="nl-NL", base_url=board.url, **options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        if login:
            context.add_cookies([{"name": SESSION_COOKIE, "value": town.token(login), "url": f"{board.url}/board"}])
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"threw {error}"))
        page.on("console", lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None)
        page.on("dialog", refuse)
        return page

    yield open_tablet
    for context in contexts:
        context.close()
    assert wrong == []
