"""Runs `balie` as an operator does: a process of its own, in a folder of its own, with an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from tests.servers.desk_server import NOBODY


class Place(Struct, frozen=True):
    """A folder where someone runs the command; database and keys are made in it. No configuration file unless given."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "balie.db"

    @property
    def keys(self) -> Path:
        return self.folder / "keys.json"

    def environment(self, changes: Mapping[str, str] | None = None) -> dict[str, str]:
        """Nothing of the developer's own settings; no language model unless asked for."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BALIE_")}
        return {
            **inherited,
            "BALIE_DATABASE__URL": f"sqlite:///{self.database}",
            "BALIE_KEYS__PATH": str(self.keys),
            "BALIE_NLU__AUTOSTART": "false",
            "BALIE_NLU__URL": NOBODY,
            **(changes or {}),
        }

    def balie(
        self, *arguments: str, given: bytes = b"", changes: Mapping[str, str] | None = None, patience: float = 30.0
    ) -> subprocess.CompletedProcess[str]:
        """Runs the command to its end; `given` is what is typed, `changes` go to its environment."""
        done = subprocess.run(
            [sys.executable, "-m", "balie", *arguments],
            cwd=self.folder,
            env=self.environment(changes),
            input=given,
            capture_output=True,
            timeout=patience,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        )


class Inside(Protocol):
    """Runs the command in this process, for what needs no process of its own: it takes a tenth of the time."""

    def __call__(self, place: Place, *arguments: str, changes: Mapping[str, str] | None = None) -> Any: ...
