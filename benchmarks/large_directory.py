"""What the directory of a whole region costs: an import of it, and a decision over it beside one over the town's."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from importlib.resources import as_file, files
from pathlib import Path

import msgspec

from desk.bootstrap import bootstrap, load_policy
from desk.directory_export import write_tables
from desk.directory_file import read_directory
from desk.directory_import import put_in_place, read_import
from desk.settings import Database, Keys, Settings
from routing.decide import decide
from routing.model import Need, Neighbourhood, Roster
from routing.policy import Policy
from routing.themes import THEMES

SERVICES = 20_000
PLACES = 60
ASKED = 500
BAR = 0.005  # seconds, the median
IMPORT_BAR = 60  # seconds


def decisions() -> tuple[float, float]:
    """Seconds of a decision, the median: over 20,000 services in 60 neighbourhoods, and over the town's own."""
    policy = load_policy(Settings())
    with as_file(files("balie.demo") / "voorbeeldstad") as folder:
        small = read_directory(folder).roster("2026-03-02")
    return _median(policy, _region(small)), _median(policy, small)


def imported() -> float:
    """Seconds to import 20,000 services from CSV files into a desk on disk, reading and checking included."""
    with tempfile.TemporaryDirectory() as name, as_file(files("balie.demo") / "voorbeeldstad") as town:
        folder, directory = Path(name), read_directory(town)
        region = _region(directory.roster("2026-03-02"))
        write_tables(msgspec.structs.replace(directory, services=region.services), folder / "hsds")
        settings = Settings(
            database=Database(url=f"sqlite:///{folder / 'balie.db'}"), keys=Keys(path=folder / "keys.json")
        )
        desk = bootstrap(settings)
        try:
            here = msgspec.structs.replace(directory, services=(), neighbourhoods=region.neighbourhoods)
            desk.database.run(lambda uow: uow.directory.replace(here))
            start = time.perf_counter()
            put_in_place(desk, read_import(desk, folder / "hsds", _nobody_looks), _nobody_looks)
            spent = time.perf_counter() - start
            served = len(desk.database.read(lambda uow: uow.directory.load()).services)
        finally:
            desk.close()
    if served != SERVICES:
        raise RuntimeError(f"{served} services were imported of {SERVICES}")
    return spent


def _nobody_looks(what: str, done: int, every: int) -> None:
    pass


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
