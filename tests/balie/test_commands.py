"""The commands as an operator or author uses them: what they print, where, and how they end."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from balie.cli import app
from tests.balie.command import Inside, Place
from tests.servers.desk_server import desk_in

REPOSITORY = Path(__file__).parents[2]
CANARY = "kanarie-die-nergens-mag-staan"
TELEGRAM_TOKEN = f"7093:{CANARY}"


def _data(stdout: str) -> Any:
    """All of stdout is one piece of JSON, or this raises."""
    return json.loads(stdout)


def test_help_names_every_command(tmp_path: Path) -> None:
    done = Place(tmp_path).balie("--help", changes={"COLUMNS": "100"})
    assert (done.returncode, done.stderr) == (0, "")
    names = {
        line.strip("│ ").split()[0] for line in done.stdout.splitlines() if line.startswith("│") and line.strip("│ ")
    }
    contract = "serve chat check doctor nlu crisis dialogue flow user route routing-log retention report db case"
    assert set(contract.split()) <= names
    assert "Ctrl-C" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuch"],
        ["serve", "--nope"],
        ["user", "add", "jan"],
        ["user", "add", "jan", "Jan", "burgemeester"],
        ["chat", "--language", "fr"],
        ["route", "explain"],
        ["nlu", "test"],
        ["crisis", "test"],
        ["report", "understanding", "--since", "2026-13"],
        ["routing-log", "verify", "--heads"],
        ["db"],
        [],
    ],
    ids=" ".join,
)
def test_wrong_use_is_exit_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert re.search("Usage|requires an argument", result.output)


def test_wrong_use_of_the_real_command_says_so_on_stderr(tmp_path: Path) -> None:
    done = Place(tmp_path).balie("user", "add", "jan", "Jan", "burgemeester")
    assert (done.returncode, done.stdout) == (2, "")
    assert "burgemeester" in done.stderr
    assert list(tmp_path.iterdir()) == []


# check and doctor ----------------------------------------------------------------------------------------------------


def test_check_reads_everything_and_finds_nothing_in_what_comes_with_the_desk(tmp_path: Path) -> None:
    done = Place(tmp_path).balie("check", "--json")
    assert (done.returncode, _data(done.stdout)) == (0, [])
    assert list(tmp_path.iterdir()) == [], "check changes nothing"


def test_check_finds_what_authors_and_operators_get_wrong_all_at_once(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for package in ("balie", "bot", "board", "desk", "storage", "flows", "routing"):
        shutil.copytree(REPOSITORY / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    flow = tree / "flows" / "definitions" / "company.yml"
    flow.write_text(
        flow.read_text("utf-8").replace("- call: destination", "- refer: option\n  - call: nowhere"), "utf-8"
    )
    words = tree / "flows" / "locales" / "en" / "desk.yml"
    words.write_text(re.sub(r"^desk\.thanks:.*\n", "", words.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    (tmp_path / "tests" / "dialogues").mkdir(parents=True)
    (tmp_path / "tests" / "dialogues" / "mine.yml").write_text("fixtures: [voorbeeldstad]\ndialogues: 3\n")
    (tmp_path / "config.yml").write_text("volunteers: beside\n")
    changes = {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = Place(tmp_path).balie("check", "--json", changes=changes)
    found = _data(done.stdout)
    assert done.returncode == 1
    assert all(re.match(r"\S+\.yml:\d+(:\d+)?: .+", one) for one in found), found
    told = "\n".join(found)
    assert re.search(r"company\.yml:\d+:\d+: refer can be reached without consent; put a consent step before it", told)
    assert re.search(r"company\.yml:\d+:\d+: there is no flow 'nowhere' to call", told)
    assert re.search(r"locales/nl/desk\.yml:\d+:1: desk\.thanks is missing in en; add it", told)
    assert re.search(r"mine\.yml:\d+", told)
    assert "config.yml:1:1: volunteers" in told


def test_a_desk_with_a_flow_that_refers_without_consent_does_not_open(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for package in ("balie", "bot", "board", "desk", "storage", "flows", "routing"):
        shutil.copytree(REPOSITORY / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    flow = tree / "flows" / "definitions" / "company.yml"
    flow.write_text(flow.read_text("utf-8").replace("- call: destination", "- refer: option"), "utf-8")
    changes = {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "BALIE_HTTP__PORT": "0"}
    done = Place(tmp_path).balie("serve", changes=changes)
    assert done.returncode == 1
    assert re.search(r"company\.yml:\d+:\d+: refer can be reached without consent; put a consent step", done.stderr)
    assert not (tmp_path / "var").exists()


def test_check_survives_a_wrong_environment(tmp_path: Path, inside: Inside) -> None:
    done = inside(Place(tmp_path), "check", changes={"BALIE_NLU__TIMEOUT": "lang"})
    assert (done.exit_code, done.stdout) == (1, "BALIE_NLU__TIMEOUT: this is not a number; write a number\n")


def test_doctor_on_nothing_says_what_is_missing_and_makes_nothing(tmp_path: Path) -> None:
    done = Place(tmp_path).balie("doctor")
    assert done.returncode == 1
    assert "!!  database" in done.stdout
    assert "`balie db upgrade` makes it" in done.stdout
    assert re.search(r"!!  team .+ team\.phone, team\.hours\.nl", done.stdout)
    assert list(tmp_path.iterdir()) == []


def test_doctor_as_json(town: Place, inside: Inside) -> None:
    town.keys.chmod(0o644)
    done = town.balie("doctor", "--json", changes={"BALIE_HTTP__HOST": "::1"})
    parts = {part["name"]: part for part in _data(done.stdout)}
    assert done.returncode == 1
    assert (parts["keys"]["ok"], parts["nlu"]["ok"]) == (False, False)
    assert "chmod 600" in parts["keys"]["what"]
    town.keys.chmod(0o600)
    parts = {part["name"]: part for part in _data(inside(town, "doctor", "--json").stdout)}
    assert parts["keys"]["ok"] and parts["routing log"]["what"] == "intact"
    assert parts["directory"]["what"].endswith("services")
    assert parts["users"]["ok"]


# secrets -------------------------------------------------------------------------------------------------------------


def test_no_command_ever_shows_a_secret(town: Place, inside: Inside) -> None:
    (town.folder / "token").write_text(f"{TELEGRAM_TOKEN}\n")
    changes = {
        "BALIE_TELEGRAM__TOKEN_FILE": str(town.folder / "token"),
        "BALIE_TELEGRAM__WEBHOOK_SECRET": CANARY,
        "BALIE_NLU__TOKEN": CANARY,
    }
    keys = json.loads(town.keys.read_text())
    for arguments in (("doctor", "--json"), ("check",), ("routing-log", "verify", "--json")):
        done = inside(town, *arguments, changes=changes)
        shown = done.stdout + done.stderr
        for secret in (CANARY, *keys["ring"], keys["address"], keys["log"]["key"]):
            assert secret not in shown, arguments
    wrong = town.balie("serve", changes={**changes, "BALIE_TELEGRAM__MODE": CANARY})
    assert (wrong.returncode, CANARY in wrong.stdout + wrong.stderr) == (1, False)


# The database, users, retention ---------------------------------------------------------------------------------------


def test_db_upgrade_makes_a_database_once(tmp_path: Path, inside: Inside) -> None:
    place = Place(tmp_path)
    done = place.balie("db", "upgrade")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "The database is up to date.\n")
    keys = place.keys.read_bytes()
    assert place.keys.stat().st_mode & 0o777 == place.database.stat().st_mode & 0o777 == 0o600
    assert inside(place, "db", "upgrade").exit_code == 0
    assert place.keys.read_bytes() == keys


def test_a_user_is_added_with_a_password_for_once(town: Place) -> None:
    done = town.balie("user", "add", "petra", "Petra", "professional", "--neighbourhood", "noord")
    assert done.returncode == 0, done.stderr
    password = done.stdout.strip()
    assert "\n" not in password and password not in done.stderr
    with desk_in(town.folder) as desk:
        user = desk.database.run(lambda uow: uow.people.check_password("petra", password))
        assert user is not None
        assert [(role.name, role.neighbourhood) for role in user.roles] == [("professional", "noord")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("samira", "Samira", "host"), "There is a user samira already; choose another name."),
        (("jan", "Jan", "host", "--neighbourhood", "oost"), "the directory has no neighbourhood oost; check its id"),
        (("jan", "Jan", "volunteer", "--organisation", "x"), "the directory has no organisation x; check its id"),
    ],
)
def test_a_user_that_cannot_be_added(town: Place, arguments: tuple[str, ...], sentence: str, inside: Inside) -> None:
    result = inside(town, "user", "add", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"{sentence}\n")


def test_retention_only_counts_when_asked(town: Place, inside: Inside) -> None:
    done = town.balie("retention", "run", "--dry-run", "--json")
    nothing = {"count": 0, "oldest_due": None}
    assert (done.returncode, _data(done.stdout)) == (
        0,
        {
            "contacts": {**nothing, "kept_days": 7},
            "requests": {**nothing, "kept_days": 90},
            "raw_updates": {**nothing, "kept_days": 8},
        },
    )
    assert inside(town, "retention", "run").stdout == "0 contacts, 0 requests, 0 raw updates erased\n"


# What authors use ----------------------------------------------------------------------------------------------------


def test_flow_graph_draws_only_arrows_between_steps_that_are_there(tmp_path: Path) -> None:
    done = Place(tmp_path).balie("flow", "graph")
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert (done.returncode, lines[0]) == (0, "flowchart TD")
    steps = {found.group(1) for line in lines if (found := re.match(r'(\w+)\[".+"\]$', line))}
    arrows = [
        re.fullmatch(r"(\w+) (?:-->|-\.->)(?:\|\w+\|)? (\w+)", line)
        for line in lines
        if "->" in line and "[" not in line
    ]
    assert len(arrows) > 50
    for arrow in arrows:
        assert arrow is not None
        assert {arrow.group(1), arrow.group(2)} - {"end_0"} <= steps


def test_flow_graph_of_one_flow_and_of_none(tmp_path: Path, inside: Inside) -> None:
    place = Place(tmp_path)
    one = inside(place, "flow", "graph", "company")
    assert one.stdout.count("subgraph") == 1
    none = inside(place, "flow", "graph", "compagnie")
    assert (none.exit_code, none.stdout) == (1, "")
    assert none.stderr.startswith("there is no flow compagnie; there are ")


def test_crisis_test_as_json(tmp_path: Path) -> None:
    file = tmp_path / "sentences.tsv"
    file.write_text(
        "id\ttext\tlabel\tkind\n"
        "x-1\tik wil niet meer leven\tsuicide\tplain\n"
        "x-2\tik ga morgen naar de markt\tnone\tplain\n"
    )
    done = Place(tmp_path).balie("crisis", "test", str(file), "--json")
    report = _data(done.stdout)
    assert (done.returncode, done.stderr, report["rows"]) == (0, "", 2)
    assert report["missed"] == []


@pytest.mark.parametrize("command", [("crisis", "test"), ("nlu", "test")], ids=" ".join)
@pytest.mark.parametrize("content", [None, b"een brief\nen geen tabel\n", b"\xff\xfe\x00", b""])
def test_a_file_of_sentences_that_cannot_be_used(
    tmp_path: Path, command: tuple[str, ...], content: bytes | None, inside: Inside
) -> None:
    file = tmp_path / "sentences.tsv"
    if content is not None:
        file.write_bytes(content)
    result = inside(Place(tmp_path), *command, str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.fullmatch(rf"{re.escape(str(file))}:1: .+\n", result.stderr), result.stderr


DIALOGUE = """
fixtures: [voorbeeldstad]
now: 2026-03-02T10:00:00+01:00
dialogues:
  - dialogue: nobody says goodbye first
    steps:
      - resident: goedemorgen
        nlu: away
      - utter: desk.goodbye
"""


def test_dialogue_test_says_where_the_desk_answers_otherwise(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(DIALOGUE)
    done = Place(tmp_path).balie("dialogue", "test", "mine.yml")
    said = r"FAIL  mine\.yml:9: nobody says goodbye first: expected the desk to say desk\.goodbye; came .+\n"
    assert (done.returncode, done.stderr) == (1, "0 passed, 1 failed\n")
    assert re.fullmatch(said, done.stdout)


def test_dialogue_test_without_its_file(tmp_path: Path, inside: Inside) -> None:
    result = inside(Place(tmp_path), "dialogue", "test", "none.yml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.fullmatch(r"none\.yml: cannot be read .+\n", result.stderr)


@pytest.mark.parametrize(("address", "said"), [("http://127.0.0.1:8000", True), ("https://balie.example", False)])
def test_check_says_when_links_open_on_this_machine_only(tmp_path: Path, address: str, said: bool) -> None:
    config = tmp_path / "config.yml"
    config.write_text(f"http:\n  public_url: {address}\n", "utf-8")
    result = CliRunner().invoke(app, ["check", "--config", str(config)])
    assert result.exit_code == 0
    assert ("Links: pages that residents send to somebody open on this machine only" in result.stderr) is said
