"""What holds for every need and every directory."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.conditions import When
from routing.decide import MOST_OPTIONS, decide
from routing.model import GROUPS, TEAM_FORMS, Agreement, Decision, Kind, Need, Roster, Service
from routing.policy import KINDS, Policy, Rule, policy_hash, read_policy
from routing.reasons import LEFT_OUT, REASONS
from routing.themes import THEMES
from routing.weights import WEIGHED
from tests.routing.conftest import PLACES, STANDARD, TODAY, ids, make_roster, make_service

POLICY = read_policy(STANDARD.read_text(encoding="utf-8"), "standard.yml")
UNHURRIED = settings(deadline=None)  # machines differ
SOME_THEMES = ("company", "meals", "personal_care", "household", "grief", "work_income", "home_adaptation")

kinds = [kind for kind in KINDS if kind != "own_network"]
FINE = {"has_account": True, "agreement": Agreement("1", "somebody", "2026-01-01", TODAY, ("request", "phone"))}
FLAWS: list[dict[str, Any]] = [
    {"capacity": 1, "reserved": 1},
    {"capacity": 2, "reserved": 3},
    {"full_until": "2026-03-03"},
    {"closed_until": "2026-12-31"},
    {"has_account": False},
    {"agreement": None},
    {"agreement": Agreement("1", "somebody", "2026-01-01", "2026-03-01", ("request",))},
    {"agreement": Agreement("1", "somebody", "2026-03-03", "2026-12-31", ("request",))},
    {"agreement": Agreement("1", "somebody", "2026-01-01", "2026-12-31", ("request",), ("meals",))},
    {"minimum_age": 18},
    {"maximum_age": 22},
]
"""What keeps a service from being offered or from being sent to."""
ANYTHING: dict[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(kinds),
    "themes": st.lists(st.sampled_from(SOME_THEMES), min_size=1, max_size=3, unique=True).map(tuple),
    "neighbourhoods": st.sampled_from([(), ("noord",), ("zuid",), ("noord", "zuid")]),
    "languages": st.sampled_from([("nl",), ("nl", "en")]),
    "professional": st.booleans(),
    "experts_by_experience": st.booleans(),
    "groups": st.lists(st.sampled_from(GROUPS), max_size=2, unique=True).map(tuple),
    "flaw": st.just({}) | st.sampled_from(FLAWS),
}
services = st.fixed_dictionaries(ANYTHING)
# Where much fits there is much to choose; left to itself, drawing finds a town where next to nothing does.
fitting_services = st.fixed_dictionaries(
    {
        **ANYTHING,
        "kind": st.sampled_from(["initiative", "initiative", "volunteers", "volunteers", "team", "own_steps"]),
        "themes": st.sampled_from([("company",), ("company", "meals")]),
        "neighbourhoods": st.sampled_from([(), ("noord",)]),
        "groups": st.sampled_from([(), *((group,) for group in GROUPS)]),
    }
)


def drawn_service(number: int, drawn: dict[str, Any]) -> Service:
    """`professional` is read as medical, own team or for children where the kind allows it."""
    changes = {**FINE, **drawn}
    kind, professional = changes.pop("kind"), changes.pop("professional")
    changes |= changes.pop("flaw")
    return make_service(
        f"service_{number}",
        kind,
        medical=professional and kind in ("team", "elsewhere") and number % 2 == 0,
        own_team=professional and kind == "team",
        for_children=professional and kind == "elsewhere" and number % 2 == 1,
        **changes,
    )


neighbourhood_settings = st.fixed_dictionaries(
    {
        "team_form": st.sampled_from(TEAM_FORMS),
        "weights": st.permutations([1, 2, 3]).map(lambda heavy: dict(zip(GROUPS, heavy, strict=True))),
    }
)


@st.composite
def towns(draw: st.DrawFn, drawn: st.SearchStrategy[list[dict[str, Any]]]) -> Roster:
    places = tuple(msgspec.structs.replace(place, **draw(neighbourhood_settings)) for place in PLACES)
    return make_roster(*(drawn_service(*numbered) for numbered in enumerate(draw(drawn))), neighbourhoods=places)


def rosters() -> st.SearchStrategy[Roster]:
    return towns(st.lists(services, max_size=10)) | towns(st.lists(fitting_services, min_size=4, max_size=8))


details: dict[str, st.SearchStrategy[Any]] = {
    "theme": st.sampled_from((*SOME_THEMES, "not_a_theme")),
    "neighbourhood": st.sampled_from([None, "noord", "zuid", "elsewhere"]),
    "for_whom": st.sampled_from([None, "self", "other"]),
    "age": st.none() | st.integers(0, 100),
    "language": st.sampled_from(["nl", "en"]),
    "own_network": st.lists(st.sampled_from(["daughter", "neighbour", "friend", "someone"]), unique=True).map(tuple),
    "own_capacity": st.sampled_from([None, "ik kan nog veel zelf", "niets"]),
    "medical": st.booleans(),
    "urgent": st.booleans(),
    "also": st.lists(st.sampled_from(THEMES), max_size=3, unique=True).map(tuple),
    "prefer_experts": st.booleans(),
}
grown_ups = st.builds(
    Need,
    theme=st.just("company"),
    neighbourhood=st.just("noord"),
    for_whom=details["for_whom"],
    own_network=details["own_network"],
    urgent=details["urgent"],
    prefer_experts=st.sampled_from([False, False, False, True]),
)
needs = st.builds(Need, **details) | grown_ups
choices = st.tuples(towns(st.lists(fitting_services, min_size=6, max_size=9)), grown_ups)
"""A town and a need with much to choose from."""
questions = st.tuples(rosters(), needs) | choices
medical_needs = st.builds(Need, **{**details, "medical": st.just(True)}) | st.builds(
    Need, **{**details, "theme": st.just("personal_care")}
)
children = st.builds(Need, **{**details, "age": st.integers(0, 15)})

OWN_STRENGTH: list[tuple[Kind, ...]] = [(), ("own_steps",), ("own_network",), ("own_network", "own_steps")]
HELP: list[Kind] = ["initiative", "volunteers", "team", "elsewhere"]


CONDITIONS: list[dict[str, Any]] = [
    {"themes": ("company", "meals")},
    {"domains": ("contact",)},
    {"domains_at_least": 2},
    {"domains_at_most": 1},
    {"medical": True},
    {"medical": False},
    {"urgent": True},
    {"age_under": 16},
    {"age_under": 23},
    {"for_whom": "self"},
    {"neighbourhoods": ("noord",)},
    {"languages": ("en",)},
    {"team_forms": ("complex_only", "per_domain")},
    {"room": ("volunteers",)},
    {"room": ("initiative", "team")},
]
conditions = st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=2).map(
    lambda some: When(**{name: value for one in some for name, value in one.items()})
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies with every order and every condition that a policy file can have. Also what reading refuses, such as
    volunteers for medical work: the decision holds its borders by itself."""

    def rule(name: str, when: When) -> Rule:
        order = (*draw(st.sampled_from(OWN_STRENGTH)), *draw(st.permutations(HELP))[: draw(st.integers(1, 4))])
        return Rule(name, order, when, draw(st.integers(1, 3)), draw(st.sampled_from(["named", "nearby"])))

    some = draw(st.lists(conditions, max_size=3))
    rules = (*(rule(f"rule_{number}", when) for number, when in enumerate(some)), rule("last", When()))
    return Policy("drawn", rules, policy_hash(rules))


either_policy = st.just(POLICY) | policies()


def places(decision: Decision) -> dict[str, int]:
    return {option.service.id: number for number, option in enumerate(decision.options)}


@UNHURRIED
@given(either_policy, questions)
def test_there_is_always_an_option_and_never_more_than_three(policy: Policy, question: tuple[Roster, Need]) -> None:
    roster, need = question
    options = decide(policy, roster, need).options
    assert 1 <= len(options) <= MOST_OPTIONS
    assert len({option.service.id for option in options}) == len(options)


@UNHURRIED
@given(either_policy, questions)
def test_the_same_question_gets_the_same_decision(policy: Policy, question: tuple[Roster, Need]) -> None:
    roster, need = question
    backwards = msgspec.structs.replace(roster, services=roster.services[::-1])
    decision = decide(policy, roster, need)
    assert decide(policy, roster, need) == decision
    assert decide(policy, backwards, need).options == decision.options


@pytest.mark.rule("domain-1")
@UNHURRIED
@given(either_policy, questions, st.sampled_from(["own_network", "own_capacity"]))
def test_skipping_a_question_about_strength_or_network_never_lowers_an_option(
    policy: Policy, question: tuple[Roster, Need], skip: str
) -> None:
    """Own network itself can only be offered when somebody was named; everything else keeps its place or rises."""
    roster, need = question
    skipped = msgspec.structs.replace(need, **{skip: () if skip == "own_network" else None})
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


@UNHURRIED
@given(policies(), questions)
def test_not_saying_that_it_cannot_wait_is_decided_as_if_no_rule_asked(
    policy: Policy, question: tuple[Roster, Need]
) -> None:
    """Nothing is lowered by its absence: rules for what cannot wait may as well not be there."""
    roster, need = question
    calm = msgspec.structs.replace(need, urgent=False)
    without = msgspec.structs.replace(policy, rules=tuple(rule for rule in policy.rules if not rule.when.urgent))
    assert decide(policy, roster, calm) == decide(without, roster, calm)


def weightless(roster: Roster) -> Roster:
    places = tuple(msgspec.structs.replace(place, weights={}) for place in roster.neighbourhoods)
    return msgspec.structs.replace(roster, neighbourhoods=places)


@UNHURRIED
@given(either_policy, questions)
def test_weights_drop_no_option_and_move_no_kind(policy: Policy, question: tuple[Roster, Need]) -> None:
    roster, need = question
    weighed, plain = decide(policy, roster, need), decide(policy, weightless(roster), need)
    assert weighed.rule == plain.rule
    assert set(ids(plain)) <= set(ids(weighed))
    come_in = [option for option in weighed.options if option.service.id not in ids(plain)]
    assert len(come_in) <= 1
    for option in come_in:
        assert option.sendable and option.service.kind in WEIGHED
    as_kinds = [option.service.kind for option in weighed.options]
    for option in come_in:
        as_kinds.remove(option.service.kind)
    assert as_kinds == [option.service.kind for option in plain.options]
    assert weighed.team == plain.team and weighed.rights == plain.rights


@pytest.mark.rule("domain-10", "towards-residents-6")
@UNHURRIED
@given(either_policy, questions, st.sampled_from([{"medical": True}, {"age": 12}, {"age": 12, "for_whom": "other"}]))
def test_weights_change_nothing_for_medical_needs_and_children(
    policy: Policy, question: tuple[Roster, Need], border: dict[str, Any]
) -> None:
    roster, need = question
    need = msgspec.structs.replace(need, **border)
    assert decide(policy, roster, need) == decide(policy, weightless(roster), need)


@UNHURRIED
@given(either_policy, questions)
def test_a_weight_gives_its_reason_only_where_it_mattered(policy: Policy, question: tuple[Roster, Need]) -> None:
    roster, need = question
    weighed, plain = decide(policy, roster, need), decide(policy, weightless(roster), need)
    reasons = {code for option in weighed.options for code in option.reasons}
    assert (weighed.options != plain.options) == any(code.startswith("many_") for code in reasons)


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
@given(either_policy, questions)
def test_full_closed_or_without_letter_is_never_sent_to(policy: Policy, question: tuple[Roster, Need]) -> None:
    roster, need = question
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
@given(either_policy, questions)
def test_a_contact_card_never_stands_alone(policy: Policy, question: tuple[Roster, Need]) -> None:
    roster, need = question
    options = decide(policy, roster, need).options
    assert any(option.sendable or option.service.kind == "team" for option in options)


@UNHURRIED
@given(either_policy, questions)
def test_every_code_is_one_that_has_words(policy: Policy, question: tuple[Roster, Need]) -> None:
    roster, need = question
    decision = decide(policy, roster, need)
    assert {code for option in decision.options for code in option.reasons} <= set(REASONS)
    assert {code for _, code in decision.left_out} <= set(LEFT_OUT)
    assert all(option.reasons for option in decision.options)
