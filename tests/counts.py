"""A pytest plugin: prints after each run how many tests of which kind ran, and says loudly which kinds were skipped."""

from __future__ import annotations

from collections import Counter

import pytest

_FOLDERS = {
    "dialogues": "dialogue",
    "nlu": "NLU",
    "browser": "browser",
    "end_to_end": "whole desk",
    "reliability": "reliability",
    "security": "security",
}


def kind_of(node_id: str) -> str:
    """The kind of a test by where it stands: dialogue, NLU, browser, Telegram, whole desk or unit."""
    if "telegram" in node_id or "bot_api" in node_id:
        return "Telegram"
    folder = node_id.split("/")[1] if node_id.count("/") > 1 else ""
    return _FOLDERS.get(folder, "unit")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: dict[str, Counter[str]] = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.getreports(outcome):
            counts.setdefault(kind_of(report.nodeid), Counter())[outcome] += 1
    if not counts:
        return
    terminalreporter.section("by kind")
    for kind, outcomes in sorted(counts.items()):
        words = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
        line = f"{kind:<12} {words}"
        terminalreporter.write_line(line, yellow=bool(outcomes["skipped"]), red=bool(outcomes["failed"]))
    skipped = [kind for kind, outcomes in counts.items() if outcomes["skipped"]]
    if skipped:
        terminalreporter.write_line(f"NOT EVERYTHING RAN: skipped among {', '.join(sorted(skipped))}", red=True)
