"""Reads YAML that people write, and says with file, line and column what is wrong. Knows nothing of what it means."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

NAME = re.compile(r"[a-z][a-z0-9_]*")
DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
LANGUAGES = ("nl", "en")


class Unreadable(Exception):
    """A file that cannot be used. `problems` are lines `file:line:column: what is wrong, what to do`."""

    def __init__(self, problems: Collection[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Reader:
    """One YAML text. Every method that reads a node notes a problem and returns an empty value when the node is not
    what it should be; `finish` raises when anything was noted."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self._noted: list[tuple[int, int, str]] = []
        self.root = self._compose(text)

    def _compose(self, text: str) -> Node | None:
        try:
            root: Node | None = YAML().compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            found = " ".join(part for part in (error.context, error.problem) if part)
            self._noted.append((line, column, f"this is not YAML ({found}), correct this line"))
            return None
        except YAMLError as error:
            found = " ".join(str(error).split())
            self._noted.append((1, 1, f"this is not YAML ({found}), save the file as UTF-8 text"))
            return None
        if root is None:
            self._noted.append((1, 1, "the file is empty, fill it or restore it"))
        return root

    def complain(self, node: Node, what: str) -> None:
        """Note a problem at `node`; `what` says what is wrong and, after a comma, what to do."""
        self._noted.append((node.start_mark.line + 1, node.start_mark.column + 1, what))

    @property
    def problems(self) -> list[str]:
        """What was noted so far, in the order of the file."""
        return [f"{self.file}:{line}:{column}: {what}" for line, column, what in sorted(set(self._noted))]

    def finish(self) -> None:
        """Raises Unreadable when anything was noted."""
        if self._noted:
            raise Unreadable(self.problems)

    def fields(self, node: Node, about: str, required: Collection[str], allowed: Collection[str]) -> dict[str, Node]:
        """A mapping with these keys and no other; `about` names it in messages ("a rule")."""
        found: dict[str, Node] = {}
        if not isinstance(node, MappingNode):
            self.complain(node, f"{about} should be lines of `key: value`, write it so")
            return found
        known = (*required, *allowed)
        for key, value in node.value:
            name = str(key.value)
            if name in found:
                self.complain(key, f"`{name}` stands here twice, keep one")
            elif name not in known:
                near = get_close_matches(name, known, 1, 0.7)
                remedy = f"did you mean `{near[0]}`?" if near else f"use one of: {', '.join(known)}"
                self.complain(key, f"{about} has no `{name}`, {remedy}")
            else:
                found[name] = value
        for name in required:
            if name not in found:
                self.complain(node, f"{about} needs `{name}`, add it")
        return found

    def entries(self, node: Node, about: str) -> list[tuple[str, Node, Node]]:
        """A mapping whose keys are names: (name, its key node, its value), names that are no names left out."""
        if not isinstance(node, MappingNode):
            self.complain(node, f"{about} should be lines of `name: …`, write them so")
            return []
        found: list[tuple[str, Node, Node]] = []
        names: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in names:
                self.complain(key, f"`{name}` stands in {about} twice, give one another name")
            elif not NAME.fullmatch(name):
                self.complain(key, f"`{name}` is not a name, use small letters, digits and _ and begin with a letter")
            else:
                names.add(name)
                found.append((name, key, value))
        return found

    def items(self, node: Node, about: str) -> list[Node]:
        """The elements of a list."""
        if isinstance(node, SequenceNode):
            return list(node.value)
        self.complain(node, f"{about} should be a list, write each on a line that begins with `- `")
        return []

    def text(self, node: Node) -> str:
        if isinstance(node, ScalarNode) and str(node.value).strip() and not _is_empty(node):
            return str(node.value).strip()
        self.complain(node, "here a text is needed, write one")
        return ""

    def name(self, node: Node) -> str:
        value = self.text(node)
        if value and not NAME.fullmatch(value):
            self.complain(node, f"`{value}` is not a name, use small letters, digits and _ and begin with a letter")
        return value

    def is_empty(self, node: Node) -> bool:
        """Whether a list has no elements."""
        return isinstance(node, SequenceNode) and not node.value

    def names(self, node: Node, about: str, known: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of names without doubles, each one of `known` when that is given."""
        found: list[str] = []
        for item in self.items(node, about):
            value = self.text(item) if known is None else self.one_of(item, known)
            if value in found:
                self.complain(item, f"`{value}` stands in {about} twice, keep one")
            elif value:
                found.append(value)
        return tuple(found)

    def one_of(self, node: Node, known: Collection[str]) -> str:
        value = self.text(node)
        if value and value not in known:
            near = get_close_matches(value, known, 1, 0.7)
            remedy = f"did you mean `{near[0]}`?" if near else f"use one of: {', '.join(known)}"
            self.complain(node, f"`{value}` is not known here, {remedy}")
            return ""
        return value

    def number(self, node: Node, least: int = 0) -> int:
        value = str(node.value) if isinstance(node, ScalarNode) else ""
        if not re.fullmatch(r"\d{1,6}", value) or int(value) < least:
            self.complain(node, f"here a whole number of {least} or more is needed, write one")
            return least
        return int(value)

    def yes_no(self, node: Node) -> bool:
        value = str(node.value) if isinstance(node, ScalarNode) else ""
        if value not in ("true", "false"):
            self.complain(node, "here `true` or `false` is needed, write one of them")
        return value == "true"

    def day(self, node: Node) -> str:
        value = self.text(node)
        if value and not DAY.fullmatch(value):
            self.complain(node, f"`{value}` is not a day, write year-month-day as in 2026-03-31")
        return value

    def words(self, node: Node, about: str, needed: Collection[str] = LANGUAGES) -> dict[str, str]:
        """The same sentence in each language."""
        parts = self.fields(node, about, needed, LANGUAGES)
        return {language: self.text(part) for language, part in parts.items()}


def value_of(fields: Mapping[str, Node], key: str) -> Node | None:
    """The node under `key`, None when it is absent or left empty (`key:`)."""
    node = fields.get(key)
    return None if node is None or _is_empty(node) else node


def _is_empty(node: Node) -> bool:
    return str(node.tag).endswith(":null")
