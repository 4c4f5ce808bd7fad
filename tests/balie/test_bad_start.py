"""What an operator gets wrong before the first start: each time one clear sentence, exit 1, and nothing was started."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.first_start import open_storage
from tests.balie.command import Place

CANARY = "7093:kanarie-die-nergens-mag-staan"
REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("balie", "bot", "board", "desk", "storage", "flows", "routing")

Changes = dict[str, str]
Prepare = Callable[[Place], Changes]


def _config(content: str) -> Prepare:
    def prepare(place: Place) -> Changes:
        (place.folder / "config.yml").write_text(content)
        return {}

    return prepare


def _made(place: Place) -> None:
    open_storage(f"sqlite:///{place.database}", place.keys).close()


def _newer(place: Place) -> Changes:
    _made(place)
    with sqlite3.connect(place.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    return {}


def _without_key(place: Place) -> Changes:
    _made(place)
    place.keys.unlink()
    return {}


def _damaged_key(place: Place) -> Changes:
    _made(place)
    place.keys.write_text(f'{{"ring": ["{CANARY}"]')
    return {}


def _key_of_another(place: Place) -> Changes:
    _made(place)
    database = open_storage(f"sqlite:///{place.database}", place.keys)
    database.run(lambda uow: uow.contacts.find_or_add("web", "web", "someone"))
    database.close()
    place.keys.unlink()
    elsewhere = place.folder / "elsewhere"
    open_storage(f"sqlite:///{elsewhere / 'balie.db'}", place.keys).close()
    shutil.rmtree(elsewhere)
    return {}


def _no_database(place: Place) -> Changes:
    _made(place)
    place.database.write_bytes(b"Dit is een brief en geen database.\n" * 200)
    return {}


def _folder(place: Place) -> Changes:
    place.database.mkdir()
    return {}


def _policy(place: Place) -> Changes:
    (place.folder / "policy.yml").write_text("policy: own\nrules: 3\n")
    return {"BALIE_PATHS__POLICY": "policy.yml"}


def _own_copy(file: str, before: str, after: str) -> Prepare:
    """The desk's own files, with a mistake in one of them."""

    def prepare(place: Place) -> Changes:
        tree = place.folder / "tree"
        for package in PACKAGES:
            shutil.copytree(REPOSITORY / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
        content = (tree / file).read_text("utf-8")
        assert before in content, f"{file} changed: mend this test"
        (tree / file).write_text(content.replace(before, after, 1), "utf-8")
        return {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}

    return prepare


def _taken(place: Place) -> Changes:
    listener = socket.create_server(("127.0.0.1", 0))
    _LISTENERS.append(listener)
    return {"BALIE_HTTP__PORT": str(listener.getsockname()[1])}


_LISTENERS: list[socket.socket] = []

CASES: dict[str, tuple[Prepare, str]] = {
    "unknown word": (
        _config("municipality: Ergens\nhttp:\n  prot: 80\n"),
        r"config\.yml:3:3: http\.prot: there is no such setting; remove it or mend the spelling",
    ),
    "wrong type": (
        _config("http:\n  host: 127.0.0.1\n  port: acht\n"),
        r"config\.yml:3:3: http\.port: this is not a whole number; write a whole number",
    ),
    "not YAML": (
        _config("team:\n  name: [Wijkteam\n"),
        r"config\.yml:3:1: this is not YAML \(.+\); mend the line before or here",
    ),
    "a list": (_config("- http\n- team\n"), r"config\.yml:1:1: this is a list .+; write `word: value` lines"),
    "the same word twice": (
        _config(f"telegram:\n  token: {CANARY}\n  token: {CANARY}\n"),
        r"config\.yml:3:3: this word stands here twice; keep one of them",
    ),
    "wrong variable": (
        lambda place: {**_config("http:\n  port: 8000\n")(place), "BALIE_HTTP__PORT": "acht"},
        r"BALIE_HTTP__PORT: this is not a whole number; write a whole number",
    ),
    "taken port": (_taken, r"port \d+ on 127\.0\.0\.1 is taken; stop the other program or set BALIE_HTTP__PORT .+"),
    "address of another machine": (
        lambda place: {"BALIE_HTTP__HOST": "203.0.113.7"},
        r"cannot listen on 203\.0\.113\.7:0 \(.+\); mend `http:` in config\.yml",
    ),
    "folder that cannot be written": (
        lambda place: {"BALIE_DATABASE__URL": "sqlite:////dev/null/x/balie.db"},
        r"The database /dev/null/x/balie\.db cannot be made \(Not a directory\)\. Make its folder writable .+",
    ),
    "folder of the keys": (
        lambda place: {"BALIE_KEYS__PATH": "/dev/null/x/keys.json"},
        r"The key file /dev/null/x/keys\.json cannot be written \(.+\)\. Make its folder writable .+",
    ),
    "newer database": (
        _newer,
        r"The database .+ was made by a newer version of Buurtbalie \(schema 9999\)\. Install .+",
    ),
    "data without its key": (
        _without_key,
        r"The key file .+keys\.json is not there, .+ Put it back from your backup, .+",
    ),
    "damaged key": (_damaged_key, r"The key file .+ is damaged or is not a key file\. Put it back from your backup\."),
    "key of another database": (_key_of_another, r"The key file does not belong to this database\. Put back .+"),
    "no database": (_no_database, r".+balie\.db is not a database\. Move it away, or choose another place .+"),
    "folder in its place": (_folder, r".+balie\.db is a folder; database\.url must name a file, .+"),
    "other database": (
        lambda place: {"BALIE_DATABASE__URL": f"postgresql+psycopg://balie:{CANARY[5:]}@db/balie"},
        r"database\.url names postgresql, which this version does not speak; write it like sqlite:///var/balie\.db\.",
    ),
    "wrong policy": (_policy, r"policy\.yml:\d+:\d+: .+"),
    "no policy": (
        lambda place: {"BALIE_PATHS__POLICY": "/nowhere/policy.yml"},
        r"/nowhere/policy\.yml:1:1: cannot be read \(No such file or directory\), mend `paths: policy` in config\.yml",
    ),
    "wrong flow": (
        _own_copy("flows/definitions/company.yml", "- call: who_and_where", "- kall: who_and_where"),
        r"flows/definitions/company\.yml:\d+:\d+: .*kall.*",
    ),
    "wrong text": (
        _own_copy("flows/locales/en/words.yml", "words.yes:", "words.yes: [yes\nwords.ja:"),
        r"flows/locales/en/words\.yml:\d+:\d+: this is not YAML \(.+\); mend the line before or here",
    ),
    "wrong pattern of the crisis guard": (
        _own_copy("flows/crisis_patterns/child.en.yml", "level: now", "level: soon"),
        r"flows/crisis_patterns/child\.en\.yml:\d+:1: child\.\S+: begin the name with a category, give a level: now .+",
    ),
    "guard that is not YAML": (
        _own_copy("flows/crisis_patterns/child.en.yml", "level: now", "level: [now"),
        r"flows/crisis_patterns/child\.en\.yml:\d+:\d+: this is not YAML \(.+\); mend the line before or here",
    ),
}


class Started:
    """How `balie serve` ended, and what was there before and after."""

    def __init__(self, place: Place, changes: Changes) -> None:
        if not (place.folder / "config.yml").exists():
            changes = {"BALIE_HTTP__PORT": "0", **changes}  # would it start after all, then on a port of its own
        self.before = _listing(place.folder)
        self.done: subprocess.CompletedProcess[str] = place.balie("serve", changes=changes)
        self.after = _listing(place.folder)


def _listing(folder: Path) -> dict[str, bytes | None]:
    paths = [Path(root, name) for root, _, names in os.walk(folder) if "tree" not in root for name in names]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(paths)}


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Started]]]:
    """Every start at once, as many side by side as there are processors."""
    places = {name: Place(tmp_path_factory.mktemp("start")) for name in CASES}
    changes = {name: prepare(places[name]) for name, (prepare, _) in CASES.items()}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        yield {name: pool.submit(Started, places[name], changes[name]) for name in CASES}
    while _LISTENERS:
        _LISTENERS.pop().close()


@pytest.mark.parametrize("name", CASES)
def test_one_clear_sentence(starts: dict[str, Future[Started]], name: str) -> None:
    started = starts[name].result()
    done = started.done
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert re.fullmatch(CASES[name][1] + r"\n", done.stderr), done.stderr
    assert CANARY[5:] not in done.stderr
    made = {path for path in started.after if started.before.get(path) != started.after[path]}
    assert made <= ({"keys.json"} if name == "folder that cannot be written" else set()), "something was started"
