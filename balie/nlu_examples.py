"""The example sentences in `nlu/data`, read without Rasa, for whoever learns from them or compares with them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

FOLDERS = ("needs", "acts", "alerts")
HARMLESS = "harmless.txt"
DANGERS = "dangers.tsv"

_INTENT = re.compile(r"- intent: (\w+)")
_LEVEL = re.compile(r" +level: (\w+)")
_EXAMPLE = "    - "
_ALERT = "alert_"
_ANNOTATION = re.compile(r"\[([^\]]+)\]\(\w+\)")


class Example(Struct, frozen=True):
    """One sentence. `level` (now, concern) is known of most sentences about danger, of others never."""

    text: str
    intent: str
    level: str = ""
    also: tuple[str, ...] = ()
    """Other intents that are as right."""


def examples(data: Path) -> list[Example]:
    """Every example of every intent under `data` (Rasa's training format, one line an example), in a fixed order."""
    files = [path for folder in FOLDERS for path in sorted((data / folder).glob("*.yml"))]
    return [example for path in files for example in _of_file(path)]


def harmless(data: Path) -> list[str]:
    """Sentences that look like danger or like nothing at all, and are harmless; they belong to no intent."""
    lines = (data / HARMLESS).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def dangers(data: Path) -> list[Example]:
    """More sentences about danger, for the danger model alone: `category level also text`, tabs between.

    The language model does not learn them, since with as many alerts it takes needs for them (docs/understanding.md).
    """
    lines = (data / DANGERS).read_text("utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return [Example(text, _ALERT + category, level, _intents(also)) for category, level, also, text in rows]


def fingerprint(data: Path) -> str:
    """SHA-256 over all of these sentences with their intents and levels."""
    digest = hashlib.sha256()
    for one in examples(data) + dangers(data):
        digest.update("\t".join([one.intent, *one.also, one.level, one.text, "\n"]).encode())
    digest.update("\n".join(harmless(data)).encode())
    return digest.hexdigest()


def _of_file(path: Path) -> Iterator[Example]:
    intent = level = ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(_EXAMPLE):
            yield Example(_ANNOTATION.sub(r"\1", line.removeprefix(_EXAMPLE).strip()), intent, level)
        elif found := _INTENT.match(line):
            intent, level = found[1], ""
        elif found := _LEVEL.match(line):
            level = found[1]


def _intents(also: str) -> tuple[str, ...]:
    return tuple(_ALERT + category for category in also.split(",") if category)
