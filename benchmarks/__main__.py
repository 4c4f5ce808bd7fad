"""`make bench`: what a turn costs, as ratios within one run. Prints a table; exits 1 when a bar is missed."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from balie.nlu_process import NluProcess
from balie.serve import NLU
from benchmarks.large_directory import BAR, IMPORT_BAR, SERVICES, decisions, imported
from benchmarks.raw_loop import raw_turns_per_second
from benchmarks.residents import WORDS, Measured, measure
from tests.servers.served_desk import served_desk

AT_ONCE = 20
MARK = 1.0  # seconds; at most 1 % of the turns may take longer
MOST_LATE = 0.01
FIRST = 3.0  # seconds from the start of the process to the first answer in a chat


def main() -> int:
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = raw_turns_per_second(folder)
        start = time.perf_counter()
        with served_desk(folder) as desk:
            url = desk.url
            started = _first_answer(url, start)
            rows.append(("first answer after start", f"{started:.2f} s", f"bar {FIRST:.0f} s"))
            ready = desk.wait_for_model()
            say(f"language model: {'answers' if ready else 'away, the menu answers'}")
            buttons = asyncio.run(measure(url, AT_ONCE, 5, "buttons"))
            alone = asyncio.run(measure(url, 1, 10, "words"))
            words = asyncio.run(measure(url, AT_ONCE, 5, "words"))
        parse = _parse_median() if ready else 0.0
        (folder / "raw.db").unlink()
        raw = statistics.mean([first, raw_turns_per_second(folder)])
    late = [turn for turn in buttons.turns + words.turns if turn > MARK]
    share = len(late) / len(buttons.turns + words.turns)
    rows.append(("F, the raw loop", f"{raw:.0f} turns/s", ""))
    rows.append(
        (f"button turn, {AT_ONCE} residents", _line(buttons), f"{len(buttons.turns) / buttons.spent / raw:.3f} F")
    )
    rows.append((f"text turn, {AT_ONCE} residents", _line(words), f"{len(words.turns) / words.spent / raw:.3f} F"))
    if ready:
        beyond = statistics.median(alone.turns) - parse
        rows.append(
            ("text turn, one resident", _line(alone), f"{statistics.median(alone.turns) / parse:.1f} x a parse")
        )
        rows.append(("one parse", f"p50 {parse * 1000:.1f} ms", f"the desk adds {beyond * 1000:.1f} ms"))
    rows.append(
        (f"turns over {MARK:.0f} s", f"{len(late)} of {len(buttons.turns + words.turns)}", f"{share:.1%}, bar 1 %")
    )
    large, small = decisions()
    rows.append((f"a decision, {SERVICES:,} services", f"p50 {large * 1000:.1f} ms", f"bar {BAR * 1000:.0f} ms"))
    rows.append(("the same in the town", f"p50 {small * 1000:.2f} ms", f"{large / small:.0f} x less"))
    rows.append((f"import of {SERVICES:,} services", f"{imported():.1f} s", f"bar {IMPORT_BAR} s"))
    _print(rows)
    missed = share > MOST_LATE or started > FIRST
    print(json.dumps({"rows": rows, "missed": missed}))
    return 1 if missed else 0


def _first_answer(url: str, start: float) -> float:
    """Seconds from starting the process to the desk's first words in a chat."""
    with httpx.Client(base_url=url, trust_env=False) as client:
        headers = {"Authorization": f"Bearer {client.post('/chat/sessions').json()['token']}"}
        client.post("/chat/messages", json={"id": str(uuid.uuid4()), "text": "hallo"}, headers=headers)
        while not any(
            one["from"] == "desk" for one in client.get("/chat/messages?after=0", headers=headers).json()["messages"]
        ):
            time.sleep(0.01)
    return time.perf_counter() - start


def _parse_median() -> float:
    """Seconds of one parse by the model itself, over HTTP, nobody else asking."""
    with NluProcess(NLU) as server:
        server.wait_until_ready()
        with httpx.Client(base_url=server.url, params={"token": server.token}, trust_env=False) as client:
            times = []
            for number in range(60):
                start = time.perf_counter()
                client.post("/model/parse", json={"text": WORDS[number % len(WORDS)]}).raise_for_status()
                times.append(time.perf_counter() - start)
    return statistics.median(times[10:])


def _rate(measured: Measured) -> float:
    """Turns per second of all residents together."""
    return len(measured.turns) / measured.spent


def _line(measured: Measured) -> str:
    cuts = [cut * 1000 for cut in statistics.quantiles(measured.turns, n=100)]
    return f"{_rate(measured):.0f}/s, p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms (n={len(measured.turns)})"


def _print(rows: list[tuple[str, str, str]]) -> None:
    table = Table(title="One turn", show_lines=False)
    for title in ("work", "measured", "ratio"):
        table.add_column(title)
    for row in rows:
        table.add_row(*row)
    Console(stderr=True, highlight=False).print(table)


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
