"""The same requests in each example municipality, as a table for docs/routes.md: what the form of a team changes."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import msgspec
from msgspec import Struct
from ruamel.yaml import YAML

from desk.directory_file import read_directory, towns_in
from flows.texts import Texts
from routing.decide import decide
from routing.model import Need, Roster, TeamForm
from routing.policy import Policy

DAY = "2026-03-02"  # the towns' directories are of the first months of that year


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    """One request of balie/demo/requests.yml."""

    asks: str
    theme: str
    also: tuple[str, ...] = ()
    age: int | None = None


def compare(policy: Policy, texts: Texts) -> str:
    """Markdown: a row for each request, a column for each town with the form of its team in the first neighbourhood,
    and the rules that decided below. Residents are taken to live in that neighbourhood and to have named nobody."""
    with as_file(files("balie.demo")) as demo:
        requests = msgspec.convert(YAML(typ="safe").load(demo / "requests.yml"), list[Request])
        towns = [_town(folder) for folder in towns_in(demo)]
    rules: dict[str, str] = {}
    rows = []
    for request in requests:
        cells = []
        for _, _, roster in towns:
            need = Need(
                request.theme,
                neighbourhood=roster.neighbourhoods[0].id,
                for_whom="self",
                age=request.age,
                also=request.also,
            )
            decision = decide(policy, roster, need)
            rules[decision.rule] = texts.render(f"route.rule.{decision.rule}", "en")
            names = "; ".join(option.service.name for option in decision.options)
            cells.append(f"{names} (`{decision.rule}`)")
        rows.append(f"| {request.asks} | {' | '.join(cells)} |")
    return "\n".join(
        [
            f"| request | {' | '.join(f'{name}: `{form}`' for name, form, _ in towns)} |",
            f"|{'---|' * (len(towns) + 1)}",
            *rows,
            "",
            *(f"- `{rule}`: {why}" for rule, why in rules.items()),
        ]
    )


def _town(folder: Path) -> tuple[str, TeamForm, Roster]:
    roster = read_directory(folder).roster(DAY)
    return folder.name.capitalize(), roster.neighbourhoods[0].team_form, roster
