"""`balie agreements`: the register as an operator reads it."""

from __future__ import annotations

import json

import pytest

from tests.balie.command import Inside, Place


@pytest.mark.rule("domain-11")
def test_the_register_of_the_demonstration(town: Place, inside: Inside) -> None:
    done = inside(town, "agreements")
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("!! missing    ")
    marks = [line[:14].strip() for line in lines if line[:14].strip()]
    assert marks == sorted(marks, key=["!! missing", "!! ended", "valid", "not needed"].index)
    ended = next(number for number, line in enumerate(lines) if line.startswith("!! ended"))
    assert "days ago" in lines[ended + 1]
    found = json.loads(inside(town, "agreements", "--json").stdout)
    coffee = next(entry for entry in found if entry["organisation"] == "koffiegroep_noord")
    assert (coffee["state"], coffee["signatory"]) == ("valid", "Ria, kartrekker")
    assert coffee["categories"] == ["request", "first_name", "phone"]
    assert {entry["organisation"]: entry["state"] for entry in found}["wijkteam"] == "not_needed"
    assert len(marks) == len(found)
