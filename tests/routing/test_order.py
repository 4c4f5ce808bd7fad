"""Which destinations come first: own strength, then residents, then volunteers, the team as the last resort."""

from __future__ import annotations

import pytest

from routing.decide import MOST_LEFT_OUT, PERSON_HERE, decide
from routing.model import Need
from routing.policy import Policy
from tests.routing.conftest import Ask, ids, make_roster, make_service, make_team


def test_company_leads_to_the_coffee_morning_and_then_to_a_buddy(ask: Ask) -> None:
    decision = ask("company", for_whom="self", own_network=("daughter",), own_capacity="naar het buurthuis lopen")
    assert decision.rule == "initiative_first"
    assert ids(decision) == ["koffie_noord", "maatjes"]
    assert all(option.sendable for option in decision.options)


def test_a_neighbour_who_was_named_comes_first_for_company(ask: Ask) -> None:
    assert ids(ask("company", own_network=("neighbour",))) == ["own_network", "koffie_noord", "maatjes"]


def test_anyone_who_was_named_comes_first_for_practical_help(ask: Ask) -> None:
    decision = ask("transport", own_network=("daughter",))
    assert ids(decision) == ["own_network", "vervoer"]
    assert decision.options[0].reasons == ("own_network",)


def test_nobody_was_named_so_own_network_is_not_offered(ask: Ask) -> None:
    assert ids(ask("transport")) == ["vervoer"]


def test_walking_in_comes_before_signing_up(ask: Ask) -> None:
    decision = ask("meals", neighbourhood="centrum")
    assert ids(decision) == ["buurtrestaurant", "eettafel_centrum", "boodschappenhulp"]
    assert [option.sendable for option in decision.options] == [False, True, True]


def test_own_strength_takes_one_place_only(ask: Ask) -> None:
    """Own steps and own network never crowd out help from others."""
    decision = ask("digital", own_network=("neighbour", "son"))
    assert ids(decision) == ["digitaal_inloopuur", "digihulp_thuis"]


def test_three_parts_of_life_at_once_bring_the_team_first(ask: Ask) -> None:
    decision = ask("company", also=("money_debt", "housing"))
    assert decision.rule == "several_domains"
    assert ids(decision)[0] == "team_noord"
    assert decision.options[0].reasons[0] == "several_domains"


def test_two_themes_of_one_part_of_life_are_not_complex(ask: Ask) -> None:
    assert ask("company", also=("grief", "activities", "transport")).rule == "initiative_first"


def test_work_and_income_is_pointed_elsewhere_with_the_team_beside_it(ask: Ask) -> None:
    decision = ask("work_income")
    assert ids(decision) == ["werkplein", "team_noord"]
    assert decision.options[0].reasons == ("owner_elsewhere",)
    assert not decision.options[0].sendable


def test_the_nearest_place_comes_before_one_for_the_whole_municipality(standard: Policy) -> None:
    roster = make_roster(
        make_service("anywhere", "initiative"),
        make_service("here", "initiative", neighbourhoods=("noord",)),
        make_team(),
    )
    decision = decide(standard, roster, Need("company", neighbourhood="noord"))
    assert ids(decision) == ["here"]
    assert "nearby" in decision.options[0].reasons
    assert ("anywhere", "after_the_others") in decision.left_out


def test_a_place_in_another_neighbourhood_is_not_offered(standard: Policy) -> None:
    roster = make_roster(make_service("there", "initiative", neighbourhoods=("zuid",)), make_team())
    assert ids(decide(standard, roster, Need("company", neighbourhood="noord"))) == ["team"]


def test_an_unknown_place_blocks_nothing(standard: Policy) -> None:
    roster = make_roster(make_service("there", "initiative", neighbourhoods=("zuid",)), make_team())
    for place in (None, "somewhere_else"):
        decision = decide(standard, roster, Need("company", neighbourhood=place))
        assert ids(decision) == ["there"]
        assert "place_unknown" in decision.options[0].reasons


def test_without_a_place_what_is_there_for_everyone_comes_first(ask: Ask) -> None:
    assert ids(ask("paperwork", neighbourhood=None)) == ["thuisadministratie"]
    assert ids(ask("concern_other", neighbourhood=None)) == ["team_stad"]
    assert ids(ask("concern_other", neighbourhood="zuid")) == ["team_zuid"]


def test_a_place_that_can_be_sent_to_comes_before_a_contact_card(standard: Policy) -> None:
    roster = make_roster(make_service("a_card", "initiative", has_account=False), make_service("b_sent", "initiative"))
    assert ids(decide(standard, roster, Need("company"))) == ["b_sent"]


def test_what_a_place_does_most_weighs_more_than_how_near_it_is(standard: Policy) -> None:
    roster = make_roster(
        make_service("side_dish", "initiative", "meals", "company", neighbourhoods=("noord",)),
        make_service("main_dish", "initiative", "company"),
    )
    assert ids(decide(standard, roster, Need("company", neighbourhood="noord"))) == ["main_dish"]


def test_the_explanation_of_a_large_directory_stays_short(standard: Policy) -> None:
    roster = make_roster(*(make_service(f"group_{number:03}", "initiative") for number in range(100)), make_team())
    decision = decide(standard, roster, Need("company"))
    assert ids(decision) == ["group_000"]
    assert len(decision.left_out) == MOST_LEFT_OUT


@pytest.mark.rule("domain-14")
def test_experts_by_experience_come_first_for_who_prefers_them(standard: Policy) -> None:
    roster = make_roster(
        make_service("a_group", "initiative"),
        make_service("b_experts", "initiative", experts_by_experience=True),
        make_team(),
    )
    assert ids(decide(standard, roster, Need("company"))) == ["a_group"]
    decision = decide(standard, roster, Need("company", prefer_experts=True))
    assert ids(decision) == ["b_experts"]
    assert "experts_by_experience" in decision.options[0].reasons


def test_a_place_where_the_language_is_spoken_comes_first(standard: Policy) -> None:
    roster = make_roster(
        make_service("a_dutch", "initiative"), make_service("b_both", "initiative", languages=("nl", "en")), make_team()
    )
    decision = decide(standard, roster, Need("company", language="en"))
    assert ids(decision) == ["b_both"]
    assert "speaks_your_language" in decision.options[0].reasons


def test_without_anything_else_the_team_is_the_last_resort(standard: Policy) -> None:
    decision = decide(standard, make_roster(make_team()), Need("company"))
    assert ids(decision) == ["team"]
    assert decision.options[0].reasons[0] == "last_resort"


def test_without_any_team_a_person_in_this_conversation_is_offered(standard: Policy) -> None:
    decision = decide(standard, make_roster(), Need("company"))
    assert [option.service for option in decision.options] == [PERSON_HERE]
    assert decision.options[0].reasons == ("person_here",)


def test_a_theme_that_nobody_knows_still_gets_the_team(ask: Ask) -> None:
    decision = ask("something_new")
    assert decision.rule == "team_last"
    assert ids(decision) == ["team_noord"]


@pytest.mark.rule("domain-10")
def test_a_professional_of_the_neighbourhood_follows(ask: Ask) -> None:
    followers = {place: ask("company", neighbourhood=place).follower for place in ("noord", "zuid", None)}
    assert {place: follower and follower.name for place, follower in followers.items()} == {
        "noord": "Samira",
        "zuid": "Emine",
        None: "Karin",
    }


def test_where_nobody_follows_the_general_follower_does(standard: Policy) -> None:
    follower = decide(standard, make_roster(make_team()), Need("company", neighbourhood="zuid")).follower
    assert follower is not None and follower.name == "Karin"


@pytest.mark.rule("domain-3")
def test_a_referral_to_volunteers_needs_nobodys_approval(ask: Ask) -> None:
    """The option is sendable at once; nothing in the decision waits for the team."""
    volunteers = [option for option in ask("company").options if option.service.kind == "volunteers"]
    assert [option.sendable for option in volunteers] == [True]
