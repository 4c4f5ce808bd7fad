"""What is wrong with the configuration: where it stands, what it is, what to do. Never the value itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

DUTY_IN_ONE = 'write it as one line, like [{"telegram": 123456789, "after": "0 minutes"}]'
ONE_BY_ONE = "this is a section; set its words one by one, like BALIE_HTTP__PORT=8080"


def variable(*path: Any) -> str:
    """The environment's name for a setting."""
    return "BALIE_" + "__".join(str(part).upper() for part in path)


def line(file: Path, content: CommentedMap, variables: dict[str, str], error: Any) -> str:
    """Where it stands, the deepest place in the file or else the variable, and what to do about it."""
    location: tuple[Any, ...] = error["loc"]
    what = _words(error)
    # The environment wins over the file, so what it says is what is wrong.
    for length in range(len(location), 0, -1):
        name = variables.get(variable(*location[:length]))
        if name is not None:
            return f"{name}: {ONE_BY_ONE if error['type'] == 'model_type' else what}"
    at: Any = content
    row_at = column = None
    for part in location:
        if isinstance(at, CommentedMap) and part in at:
            row, col = at.lc.key(part)
        elif isinstance(at, CommentedSeq) and isinstance(part, int) and part < len(at):
            row, col = at.lc.item(part)
        else:
            break
        row_at, column = row + 1, col + 1
        at = at[part]
    if row_at is None:
        return f"{variable(*location)}: {what}"
    return f"{file}:{row_at}:{column}: {'.'.join(map(str, location))}: {what}"


def _words(error: Any) -> str:
    """pydantic's mistake for someone who never saw Python: what is wrong, what to do. Never the value itself."""
    kind, limits = str(error["type"]), error.get("ctx", {})
    match kind:
        case "extra_forbidden":
            return "there is no such setting; remove it or mend the spelling"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "this is a section; put its `word: value` lines below it, each two spaces in"
        case "tuple_type":
            return "this is a list; put its steps below it, each beginning with a dash"
        case "missing":
            return "a word is missing here; add it"
        case "length_of_time":
            return 'this is no length of time; write a number and minutes, hours or days, like "5 minutes"'
        case "duty_order":
            return "the steps are not in order; put who is told first at the top"
        case "string_type":
            return "this is not text; put it between quotes"
        case "literal_error":
            return f"this is not one of the words it can be; write {limits['expected']}"
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            sign, limit = next(iter(limits.items()))
            border = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}[sign]
            return f"this number is too {'small' if sign in ('gt', 'ge') else 'large'}; make it {border} {limit}"
        case "value_error":
            return "this is not a web address; write it like http://127.0.0.1:8000"
        case "path_type":
            return "this is not the name of a file; put it between quotes"
    for name, wanted in (("int", "a whole number"), ("float", "a number"), ("bool", "true or false")):
        if kind.startswith(name):
            return f"this is not {wanted}; write {wanted}"
    message = str(error["msg"])
    return f"{message[0].lower()}{message[1:]}; mend it"
