"""The standard policy and the demo municipality, and short ways to make services and needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import routing
from desk.directory_file import read_directory
from routing.decide import decide
from routing.model import Agreement, Decision, Follower, Need, Neighbourhood, Roster, Service
from routing.policy import Policy, read_policy

ROOT = Path(routing.__file__).parent.parent
STANDARD = ROOT / "routing" / "policies" / "standard.yml"
VOORBEELDSTAD = ROOT / "balie" / "demo" / "voorbeeldstad"
TODAY = "2026-03-02"

LETTER = Agreement("1", "somebody", "2026-01-01", "2026-12-31", ("request", "first_name"))
PLACES = (Neighbourhood("noord", "Noord", ("1234",)), Neighbourhood("zuid", "Zuid", ("1236",)))

Ask = Callable[..., Decision]


def make_service(service_id: str, kind: str, *themes: str, **changes: Any) -> Service:
    """A service to which requests can be sent, unless `changes` say otherwise."""
    service = Service(
        id=service_id,
        organisation_id=f"{service_id}_organisation",
        organisation=service_id.title(),
        kind=kind,  # type: ignore[arg-type]
        name=service_id.title(),
        themes=themes or ("company",),
        has_account=True,
        agreement=LETTER,
    )
    return msgspec.structs.replace(service, **changes) if changes else service


def make_team(service_id: str = "team", **changes: Any) -> Service:
    changes = {"own_team": True, "agreement": None, **changes}
    return make_service(service_id, "team", *changes.pop("themes", ()), **changes)


def make_roster(*services: Service, **changes: Any) -> Roster:
    roster = Roster(services, PLACES, {"noord": Follower("samira", "Samira"), "": Follower("karin", "Karin")}, TODAY)
    return msgspec.structs.replace(roster, **changes)


def ids(decision: Decision) -> list[str]:
    return [option.service.id for option in decision.options]


@pytest.fixture(scope="session")
def standard() -> Policy:
    return read_policy(STANDARD.read_text(encoding="utf-8"), "standard.yml")


@pytest.fixture(scope="session")
def voorbeeldstad() -> Roster:
    return read_directory(VOORBEELDSTAD).roster(TODAY)


@pytest.fixture
def ask(standard: Policy, voorbeeldstad: Roster) -> Ask:
    """Decides in Voorbeeldstad with the standard policy, for a need in Noord unless said otherwise."""

    def asked(theme: str, **details: Any) -> Decision:
        return decide(standard, voorbeeldstad, Need(theme=theme, **{"neighbourhood": "noord", **details}))

    return asked
