"""Collects tests/dialogues/*.yml: every dialogue is one test. The real model starts only when a dialogue asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from balie.dialogue_file import Dialogue, DialogueError, read_dialogues
from balie.dialogue_run import DialogueFailed, play
from bot.understand import understood_from
from desk.turns import Understood
from tests.nlu_server import nlu_server as nlu_server

FOLDER = Path(__file__).parent / "dialogues"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == ".yml" and file_path.parent == FOLDER:
        return DialogueFile.from_parent(parent, path=file_path)
    return None


class DialogueFile(pytest.File):
    """One file of dialogues. A file that cannot be read is one failure with one sentence."""

    def collect(self) -> Iterator[pytest.Item]:
        try:
            dialogues = read_dialogues(self.path)
        except DialogueError as error:
            raise self.CollectError(str(error)) from None
        for dialogue in dialogues:
            yield DialogueTest.from_parent(self, name=dialogue.name, callobj=_played(dialogue), dialogue=dialogue)


class DialogueTest(pytest.Function):
    """One dialogue; `-k` finds it by its name; it is evidence for the rules it names (tests/rules.py)."""

    def __init__(self, *, dialogue: Dialogue, **more: Any) -> None:
        super().__init__(**more)
        self._dialogue = dialogue
        self.add_marker(pytest.mark.rule(*dialogue.rules))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        """Only the sentence: what the desk did differently, and where that stands."""
        return str(excinfo.value) if isinstance(excinfo.value, DialogueFailed) else super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._dialogue.line - 1, self.name


def _played(dialogue: Dialogue) -> Any:
    def run(request: pytest.FixtureRequest, tmp_path: Path) -> None:
        def understand(text: str) -> Understood:
            server = request.getfixturevalue("nlu_server")
            answer = httpx.post(
                f"{server.url}/model/parse", params={"token": server.token}, json={"text": text}, trust_env=False
            )
            return understood_from(answer.raise_for_status().json())

        play(dialogue, tmp_path, understand)

    return run
