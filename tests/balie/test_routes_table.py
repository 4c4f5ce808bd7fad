"""docs/routes.md is what `balie route compare` prints, and the four forms of a team do differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from balie.routes_table import compare
from desk.bootstrap import load_policy
from desk.content import load_texts
from desk.settings import Settings
from routing.model import TEAM_FORMS

DOCS = Path(__file__).parent.parent.parent / "docs" / "routes.md"


@pytest.mark.rule("domain-5")
def test_the_docs_show_the_routes_of_today() -> None:
    table = compare(load_policy(Settings()), load_texts())
    assert DOCS.read_text("utf-8").endswith(f"{table}\n"), "run `balie route compare` and put it in docs/routes.md"
    header, _, *rows = [line.split(" | ") for line in table.splitlines() if line.startswith("|")]
    assert all(any(f"`{form}`" in column for column in header) for form in TEAM_FORMS)
    assert len(rows) == 10
    for asked, *towns in rows:
        assert len({cell.strip(" |") for cell in towns}) == len(TEAM_FORMS), f"the same route everywhere: {asked}"
