"""The lines of `balie route explain`."""

from __future__ import annotations

import msgspec

from routing.explain import DecisionCodes, codes_of, explain, reason_values
from routing.model import Need, Roster
from routing.policy import Policy
from tests.routing.conftest import Ask


def wordless(key: str, service_id: str) -> str:
    return ""


def test_an_explanation_in_codes(ask: Ask, standard: Policy) -> None:
    assert explain(codes_of(ask("grief")), "0123456789ab", wordless) == (
        "rule         somebody_beside_you",
        f"policy       {standard.hash} (another one than today's 0123456789ab)",
        "option 1     rouwbezoek, volunteers; nothing is sent",
        "  because    volunteers_have_time",
        "  because    experts_by_experience",
        "  because    contact_card",
        "option 2     team_noord, team; can be sent",
        "  because    team_beside_you",
        "  because    nearby",
        "left out     rouwbezoek: agreement_expired",
        "left out     team_stad: after_the_others",
    )


def test_words_stand_after_the_codes(ask: Ask, standard: Policy) -> None:
    lines = explain(codes_of(ask("transport")), standard.hash, lambda key, service_id: f"<{key} {service_id}>")
    assert lines[0] == "rule         practical_help: <route.rule.practical_help >"
    assert lines[1] == f"policy       {standard.hash} (the present policy)"
    assert "  because    volunteers_have_time: <route.reason.volunteers_have_time vervoer>" in lines
    assert "left out     team_noord: other_kind: <route.left_out.other_kind >" in lines


def test_codes_hold_nothing_of_the_need(ask: Ask) -> None:
    decision = ask("company", own_capacity="ik woon op de Kerkstraat 3", own_network=("neighbour",))
    told = msgspec.json.encode(codes_of(decision)).decode()
    assert "Kerkstraat" not in told and "neighbour" not in told
    assert msgspec.json.decode(told, type=DecisionCodes) == codes_of(decision)


def test_the_values_of_the_reasons(ask: Ask, voorbeeldstad: Roster) -> None:
    option = ask("company").options[0]
    assert reason_values(option, Need("company", neighbourhood="noord"), voorbeeldstad) == {
        "name": "Koffieochtend Noord",
        "organisation": "Koffiegroep Noord",
        "neighbourhood": "Noord",
    }
    assert reason_values(option, Need("company"), voorbeeldstad)["neighbourhood"] == ""
