"""The configuration: what the file says, what the environment says over it, and secrets that are shown nowhere."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from desk.bootstrap import facts_in_chat
from desk.settings import Settings, SettingsError, load_settings

SECRET = "7093:kanarie-die-nergens-mag-staan"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("BALIE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def _config(content: str) -> Path:
    file = Path("config.yml")
    file.write_text(content)
    return file


def _mistakes(content: str = "") -> list[str]:
    _config(content)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    error = caught.value
    assert error.__cause__ is None and (error.__context__ is None or error.__suppress_context__), "it may hold a secret"
    return str(caught.value).splitlines()


def test_without_a_file_everything_has_a_default() -> None:
    settings = load_settings()
    assert (settings.http.port, settings.database.url) == (8000, "sqlite:///var/balie.db")
    assert settings.telegram.token is None


def test_a_section_of_comments_only_is_no_mistake() -> None:
    _config("telegram:\n  # token: x\nhttp:\n  port:\n")
    assert load_settings().http.port == 8000


def test_an_empty_file_is_no_mistake() -> None:
    _config("# nothing yet\n")
    assert load_settings() == Settings.model_construct()


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    _config("http:\n  port: 8000\n  host: 0.0.0.0\n")
    monkeypatch.setenv("BALIE_HTTP__PORT", "8080")
    http = load_settings().http
    assert (http.port, http.host) == (8080, "0.0.0.0"), "and leaves the rest of the section as it is"


def test_a_mistake_in_the_environment_is_told_there_and_not_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALIE_HTTP__PORT", "acht")
    assert _mistakes("http:\n  port: 8000\n") == ["BALIE_HTTP__PORT: this is not a whole number; write a whole number"]


def test_who_is_on_duty(monkeypatch: pytest.MonkeyPatch) -> None:
    _config("duty:\n  - {telegram: 5, after: 0 minutes}\n  - {telegram: -100600, after: 5 minutes}\n")
    assert [(step.telegram, step.wait) for step in load_settings().duty] == [
        (5, timedelta()),
        (-100600, timedelta(minutes=5)),
    ]
    monkeypatch.setenv("BALIE_DUTY", '[{"telegram": 7}]')
    assert [step.telegram for step in load_settings().duty] == [7]
    monkeypatch.setenv("BALIE_DUTY", "7x")
    assert _mistakes() == ['BALIE_DUTY: write it as one line, like [{"telegram": 123456789, "after": "0 minutes"}]']


def test_a_mistake_in_a_list_is_told_at_its_step() -> None:
    told = _mistakes("duty:\n  - {telegram: 5, after: 0 minutes}\n  - telegram: 6\n    after: later\n")
    assert [one.partition(": ")[0] for one in told] == ["config.yml:4:5"]


@pytest.mark.parametrize("name", ["BALIE_HTTP__PRT", "BALIE_HTPP__PORT", "balie_http__prt"])
def test_a_misspelt_variable_is_not_passed_over(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    assert _mistakes()[0].upper().startswith(f"{name.upper()}: THERE IS NO SUCH SETTING")


def test_a_variable_for_a_whole_section(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALIE_HTTP", "8080")
    assert _mistakes() == ["BALIE_HTTP: this is a section; set its words one by one, like BALIE_HTTP__PORT=8080"]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("nlu: {url: localhost:5005}", "this is not a web address; write it like http://127.0.0.1:8000"),
        ("nlu: {url: 'http://localhost:x'}", "this is not a web address; write it like http://127.0.0.1:8000"),
        ("nlu: {url: 'http://[::1'}", "this is not a web address; write it like http://127.0.0.1:8000"),
        ("nlu: {timeout: 0}", "this number is too small; make it above 0.0"),
        ("nlu: {timeout: 60}", "this number is too large; make it at most 10.0"),
        ("nlu: {autostart: misschien}", "this is not true or false; write true or false"),
        ("team: {hours: [9, 17]}", "this is a section; put its `word: value` lines below it, each two spaces in"),
        ("team: {hours: {nl: 9}}", "this is not text; put it between quotes"),
        ("http: {port: 99999}", "this number is too large; make it at most 65535"),
        ("duty: {telegram: 5}", "this is a list; put its steps below it, each beginning with a dash"),
        ("duty: [{telegram: '@wacht'}]", "this is not a whole number; write a whole number"),
        ("duty: [{after: 0 minutes}]", "a word is missing here; add it"),
        ("duty: [{telegram: 5, who: Petra}]", "there is no such setting; remove it or mend the spelling"),
        (
            "duty: [{telegram: 5, after: soon}]",
            'this is no length of time; write a number and minutes, hours or days, like "5 minutes"',
        ),
        (
            "duty: [{telegram: 5, after: 9 minutes}, {telegram: 6, after: 1 minute}]",
            "the steps are not in order; put who is told first at the top",
        ),
        ("keys: {path: [a]}", "this is not the name of a file; put it between quotes"),
    ],
)
def test_what_is_wrong_and_what_to_do(line: str, what: str) -> None:
    (told,) = _mistakes(line)
    place, _, rest = told.partition(": ")
    assert place.startswith("config.yml:1:")
    assert rest.endswith(f": {what}")
    assert "pydantic" not in told and "Input" not in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("retention: {raw_updates: 3}\n", "1:13: retention.raw_updates: this number is too small; make it at least 8"),
        (
            "telegram:\n  mode: x\n",
            "2:3: telegram.mode: this is not one of the words it can be; write 'polling' or 'webhook'",
        ),
        ("team:\n  phone: 0101234567\n", "2:3: team.phone: this is not text; put it between quotes"),
        ("team:\n  name: a\x01b\n", "2:10: holds a character that text cannot hold; remove it"),
        ("- http\n", "1:1: this is a list or a single value; write `word: value` lines"),
        ("http: 8000\n", "1:1: http: this is a section; put its `word: value` lines below it, each two spaces in"),
    ],
)
def test_where_it_stands(content: str, told: str) -> None:
    assert _mistakes(content) == [f"config.yml:{told}"]


def test_every_mistake_is_told_at_once() -> None:
    told = _mistakes("http:\n  port: acht\nteam:\n  naam: x\nunknown: 1\n")
    assert [one.partition(": ")[0] for one in told] == ["config.yml:2:3", "config.yml:4:3", "config.yml:5:1"]


# Secrets -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["TELEGRAM__TOKEN", "TELEGRAM__WEBHOOK_SECRET", "NLU__TOKEN"])
def test_a_secret_in_a_file_of_its_own(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    Path("secret").write_text(f"{SECRET}\n")
    monkeypatch.setenv(f"BALIE_{name}_FILE", "secret")
    settings = load_settings()
    section, word = name.lower().split("__")
    assert getattr(getattr(settings, section), word).get_secret_value() == SECRET
    assert SECRET not in repr(settings) + str(settings) + f"{settings.model_dump()}" + settings.model_dump_json()


def test_the_address_of_the_database_in_a_file_and_not_in_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("secret").write_text(f"postgresql://balie:{SECRET}@db/balie")
    monkeypatch.setenv("BALIE_DATABASE__URL_FILE", "secret")
    settings = load_settings()
    assert settings.database.url.startswith("postgresql://")
    assert SECRET not in repr(settings) + str(settings)


def test_a_file_wins_over_config_and_keeps_the_rest_of_the_section(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("secret").write_text(SECRET)
    _config("telegram:\n  token: of-the-file\n  mode: webhook\n")
    monkeypatch.setenv("BALIE_TELEGRAM__TOKEN_FILE", "secret")
    telegram = load_settings().telegram
    assert telegram.token is not None and telegram.token.get_secret_value() == SECRET
    assert telegram.mode == "webhook"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "cannot be read (No such file or directory); name a readable file"),
        (b"", "is empty; put the secret in it"),
        (b"\xff\x00\xfe", "is not a text file; name the file that holds the secret"),
    ],
)
def test_a_secret_file_that_is_none(monkeypatch: pytest.MonkeyPatch, content: bytes | None, what: str) -> None:
    if content is not None:
        Path("secret").write_bytes(content)
    monkeypatch.setenv("BALIE_NLU__TOKEN_FILE", "secret")
    assert _mistakes() == [f"BALIE_NLU__TOKEN_FILE: secret {what}"]


@pytest.mark.parametrize(
    "content",
    [
        f"telegram:\n  token: [{SECRET}]\n",
        f"telegram: {SECRET}\n",
        f"telegram:\n  token: {SECRET}\n  token: {SECRET}\n",
        f"telegram:\n  token: {SECRET}\n {SECRET}: [\n",
        f"telegram:\n  mode: {SECRET}\n",
        f"telegram:\n  token: '{SECRET}\n",
    ],
    ids=["a list", "no section", "twice", "no YAML", "no such word", "open quote"],
)
def test_no_mistake_quotes_a_value(monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    Path("secret").write_text(SECRET)
    monkeypatch.setenv("BALIE_TELEGRAM__WEBHOOK_SECRET_FILE", "secret")
    assert SECRET not in "\n".join(_mistakes(content))


@pytest.mark.parametrize(
    ("address", "channel", "links"),
    [
        ("http://127.0.0.1:8000", "web", True),
        ("http://localhost:8000", "telegram", False),
        ("https://balie.voorbeeldstad.example", "telegram", True),
    ],
)
def test_links_are_offered_where_somebody_else_can_open_them(address: str, channel: str, links: bool) -> None:
    settings = load_settings(_config(f"http:\n  public_url: {address}\n"))
    assert facts_in_chat(settings, channel)["nl"]["links"] is links
