"""Full, closed, no account, no valid agreement: what is not offered, and what is offered as a contact card only."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from routing.decide import decide
from routing.model import CATEGORIES, Need
from routing.policy import Policy
from tests.routing.conftest import LETTER, Ask, ids, make_roster, make_service, make_team


def letter(**changes: Any) -> dict[str, Any]:
    return {"agreement": msgspec.structs.replace(LETTER, **changes)}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"capacity": 3, "reserved": 3}, "full"),
        ({"capacity": 3, "reserved": 4}, "full"),
        ({"full_until": "2026-03-03"}, "full"),
        ({"closed_until": "2026-03-03"}, "closed"),
    ],
)
def test_full_and_closed_are_never_offered(standard: Policy, changes: dict[str, Any], code: str) -> None:
    roster = make_roster(make_service("group", "initiative", **changes), make_team())
    decision = decide(standard, roster, Need("company"))
    assert ids(decision) == ["team"]
    assert decision.left_out == (("group", code),)


@pytest.mark.parametrize(
    "changes", [{"capacity": 3, "reserved": 2}, {"full_until": "2026-03-02"}, {"closed_until": "2026-03-02"}]
)
def test_room_and_open_again(standard: Policy, changes: dict[str, Any]) -> None:
    roster = make_roster(make_service("group", "initiative", **changes), make_team())
    assert ids(decide(standard, roster, Need("company"))) == ["group"]


@pytest.mark.rule("domain-11", "towards-residents-10")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"has_account": False}, "no_account"),
        ({"agreement": None}, "agreement_missing"),
        (letter(valid_until="2026-03-01"), "agreement_expired"),
        (letter(valid_from="2026-03-03"), "agreement_not_begun"),
        (letter(themes=("meals",)), "agreement_other_theme"),
    ],
)
def test_only_a_contact_card_with_the_team_beside_it(standard: Policy, changes: dict[str, Any], code: str) -> None:
    roster = make_roster(make_service("group", "initiative", **changes), make_team())
    decision = decide(standard, roster, Need("company"))
    assert ids(decision) == ["group", "team"]
    card, team = decision.options
    assert (card.sendable, card.may_receive, card.reasons[-1]) == (False, (), "contact_card")
    assert (team.sendable, team.reasons[0]) == (True, "team_can_call")
    assert ("group", code) in decision.left_out


@pytest.mark.parametrize("changes", [letter(valid_until="2026-03-02"), letter(valid_from="2026-03-02")])
def test_the_days_of_an_agreement_are_inclusive(standard: Policy, changes: dict[str, Any]) -> None:
    roster = make_roster(make_service("group", "initiative", **changes), make_team())
    assert decide(standard, roster, Need("company")).options[0].sendable


def test_an_organisation_receives_what_its_agreement_names_and_the_own_team_everything(ask: Ask) -> None:
    coffee, buddies = ask("company").options
    assert coffee.may_receive == ("request", "first_name", "phone")
    assert "own_network" in buddies.may_receive
    team = ask("concern_other").options[0]
    assert team.may_receive == CATEGORIES


def test_professionals_from_outside_need_an_agreement_too(standard: Policy) -> None:
    nurse = make_service("nurse", "team", "personal_care", medical=True, agreement=None)
    decision = decide(standard, make_roster(nurse, make_team(themes=("personal_care",))), Need("personal_care"))
    assert [(option.service.id, option.sendable) for option in decision.options] == [("nurse", False), ("team", True)]


def test_when_nothing_among_three_can_be_sent_to_the_team_takes_the_last_place(standard: Policy) -> None:
    services = [
        make_service(kind, kind, "activities", has_account=False) for kind in ("own_steps", "initiative", "volunteers")
    ]
    decision = decide(standard, make_roster(*services, make_team()), Need("activities"))
    assert ids(decision) == ["own_steps", "initiative", "team"]


def test_the_team_stands_beside_a_contact_card_also_when_another_can_be_sent_to(ask: Ask) -> None:
    decision = ask("household")
    assert [(option.service.id, option.sendable) for option in decision.options] == [
        ("boodschappenhulp", True),
        ("repaircafe", False),
        ("team_noord", True),
    ]
    assert decision.options[2].reasons[0] == "team_can_call"


def test_the_teams_option_is_there_for_beside_a_contact_card(ask: Ask) -> None:
    """Also when the team is not among the three."""
    decision = ask("household", own_network=("neighbour",))
    assert ids(decision) == ["own_network", "boodschappenhulp", "repaircafe"]
    assert decision.team is not None
    assert (decision.team.service.id, decision.team.sendable) == ("team_noord", True)


@pytest.mark.rule("domain-11")
def test_the_expired_letter_of_the_demo(ask: Ask) -> None:
    decision = ask("grief")
    assert [(option.service.id, option.sendable) for option in decision.options] == [
        ("rouwbezoek", False),
        ("team_noord", True),
    ]
    assert ("rouwbezoek", "agreement_expired") in decision.left_out


def test_the_full_service_of_the_demo(ask: Ask) -> None:
    decision = ask("language")
    assert ids(decision) == ["taalcafe"]
    assert ("taalmaatjes", "full") in decision.left_out
