"""`balie check`: each kind of author's mistake is one line with its place and what to do."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from desk.content import check_content
from flows.definition import Content, Menu
from flows.lint import Author, lint
from flows.parse import parse_flow
from flows.places import Places
from flows.texts import LANGUAGES, Texts
from tests.flows.talks import content

DESK = """consent.card: Card.
consent.again: Again.
route.choose_again: Choose.
route.why: Why.
a: One.
b: Two.
words.officialese: [indien, met betrekking tot]
route.why_this: Why this.
"""
HEAD = "flow: tea\ndescription: Tea.\n"


def author(
    *flows: str, menu: Mapping[str, tuple[str, ...]] | None = None, nl: str = DESK, en: str = DESK, team: str = ""
) -> Author:
    files = {"flows/locales/nl/desk.yml": nl, "flows/locales/en/desk.yml": en}
    texts = Texts.read((name.split("/")[2], name, text) for name, text in files.items())
    read = [parse_flow(f"flows/definitions/{number}.yml", text) for number, text in enumerate(flows)]
    facts = {language: {"team": team} for language in LANGUAGES}
    return Author(Content({flow.name: flow for flow in read}, Menu(dict(menu or {})), texts, Places(()), facts), files)


def findings(*flows: str, **more: object) -> list[str]:
    return [str(finding) for finding in lint(author(*flows, **more))]  # type: ignore[arg-type]


def test_what_comes_with_the_desk_has_no_findings() -> None:
    assert check_content(content()) == []


def test_a_sound_flow_has_no_findings() -> None:
    assert findings(HEAD + "steps:\n  - utter: a\n  - end\n") == []


@pytest.mark.parametrize(
    ("steps", "place", "what", "remedy"),
    [
        ("  - look: cellar\n", "4:5", "there is nothing called 'cellar'", "write `look: directory`"),
        ("  - follow_up: 2 weeks\n", "4:5", "nobody said yes to being asked later", "add `agreed:`"),
        ("  - follow_up: 2 weeks\n    agreed: x\n", "4:5", "no step of this flow asks 'x'", "`type: yes_no`"),
        (
            "  - collect: x\n    type: yes_no\n    utter: a\n  - follow_up: 2 weeks\n    agreed: x\n    asks: cake\n",
            "7:5",
            "there is no flow 'cake' to ask with",
            "write one or mend the name",
        ),
        ("  - call: cake\n", "4:5", "there is no flow 'cake' to call", "write one or mend the name"),
        ("  - if: team\n    then: cake\n  - end\n", "4:5", "there is no step or flow 'cake' to go to", "mend the name"),
        ("  - choose: option\n  - end\n", "4:5", "a flow that lets choose needs a step", "`id: none_fits`"),
        ("  - if: colour == 1\n    then: end\n  - end\n", "4:5", "the condition names 'colour'", "mend the name"),
        ("  - if: team ==\n    then: end\n  - end\n", "4:5", "this condition cannot be read", "write for example"),
        ("  - route: cake\n", "4:5", "'cake' is no theme", "write `route: theme`"),
        ("  - hand_over: host\n    share: cake\n", "4:5", "no step collects 'cake'", "collect it or mend the name"),
        ("  - link: cake\n", "4:5", "there is no link 'cake'", "write one of invitation"),
        ("  - collect: x\n    type: choice\n    utter: a\n", "4:5", "x is a choice without choices", "add `choices:"),
        ("  - utter: c\n", "4:5", "the text c is missing in nl", "add it to flows/locales/nl/"),
        ("  - end\n  - utter: a\n", "5:5", "this step can never be reached", "remove it or jump to its id"),
        ("  - refer: option\n    utter: a\n", "4:5", "refer can be reached without consent", "put a consent step"),
        (
            "  - consent: option\n    refused: sent\n  - id: sent\n    refer: option\n    utter: a\n",
            "6:5",
            "refer can be reached without consent",
            "put a consent step",
        ),
        (
            "  - id: top\n    if: team\n    then: top\n  - end\n",
            "1:1",
            "tea can run in a circle",
            "put a question in it",
        ),
    ],
)
def test_a_mistake_in_a_flow(steps: str, place: str, what: str, remedy: str) -> None:
    found = [one for one in findings(HEAD + "steps:\n" + steps) if what in one]
    assert found and found[0].startswith(f"flows/definitions/0.yml:{place}: {what}") and remedy in found[0]


def test_refer_after_a_yes_is_fine() -> None:
    steps = "  - consent: option\n    refused: end\n  - refer: option\n    utter: a\n"
    assert findings(HEAD + "steps:\n" + steps) == []


def test_one_slot_of_two_types() -> None:
    one = HEAD + "steps:\n  - collect: x\n    type: text\n    utter: a\n"
    two = "flow: cake\ndescription: Cake.\nsteps:\n  - collect: x\n    type: phone\n    utter: a\n"
    assert any("x is text here and phone in flows/definitions/1.yml:4; make them one" in f for f in findings(one, two))


def test_triggers() -> None:
    flow = "flow: {}\ndescription: x.\ntrigger: [company]\nsteps: [end]\n"
    part = "flow: piece\ndescription: x.\nkind: part\ntrigger: [meals]\nsteps: [end]\n"
    found = findings(flow.format("a"), flow.format("b"), part, menu={"home": ("company", "housing")})
    assert "flows/definitions/1.yml:1:1: company starts flows/definitions/0.yml too; let one flow have it" in found
    assert any(
        one.startswith("flows/definitions/2.yml:1:1: a part is only called; remove its trigger") for one in found
    )
    assert any(
        one.startswith("flows/definitions/menu.yml:1:1: no flow is triggered by housing; add it") for one in found
    )


def test_two_flows_that_jump_to_each_other_run_in_a_circle() -> None:
    one = "flow: a\ndescription: x.\nsteps:\n  - call: b\n"
    two = "flow: b\ndescription: x.\nsteps:\n  - call: a\n"
    assert any("can run in a circle" in found for found in findings(one, two))


def test_a_text_that_one_language_lacks() -> None:
    found = findings(nl=DESK + "c: Drie.\n")
    assert found == ["flows/locales/nl/desk.yml:9:1: c is missing in en; add it to flows/locales/en/"]


def test_a_text_that_is_no_template() -> None:
    broken = 'c: "{% if %}"\n'
    found = findings(nl=DESK + broken, en=DESK + broken)
    assert found[0].startswith("flows/locales/en/desk.yml:9:1: c is no valid template (")
    assert all(one.endswith("mend the braces") for one in found) and len(found) == 2


def test_sentences_that_are_too_long() -> None:
    long = "c: " + "woord " * 16 + "einde.\n"
    found = findings(nl=DESK + long, en=DESK + long)
    assert found[1] == "flows/locales/nl/desk.yml:9:1: c: sentences of 17 words on average; make them 15 or shorter"


@pytest.mark.parametrize("word", ["Indien u wilt.", "Een vraag met betrekking tot geld."])
def test_officialese(word: str) -> None:
    found = findings(nl=DESK + f"c: {word}\n", en=DESK + "c: Fine.\n")
    assert len(found) == 1 and found[0].startswith("flows/locales/nl/desk.yml:9:1: c: '")
    assert found[0].endswith("is officialese; say it as you would at a kitchen table")
