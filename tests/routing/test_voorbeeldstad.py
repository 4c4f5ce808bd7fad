"""The demo municipality: complete, fictional, and with somewhere to go for every theme."""

from __future__ import annotations

import re

import pytest

from desk.directory_file import read_accounts, read_directory
from routing.fit import not_sent
from routing.model import Need, Roster
from routing.themes import THEMES
from tests.routing.conftest import TODAY, VOORBEELDSTAD, Ask


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("place", ["noord", "centrum", "zuid", None])
def test_every_theme_leads_somewhere_that_fits(ask: Ask, theme: str, place: str | None) -> None:
    decision = ask(theme, neighbourhood=place)
    assert any(option.sendable for option in decision.options)
    assert not {"last_resort", "person_here"}.intersection(
        code for option in decision.options for code in option.reasons
    )
    assert all(theme in option.service.themes for option in decision.options)
    assert decision.follower is not None


@pytest.mark.parametrize("theme", sorted(set(THEMES) - {"personal_care", "housing", "work_income", "public_space"}))
def test_every_theme_has_a_place_of_its_own_beside_the_team(voorbeeldstad: Roster, theme: str) -> None:
    local = {service.id for service in voorbeeldstad.services if theme in service.themes and not service.for_children}
    teams = {"team_noord", "team_centrum", "team_zuid", "team_stad"}
    assert local - teams or theme == "concern_other"  # worries about someone else are talked through with the team


def test_it_is_realistic(voorbeeldstad: Roster) -> None:
    services = {service.id: service for service in voorbeeldstad.services}
    kinds = {service.kind for service in services.values()}
    assert kinds == {"own_steps", "initiative", "volunteers", "team", "elsewhere"}
    assert sum(service.kind == "initiative" for service in services.values()) >= 5
    codes = {
        service.id: not_sent(service, Need(service.themes[0]), TODAY) for service in services.values() if service.themes
    }
    assert codes["repaircafe"] == "no_account"
    assert codes["rouwbezoek"] == "agreement_expired"
    assert codes["gezinsmaatje"] == "agreement_missing"
    assert codes["koffie_noord"] is None and codes["maatjes"] is None
    assert services["taalmaatjes"].full_until is not None
    assert services["lotgenotengroep"].experts_by_experience
    assert services["wijkverpleging"].medical
    assert services["koffie_noord"].agreement is not None


def test_no_number_or_address_can_reach_anyone(voorbeeldstad: Roster) -> None:
    for service in voorbeeldstad.services:
        if service.id != "kindertelefoon":
            assert re.fullmatch(r"010-000 00 \d\d", service.phone), service.id
            assert not service.email or service.email.endswith(".example")
            assert not service.url or service.url.endswith(".example")


def test_there_is_an_account_for_every_role() -> None:
    accounts = read_accounts(VOORBEELDSTAD)
    roles = [account.role for account in accounts]
    assert roles[:7] == ["host", "volunteer", "coordinator", "professional", "team_lead", "council", "operator"]
    organisations = {organisation.id: organisation for organisation in read_directory(VOORBEELDSTAD).organisations}
    belonging = [account.organisation_id for account in accounts if account.organisation_id is not None]
    assert all(organisations[organisation_id].has_account for organisation_id in belonging)


def test_somebody_follows_everywhere() -> None:
    followers = read_directory(VOORBEELDSTAD).followers
    assert {place: follower.user_id for place, follower in followers.items()} == {
        "": "karin",
        "noord": "samira",
        "centrum": "joost",
        "zuid": "emine",
    }


def test_the_team_has_not_met_everyone_yet() -> None:
    not_met = {organisation.id for organisation in read_directory(VOORBEELDSTAD).organisations if not organisation.met}
    assert {"gezinsmaatjes", "taalmaatjes"} <= not_met
