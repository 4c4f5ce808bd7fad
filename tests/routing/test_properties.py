"""What holds for every need and every directory."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.decide import MOST_OPTIONS, decide
from routing.model import Agreement, Decision, Kind, Need, Roster, Service
from routing.policy import KINDS, Policy, Rule, policy_hash, read_policy
from routing.reasons import LEFT_OUT, REASONS
from routing.themes import THEMES
from tests.routing.conftest import STANDARD, TODAY, make_roster, make_service

POLICY = read_policy(STANDARD.read_text(encoding="utf-8"), "standard.yml")
UNHURRIED = settings(deadline=None)  # machines differ
SOME_THEMES = ("company", "meals", "personal_care", "household", "grief", "work_income", "home_adaptation")
DAYS = ("2026-01-01", "2026-03-01", TODAY, "2026-03-03", "2026-12-31")

agreements = st.builds(
    Agreement,
    version=st.just("1"),
    signatory=st.just("somebody"),
    valid_from=st.sampled_from(DAYS),
    valid_until=st.sampled_from(DAYS),
    categories=st.just(("request", "phone")),
    themes=st.lists(st.sampled_from(SOME_THEMES), max_size=3, unique=True).map(tuple),
)


kinds = [kind for kind in KINDS if kind != "own_network"]
services = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(kinds),
        "themes": st.lists(st.sampled_from(SOME_THEMES), min_size=1, max_size=3, unique=True).map(tuple),
        "neighbourhoods": st.sampled_from([(), ("noord",), ("zuid",), ("noord", "zuid")]),
        "languages": st.sampled_from([("nl",), ("nl", "en")]),
        "minimum_age": st.sampled_from([0, 0, 18]),
        "capacity": st.sampled_from([None, 1, 2]),
        "reserved": st.integers(0, 2),
        "full_until": st.sampled_from([None, None, *DAYS]),
        "closed_until": st.sampled_from([None, None, *DAYS]),
        "professional": st.booleans(),
        "experts_by_experience": st.booleans(),
        "has_account": st.booleans(),
        "agreement": st.none() | agreements,
    }
)


def drawn_service(number: int, drawn: dict[str, Any]) -> Service:
    """`professional` is read as medical, own team or for children where the kind allows it."""
    changes = dict(drawn)
    kind, professional = changes.pop("kind"), changes.pop("professional")
    return make_service(
        f"service_{number}",
        kind,
        medical=professional and kind in ("team", "elsewhere") and number % 2 == 0,
        own_team=professional and kind == "team",
        for_children=professional and kind == "elsewhere" and number % 2 == 1,
        **changes,
    )


def rosters() -> st.SearchStrategy[Roster]:
    return st.lists(services, max_size=10).map(
        lambda drawn: make_roster(*(drawn_service(number, service) for number, service in enumerate(drawn)))
    )


details: dict[str, st.SearchStrategy[Any]] = {
    "theme": st.sampled_from((*SOME_THEMES, "not_a_theme")),
    "neighbourhood": st.sampled_from([None, "noord", "zuid", "elsewhere"]),
    "for_whom": st.sampled_from([None, "self", "other"]),
    "age": st.none() | st.integers(0, 100),
    "language": st.sampled_from(["nl", "en"]),
    "own_network": st.lists(st.sampled_from(["daughter", "neighbour", "friend", "someone"]), unique=True).map(tuple),
    "own_capacity": st.sampled_from([None, "ik kan nog veel zelf", "niets"]),
    "medical": st.booleans(),
    "also": st.lists(st.sampled_from(THEMES), max_size=3, unique=True).map(tuple),
    "prefer_experts": st.booleans(),
}
needs = st.builds(Need, **details)
medical_needs = st.builds(Need, **{**details, "medical": st.just(True)}) | st.builds(
    Need, **{**details, "theme": st.just("personal_care")}
)
children = st.builds(Need, **{**details, "age": st.integers(0, 15)})

OWN_STRENGTH: list[tuple[Kind, ...]] = [(), ("own_steps",), ("own_network",), ("own_network", "own_steps")]
HELP: list[Kind] = ["initiative", "volunteers", "team", "elsewhere"]


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies of one rule with every order that a policy file can have; reading refuses the others."""
    order = (*draw(st.sampled_from(OWN_STRENGTH)), *draw(st.permutations(HELP))[: draw(st.integers(1, 4))])
    rule = Rule("only", order, of_each=draw(st.integers(1, 3)), network=draw(st.sampled_from(["named", "nearby"])))
    return Policy("drawn", (rule,), policy_hash((rule,)))


either_policy = st.just(POLICY) | policies()


def places(decision: Decision) -> dict[str, int]:
    return {option.service.id: number for number, option in enumerate(decision.options)}


@UNHURRIED
@given(either_policy, rosters(), needs)
def test_there_is_always_an_option_and_never_more_than_three(policy: Policy, roster: Roster, need: Need) -> None:
    options = decide(policy, roster, need).options
    assert 1 <= len(options) <= MOST_OPTIONS
    assert len({option.service.id for option in options}) == len(options)


@UNHURRIED
@given(either_policy, rosters(), needs)
def test_the_same_question_gets_the_same_decision(policy: Policy, roster: Roster, need: Need) -> None:
    backwards = msgspec.structs.replace(roster, services=roster.services[::-1])
    decision = decide(policy, roster, need)
    assert decide(policy, roster, need) == decision
    assert decide(policy, backwards, need).options == decision.options


@pytest.mark.rule("domain-1")
@UNHURRIED
@given(either_policy, rosters(), needs, st.sampled_from(["own_network", "own_capacity"]))
def test_skipping_a_question_about_strength_or_network_never_lowers_an_option(
    policy: Policy, roster: Roster, need: Need, question: str
) -> None:
    """Own network itself can only be offered when somebody was named; everything else keeps its place or rises."""
    skipped = msgspec.structs.replace(need, **{question: () if question == "own_network" else None})
    before, after = decide(policy, roster, need), decide(policy, roster, skipped)
    for service_id, place in places(before).items():
        if service_id != "own_network":
            assert places(after)[service_id] <= place
    sendable = {option.service.id for option in before.options if option.sendable}
    assert sendable <= {option.service.id for option in after.options if option.sendable}


@UNHURRIED
@given(rosters(), needs.filter(lambda need: need.age is None or need.age >= 16))
def test_skipping_for_whom_changes_nothing(roster: Roster, need: Need) -> None:
    """Under 16 it does: nothing is sent on the word of a child alone."""
    skipped = msgspec.structs.replace(need, for_whom=None)
    assert decide(POLICY, roster, skipped) == decide(POLICY, roster, need)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("place", ["noord", "centrum", "zuid"])
def test_skipping_the_place_keeps_every_kind_of_destination(voorbeeldstad: Roster, theme: str, place: str) -> None:
    for details in ({}, {"own_network": ("neighbour",)}, {"language": "en"}, {"medical": True}):
        need: dict[str, Any] = {"theme": theme, **details}
        before = decide(POLICY, voorbeeldstad, Need(neighbourhood=place, **need))
        after = decide(POLICY, voorbeeldstad, Need(**need))
        assert {option.service.kind for option in before.options} <= {option.service.kind for option in after.options}


@pytest.mark.rule("domain-10")
@UNHURRIED
@given(either_policy, rosters(), medical_needs)
def test_medical_needs_never_reach_volunteers(policy: Policy, roster: Roster, need: Need) -> None:
    decision = decide(policy, roster, need)
    for option in decision.options:
        assert option.service.kind == "team" or (option.service.kind == "elsewhere" and option.service.for_children)
    assert decision.team is not None and decision.team.service.kind == "team"


@pytest.mark.rule("towards-residents-6")
@UNHURRIED
@given(either_policy, rosters(), children)
def test_children_never_reach_volunteers_and_nothing_is_sent_on_their_word(
    policy: Policy, roster: Roster, need: Need
) -> None:
    options = decide(policy, roster, need).options
    assert "team" in {option.service.kind for option in options}
    assert all(option.service.kind == "team" or option.service.for_children for option in options)
    if need.for_whom != "other":
        assert not any(option.sendable for option in options)


@pytest.mark.rule("domain-11")
@UNHURRIED
@given(either_policy, rosters(), needs)
def test_full_closed_or_without_letter_is_never_sent_to(policy: Policy, roster: Roster, need: Need) -> None:
    decision = decide(policy, roster, need)
    assert decision.team is not None
    for option in (*decision.options, decision.team):
        service = option.service
        assert service.capacity is None or service.reserved < service.capacity
        assert service.full_until is None or service.full_until <= TODAY
        assert service.closed_until is None or service.closed_until <= TODAY
        if option.sendable:
            assert service.has_account
            letter = service.agreement
            assert service.own_team if letter is None else letter.valid_from <= TODAY <= letter.valid_until
            assert option.may_receive
        else:
            assert option.may_receive == ()


@pytest.mark.rule("towards-residents-10")
@UNHURRIED
@given(either_policy, rosters(), needs)
def test_a_contact_card_never_stands_alone(policy: Policy, roster: Roster, need: Need) -> None:
    options = decide(policy, roster, need).options
    assert any(option.sendable or option.service.kind == "team" for option in options)


@UNHURRIED
@given(either_policy, rosters(), needs)
def test_every_code_is_one_that_has_words(policy: Policy, roster: Roster, need: Need) -> None:
    decision = decide(policy, roster, need)
    assert {code for option in decision.options for code in option.reasons} <= set(REASONS)
    assert {code for _, code in decision.left_out} <= set(LEFT_OUT)
    assert all(option.reasons for option in decision.options)
