"""The example municipalities, one for each form of team: complete, in plain words, and reaching nobody who exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desk.directory_file import read_directory, towns_in
from routing.decide import decide
from routing.fit import is_medical
from routing.model import Need, Roster
from routing.policy import Policy
from routing.service_rules import FRAME
from routing.themes import THEMES
from tests.routing.conftest import TODAY, VOORBEELDSTAD
from tests.routing.test_texts import OFFICIAL

NEAR = {"initiative", "volunteers", "own_steps", "own_network"}
MADE_UP = re.compile(r"010-000 \d\d \d\d|0800-0432")


@pytest.fixture(params=towns_in(VOORBEELDSTAD.parent), ids=lambda folder: str(folder.name))
def town(request: pytest.FixtureRequest) -> Roster:
    folder: Path = request.param
    return read_directory(folder).roster(TODAY)


@pytest.mark.rule("domain-10")
@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_leads_somewhere_in_every_neighbourhood(standard: Policy, town: Roster, theme: str) -> None:
    for place in (None, *(one.id for one in town.neighbourhoods)):
        for medical in (False, True):
            need = Need(theme, neighbourhood=place, medical=medical)
            decision = decide(standard, town, need)
            assert 1 <= len(decision.options) <= 3
            assert decision.team is not None and decision.team.service.id != "person_here"
            kinds = {option.service.kind for option in decision.options}
            assert not (is_medical(need) and kinds & NEAR), theme
            assert decision.follower is not None


@pytest.mark.rule("domain-9")
def test_every_frame_is_complete_and_in_short_sentences(town: Roster) -> None:
    for service in town.services:
        for name in FRAME:
            words = getattr(service, name)
            assert set(words) == {"nl", "en"} or (not words and service.kind == "elsewhere"), (service.id, name)
            for sentence in (part for said in words.values() for part in re.split(r"(?<=[.?!])\s+", said)):
                assert len(sentence.split()) <= 15, (service.id, sentence)
                assert not OFFICIAL.search(sentence), service.id


def test_no_number_can_reach_anyone_but_the_kindertelefoon(town: Roster) -> None:
    for service in town.services:
        assert not service.phone or MADE_UP.fullmatch(service.phone), service.id
        assert not service.email or service.email.endswith(".example"), service.id


def test_rights_can_be_used_somewhere(town: Roster) -> None:
    assert {service.right for service in town.rights} == {"wmo_report", "client_support", "complaint"}
