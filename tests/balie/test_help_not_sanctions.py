"""The desk helps: nothing here serves to check on people, and those who help are never called cheap."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import balie
from desk.content import locale_files
from desk.directory_file import towns_in
from flows.texts import LANGUAGES
from storage.tables import routing_log
from tests.flows.talks import content

DEMO = Path(balie.__file__).parent / "demo"
CHEAP = re.compile(r"\b(bespar\w*|bezuinig\w*|goedkop\w*|savings?|cheap\w*|cost-cutting)\b", re.I)
PERSONAL = re.compile(r"name|phone|birth|address|contact|age|text|words", re.I)


@pytest.mark.rule("domain-2")
def test_nowhere_on_screen_are_volunteers_a_saving() -> None:
    towns = [(str(town), (town / "services.yml").read_text("utf-8")) for town in towns_in(DEMO)]
    read = [(name, text) for _, name, text in locale_files() if not name.endswith("words.yml")]
    assert len(read) >= 2 * len(LANGUAGES)
    for name, text in [*read, *towns]:
        assert not CHEAP.search(text), f"{name}: {CHEAP.search(text)}"


@pytest.mark.rule("domain-16")
@pytest.mark.parametrize(("language", "promise"), [("nl", "te controleren of te straffen"), ("en", "or to punish you")])
def test_who_asks_how_it_works_hears_that_it_is_never_used_against_them(language: str, promise: str) -> None:
    assert promise in content().texts.render("desk.explain", language)


@pytest.mark.rule("domain-16")
def test_what_the_team_keeps_of_a_route_is_nobodys() -> None:
    columns = {column.name for column in routing_log.columns}
    assert columns, "the log has columns"
    assert not [name for name in columns if PERSONAL.search(name)]
