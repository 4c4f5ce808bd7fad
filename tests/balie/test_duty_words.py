"""`balie check` and `balie doctor` say in one sentence whether an alert reaches anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from balie.cli import app
from balie.diagnosis import Part, diagnose
from desk.settings import Settings
from tests.servers.desk_server import desk_settings

STEPS = [{"telegram": 5001, "after": "0 minutes"}, {"telegram": 5002, "after": "5 minutes"}]
BOT: dict[str, Any] = {"token": "123456:local-test-token"}
PUBLIC = {"public_url": "https://balie.example"}


def _duty(settings: Settings) -> Part:
    return next(part for part in diagnose(settings) if part.name == "duty")


def test_the_doctor_says_who_is_told(tmp_path: Path) -> None:
    part = _duty(desk_settings(tmp_path, duty=STEPS, telegram=BOT, http=PUBLIC))
    assert part == Part("duty", True, "told at once, then after 5 minutes")


def test_nobody_on_duty_is_said_and_is_no_mistake(tmp_path: Path) -> None:
    part = _duty(desk_settings(tmp_path))
    assert part.ok and "nobody is told of an alert" in part.what


@pytest.mark.parametrize(
    ("changes", "what"),
    [({"http": PUBLIC}, "there is no bot; set BALIE_TELEGRAM__TOKEN"), ({"telegram": BOT}, "set `http: public_url`")],
)
def test_what_stands_in_the_way(tmp_path: Path, changes: dict[str, Any], what: str) -> None:
    part = _duty(desk_settings(tmp_path, duty=STEPS, **changes))
    assert not part.ok and what in part.what and "\n" not in part.what


@pytest.mark.parametrize(
    ("duty", "said"),
    [
        ("[]", "Duty: nobody is told of an alert"),
        ("[{telegram: 5001, after: 0 minutes}]", "Duty: `duty` names a Telegram chat, but there is no bot"),
        ("[{telegram: 5001, after: straks}]", "duty.0.after: this is no length of time"),
    ],
)
def test_check_says_it_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, duty: str, said: str) -> None:
    monkeypatch.delenv("BALIE_TELEGRAM__TOKEN", raising=False)
    config = tmp_path / "config.yml"
    config.write_text(f"duty: {duty}\n")
    outcome = CliRunner().invoke(app, ["check", "--config", str(config)])
    told = [line for line in outcome.output.splitlines() if said in line]
    assert len(told) == 1, outcome.output
