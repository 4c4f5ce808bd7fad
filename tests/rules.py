"""A pytest plugin for `make rules`: which tests are evidence for which rule, and whether they passed.

The rules are in rules.yml. With `--rules` only evidence runs, and a rule with fewer than two pieces fails the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

NEEDED = 2  # pieces of evidence for a rule that is not open
WRONG = ("FAILED", "TOO LITTLE")
_RULES: dict[str, dict[str, Any]] = YAML(typ="safe").load(Path(__file__).parent / "rules.yml")
_Evidence = dict[str, dict[str, list[str]]]  # rule → piece → its tests; what differs in parameters only is one piece
_evidence = pytest.StashKey[_Evidence]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rules", action="store_true", help="run the evidence for tests/rules.yml and print it by rule")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rule(*names): evidence for these rules of tests/rules.yml")
    nothing: _Evidence = {rule: {} for rule in _RULES}
    config.stash[_evidence] = nothing


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    named = {item.nodeid: _rules_of(item) for item in items}
    for item in items:
        for rule in named[item.nodeid]:
            if rule not in _RULES:
                raise pytest.UsageError(f"{item.nodeid}: tests/rules.yml has no rule `{rule}`; correct the name")
            piece = item.nodeid.replace(item.name, getattr(item, "originalname", None) or item.name)
            config.stash[_evidence][rule].setdefault(piece, []).append(item.nodeid)
    if config.getoption("--rules"):
        config.hook.pytest_deselected(items=[item for item in items if not named[item.nodeid]])
        items[:] = [item for item in items if named[item.nodeid]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.getoption("--rules"):
        return
    outcomes = _outcomes(terminalreporter)
    terminalreporter.section("rules")
    for rule, pieces in config.stash[_evidence].items():
        passed = {piece: all(outcomes.get(test) == "passed" for test in tests) for piece, tests in pieces.items()}
        state = "FAILED" if not all(passed.values()) else _state(rule, len(pieces))
        line = f"{rule}: {_RULES[rule]['says']} {state}, {sum(passed.values())} of {len(pieces)}"
        terminalreporter.write_line(line, red=state in WRONG)
        for piece, well in passed.items():
            times = f" ({len(pieces[piece])} times)" if len(pieces[piece]) > 1 else ""
            terminalreporter.write_line(f"    {'passed' if well else 'FAILED'}  {piece}{times}", red=not well)


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    short = any(_state(rule, len(pieces)) in WRONG for rule, pieces in config.stash[_evidence].items())
    if config.getoption("--rules") and session.exitstatus == pytest.ExitCode.OK and short:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _state(rule: str, pieces: int) -> str:
    if _RULES[rule].get("open"):
        return "open"
    return "passed" if pieces >= NEEDED else "TOO LITTLE"


def _rules_of(item: pytest.Item) -> Sequence[str]:
    return list(dict.fromkeys(name for marker in item.iter_markers("rule") for name in marker.args))


def _outcomes(reporter: pytest.TerminalReporter) -> dict[str, str]:
    """Test → how it ended. A test that passed and could not be cleaned up after has not passed."""
    return {
        report.nodeid: outcome
        for outcome in ("passed", "skipped", "failed", "error")
        for report in reporter.getreports(outcome)
    }
