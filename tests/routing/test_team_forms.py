"""The four forms of a neighbourhood team: the same question, other doors. Source: Movisie on forms of teams, 2017."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from desk.directory_file import DirectoryError, read_directory
from routing.decide import decide
from routing.fit import volunteers_ring
from routing.model import Decision, Need, Neighbourhood, Roster, Service, TeamForm
from routing.policy import Policy
from routing.themes import THEMES
from tests.routing.conftest import PLACES, VOORBEELDSTAD, make_roster, make_service, make_team

BUDDY = make_service("buddy", "volunteers", "company", "mental_health", "money_debt")
CLINIC = make_service("clinic", "elsewhere", "mental_health")
COMPLEX = ("money_debt", "housing")  # with mental_health: three parts of life


def team(service_id: str = "team", **changes: Any) -> Service:
    """A team for every theme."""
    return make_team(service_id, themes=THEMES, **changes)


def town(form: TeamForm, *services: Service, south: TeamForm | None = None) -> Roster:
    """Noord with this form, and Zuid with the same unless `south` says otherwise."""
    forms = {"noord": form, "zuid": south or form}
    places = tuple(msgspec.structs.replace(place, team_form=forms[place.id]) for place in PLACES)
    return msgspec.structs.replace(make_roster(*services), neighbourhoods=places)


def ask(policy: Policy, roster: Roster, theme: str = "mental_health", **details: Any) -> Decision:
    return decide(policy, roster, Need(theme=theme, **{"neighbourhood": "noord", **details}))


def ids(decision: Decision) -> list[str]:
    return [option.service.id for option in decision.options]


@pytest.mark.rule("domain-5")
def test_a_broad_team_is_there_for_every_question(standard: Policy) -> None:
    roster = town("broad", team(), BUDDY, CLINIC)
    assert ids(ask(standard, roster))[0] == "team"
    assert ids(ask(standard, roster, also=COMPLEX))[0] == "team"


@pytest.mark.rule("domain-5")
def test_specialists_come_beside_a_broad_team_when_it_is_complex_and_only_then(standard: Policy) -> None:
    roster = town("broad_with_specialists", team(), team("specialists", specialist=True), BUDDY)
    simple, complicated = ask(standard, roster), ask(standard, roster, also=COMPLEX)
    assert ids(simple) == ["team", "buddy"]
    assert ("specialists", "complex_only") in simple.left_out
    assert ids(complicated) == ["specialists", "team", "buddy"]
    assert complicated.rule == "several_teams"


@pytest.mark.rule("domain-5")
def test_a_team_for_complex_questions_leaves_the_others_to_who_is_there_for_them(standard: Policy) -> None:
    roster = town("complex_only", team(), BUDDY, CLINIC)
    simple, complicated = ask(standard, roster), ask(standard, roster, also=COMPLEX)
    assert (simple.rule, ids(simple)[:2]) == ("not_for_the_team", ["clinic", "buddy"])
    assert ids(complicated)[0] == "team"


def test_such_a_team_still_stands_beside_a_contact_card_and_is_the_last_resort(standard: Policy) -> None:
    assert ids(ask(standard, town("complex_only", team(), CLINIC))) == ["clinic", "team"]
    assert ids(ask(standard, town("complex_only", team()))) == ["team"]


@pytest.mark.rule("domain-5")
def test_with_a_team_for_each_domain_the_one_of_the_theme_comes_and_two_when_it_is_complex(standard: Policy) -> None:
    minds = make_team("minds", themes=("mental_health",))
    money = make_team("money", themes=("money_debt", "work_income"))
    roster = town("per_domain", money, minds, BUDDY)
    assert ids(ask(standard, roster))[0] == "minds"
    assert ids(ask(standard, roster, theme="money_debt"))[0] == "money"
    assert ids(ask(standard, roster, also=COMPLEX))[:2] == ["minds", "money"]


def test_a_team_for_the_young_is_not_offered_to_who_is_older(standard: Policy) -> None:
    youth, adults = team("a_youth", maximum_age=22), team("adults")
    roster = town("per_domain", youth, adults)
    assert ids(ask(standard, roster, age=22))[0] == "a_youth"
    older = ask(standard, roster, age=23)
    assert "a_youth" not in ids(older) and ("a_youth", "maximum_age") in older.left_out
    assert ids(ask(standard, roster))[0] == "adults", "the age was not told: the team that is there for everyone"


@pytest.mark.rule("domain-5")
def test_a_neighbourhood_can_have_a_form_of_its_own(standard: Policy) -> None:
    roster = town("broad", team(), BUDDY, CLINIC, south="complex_only")
    assert ids(ask(standard, roster))[0] == "team"
    assert ids(ask(standard, roster, neighbourhood="zuid"))[0] == "clinic"


def test_who_does_not_say_where_they_live_is_not_kept_from_the_team(standard: Policy) -> None:
    roster = town("complex_only", team(), BUDDY, CLINIC, south="broad")
    assert ids(ask(standard, roster, neighbourhood=None))[0] == "team"


@pytest.mark.parametrize("form", ["broad", "broad_with_specialists", "complex_only", "per_domain"])
def test_no_form_moves_the_borders(standard: Policy, form: TeamForm) -> None:
    roster = town(form, make_team(themes=("personal_care",)), make_service("helper", "volunteers", "company"))
    for need in (Need("company", medical=True), Need("company", age=12)):
        assert "helper" not in ids(decide(standard, roster, need))


def test_the_form_is_read_for_the_municipality_and_a_neighbourhood(tmp_path: Path) -> None:
    for file in VOORBEELDSTAD.iterdir():
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    path = tmp_path / "municipality.yml"
    text = path.read_text("utf-8").replace("{form: broad}", "{form: complex_only}")
    path.write_text(text.replace("follower: emine", "follower: emine\n    team: {form: per_domain}"), "utf-8")
    found: tuple[Neighbourhood, ...] = read_directory(tmp_path).neighbourhoods
    assert {one.id: one.team_form for one in found} == {
        "noord": "complex_only",
        "centrum": "complex_only",
        "zuid": "per_domain",
    }
    path.write_text(text.replace("complex_only", "large"), "utf-8")
    with pytest.raises(DirectoryError, match=r"municipality\.yml:8:14: `large`.*broad_with_specialists"):
        read_directory(tmp_path)


def test_a_team_for_the_young_comes_first_for_who_said_to_be_young(standard: Policy) -> None:
    roster = town("per_domain", team("a_general"), team("youth", maximum_age=22))
    assert ids(ask(standard, roster, age=14))[0] == "youth"


@pytest.mark.rule("domain-13")
def test_where_volunteers_stand_is_read_for_the_municipality_and_a_neighbourhood(tmp_path: Path) -> None:
    for file in VOORBEELDSTAD.iterdir():
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    path = tmp_path / "municipality.yml"
    text = path.read_text("utf-8")

    def rings() -> list[str]:
        return [one.volunteers for one in read_directory(tmp_path).neighbourhoods]

    assert rings() == ["outside", "outside", "outside"]
    path.write_text(text.replace("team: {form: broad}", "team: {form: broad}\nvolunteers: inside"), "utf-8")
    assert rings() == ["inside", "inside", "inside"]
    path.write_text(text.replace("follower: emine", "follower: emine\n    volunteers: inside"), "utf-8")
    assert rings() == ["outside", "outside", "inside"]
    path.write_text(text.replace("follower: emine", "follower: emine\n    volunteers: within"), "utf-8")
    with pytest.raises(
        DirectoryError, match=r"municipality\.yml:\d+:17: `within` is not known here, .*outside, inside"
    ):
        read_directory(tmp_path)


def test_where_volunteers_stand_when_the_place_is_unknown() -> None:
    inside, outside = (msgspec.structs.replace(PLACES[0], volunteers=ring) for ring in ("inside", "outside"))
    both = make_roster(neighbourhoods=(inside, msgspec.structs.replace(outside, id="zuid")))
    assert [volunteers_ring(both, place) for place in ("noord", "zuid", None)] == ["inside", "outside", "outside"]
    assert volunteers_ring(make_roster(neighbourhoods=(inside,)), None) == "inside"
