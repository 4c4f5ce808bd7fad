"""Every role × route × method: another organisation's hand-off and somebody else's conversation do not exist."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from board.app import router
from tests.board.town import ACCOUNTS, LINES, Town

Browsers = Callable[[str], httpx.Client]

FORMS = {
    "decline": {"reason": "full"},
    "done": {"outcome": "helped"},
    "messages": {"text": "Dag!"},
}
OPEN_TO_ALL = {"/board/login", "/board/password", "/board/language", "/board/logout", "/board/static/{name}", "/board"}


def routes(town: Town) -> list[tuple[str, str]]:
    """(method, path) of every route there is, so that a new one cannot be forgotten."""
    found = []
    for route in router(town.desk).routes:
        found += [(method, route.path) for method in sorted(getattr(route, "methods", None) or ())]  # type: ignore[attr-defined]
    return found


def ask(client: httpx.Client, method: str, path: str) -> httpx.Response:
    form = FORMS.get(path.rpartition("/")[2], {}) if method == "POST" else None
    return client.request(method, path, data=form)


@pytest.mark.parametrize("login", [login for login in ACCOUNTS if login != "tessa"])  # a team lead sees every route
def test_a_hand_off_that_is_not_for_you_is_not_there_and_the_try_is_logged(
    town: Town, as_user: Browsers, login: str
) -> None:
    # Each stands with another organisation, and outside the host's neighbourhood.
    places = {"hanna": "zuid", "hugo": "noord"}
    others = {"bas": "wandelmaatje"}
    referral = town.referral(others.get(login, "klussen"), neighbourhood=places.get(login, "zuid"))
    town.desk.database.run(lambda uow: uow.requests.set_responsible(referral.request_id, None))
    user, client = town.users[login], as_user(login)
    tried = 0
    for method, path in routes(town):
        if "{referral_id}" in path:
            answer = ask(client, method, path.replace("{referral_id}", referral.id))
            assert answer.status_code == 404, (method, path)
            assert "wandelen" not in answer.text and referral.code not in answer.text
            tried += 1
    assert tried == 8
    assert town.accesses(referral) == [(user.id, "refused")] * tried
    assert (town.status(referral), town.messages(town.conversation_of(referral))) == ("referred", [])
    assert town.due(seconds=10) == 0
    for page in ("open", "new", "running", "resident", "closed"):
        assert referral.code not in client.get(f"/board/hand-offs?show={page}").text


@pytest.mark.parametrize("login", ["hanna", "petra", "tessa"])
def test_who_sees_the_route_can_do_nothing_and_reads_no_words(town: Town, as_user: Browsers, login: str) -> None:
    referral = town.referral()
    client = as_user(login)
    for method, path in routes(town):
        if "{referral_id}" not in path:
            continue
        answer = ask(client, method, path.replace("{referral_id}", referral.id))
        name = path.rpartition("/")[2]
        expected = {"{referral_id}": 200, "messages": 404, "undo": 303, "give-back": 303}.get(name, 403)
        assert answer.status_code == expected, (method, path)
        assert all(line["text"] not in answer.text for line in LINES if line["category"] != "neighbourhood")
    assert (town.status(referral), town.due(seconds=10)) == ("referred", 0)


@pytest.mark.parametrize("login", ["hugo", "vera", "cor", "bas", "raad", "beheer"])
def test_a_conversation_that_is_not_for_you_is_not_there(town: Town, as_user: Browsers, login: str) -> None:
    conversation_id = town.asks_for_person(share_before=True)
    client = as_user(login)
    tried = 0
    for method, path in routes(town):
        if "{conversation_id}" not in path or path.endswith("/undo"):
            continue
        answer = ask(client, method, path.replace("{conversation_id}", conversation_id))
        assert answer.status_code == 404, (method, path)
        tried += 1
    assert tried == 4
    assert conversation_id not in client.get("/board/conversations").text
    assert town.due(seconds=10) == 0


def test_without_logging_in_there_is_nothing(town: Town, anyone: httpx.Client) -> None:
    referral = town.referral()
    conversation_id = town.asks_for_person(share_before=True)
    tried = 0
    for method, path in routes(town):
        if path in OPEN_TO_ALL:
            continue
        path = path.replace("{referral_id}", referral.id).replace("{conversation_id}", conversation_id)
        answer = ask(anyone, method, path)
        assert answer.status_code == 401, (method, path)
        assert referral.code not in answer.text
        tried += 1
    assert tried > 15
    assert anyone.get("/board/password").status_code == 401


def test_an_id_that_does_not_exist_is_the_same_404(town: Town, as_user: Browsers) -> None:
    referral = town.referral("klussen")
    client = as_user("cor")
    there = client.get(f"/board/hand-offs/{referral.id}")
    nowhere = client.get("/board/hand-offs/0123456789abcdef")
    assert there.status_code == nowhere.status_code == 404
    assert there.text == nowhere.text


@pytest.mark.rule("domain-16")
@pytest.mark.parametrize("login", ACCOUNTS)
def test_the_board_gives_pages_to_read_and_no_file_to_carry_off(town: Town, as_user: Browsers, login: str) -> None:
    referral = town.referral("klussen")
    client = as_user(login)
    seen = 0
    for method, path in routes(town):
        if method == "GET" and path not in ("/board/events", "/board/static/{name}"):
            answer = client.get(path.replace("{referral_id}", referral.id).replace("{code}", "none"))
            assert "content-disposition" not in answer.headers, path
            assert answer.headers.get("content-type", "text/html").startswith(("text/html", "text/plain")), path
            seen += 1
    assert seen > 8


@pytest.mark.parametrize("login", ACCOUNTS)
def test_the_routing_log_is_for_the_team(as_user: Browsers, login: str) -> None:
    assert as_user(login).get("/board/log").status_code == (200 if login in ("petra", "tessa") else 403)


@pytest.mark.parametrize("login", ACCOUNTS)
def test_the_figures_are_for_the_council_and_the_team_lead(as_user: Browsers, login: str) -> None:
    assert as_user(login).get("/board/figures").status_code == (200 if login in ("raad", "tessa") else 403)


def test_role_or_organisation_in_a_form_is_ignored(town: Town, as_user: Browsers) -> None:
    referral = town.referral("klussen")
    form = {"role": "coordinator", "organisation_id": "klusdienst", "user_id": town.users["bas"].id}
    assert as_user("vera").post(f"/board/hand-offs/{referral.id}/accept", data=form).status_code == 404
    assert as_user("vera").post(f"/board/hand-offs/{referral.id}/accept?user_id=1&role=x", data=form).status_code == 404
    assert town.due(seconds=10) == 0
