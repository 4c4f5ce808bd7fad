"""Reads what authors write (flows, menu, texts, words) from the package and puts it together for the engine."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from flows.crisis import PatternError, assess
from flows.definition import Content, Flow, Menu
from flows.lint import Author, lint, lint_flows
from flows.parse import Finding, FlowError, parse_flow, parse_menu
from flows.places import Place, Places
from flows.texts import LANGUAGES, TextError, Texts
from routing.model import Neighbourhood

MENU = "menu.yml"


class ContentError(Exception):
    """Flows or texts are wrong; one `file:line:column: what, what to do` a line."""


def locale_files() -> Iterator[tuple[str, str, str]]:
    """(language, file name, content) of every locale file, in a fixed order."""
    for language in LANGUAGES:
        folder = files("flows") / "locales" / language
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            if file.name.endswith(".yml"):
                yield language, f"flows/locales/{language}/{file.name}", file.read_text("utf-8")


@cache
def load_texts() -> Texts:
    """Every text and word list, read once: the files are part of the package."""
    try:
        return Texts.read(locale_files())
    except TextError as error:
        raise ContentError(str(error)) from None


@cache
def load_flows() -> tuple[dict[str, Flow], Menu]:
    """Every flow by name, and the menu; read once, not to be changed. Raises ContentError with all findings at once."""
    flows: dict[str, Flow] = {}
    menu = Menu({})
    findings: list[Finding] = []
    folder = files("flows") / "definitions"
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if not file.name.endswith(".yml"):
            continue
        name, content = f"flows/definitions/{file.name}", file.read_text("utf-8")
        try:
            if file.name == MENU:
                menu = parse_menu(name, content)
                continue
            flow = parse_flow(name, content)
        except FlowError as error:
            findings += error.findings
            continue
        if flow.name in flows:
            findings.append(Finding(name, 1, 1, f"{flow.name} is in {flows[flow.name].file} too; rename one"))
        flows[flow.name] = flow
    if findings:
        raise ContentError("\n".join(map(str, findings)))
    return flows, menu


def check_flows(facts: dict[str, Any]) -> None:
    """Raises ContentError for a flow that can be read and must not run, such as one that refers without consent."""
    findings = lint_flows(load_content(facts, places_of(())))
    if findings:
        raise ContentError("\n".join(map(str, sorted(findings))))


def load_guard() -> None:
    """Reads the crisis guard's patterns, for which otherwise the first resident would wait. Raises ContentError: a desk
    that cannot see danger does not open."""
    try:
        assess("")
    except (PatternError, YAMLError) as error:
        raise ContentError(_in_patterns(error)) from None


def _in_patterns(error: PatternError | YAMLError) -> str:
    """The guard names file and pattern; here the line is looked up."""
    folder, shown = files("flows") / "crisis_patterns", "flows/crisis_patterns"
    if isinstance(error, PatternError):
        file, name, what = str(error).split(": ", 2)
        lines = (folder / file).read_text("utf-8").splitlines()
        line = next((number for number, text in enumerate(lines, start=1) if text.startswith(f"{name}:")), 1)
        return f"{shown}/{file}:{line}:1: {name}: {what}"
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        try:
            YAML(typ="safe").load(entry.read_text("utf-8"))
        except MarkedYAMLError as found:
            mark = found.problem_mark
            place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
            return f"{shown}/{entry.name}:{place}: this is not YAML ({found.problem}); mend the line before or here"
    return f"{shown}: cannot be read as YAML ({type(error).__name__}); mend the files in it"


def places_of(neighbourhoods: tuple[Neighbourhood, ...]) -> Places:
    return Places(tuple(Place(one.id, one.name, one.postcodes, one.also_called) for one in neighbourhoods))


def load_content(facts: dict[str, Any], places: Places) -> Content:
    flows, menu = load_flows()
    return Content(flows, menu, load_texts(), places, facts)


def check_content(content: Content) -> list[Finding]:
    """Everything that can be wrong in flows and texts together; warnings included."""
    author = Author(content, {name: text for _, name, text in locale_files()})
    return lint(author)
