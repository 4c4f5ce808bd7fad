"""Logging in: one-time passwords, throttled guesses without locking the owner out, and sessions that end."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest

from board.page import DEVICE_COOKIE, SESSION_COOKIE
from desk.login import (
    LoggedIn,
    MustChange,
    Refused,
    change_password,
    is_one_time,
    log_in,
    log_out,
    one_time_password,
    source_of,
    user_of,
)
from tests.board.board_server import BoardServer
from tests.board.town import PASSWORD, Town

NEW = "blauwe fiets in de regen"
Browsers = Callable[[str], httpx.Client]


def inside(town: Town, login: str = "cor", source: str = "192.0.2.1", device: str | None = None) -> LoggedIn:
    outcome = log_in(town.desk, login, PASSWORD, source, device)
    assert isinstance(outcome, LoggedIn), outcome
    return outcome


def test_the_right_password_opens_a_fresh_session_each_time(town: Town) -> None:
    town.give_password("cor")
    tokens = {inside(town).token for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) >= 22 for token in tokens), "128 bits are 22 characters in base64"
    for token in tokens:
        assert user_of(town.desk, token) == town.users["cor"]
    log_out(town.desk, next(iter(tokens)))
    assert sum(user_of(town.desk, token) is not None for token in tokens) == 2


@pytest.mark.parametrize("token", [None, "", "x", "a" * 10_000])
def test_a_made_up_token(town: Town, token: str | None) -> None:
    assert user_of(town.desk, token) is None


def test_a_session_ends_after_its_time(town: Town) -> None:
    town.give_password("cor")
    token = inside(town).token
    town.clock.move(hours=11)
    assert user_of(town.desk, token) is not None
    town.clock.move(hours=2)
    assert user_of(town.desk, token) is None


def test_disabled_is_out_at_once(town: Town) -> None:
    town.give_password("cor")
    token = inside(town).token
    town.desk.database.run(lambda uow: uow.people.disable(town.users["cor"].id))
    assert user_of(town.desk, token) is None
    assert log_in(town.desk, "cor", PASSWORD, "192.0.2.1") == Refused("wrong")


def test_an_unknown_a_disabled_and_a_known_user_get_the_same_answer_after_the_same_work(
    town: Town, anyone: httpx.Client
) -> None:
    town.give_password("cor")
    town.give_password("bas")
    town.desk.database.run(lambda uow: uow.people.disable(town.users["bas"].id))
    anyone.post("/board/login", data={"login": "cor", "password": "fout"})  # the first one reads the page's template
    texts, times = [], []
    for login in ("cor", "bas", "niemand"):
        started = time.process_time()  # the board runs in this process; what else the machine does is not counted
        answer = anyone.post("/board/login", data={"login": login, "password": "fout"})
        times.append(time.process_time() - started)
        assert answer.status_code == 401
        texts.append(answer.text.replace(f'value="{login}"', ""))
    assert len(set(texts)) == 1
    # Argon2 is most of the work; without it an answer is many times faster.
    assert min(times) > max(times) / 5


def test_a_thousand_guesses_are_throttled_and_the_owner_is_not_locked_out(town: Town) -> None:
    town.give_password("cor")
    outcomes = [log_in(town.desk, "cor", f"gok {number}", "203.0.113.9") for number in range(1000)]
    assert outcomes.count(Refused("wrong")) == 5
    assert outcomes.count(Refused("wait")) == 995
    assert log_in(town.desk, "cor", PASSWORD, "203.0.113.9") == Refused("wait"), "not even the right one, from there"
    inside(town, source="192.0.2.1")


def test_guesses_from_everywhere_do_not_lock_out_a_device_that_was_used_before(town: Town) -> None:
    town.give_password("cor")
    device = inside(town).device
    for number in range(100):
        log_in(town.desk, "cor", "gok", f"203.0.113.{number}")
    assert log_in(town.desk, "cor", PASSWORD, "192.0.2.77") == Refused("wait")
    inside(town, device=device)
    # The mark is bound to the login, and cannot be made up.
    assert log_in(town.desk, "cor", PASSWORD, "192.0.2.78", device[:-1]) == Refused("wait")
    town.give_password("bas")
    for number in range(100):
        log_in(town.desk, "bas", "gok", f"203.0.113.{number}")
    assert log_in(town.desk, "bas", PASSWORD, "192.0.2.79", device) == Refused("wait")


def test_one_source_trying_many_logins_is_throttled(town: Town) -> None:
    outcomes = [log_in(town.desk, f"naam{number}", "gok", "203.0.113.9") for number in range(60)]
    assert outcomes.count(Refused("wrong")) == 50
    town.give_password("cor")
    inside(town, source="192.0.2.1")


def test_after_a_quarter_of_an_hour_it_is_forgotten(town: Town) -> None:
    town.give_password("cor")
    for _ in range(6):
        log_in(town.desk, "cor", "gok", "203.0.113.9")
    town.clock.move(minutes=16)
    inside(town, source="203.0.113.9")


def test_typing_mistakes_are_forgotten_after_the_right_password(town: Town) -> None:
    town.give_password("cor")
    for _ in range(4):
        for _ in range(4):
            log_in(town.desk, "cor", "tikfout", "192.0.2.1")
        inside(town)


def test_an_ipv6_neighbour_is_the_same_source() -> None:
    assert source_of("2001:db8:1:2:aaaa::1") == source_of("2001:db8:1:2:bbbb::2") != source_of("2001:db8:1:3::1")
    assert source_of("192.0.2.1") == "192.0.2.1"
    assert source_of("testclient") == "testclient"


def test_a_one_time_password_only_chooses_a_password(town: Town, server: BoardServer, anyone: httpx.Client) -> None:
    first = one_time_password()
    assert is_one_time(first) and first != one_time_password()
    town.give_password("cor", first)
    assert isinstance(log_in(town.desk, "cor", first, "192.0.2.1"), MustChange)

    answer = anyone.post("/board/login", data={"login": "cor", "password": first})
    assert answer.status_code == 200 and "Kies nu een wachtwoord van uzelf" in answer.text
    assert SESSION_COOKIE not in anyone.cookies
    assert anyone.get("/board/hand-offs").status_code == 401

    short = anyone.post("/board/password", data={"login": "cor", "old": first, "new": "kort"})
    assert short.status_code == 422 and "te kort" in short.text and SESSION_COOKIE not in anyone.cookies
    answer = anyone.post("/board/password", data={"login": "cor", "old": first, "new": NEW})
    assert answer.status_code == 303 and anyone.get("/board/hand-offs").status_code == 200
    with server.client() as other:
        assert other.post("/board/login", data={"login": "cor", "password": first}).status_code == 401
        assert other.post("/board/login", data={"login": "Cor ", "password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("kort", "short"),
        ("a" * 201, "long"),
        (PASSWORD, "same"),
        ("mijn wachtwoord hier", "easy"),
        ("aaaaaaaaaaaaaa", "easy"),
        ("cornelis en zo verder cor", "easy"),
        (one_time_password(), "easy"),
    ],
)
def test_passwords_that_are_refused(town: Town, new: str, why: str) -> None:
    town.give_password("cor")
    assert change_password(town.desk, "cor", PASSWORD, new, "192.0.2.1") == Refused(why)  # type: ignore[arg-type]
    inside(town)


def test_changing_needs_the_old_one_and_ends_the_other_sessions(town: Town, as_user: Browsers) -> None:
    town.give_password("cor")
    elsewhere = inside(town).token
    cor = as_user("cor")
    answer = cor.post("/board/password", data={"old": "fout", "new": NEW})
    assert answer.status_code == 401 and "wachtwoord van nu klopt niet" in answer.text
    # The login in the form is not taken from whoever is inside.
    town.give_password("bas")
    answer = cor.post("/board/password", data={"login": "bas", "old": PASSWORD, "new": NEW})
    assert answer.status_code == 303
    assert user_of(town.desk, elsewhere) is None
    assert isinstance(log_in(town.desk, "cor", NEW, "192.0.2.1"), LoggedIn)
    assert isinstance(log_in(town.desk, "bas", PASSWORD, "192.0.2.1"), LoggedIn)


def test_the_cookie(town: Town, anyone: httpx.Client) -> None:
    town.give_password("cor")
    anyone.cookies.set(SESSION_COOKIE, "chosen-by-another", path="/board")
    answer = anyone.post("/board/login", data={"login": "cor", "password": PASSWORD})
    assert answer.status_code == 303
    cookies = {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}
    for name in (SESSION_COOKIE, DEVICE_COOKIE):
        line = cookies[name]
        assert "HttpOnly" in line and "SameSite=strict" in line and "Path=/board" in line
        assert "chosen-by-another" not in line
    assert "Max-Age" not in cookies[SESSION_COOKIE]


def test_after_logging_out_the_cookie_is_worth_nothing(town: Town, server: BoardServer) -> None:
    token = town.token("cor")
    with server.client(token) as cor:
        assert cor.get("/board/hand-offs").status_code == 200
        assert cor.post("/board/logout").headers["location"] == "/board/login"
    with server.client(token) as thief:
        for path in ("/board/hand-offs", "/board/conversations", "/board/log", "/board/password", "/board/events"):
            assert thief.get(path).status_code == 401
        assert thief.get("/board/login").status_code == 200


def test_a_password_is_never_shown_again(town: Town, anyone: httpx.Client) -> None:
    town.give_password("cor")
    answer = anyone.post("/board/login", data={"login": "cor", "password": "een fout wachtwoord"})
    assert "een fout wachtwoord" not in answer.text
    assert repr(inside(town)) == "<LoggedIn>"
