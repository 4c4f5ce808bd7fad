"""The desk helps: nothing here serves to check on people, and those who help are never called cheap."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from desk.content import locale_files
from flows.texts import LANGUAGES
from storage.tables import routing_log
from tests.flows.talks import content

CHEAP = re.compile(r"\b(bespar\w*|bezuinig\w*|goedkop\w*|goedkoper|saving|savings|cheap\w*|cost-cutting)\b", re.I)
PERSONAL = re.compile(r"name|phone|birth|address|contact|age|text|words", re.I)


@pytest.mark.rule("domain-2")
def test_nowhere_on_screen_are_volunteers_a_saving() -> None:
    town = files("balie.demo") / "voorbeeldstad" / "services.yml"
    read = [(name, text) for _, name, text in locale_files() if not name.endswith("words.yml")]
    assert len(read) >= 2 * len(LANGUAGES)
    for name, text in [*read, ("services.yml", town.read_text("utf-8"))]:
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
