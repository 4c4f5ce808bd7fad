"""Weights of a neighbourhood: what many people there ask for comes first among its kind, and nothing is lost by it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from routing.decide import decide
from routing.model import Decision, Need, Roster
from routing.policy import Policy, read_policy
from tests.routing.conftest import PLACES, ids, make_roster, make_service, make_team
from tests.routing.test_directory_file import assert_said
from tests.routing.test_directory_file import folder as folder

COFFEE = make_service("coffee", "initiative")
SENIORS = make_service("seniors", "initiative", groups=("elderly",))
FAMILIES = make_service("families", "initiative", groups=("children", "elderly"))
BUDDY = make_service("buddy", "volunteers")


def town(*services: Any, **weights: int) -> Roster:
    """These weights in Noord, none in Zuid."""
    places = (msgspec.structs.replace(PLACES[0], weights=weights), PLACES[1])
    return make_roster(*services, make_team(), neighbourhoods=places)


def asked(policy: Policy, roster: Roster, **details: Any) -> Decision:
    return decide(policy, roster, Need("company", **{"neighbourhood": "noord", **details}))


def test_what_weighs_comes_in_first_and_says_why(standard: Policy) -> None:
    roster = town(COFFEE, SENIORS, BUDDY, elderly=2)
    decision = asked(standard, roster)
    assert ids(decision) == ["seniors", "coffee", "buddy"]
    assert [option.reasons for option in decision.options] == [
        ("run_by_residents", "many_elderly"),
        ("run_by_residents",),
        ("volunteers_have_time",),
    ]
    assert ids(asked(standard, roster, neighbourhood="zuid")) == ["coffee", "buddy"]
    assert ids(asked(standard, roster, neighbourhood=None)) == ["coffee", "buddy"]


def test_the_heaviest_comes_first() -> None:
    text = (
        "policy: mine\nrules:\n  - {rule: medical, when: {medical: true}, order: [team]}\n"
        "  - {rule: last, order: [initiative, volunteers], of_each: 3}"
    )
    policy = read_policy(text, "mine.yml")
    decision = asked(policy, town(COFFEE, SENIORS, FAMILIES, elderly=2, children=3))
    assert ids(decision) == ["families", "seniors", "coffee"]
    assert [option.reasons[1:] for option in decision.options] == [("many_children",), ("many_elderly",), ()]


def test_what_came_first_already_needs_no_such_reason(standard: Policy) -> None:
    first = msgspec.structs.replace(SENIORS, neighbourhoods=("noord",))
    decision = asked(standard, town(COFFEE, first, elderly=2))
    assert ids(decision) == ["seniors"]
    assert decision.options[0].reasons == ("run_by_residents", "nearby")


def test_three_options_stay_the_three(standard: Policy) -> None:
    decision = asked(standard, town(COFFEE, SENIORS, BUDDY, elderly=2), own_network=("neighbour",))
    assert ids(decision) == ["own_network", "coffee", "buddy"]


@pytest.mark.parametrize(
    ("changes", "details"),
    [
        ({"has_account": False}, {}),
        ({"capacity": 1, "reserved": 1}, {}),
        ({"minimum_age": 65}, {"age": 30}),
        ({"languages": ("nl",)}, {"language": "en"}),
        ({}, {"prefer_experts": True}),
    ],
)
def test_a_weight_lets_in_nothing_that_does_not_fit_or_is_not_preferred(
    standard: Policy, changes: dict[str, Any], details: dict[str, Any]
) -> None:
    heavy = msgspec.structs.replace(SENIORS, **changes)
    coffee = msgspec.structs.replace(COFFEE, languages=("nl", "en"), experts_by_experience=True)
    assert ids(asked(standard, town(coffee, heavy, elderly=9), **details)) == ["coffee"]


@pytest.mark.parametrize(
    ("name", "before", "after", "message"),
    [
        (
            "municipality.yml",
            "follower: emine",
            "follower: emine\n    weights: {§eldery: 2}",
            "`weights` has no `eldery`, did you mean `elderly`?",
        ),
        (
            "municipality.yml",
            "follower: emine",
            "follower: emine\n    weights: {elderly: §0}",
            "here a whole number of 1 or more is needed, write one",
        ),
        (
            "municipality.yml",
            "follower: emine",
            "follower: emine\n    weights: §elderly",
            "`weights` should be lines of `key: value`, write it so",
        ),
        (
            "services.yml",
            "themes: [meals]",
            "groups: [§old]\n    themes: [meals]",
            "`old` is not known here, use one of",
        ),
    ],
)
def test_what_is_wrong_with_weights_is_said_with_its_place(
    folder: Any, name: str, before: str, after: str, message: str
) -> None:
    assert_said(folder, name, before, after, message)
