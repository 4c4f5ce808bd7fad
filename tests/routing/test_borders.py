"""What no setting changes: medical needs, people under 16, and rights that own strength never gates."""

from __future__ import annotations

import pytest

from routing.decide import decide
from routing.model import Need
from routing.policy import Policy, Rule, policy_hash
from tests.routing.conftest import Ask, ids, make_roster, make_service, make_team

RULES = (Rule("volunteers_only", ("own_steps", "own_network", "initiative", "volunteers", "elsewhere")),)
CARELESS = Policy("careless", RULES, policy_hash(RULES))
"""A policy that an operator could write without meaning harm; the borders hold against it."""

EVERYONE = make_roster(
    make_service("steps", "own_steps", "company", "personal_care"),
    make_service("group", "initiative", "company", "personal_care"),
    make_service("buddy", "volunteers", "company", "personal_care"),
    make_service("desk", "elsewhere", "company", "personal_care"),
    make_service("children", "elsewhere", "company", "personal_care", for_children=True),
    make_service("nurse", "team", "personal_care", medical=True),
    make_team(themes=("company", "personal_care")),
)


def test_personal_care_goes_to_the_nurse_and_then_to_the_team(ask: Ask) -> None:
    decision = ask("personal_care")
    assert decision.rule == "medical_professionals"
    assert ids(decision) == ["wijkverpleging", "team_noord"]
    assert all(option.reasons[0] == "medical" for option in decision.options)


def test_medical_acts_in_another_theme_reach_professionals_only(ask: Ask) -> None:
    decision = ask("household", medical=True, own_network=("daughter",))
    assert {option.service.kind for option in decision.options} == {"team"}
    assert ids(decision)[0] == "wijkverpleging"
    assert ("boodschappenhulp", "medical") in decision.left_out


@pytest.mark.rule("domain-10")
@pytest.mark.parametrize("need", [Need("personal_care"), Need("company", medical=True, own_network=("neighbour",))])
def test_a_policy_cannot_send_medical_work_to_volunteers(need: Need) -> None:
    assert ids(decide(CARELESS, EVERYONE, need)) == ["nurse", "team"]


def test_under_16_a_professional_and_the_kindertelefoon(ask: Ask) -> None:
    decision = ask("company", age=12, own_network=("neighbour",))
    assert decision.rule == "young_person"
    assert ids(decision) == ["team_noord", "kindertelefoon"]
    assert [option.reasons[0] for option in decision.options] == ["young_person", "talk_place"]


def test_nothing_is_sent_on_the_word_of_a_child_alone(ask: Ask) -> None:
    assert not any(option.sendable for option in ask("company", age=15, for_whom="self").options)
    assert ("team_noord", "child_alone") in ask("company", age=15).left_out


def test_an_adult_who_asks_for_a_child_can_have_the_team_informed(ask: Ask) -> None:
    decision = ask("parenting", age=9, for_whom="other")
    assert ids(decision) == ["team_noord", "kindertelefoon"]
    assert [option.sendable for option in decision.options] == [True, False]
    assert [option.reasons[0] for option in decision.options] == ["young_other", "talk_place_other"]


def test_sixteen_is_not_under_16(ask: Ask) -> None:
    assert "kindertelefoon" not in ids(ask("company", age=16))
    assert ids(ask("company", age=16)) == ["koffie_noord"]  # the buddies take people from 18
    assert ("maatjes", "minimum_age") in ask("company", age=16).left_out


def test_a_policy_cannot_send_children_to_volunteers() -> None:
    assert ids(decide(CARELESS, EVERYONE, Need("company", age=10))) == ["team", "children"]


def test_a_child_with_a_medical_need_gets_the_nurse(ask: Ask) -> None:
    assert ids(ask("personal_care", age=10)) == ["wijkverpleging", "team_noord", "kindertelefoon"]


def test_the_age_that_was_not_told_closes_nothing(ask: Ask) -> None:
    assert ids(ask("company")) == ["koffie_noord", "maatjes"]


@pytest.mark.rule("towards-residents-2")
@pytest.mark.parametrize(
    "theme",
    [
        "home_adaptation",
        "personal_care",
        "household",
        "transport",
        "carer_support",
        "disability_daytime",
        "mental_health",
        "addiction",
    ],
)
def test_own_strength_never_gates_a_right(ask: Ask, theme: str) -> None:
    for network, capacity in (((), None), (("daughter", "neighbour"), "ik kan alles nog zelf")):
        rights = ask(theme, own_network=network, own_capacity=capacity).rights
        assert [right.code for right in rights] == ["wmo_report", "client_support"]
        assert [right.service.id for right in rights if right.service] == ["team_stad", "clientondersteuning"]


def test_a_right_stands_there_also_when_the_directory_knows_no_place_for_it(standard: Policy) -> None:
    rights = decide(standard, make_roster(make_team()), Need("home_adaptation")).rights
    assert [(right.code, right.service) for right in rights] == [("wmo_report", None), ("client_support", None)]


def test_a_right_is_used_nearby_where_that_can_be(standard: Policy) -> None:
    roster = make_roster(
        make_team("a_town_hall", right="wmo_report"),
        make_team("b_noord", right="wmo_report", neighbourhoods=("noord",)),
    )

    def where(place: str | None) -> str:
        service = decide(standard, roster, Need("home_adaptation", neighbourhood=place)).rights[0].service
        assert service is not None
        return service.id

    assert [where(place) for place in ("noord", "zuid", None)] == ["b_noord", "a_town_hall", "a_town_hall"]
