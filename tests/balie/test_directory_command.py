"""`balie directory`: in, out, and what asks for attention."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from balie import cli_directory
from tests.balie.command import Inside, Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def town(place: Place, inside: Inside) -> Place:
    with as_file(files("balie.demo") / "voorbeeldstad") as folder:
        done = inside(place, "directory", "import", str(folder))
    assert (done.exit_code, done.stdout) == (0, "33 services from our files\n")
    return place


@pytest.mark.parametrize("target", ["hsds", "hsds.json"])
def test_out_and_in_again_changes_nothing(town: Place, inside: Inside, target: str) -> None:
    path = str(town.folder / target)
    out = inside(town, "directory", "export", path)
    assert (out.exit_code, out.stdout) == (0, "") and "33 services of 24 organisations" in out.stderr
    back = inside(town, "directory", "import", path, "--json")
    assert back.exit_code == 0 and back.stderr == "", "no progress bar where there is no terminal"
    said = json.loads(back.stdout)
    assert (said["services"], said["added"], said["changed"], said["removed"]) == (33, [], [], [])


def test_a_dry_run_says_what_would_change_and_changes_nothing(town: Place, inside: Inside) -> None:
    inside(town, "directory", "export", str(town.folder / "hsds.json"))
    records = json.loads((town.folder / "hsds.json").read_text(encoding="utf-8"))
    records[0]["name"] = "Een andere naam"
    (town.folder / "hsds.json").write_text(json.dumps(records), encoding="utf-8")
    for _ in range(2):
        tried = inside(town, "directory", "import", str(town.folder / "hsds.json"), "--dry-run")
        assert tried.stdout.startswith("33 services of 24 organisations: 0 would be added, 1 would be changed, 0 ")


def test_a_mistake_ends_with_its_place_and_exit_1(town: Place, inside: Inside) -> None:
    bad = town.folder / "bad"
    bad.mkdir()
    (bad / "organizations.csv").write_text("id;name;description\n", encoding="utf-8")
    (bad / "services.csv").write_text("id,name,status,organization_id\nx,X,open,nobody\n", encoding="utf-8")
    refused = inside(town, "directory", "import", str(bad))
    assert refused.exit_code == 1
    assert f"{bad}/organizations.csv:1: the cells are separated by semicolons" in refused.stderr
    assert f"{bad}/services.csv:2: `open` is no `status`" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_services_need_a_municipality_first(place: Place, inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]", encoding="utf-8")
    refused = inside(place, "directory", "import", str(tmp_path / "x.json"))
    assert refused.exit_code == 1 and "import the folder with municipality.yml first" in refused.stderr


def test_what_asks_for_attention_is_a_finding(town: Place, inside: Inside) -> None:
    found = inside(town, "directory", "check")
    assert found.exit_code == 1
    assert "kindertelefoon: De Kindertelefoon: not checked for a year (last: never)" in found.stdout
    assert "buurttuin: Buurttuin Zuid: the team has not met them" in found.stdout
    listed = json.loads(inside(town, "directory", "check", "--json").stdout)
    assert {one["what"] for one in listed} <= set(cli_directory._WHY)
