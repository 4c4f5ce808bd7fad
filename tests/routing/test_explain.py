"""The lines of `balie route explain`."""

from __future__ import annotations

from routing.explain import explain, reason_values
from routing.model import Need, Roster
from routing.policy import Policy
from tests.routing.conftest import Ask


def test_an_explanation_in_codes(ask: Ask, standard: Policy) -> None:
    assert explain(ask("grief")) == (
        "rule      somebody_beside_you",
        f"policy    {standard.hash}",
        "option 1  rouwbezoek [volunteers] nothing is sent: volunteers_have_time, experts_by_experience, contact_card",
        "option 2  team_noord [team] can be sent: team_beside_you, nearby",
        "follower  samira",
        "left out  rouwbezoek: agreement_expired",
        "left out  team_stad: after_the_others",
    )


def test_words_stand_after_the_codes_and_rights_are_named(ask: Ask) -> None:
    lines = explain(ask("transport"), lambda key: f"<{key}>")
    assert lines[0] == "rule      practical_help (<route.rule.practical_help>)"
    assert lines[2].startswith("option 1  vervoer [volunteers (<route.kind.volunteers>)] can be sent: ")
    assert "rights    wmo_report, client_support" in lines
    assert "left out  team_noord: other_kind (<route.left_out.other_kind>)" in lines


def test_the_values_of_the_reasons(ask: Ask, voorbeeldstad: Roster) -> None:
    option = ask("company").options[0]
    assert reason_values(option, Need("company", neighbourhood="noord"), voorbeeldstad) == {
        "name": "Koffieochtend Noord",
        "organisation": "Koffiegroep Noord",
        "neighbourhood": "Noord",
    }
    assert reason_values(option, Need("company"), voorbeeldstad)["neighbourhood"] == ""
