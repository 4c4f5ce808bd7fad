"""Reads flow and menu definitions from YAML text into definitions, with the place of every mistake."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from flows.definition import SLOT_TYPES, STEP_KINDS, Flow, Menu, Step

_WORDS_BESIDE: dict[str, tuple[str, ...]] = {
    "collect": ("type", "utter", "choices", "required", "once"),
    "choose": ("utter",),
    "utter": (),
    "set": (),
    "if": ("then", "else"),
    "route": (),
    "consent": ("refused",),
    "refer": ("utter",),
    "link": (),
    "follow_up": ("agreed", "asks"),
    "hand_over": ("utter", "share"),
    "call": (),
    "look": (),
    "end": (),
}
_FLOW_WORDS = ("flow", "description", "kind", "trigger", "steps")


class Finding(Struct, frozen=True, order=True):
    """A mistake of an author: where, what is wrong, what to do."""

    file: str
    line: int
    column: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what}"


class FlowError(Exception):
    """One or more findings that keep a flow from being read."""

    def __init__(self, findings: list[Finding]):
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


def parse_flow(file: str, content: str) -> Flow:
    """The flow that stands in `content`. Raises FlowError with every mistake that can be told at once."""
    mapping = _load(file, content)
    findings: list[Finding] = []

    def wrong(where: tuple[int, int], what: str) -> None:
        findings.append(Finding(file, where[0], where[1], what))

    for key in mapping:
        if key not in _FLOW_WORDS:
            wrong(_at(mapping, key), f"a flow has no word {key!r}; use one of: {', '.join(_FLOW_WORDS)}")
    name = mapping.get("flow")
    if not isinstance(name, str):
        wrong((1, 1), "a flow needs a name; write `flow: name` on the first line")
    kind = mapping.get("kind", "need")
    if kind not in ("need", "part", "digression"):
        wrong(_at(mapping, "kind"), f"{kind!r} is no kind of flow; use need, part or digression")
    trigger = mapping.get("trigger", [])
    if not isinstance(trigger, list) or not all(isinstance(intent, str) for intent in trigger):
        wrong(_at(mapping, "trigger"), "trigger is a list of intents; write `trigger: [company]`")
        trigger = []
    steps = mapping.get("steps")
    read: list[Step] = []
    if not isinstance(steps, CommentedSeq) or not steps:
        wrong(_at(mapping, "steps") if "steps" in mapping else (1, 1), "a flow needs steps; write `steps:` and a list")
    else:
        for index, step in enumerate(steps):
            line, column = steps.lc.item(index)
            one = _step(step, (line + 1, column + 1), wrong)
            if one is not None:
                read.append(one)
    if findings:
        raise FlowError(findings)
    return Flow(
        name=str(name),
        description=str(mapping.get("description", "")),
        steps=tuple(read),
        file=file,
        kind=kind,
        trigger=tuple(trigger),
    )


def parse_menu(file: str, content: str) -> Menu:
    """The menu by life domain: a mapping of domain id to a list of intents."""
    mapping = _load(file, content)
    for domain, themes in mapping.items():
        if not isinstance(themes, list) or not all(isinstance(theme, str) for theme in themes):
            line, column = _at(mapping, domain)
            raise FlowError([Finding(file, line, column, f"{domain} needs a list of themes, such as [company, meals]")])
    return Menu({str(domain): tuple(themes) for domain, themes in mapping.items()})


def _step(step: Any, at: tuple[int, int], wrong: Any) -> Step | None:
    line, column = at
    if step == "end":
        return Step("end", "", line, column)
    if not isinstance(step, CommentedMap):
        wrong(at, f"a step is one of {', '.join(STEP_KINDS)}; found {step!r}")
        return None
    kinds = [key for key in step if key in STEP_KINDS]
    if len(kinds) > 1 and "utter" in kinds:  # beside another word it names the text that goes with it
        kinds.remove("utter")
    if len(kinds) != 1:
        wrong(at, f"a step has exactly one of {', '.join(STEP_KINDS)}; found {', '.join(map(str, step)) or 'none'}")
        return None
    kind = kinds[0]
    allowed = ("id", kind, *_WORDS_BESIDE[kind])
    for key in step:
        if key not in allowed:
            wrong(_at(step, key), f"{kind} has no word {key!r}; use one of: {', '.join(allowed)}")
    value = step[kind]
    values: dict[str, Any] = {}
    if kind == "set":
        if not isinstance(value, CommentedMap):
            wrong(_at(step, kind), "set takes slots with their values, such as `set: {who: self}`")
            return None
        values, value = {str(slot): content for slot, content in value.items()}, ""
    choices = step.get("choices", [])
    if not isinstance(choices, list):
        wrong(_at(step, "choices"), "choices is a list, such as [self, other]")
        choices = []
    if kind == "collect":
        if step.get("type") not in SLOT_TYPES:
            wrong(_at(step, "type") if "type" in step else at, f"collect needs a type: one of {', '.join(SLOT_TYPES)}")
        if step.get("once") and step.get("required"):
            wrong(_at(step, "once"), f"{value} is asked once and required; keep one of the two")
        if "utter" not in step:
            wrong(at, f"collect {value} asks nothing; add `utter:` with the key of a question")
    if kind == "if" and "then" not in step:
        wrong(at, "if needs `then:` with a step's id or a flow")
    if kind == "consent" and "refused" not in step:
        wrong(at, "consent needs `refused:` with the flow for a resident who says no")
    return Step(
        kind=kind,
        value=str(value if value is not None else ""),
        line=line,
        column=column,
        id=str(step.get("id", "")),
        type=str(step.get("type", "")),
        utter=str(step.get("utter", "")),
        choices=tuple(map(str, choices)),
        required=bool(step.get("required", False)),
        once=bool(step.get("once", False)),
        agreed=str(step.get("agreed", "")),
        asks=str(step.get("asks", "")),
        then=str(step.get("then", "")),
        otherwise=str(step.get("else", "")),
        refused=str(step.get("refused", "")),
        share=str(step.get("share", "")),
        values=values,
    )


def _load(file: str, content: str) -> CommentedMap:
    try:
        mapping = YAML(typ="rt").load(content)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = f"this is not YAML ({error.problem}); mend the line before or here"
        raise FlowError([Finding(file, line, column, what)]) from error
    if not isinstance(mapping, CommentedMap):
        raise FlowError([Finding(file, 1, 1, "expected `word: value` lines; the file is empty or a list")])
    return mapping


def _at(mapping: CommentedMap, key: Any) -> tuple[int, int]:
    line, column = mapping.lc.key(key)
    return line + 1, column + 1
