"""docs/privacy.md is true: its figures are the settings' defaults, its tables the schema, its evidence is there."""

from __future__ import annotations

import re
from functools import reduce
from pathlib import Path

import pytest

from desk import duty_words, withdraw
from desk.settings import Settings
from storage.people import SESSION
from storage.tables import metadata
from storage.web_sessions import LIFETIME

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "privacy.md").read_text("utf-8")
SETTINGS = (
    "retention.unfinished",
    "retention.raw_updates",
    "retention.closed",
    "retention.links",
    "alerts.words_hours",
    "withdrawal.wrong_codes",
    "withdrawal.wrong_codes_in_all",
)


@pytest.mark.rule("domain-12")
@pytest.mark.parametrize("setting", SETTINGS)
def test_every_figure_is_the_default_of_its_setting(setting: str) -> None:
    told = re.findall(rf"(\d+) (?:days|hours|an hour) \(`{re.escape(setting)}`\)", PAGE)
    assert told and set(told) == {str(reduce(getattr, setting.split("."), Settings()))}


def test_every_setting_it_names_is_checked_here() -> None:
    named = set(re.findall(r"\d+ [a-z ]+ \(`([a-z_]+\.[a-z_]+)`\)", PAGE))
    assert named == set(SETTINGS)
    assert all(f"retention.{name}" in named for name in type(Settings().retention).model_fields)


def test_figures_that_are_no_setting() -> None:
    assert f"works {LIFETIME.days} days" in PAGE
    assert f"a session {SESSION.total_seconds() / 3600:.0f} hours" in PAGE
    assert duty_words.OPEN_FOR.total_seconds() == 15 * 60 and "fifteen minutes at a time" in PAGE
    assert duty_words.AROUND.total_seconds() == 3600 and "the hour before and after it" in PAGE.replace("\n", " ")
    assert withdraw.WINDOW.total_seconds() == 3600 and "counts for an hour" in PAGE


def test_every_table_is_named_and_no_other() -> None:
    kept = PAGE.partition("## What is kept")[2].partition("## Who sees what")[0]
    rows = [line.split("|")[2] for line in kept.splitlines() if line.startswith("| ") and "`" in line]
    named = [name for cell in rows for name in re.findall(r"`([a-z_]+)`", cell)]
    assert sorted(named) == sorted(metadata.tables), "each once"


def test_every_file_it_points_to_is_there() -> None:
    files = set(re.findall(r"`((?:tests|desk|storage|flows|docs)/[\w/.]+)`", PAGE))
    assert len(files) > 15
    assert [file for file in files if not (ROOT / file).is_file()] == []
