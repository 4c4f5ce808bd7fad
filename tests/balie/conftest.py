"""A place with the demonstration's town in it, for commands that need something to work on."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from balie.cli import app
from desk.town import load_town
from tests.balie.command import Inside, Place
from tests.servers.desk_server import desk_in


@pytest.fixture(scope="session")
def _town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    with desk_in(folder) as desk, as_file(files("balie.demo") / "voorbeeldstad") as town:
        load_town(desk, town)
    return folder


@pytest.fixture
def town(_town: Path, tmp_path: Path) -> Place:
    """A copy for this test alone."""
    shutil.copytree(_town, tmp_path, dirs_exist_ok=True)
    return Place(tmp_path)


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Inside:
    def run(place: Place, *arguments: str, changes: Mapping[str, str] | None = None) -> Any:
        monkeypatch.chdir(place.folder)
        result = CliRunner(env=place.environment(changes)).invoke(app, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run
