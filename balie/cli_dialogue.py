"""`balie dialogue test`: plays scripted dialogues and says where the desk answers otherwise."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import httpx
import typer
from msgspec.structs import replace

from balie import nlu_process
from balie.cli_options import say, stop_on_mistakes
from balie.dialogue_file import read_dialogues
from balie.dialogue_run import DialogueFailed, Understand, play
from balie.nlu_process import NLU, NluProcess
from bot.clauses import clauses
from bot.spoken import spoken_in
from bot.understand import understood_from
from desk.turns import Understood
from flows.model import Part

app = typer.Typer(no_args_is_help=True, help="Scripted dialogues.")


@app.callback()
def dialogues() -> None:
    """Scripted dialogues."""


@app.command()
def test(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files or folders; tests/dialogues when left out.")] = None,
) -> None:
    """Plays every dialogue. Where a step names no intent, the real model is asked."""
    failed = played = 0
    with stop_on_mistakes(), _model() as understand:
        for path in _files(paths or [Path("tests/dialogues")]):
            for dialogue in read_dialogues(path):
                with tempfile.TemporaryDirectory() as folder:
                    try:
                        play(dialogue, Path(folder), understand)
                        print(f"ok    {dialogue.name}")
                    except DialogueFailed as error:
                        failed += 1
                        print(f"FAIL  {error}")
                played += 1
    say(f"{played - failed} passed, {failed} failed")
    if failed:
        raise typer.Exit(1)


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.glob("*.yml")) if path.is_dir() else [path]


@contextmanager
def _model() -> Iterator[Understand]:
    """Starts the model only when a dialogue asks it."""
    server: list[NluProcess] = []

    def understand(text: str) -> Understood:
        if not server:
            nlu_process.train(NLU, say)
            say("Starting the language model ...")
            server.append(NluProcess(NLU))
            server[0].start()
            server[0].wait_until_ready()
        parts = tuple(Part(clause, parse(clause).intents) for clause in clauses(text))
        return replace(parse(text), parts=parts, spoken=spoken_in(text))

    def parse(text: str) -> Understood:
        token = {"token": server[0].token}
        answer = httpx.post(f"{server[0].url}/model/parse", params=token, json={"text": text}, trust_env=False)
        return understood_from(answer.raise_for_status().json())

    try:
        yield understand
    finally:
        for one in server:
            one.stop()
