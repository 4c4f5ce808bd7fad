"""Each mistake in a flow or menu file is told with its place and what to do."""

from __future__ import annotations

import pytest

from flows.parse import FlowError, parse_flow, parse_menu

GOOD = """flow: tea
description: Tea.
trigger: [company]
steps:
  - id: ask
    collect: sugar
    type: yes_no
    utter: tea.sugar
    required: true
  - if: sugar
    then: sweet
    else: end
  - id: sweet
    utter: tea.sweet
  - end
"""


def findings(content: str) -> list[str]:
    with pytest.raises(FlowError) as error:
        parse_flow("tea.yml", content)
    return [str(finding) for finding in error.value.findings]


def test_reads_a_flow() -> None:
    flow = parse_flow("tea.yml", GOOD)
    assert (flow.name, flow.kind, flow.trigger) == ("tea", "need", ("company",))
    assert [step.kind for step in flow.steps] == ["collect", "if", "utter", "end"]
    ask, decide = flow.steps[:2]
    assert (ask.value, ask.type, ask.utter, ask.required, ask.line, ask.column) == (
        "sugar",
        "yes_no",
        "tea.sugar",
        True,
        5,
        5,
    )
    assert (decide.then, decide.otherwise) == ("sweet", "end")
    assert flow.index_of("sweet") == 2 and flow.index_of("salt") is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "tea.yml:1:1: expected `word: value` lines; the file is empty or a list"),
        ("- end\n", "tea.yml:1:1: expected `word: value` lines; the file is empty or a list"),
        ("flow: tea\nsteps: [end\n", "tea.yml:3:1: this is not YAML"),
        ("steps: [end]\n", "tea.yml:1:1: a flow needs a name"),
        ("flow: tea\n", "tea.yml:1:1: a flow needs steps"),
        ("flow: tea\nsteps: []\n", "tea.yml:2:1: a flow needs steps"),
        ("flow: tea\nsteps: end\n", "tea.yml:2:1: a flow needs steps"),
        (
            "flow: tea\nsteps:\n  - collect: x\n    type: yes_no\n    utter: a\n    required: true\n    once: true\n",
            "tea.yml:7:5: x is asked once and required; keep one of the two",
        ),
        ("flow: tea\ncolour: red\nsteps: [end]\n", "tea.yml:2:1: a flow has no word 'colour'"),
        ("flow: tea\nkind: song\nsteps: [end]\n", "tea.yml:2:1: 'song' is no kind of flow"),
        ("flow: tea\ntrigger: company\nsteps: [end]\n", "tea.yml:2:1: trigger is a list of intents"),
        ("flow: tea\nsteps:\n  - finish\n", "tea.yml:3:5: a step is one of"),
        ("flow: tea\nsteps:\n  - say: hello\n", "tea.yml:3:5: a step has exactly one of"),
        ("flow: tea\nsteps:\n  - call: a\n    set: {b: c}\n", "tea.yml:3:5: a step has exactly one of"),
        ("flow: tea\nsteps:\n  - utter: a\n    loudly: true\n", "tea.yml:4:5: utter has no word 'loudly'"),
        ("flow: tea\nsteps:\n  - set: who\n", "tea.yml:3:5: set takes slots with their values"),
        ("flow: tea\nsteps:\n  - collect: a\n    utter: b\n", "tea.yml:3:5: collect needs a type"),
        ("flow: tea\nsteps:\n  - collect: a\n    type: colour\n    utter: b\n", "tea.yml:4:5: collect needs a type"),
        ("flow: tea\nsteps:\n  - collect: a\n    type: text\n", "tea.yml:3:5: collect a asks nothing"),
        (
            "flow: tea\nsteps:\n  - collect: a\n    type: choice\n    utter: b\n    choices: c\n",
            "tea.yml:6:5: choices is a list",
        ),
        ("flow: tea\nsteps:\n  - if: a\n", "tea.yml:3:5: if needs `then:`"),
        ("flow: tea\nsteps:\n  - consent: option\n", "tea.yml:3:5: consent needs `refused:`"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(content: str, message: str) -> None:
    found = findings(content)
    assert len(found) == 1 and found[0].startswith(message)


def test_all_mistakes_are_told_at_once_in_order() -> None:
    found = findings("flow: tea\ncolour: red\nkind: song\nsteps:\n  - if: a\n  - consent: b\n")
    assert [one.split(":")[1] for one in found] == ["2", "3", "5", "6"]


def test_reads_a_menu() -> None:
    assert parse_menu("menu.yml", "home: [meals, household]\n").domains == {"home": ("meals", "household")}


def test_a_menu_without_a_list_is_told() -> None:
    with pytest.raises(FlowError) as error:
        parse_menu("menu.yml", "home: [meals]\nout: bus\n")
    assert str(error.value) == "menu.yml:2:1: out needs a list of themes, such as [company, meals]"
