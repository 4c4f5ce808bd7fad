"""Reads scripted dialogues: `fixtures`, `now` and a list of dialogues, each a list of steps."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

# What a resident does, what others do, what is expected; with the words that may stand beside each.
INPUTS = {
    "resident": ("intent", "confidence", "intents", "entities", "also", "spoken", "nlu", "attachment"),
    "choice": ("intent", "intents", "entities"),  # of a message that is read again after an alert
    "old_choice": (),
}
OTHERS = {"host": (), "writes": (), "on_link": (), "wait": ()}
EXPECTED = {
    "utter": (),
    "hears": (),
    "slot_was_set": (),
    "routed": (),
    "card_says": (),
    "found": (),
    "nothing_kept": (),
    "alert": (),
    "consent_given": (),
    "consent_refused": (),
    "referred": (),
    "pointed_elsewhere": (),
    "handed_to_host": (),
    "withdrawn": (),
    "link_made": (),
    "link_ended": (),
    "visible_to": (),
    "language": (),
    "erased": (),
}
STEPS = {**INPUTS, **OTHERS, **EXPECTED}
_DIALOGUE_WORDS = ("dialogue", "rule", "channel", "steps")


class DialogueError(Exception):
    """A dialogue file cannot be read; `file:line:column: what is wrong, what to do`."""


class Step(Struct, frozen=True):
    kind: str
    value: Any
    beside: dict[str, Any]
    line: int


class Dialogue(Struct, frozen=True):
    """`rules` are the design rules it is evidence for, e.g. "domain-12"."""

    file: str
    line: int
    name: str
    steps: tuple[Step, ...]
    fixture: str
    now: datetime
    channel: str = "web"
    rules: tuple[str, ...] = ()


def read_dialogues(path: Path) -> tuple[Dialogue, ...]:
    """All dialogues of one file. Raises DialogueError."""
    file = str(path)
    try:
        content = YAML(typ="rt").load(path.read_text("utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        raise DialogueError(f"{place}: this is not YAML ({error.problem}); mend the line before or here") from None
    except OSError as error:
        raise DialogueError(f"{file}: cannot be read ({error.strerror}); name a readable file") from None
    if not isinstance(content, CommentedMap) or not isinstance(content.get("dialogues"), CommentedSeq):
        raise DialogueError(f"{file}:1:1: a dialogue file needs `dialogues:` with a list")
    fixtures = content.get("fixtures") or ["voorbeeldstad"]
    moment = content.get("now")
    start = moment if isinstance(moment, datetime) else datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    if start.tzinfo is None:
        start = start.replace(tzinfo=UTC)
    return tuple(
        _dialogue(file, one, _line(content["dialogues"], index), str(fixtures[0]), start)
        for index, one in enumerate(content["dialogues"])
    )


def _dialogue(file: str, one: Any, line: int, fixture: str, start: datetime) -> Dialogue:
    if not isinstance(one, CommentedMap) or "dialogue" not in one or not isinstance(one.get("steps"), CommentedSeq):
        raise DialogueError(f"{file}:{line}:1: a dialogue needs `dialogue: name` and `steps:` with a list")
    for word in one:
        if word not in _DIALOGUE_WORDS:
            raise DialogueError(
                f"{file}:{one.lc.key(word)[0] + 1}:1: a dialogue has no word {word!r}; use {', '.join(_DIALOGUE_WORDS)}"
            )
    rule = one.get("rule", [])
    steps = tuple(_step(file, step, _line(one["steps"], index)) for index, step in enumerate(one["steps"]))
    return Dialogue(
        file,
        line,
        str(one["dialogue"]),
        steps,
        fixture,
        start,
        str(one.get("channel", "web")),
        tuple(map(str, rule if isinstance(rule, list) else [rule])),
    )


def _step(file: str, step: Any, line: int) -> Step:
    if not isinstance(step, CommentedMap):
        raise DialogueError(f"{file}:{line}:1: a step is `word: value`; use one of {', '.join(STEPS)}")
    kinds = [word for word in step if word in STEPS]
    if len(kinds) != 1:
        raise DialogueError(f"{file}:{line}:1: a step has exactly one of {', '.join(STEPS)}; found {', '.join(step)}")
    kind = kinds[0]
    beside = {str(word): value for word, value in step.items() if word != kind}
    for word in beside:
        if word not in STEPS[kind]:
            raise DialogueError(f"{file}:{line}:1: {kind} has no word {word!r} beside it; remove it")
    return Step(kind, step[kind], beside, line)


def _line(sequence: CommentedSeq, index: int) -> int:
    return int(sequence.lc.item(index)[0]) + 1
