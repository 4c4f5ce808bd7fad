"""What a decision costs over the directory of a whole region, beside one over the demonstration town's."""

from __future__ import annotations

import random
import statistics
import time
from importlib.resources import as_file, files

import msgspec

from desk.bootstrap import load_policy
from desk.directory_file import read_directory
from desk.settings import Settings
from routing.decide import decide
from routing.model import Need, Neighbourhood, Roster
from routing.policy import Policy
from routing.themes import THEMES

SERVICES = 20_000
PLACES = 60
ASKED = 500
BAR = 0.005  # seconds, the median


def decisions() -> tuple[float, float]:
    """Seconds of a decision, the median: over 20,000 services in 60 neighbourhoods, and over the town's own."""
    policy = load_policy(Settings())
    with as_file(files("balie.demo") / "voorbeeldstad") as folder:
        small = read_directory(folder).roster("2026-03-02")
    return _median(policy, _region(small)), _median(policy, small)


def _region(town: Roster) -> Roster:
    """The town's services over and over, each in none (which is everywhere), one or two of the neighbourhoods."""
    chance = random.Random(20_000)
    places = tuple(Neighbourhood(f"place_{number}", f"Plaats {number}") for number in range(PLACES))
    services = tuple(
        msgspec.structs.replace(
            town.services[number % len(town.services)],
            id=f"service_{number}",
            neighbourhoods=tuple(place.id for place in chance.sample(places, chance.choice((0, 1, 1, 1, 2)))),
        )
        for number in range(SERVICES)
    )
    return msgspec.structs.replace(town, services=services, neighbourhoods=places)


def _median(policy: Policy, roster: Roster) -> float:
    chance = random.Random(ASKED)
    decide(policy, roster, Need(THEMES[0]))  # the first one looks the directory through
    times = []
    for number in range(ASKED):
        need = Need(THEMES[number % len(THEMES)], neighbourhood=chance.choice(roster.neighbourhoods).id)
        start = time.perf_counter()
        decide(policy, roster, need)
        times.append(time.perf_counter() - start)
    return statistics.median(times)
