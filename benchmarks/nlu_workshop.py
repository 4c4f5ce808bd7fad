"""Trains a pipeline through Rasa in a folder of its own, serves it, and asks it what authors wrote who saw no data."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from msgspec import Struct
from ruamel.yaml import YAML

from balie.nlu_process import NLU, NluProcess, train
from balie.nlu_report import Report, evaluate, read_tsv
from benchmarks.nlu_variants import Pipeline
from bot.understand import understood_from

ROOT = Path(__file__).resolve().parent.parent
LEXICON = ROOT / "benchmarks" / "lexicon"
TESTS = ROOT / "tests" / "nlu"
SETS = ("independent_needs", "independent_acts", "second_needs", "second_acts")
"""By authors who had seen no data. Settings are chosen with the first one's; the second's are only ever measured."""

_AS_IT_IS = ("components", "domain.yml", "credentials.yml", "launch.py", "uv.lock", ".venv")


class Tried(Struct, frozen=True):
    """A pipeline as it was measured. Times in seconds, memory in bytes."""

    reports: dict[str, Report]
    parses: list[float]
    training: float
    memory: int  # of the server, after all parses


def configuration() -> dict[str, Any]:
    """nlu/config.yml."""
    read: dict[str, Any] = YAML(typ="safe").load((NLU / "config.yml").read_text("utf-8"))
    return read


@contextmanager
def workshop(pipeline: Pipeline, data: Path = NLU / "data") -> Iterator[Path]:
    """A folder as `nlu/` with another pipeline and perhaps other data; gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kept in _AS_IT_IS:
            (folder / kept).symlink_to(NLU / kept)
        (folder / "data").mkdir()
        for part in data.iterdir():
            (folder / "data" / part.name).symlink_to(part)
        if any(component.get("lexicon") for component in pipeline):
            (folder / "data" / "lexicon").symlink_to(LEXICON)
        with (folder / "config.yml").open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(configuration() | {"pipeline": pipeline}, file)
        yield folder


def tried(folder: Path) -> Tried:
    """Train what is in the folder, serve it, and ask it every message of every set."""
    start = time.perf_counter()
    train(folder, lambda _: None)
    training = time.perf_counter() - start
    parses: list[float] = []
    with NluProcess(folder) as server:
        server.wait_until_ready()
        with httpx.Client(base_url=server.url, params={"token": server.token}, trust_env=False) as client:

            def parse(text: str) -> list[tuple[str, float]]:
                begin = time.perf_counter()
                answer = client.post("/model/parse", json={"text": text}).raise_for_status().json()
                parses.append(time.perf_counter() - begin)
                return [(intent.name, intent.confidence) for intent in understood_from(answer).intents]

            for _ in range(20):
                parse("goedemorgen, mag ik iets vragen")  # the first ones warm it up
            parses.clear()
            reports = {name: evaluate(read_tsv(TESTS / f"{name}.tsv"), parse) for name in SETS}
        memory = _resident(server.pid)
    return Tried(reports, parses, training, memory)


def _resident(pid: int | None) -> int:
    """Bytes of memory that the process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(kilobytes) * 1024
