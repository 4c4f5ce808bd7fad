"""Our services in the words of HSDS 3.0 and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desk.directory_file import read_directory, towns_in
from routing.areas import Area, Areas
from routing.hsds import NotAService, area_names, from_hsds, to_hsds
from routing.model import Roster, Schedule, Service
from routing.themes import THEMES
from tests.routing.conftest import ROOT, TODAY, make_service

# The fields of an HSDS 3.0 service that we fill, from its published schema.
SERVICE_FIELDS = {
    "id",
    "name",
    "status",
    "organization",
    "description",
    "application_process",
    "email",
    "url",
    "minimum_age",
    "maximum_age",
    "assured_date",
    "assurer_email",
    "languages",
    "service_areas",
    "attributes",
    "phones",
    "schedules",
    "service_at_locations",
}


def here(record: dict[str, Any], roster: Roster) -> Area:
    found = Areas("Voorbeeldstad", roster.neighbourhoods).named(area_names(record))
    assert found is not None
    return found


def public(service: Service) -> Service:
    """The service without what is ours alone."""
    return msgspec.structs.replace(service, own_team=False, has_account=False, agreement=None, reserved=0)


@pytest.mark.parametrize("town", towns_in(ROOT / "balie" / "demo"), ids=lambda town: town.name)
def test_every_service_of_the_example_towns_survives_the_round_trip(town: Path) -> None:
    roster = read_directory(town).roster(TODAY)
    assert len(roster.services) > 10
    for service in roster.services:
        record = to_hsds(service)
        assert set(record) <= SERVICE_FIELDS
        assert from_hsds(json.loads(json.dumps(record)), here(record, roster)) == public(service)


def test_room_and_holidays_survive_the_round_trip() -> None:
    service = make_service("group", "initiative", capacity=4, full_until="2026-04-01", closed_until="2026-05-01")
    record = to_hsds(service)
    assert record["status"] == "temporarily closed"
    assert from_hsds(record, Area()) == public(service)


def test_what_is_ours_alone_stays_out(voorbeeldstad: Roster) -> None:
    buddies = next(service for service in voorbeeldstad.services if service.id == "maatjes")
    assert buddies.agreement is not None
    written = json.dumps(to_hsds(msgspec.structs.replace(buddies, reserved=5)))
    assert buddies.agreement.signatory not in written
    assert "agreement" not in written and "reserved" not in written and "account" not in written


def test_the_names_are_those_of_hsds(voorbeeldstad: Roster) -> None:
    record = to_hsds(next(service for service in voorbeeldstad.services if service.id == "koffie_noord"))
    assert record["organization"]["name"] == "Koffiegroep Noord"
    assert record["service_at_locations"][0]["location"]["name"] == "Buurtkamer Noord, Molenweg 12"
    assert record["schedules"][0]["description"] == "Dinsdag en donderdag van 10 tot 12 uur."
    assert record["service_areas"][0]["name"] == "noord"


def test_a_record_of_others_becomes_something_elsewhere() -> None:
    record = {
        "id": "1",
        "name": "Library",
        "status": "active",
        "organization": {"id": "2", "name": "Town", "phones": [{"number": "010"}], "website": "https://town.example"},
        "service_at_locations": [{"location": {"addresses": [{"address_1": "Plein 1", "city": "Voorbeeldstad"}]}}],
        "attributes": [{"taxonomy_term_id": "9", "taxonomy_term": {"id": "9", "code": "B-10", "name": "Reading"}}],
        "schedules": [{"description": "Op dinsdag."}, {"byday": "TU", "opens_at": "10:00Z", "closes_at": "12:00:00"}],
    }
    service = from_hsds(record, Area(), {"B-10": "language", "9": "digital"})
    assert (service.kind, service.themes, service.organisation) == ("elsewhere", ("digital", "language"), "Town")
    assert (service.phone, service.url, service.where) == ("010", "https://town.example", "Plein 1, Voorbeeldstad")
    assert service.when == {"nl": "Op dinsdag."}
    assert service.schedules == (Schedule("10:00", "12:00", ("TU",)),)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"organization": None}, "`organization` has no `id`, add the organisation that runs this service"),
        (
            {"attributes": [{"id": "a", "taxonomy_term_id": "buurtbalie:theme", "value": "reading"}]},
            f"`reading` is no theme, use one of: {', '.join(THEMES)}",
        ),
        (
            {"schedules": [{"opens_at": "10:00", "closes_at": "12:00", "byday": "DI"}]},
            "schedule 1: `DI` is not a day of the week, use MO, TU, WE, TH, FR, SA, SU",
        ),
        (
            {"attributes": [{"id": "a", "taxonomy_term_id": "buurtbalie:kind", "value": "shop"}]},
            "`shop` is no kind of destination, "
            "use one of: own_steps, own_network, initiative, volunteers, team, elsewhere",
        ),
    ],
)
def test_a_record_that_is_no_service_is_refused(changes: dict[str, Any], message: str) -> None:
    record = {"id": "1", "name": "Library", "organization": {"id": "2", "name": "Town"}, **changes}
    with pytest.raises(NotAService) as refused:
        from_hsds(record, Area())
    assert str(refused.value) == message
