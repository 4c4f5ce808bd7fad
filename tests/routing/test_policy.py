"""Reading a policy: what is understood, what is refused and with which words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from routing.conditions import When
from routing.decide import decide
from routing.model import Need
from routing.policy import Policy, PolicyError, read_policy
from tests.routing.conftest import STANDARD, ids, make_roster, make_service, make_team


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        read_policy(text, "mine.yml")
    return list(refused.value.problems)


def rules(*lines: str) -> str:
    return "\n".join(("policy: mine", "rules:", *lines))


MEDICAL = "  - {rule: medical, when: {medical: true}, order: [team]}"
LAST = "  - {rule: last, order: [team]}"


def test_the_standard_policy_is_read(standard: Policy) -> None:
    assert standard.name == "standard"
    assert standard.rules[-1].when == When()
    assert standard.rules[0].when.medical


def test_the_first_rule_that_holds_decides() -> None:
    policy = read_policy(
        rules(
            MEDICAL,
            "  - {rule: in_zuid, when: {themes: [company], neighbourhoods: [zuid]}, order: [volunteers]}",
            "  - {rule: at_home, when: {domains: [contact], for_whom: other}, order: [team]}",
            "  - {rule: in_english, when: {languages: [en]}, order: [initiative, volunteers], of_each: 2}",
            LAST,
        ),
        "mine.yml",
    )
    roster = make_roster(
        make_service("walk", "initiative"),
        make_service("talk", "initiative"),
        make_service("buddy", "volunteers"),
        make_team(),
    )

    def decided(**details: str) -> tuple[str, list[str]]:
        decision = decide(policy, roster, Need("company", **details))  # type: ignore[arg-type]
        return decision.rule, ids(decision)

    assert decided(neighbourhood="zuid", for_whom="other") == ("in_zuid", ["buddy"])
    assert decided(neighbourhood="noord", for_whom="other") == ("at_home", ["team"])
    assert decided(language="en") == ("in_english", ["talk", "walk", "buddy"])
    assert decided() == ("last", ["team"])


BUDDY, TEAM = make_service("buddy", "volunteers"), make_team()


def test_what_cannot_wait_can_have_a_rule_of_its_own() -> None:
    text = rules(
        MEDICAL,
        "  - {rule: now, when: {urgent: true}, order: [team, volunteers]}",
        "  - {rule: last, order: [volunteers]}",
    )
    policy, roster = read_policy(text, "mine.yml"), make_roster(BUDDY, TEAM)
    hurried, calm = (decide(policy, roster, Need("company", urgent=urgent)) for urgent in (True, False))
    assert (hurried.rule, ids(hurried)) == ("now", ["team", "buddy"])
    assert hurried.options[0].reasons[0] == "cannot_wait"
    assert (calm.rule, ids(calm)) == ("last", ["buddy"])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, "room_there"),
        ({"capacity": 1, "reserved": 1}, "last"),
        ({"full_until": "2026-03-03"}, "last"),
        ({"closed_until": "2026-03-03"}, "last"),
        ({"themes": ("meals",)}, "last"),
        ({"neighbourhoods": ("zuid",)}, "last"),
    ],
)
def test_a_rule_can_ask_for_room_today(changes: dict[str, Any], rule: str) -> None:
    text = rules(MEDICAL, "  - {rule: room_there, when: {room: [volunteers]}, order: [volunteers]}", LAST)
    roster = make_roster(msgspec.structs.replace(BUDDY, **changes), TEAM)
    assert decide(read_policy(text, "mine.yml"), roster, Need("company", neighbourhood="noord")).rule == rule


@pytest.mark.rule("domain-10")
def test_room_among_volunteers_is_no_room_for_a_medical_need() -> None:
    text = rules(
        "  - {rule: room_there, when: {room: [volunteers], medical: false}, order: [volunteers]}",
        "  - {rule: odd, when: {room: [volunteers]}, order: [team]}",
        LAST,
    )
    decision = decide(read_policy(text, "mine.yml"), make_roster(BUDDY, TEAM), Need("company", medical=True))
    assert (decision.rule, ids(decision)) == ("last", ["team"])


def test_the_hash_follows_what_the_policy_says_and_not_how_it_is_written(standard: Policy) -> None:
    text = STANDARD.read_text(encoding="utf-8")
    rewritten = "# a remark\n" + text.replace("{medical: true}", "\n      medical: true")
    assert read_policy(rewritten, "elsewhere.yml").hash == standard.hash
    assert len(standard.hash) == 12 and int(standard.hash, 16) >= 0
    assert read_policy(text.replace("of_each: 2", "of_each: 3"), "standard.yml").hash != standard.hash


def marked(text: str) -> tuple[str, list[str]]:
    """The text without its marks `§`, and the `line:column` of each."""
    places: list[str] = []
    while "§" in text:
        before, _, after = text.partition("§")
        places.append(f"{before.count(chr(10)) + 1}:{len(before) - (before.rfind(chr(10)) + 1) + 1}")
        text = before + after
    return text, places


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("§", ["the file is empty, fill it or restore it"]),
        ("§- a", ["a policy should be lines of `key: value`, write it so"]),
        ("§policy: mine", ["a policy needs `rules`, add it"]),
        ("policy: mine\nrules: §[]", ["there is no rule, add at least one"]),
        ("policy: mine\nrules: §all", ["`rules` should be a list, write each on a line that begins with `- `"]),
        (
            rules("  - §{rule: last, §ordr: [team]}"),
            ["a rule needs `order`, add it", "a rule has no `ordr`, did you mean `order`?"],
        ),
        (rules("  - {rule: last, order: [§volunteer]}"), ["`volunteer` is not known here, did you mean `volunteers`?"]),
        (rules("  - {rule: last, order: §[]}"), ["`order` names no destination, add `team` at least"]),
        (rules("  - {rule: last, order: [team, §team]}"), ["`team` stands in `order` twice, keep one"]),
        (
            rules("  - {rule: last, order: [team, §own_steps]}"),
            ["own strength comes first, move `own_steps` to the front of `order`"],
        ),
        (
            rules("  - {rule: §Last One, order: [team]}"),
            ["`Last One` is not a name, use small letters, digits and _ and begin with a letter"],
        ),
        (
            rules("  - {rule: last, order: [team], of_each: §none}"),
            ["here a whole number of 1 or more is needed, write one"],
        ),
        (
            rules("  - {rule: last, order: [team], of_each: §0}"),
            ["here a whole number of 1 or more is needed, write one"],
        ),
        (
            rules("  - {rule: last, order: [team], network: §nearby}"),
            ["`network` does nothing without `own_network`, add that to `order`"],
        ),
        (
            rules("  - {rule: one, when: {themes: [§compny]}, order: [team]}", LAST),
            ["`compny` is not known here, did you mean `company`?"],
        ),
        (
            rules("  - {rule: one, when: {themes: §[]}, order: [team]}", LAST),
            ["`themes` is empty, name one or remove it"],
        ),
        (
            rules("  - {rule: one, when: {§own_network: true}, order: [team]}", LAST),
            [
                "`when` has no `own_network`, use one of: themes, domains, domains_at_least, domains_at_most, "
                "medical, urgent, age_under, for_whom, neighbourhoods, languages, team_forms, room",
            ],
        ),
        (
            rules("  - {rule: one, when: {medical: §maybe}, order: [team]}", LAST),
            ["here `true` or `false` is needed, write one of them"],
        ),
        (
            rules("  - {rule: one, when: {urgent: §false}, order: [team]}", LAST),
            ["who did not say that it cannot wait may not be able to, write `true`"],
        ),
        (
            rules("  - {rule: one, when: {room: [§own_steps]}, order: [team]}", LAST),
            ["`own_steps` is not known here, use one of: initiative, volunteers, team, elsewhere"],
        ),
        (
            rules("  - {rule: one, when: {medical: true, room: [§volunteers]}, order: [team]}", LAST),
            ["medical acts are for professionals only, remove `volunteers`: no setting changes that"],
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_what_to_do(text: str, messages: list[str]) -> None:
    text, places = marked(text)
    assert problems(text) == [f"mine.yml:{place}: {message}" for place, message in zip(places, messages, strict=True)]


def test_broken_yaml_is_said_with_its_place() -> None:
    (problem,) = problems("policy: mine\nrules: [\n")
    assert problem.startswith("mine.yml:3:1: this is not YAML (")
    assert problem.endswith("correct this line")


def test_a_policy_without_a_last_rule_is_refused() -> None:
    (problem,) = problems(rules("  - {rule: one, when: {medical: true}, order: [team]}"))
    assert problem == "mine.yml:3:5: the last rule `one` does not hold for everyone, end with a rule without `when`"


def test_a_rule_after_the_last_is_refused() -> None:
    found = problems(
        rules(LAST, "  - {rule: more, when: {themes: [meals]}, order: [team]}", "  - {rule: most, order: [team]}")
    )
    assert found == [
        "mine.yml:4:5: rule `more` is never reached: `last` always comes first, put this rule before it",
        "mine.yml:5:5: rule `most` is never reached: `last` always comes first, put this rule before it",
    ]


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("{themes: [meals], domains: [money, family]}", "none of its `themes` is in its `domains`"),
        ("{themes: [personal_care], medical: false}", "personal_care is always medical"),
        ("{domains_at_least: 4, domains_at_most: 2}", "`domains_at_least` is above `domains_at_most`"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(when: str, why: str) -> None:
    assert problems(rules(f"  - {{rule: one, when: {when}, order: [team]}}", LAST)) == [
        f"mine.yml:3:5: rule `one` never holds: {why}, correct its `when` or remove the rule"
    ]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("{}", "{themes: [company]}"),
        ("{domains: [contact]}", "{themes: [company, grief]}"),
        ("{themes: [meals, household, housing, home_adaptation]}", "{domains: [home]}"),
        ("{medical: true}", "{themes: [personal_care]}"),
        ("{urgent: true}", "{urgent: true, themes: [meals]}"),
        ("{room: [volunteers]}", "{room: [initiative, volunteers]}"),
        ("{themes: [company, meals]}", "{themes: [meals]}"),
        ("{themes: [company]}", "{themes: [company], for_whom: other}"),
        ("{age_under: 23}", "{age_under: 18}"),
        ("{domains_at_least: 2}", "{domains_at_least: 3}"),
        ("{domains_at_most: 3}", "{domains_at_most: 2}"),
        ("{team_forms: [complex_only, broad]}", "{team_forms: [complex_only]}"),
        ("{medical: true}", "{medical: true, neighbourhoods: [noord]}"),
    ],
)
def test_an_unreachable_rule_is_refused(earlier: str, later: str) -> None:
    text = rules(
        f"  - {{rule: one, when: {earlier}, order: [team]}}", f"  - {{rule: two, when: {later}, order: [team]}}", LAST
    )
    assert "mine.yml:4:5: rule `two` is never reached: `one` always comes first, put this rule before it" in problems(
        text
    )


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("{themes: [meals]}", "{themes: [company, meals]}"),
        ("{themes: [company], for_whom: other}", "{themes: [company]}"),
        ("{age_under: 18}", "{age_under: 23}"),
        ("{domains_at_least: 3}", "{domains_at_least: 2}"),
        ("{domains_at_most: 2}", "{domains_at_most: 3}"),
        ("{team_forms: [complex_only]}", "{team_forms: [complex_only, broad]}"),
        ("{medical: true}", "{themes: [company]}"),
        ("{neighbourhoods: [noord]}", "{neighbourhoods: [zuid]}"),
        ("{themes: [company]}", "{domains: [contact]}"),
        ("{themes: [company], urgent: true}", "{themes: [company]}"),
        ("{room: [initiative, volunteers]}", "{room: [volunteers]}"),
        ("{domains: [home], themes: [meals]}", "{domains: [home]}"),
    ],
)
def test_a_rule_that_can_be_reached_is_accepted(earlier: str, later: str) -> None:
    text = rules(
        f"  - {{rule: one, when: {earlier}, order: [team]}}", f"  - {{rule: two, when: {later}, order: [team]}}", LAST
    )
    assert [rule.id for rule in read_policy(text, "mine.yml").rules] == ["one", "two", "last"]


@pytest.mark.rule("domain-10")
@pytest.mark.parametrize("when", ["{medical: true}", "{themes: [company, personal_care]}"])
def test_medical_work_cannot_be_given_to_volunteers(when: str) -> None:
    (problem,) = problems(rules(f"  - rule: one\n    when: {when}\n    order: [team, volunteers]", LAST))
    assert problem == (
        "mine.yml:5:19: medical acts are for professionals only, remove `volunteers`: no setting changes that"
    )


@pytest.mark.rule("domain-10")
@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("  - {rule: one, order: [volunteers]}", 3),
        ("  - {rule: one, when: {domains: [health]}, order: [team, initiative]}", 3),
        (f"{MEDICAL.replace('true', 'true, for_whom: self')}\n  - {{rule: one, order: [own_steps, team]}}", 4),
    ],
)
def test_a_policy_in_which_medical_work_would_reach_volunteers_is_refused(rule: str, line: int) -> None:
    last = [] if "rule: one, order" in rule else [LAST]
    assert problems(rules(rule, *last)) == [
        f"mine.yml:{line}:5: medical acts would reach rule `one` and are for professionals only, "
        "put a rule with `when: {medical: true}` and `order: [team]` before it"
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "  - {rule: one, when: {domains: [health], medical: false}, order: [team, initiative]}",
        f"{MEDICAL}\n  - {{rule: one, when: {{for_whom: self}}, order: [own_steps, volunteers]}}",
    ],
)
def test_a_policy_that_takes_medical_work_apart_is_accepted(rule: str) -> None:
    assert read_policy(rules(rule, LAST), "mine.yml").rules[-1].id == "last"


def test_children_cannot_be_sent_to_volunteers() -> None:
    (problem,) = problems(rules("  - rule: one\n    when: {age_under: 12}\n    order: [initiative, team]", LAST))
    assert problem == (
        "mine.yml:5:13: under 16 a professional is offered and no volunteers, "
        "remove `initiative`: no setting changes that"
    )


def test_two_rules_of_one_name_are_refused() -> None:
    found = problems(rules("  - {rule: last, when: {for_whom: self}, order: [team]}", LAST))
    assert found == ["mine.yml:4:5: there are two rules `last`, give one another name"]
