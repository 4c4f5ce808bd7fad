"""`balie routing-log` and `balie route explain`: where requests went and why, and whether that record holds."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from desk.bootstrap import load_policy
from desk.settings import Settings
from routing.policy import read_policy
from tests.balie.command import Inside, Place
from tests.desk.resident import Resident
from tests.servers.desk_server import desk_in

WORDS = "ik zit de hele dag alleen thuis"


@pytest.fixture
def codes(town: Place) -> list[str]:
    """Three residents were helped; the codes of their requests."""
    found = []
    with desk_in(town.folder) as desk:
        for address in ("anna", "bert", "carla"):
            resident = Resident(desk, address)
            resident.reaches("consent")
            resident.taps("agree")
            found.append(resident.session.referrals[-1].code)
    return found


def _change(place: Place, *statements: str) -> None:
    """As someone with the file and the sqlite3 shell can."""
    with sqlite3.connect(place.database) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'routing_log%'"
        )
        for (name,) in names.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_the_log_is_intact_and_its_end_can_be_kept_elsewhere(town: Place, codes: list[str], inside: Inside) -> None:
    intact = town.balie("routing-log", "verify", "--json")
    assert (intact.returncode, intact.stderr) == (0, "")
    assert json.loads(intact.stdout) == {"intact": True, "rows": len(codes), "broken": []}
    heads = inside(town, "routing-log", "heads")
    assert json.loads(heads.stdout)[-1]["seq"] == len(codes)
    (town.folder / "heads.json").write_text(heads.stdout)
    assert inside(town, "routing-log", "verify", "--heads", "heads.json").exit_code == 0

    _change(town, "DELETE FROM routing_log_request WHERE seq = 3", "DELETE FROM routing_log WHERE seq = 3")
    cut = town.balie("routing-log", "verify", "--heads", "heads.json")
    assert cut.returncode == 1
    assert "row 3: missing" in cut.stdout


def test_it_names_the_row_that_was_changed(town: Place, codes: list[str], inside: Inside) -> None:
    _change(town, "UPDATE routing_log SET destination = 'maatjes' WHERE seq = 2")
    done = inside(town, "routing-log", "verify", "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert (found["intact"], found["broken"][0]) == (False, {"seq": 2, "what": "changed"})
    doctor = inside(town, "doctor", "--json")
    log = next(part for part in json.loads(doctor.stdout) if part["name"] == "routing log")
    assert not log["ok"]


def test_why_a_request_went_where_it_went(town: Place, codes: list[str], inside: Inside) -> None:
    code = codes[1]
    done = town.balie("route", "explain", code.replace("-", "").lower())
    assert (done.returncode, done.stderr) == (0, "")
    policy = load_policy(Settings()).hash
    assert done.stdout.splitlines() == [
        f"row          2 ({datetime.now(UTC):%Y-%m})",
        "theme        company, noord",
        "destination  koffie_noord, initiative",
        "reasons      run_by_residents, nearby",
        "rule         initiative_first: Het gaat om samenzijn; eerst de buurt, dan een vrijwilliger.",
        f"policy       {policy} (the present policy)",
        "option 1     koffie_noord, initiative: buurtinitiatief; can be sent",
        "  because    run_by_residents: Bewoners doen dit samen. U kunt meedoen zoals u bent.",
        "  because    nearby: Het is bij u in de buurt, in Noord.",
        "option 2     maatjes, volunteers: vrijwilligersorganisatie; can be sent",
        "  because    volunteers_have_time: Een vrijwilliger neemt de tijd en staat naast u, van mens tot mens.",
        "left out     taalcafe: after_the_others: Past ook, maar kwam na de andere.",
        "left out     team_noord: other_kind: Dit soort plek hoort niet bij de regel die gold.",
        "left out     team_stad: other_kind: Dit soort plek hoort niet bij de regel die gold.",
    ]
    assert WORDS not in done.stdout
    told = json.loads(inside(town, "route", "explain", code, "--json").stdout)
    assert [row["destination"] for row in told["rows"]] == ["koffie_noord"]
    assert [option["service"] for option in told["decision"]["options"]] == ["koffie_noord", "maatjes"]
    assert ["taalcafe", "after_the_others"] in told["decision"]["left_out"]
    assert (told["present_policy"], told["policy_is_present"]) == (policy, True)


def test_a_policy_that_was_changed_since_is_told(town: Place, codes: list[str], inside: Inside) -> None:
    text = (files("routing") / "policies" / "standard.yml").read_text("utf-8")
    (town.folder / "mine.yml").write_text(text.replace("of_each: 2", "of_each: 3", 1), "utf-8")
    with (town.folder / "config.yml").open("a") as config:
        config.write("\npaths:\n  policy: mine.yml\n")
    done = inside(town, "route", "explain", codes[0])
    was, now = load_policy(Settings()).hash, read_policy((town.folder / "mine.yml").read_text("utf-8"), "mine.yml").hash
    assert f"policy       {was} (another one than today's {now})" in done.stdout.splitlines()


def test_an_erased_request_is_not_there(town: Place, codes: list[str], inside: Inside) -> None:
    with desk_in(town.folder) as desk:
        desk.database.run(lambda uow: uow.requests.erase(uow.requests.by_code(codes[0]).id))  # type: ignore[union-attr]
    assert inside(town, "route", "explain", codes[0]).exit_code == 1


@pytest.mark.parametrize("content", [None, "[", '{"seq": 1}', "\x00"])
def test_heads_that_are_none(town: Place, content: str | None, inside: Inside) -> None:
    if content is not None:
        (town.folder / "heads.json").write_text(content)
    done = inside(town, "routing-log", "verify", "--heads", "heads.json")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("heads.json ")


def test_a_code_that_is_not_there(town: Place) -> None:
    done = town.balie("route", "explain", "\x1b[2J9999")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no request" in done.stderr
    assert "\x1b" not in done.stderr
