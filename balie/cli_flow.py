"""`balie flow graph`: a flow as a picture in words, for whoever writes flows."""

from __future__ import annotations

from typing import Annotated

import typer

from balie.cli_options import finding, stop_on_mistakes
from desk.content import load_flows
from flows.definition import Flow, Step

app = typer.Typer(no_args_is_help=True, help="The flows.")


@app.callback()
def flows() -> None:
    """The flows."""


@app.command()
def graph(name: Annotated[str, typer.Argument(help="One flow; without it all of them.")] = "") -> None:
    """Prints a Mermaid diagram of the steps and where they lead."""
    with stop_on_mistakes():
        every, _ = load_flows()
    if name and name not in every:
        finding(f"there is no flow {name}; there are {', '.join(sorted(every))}")
    print("flowchart TD")
    for flow in [every[name]] if name else every.values():
        for line in _lines(flow):
            print(line)


def _lines(flow: Flow) -> list[str]:
    lines = [f"  subgraph {flow.name}"]
    for index, step in enumerate(flow.steps):
        lines.append(f'    {flow.name}_{index}["{_words(step)}"]')
    lines.append("  end")
    for index, step in enumerate(flow.steps):
        for label, target in (("yes", step.then), ("no", step.otherwise), ("refused", step.refused)):
            if target:
                found = flow.index_of(target)
                end = f"{flow.name}_{found}" if found is not None else f"{target}_0"
                lines.append(f"  {flow.name}_{index} -->|{label}| {end}")
        if step.kind == "call":
            lines.append(f"  {flow.name}_{index} -.-> {step.value}_0")
        if step.asks:
            lines.append(f"  {flow.name}_{index} -.->|later| {step.asks}_0")
        if step.kind != "end" and not (step.then and step.otherwise) and index + 1 < len(flow.steps):
            lines.append(f"  {flow.name}_{index} --> {flow.name}_{index + 1}")
    return lines


def _words(step: Step) -> str:
    value = step.value or ", ".join(step.values)
    return f"{step.kind} {value}".strip().replace('"', "'")
