"""A question for later comes from a yes in so many words, whatever the flow around it looks like."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from flows.asked_later import ask_later
from flows.conversation import Talk
from flows.events import FollowUpAsked, Uttered
from flows.model import Frame, Message, Session
from flows.parse import parse_flow
from flows.steps import run
from tests.flows.talks import content

FLOW = "flow: tea\ndescription: Tea.\nsteps:\n  - follow_up: 2 weeks\n    agreed: may\n    asks: how_it_went\n  - end\n"


@pytest.mark.rule("domain-8")
@pytest.mark.parametrize(("answer", "asked"), [(True, 1), (False, 0), (None, 0), ("ja", 0)])
def test_only_a_yes_plans_it(answer: object, asked: int) -> None:
    with_tea = replace(content(), flows={**content().flows, "tea": parse_flow("tea.yml", FLOW)})
    slots = {"may": answer, "theme": "meals", "first_name": "Anna"}
    talk = Talk(with_tea, Session(slots=slots, stack=[Frame("tea")]), Message(1), None)
    run(talk)
    planned = [event for event in talk.events if isinstance(event, FollowUpAsked)]
    assert len(planned) == asked
    assert all(event.slots == {"theme": "meals"} for event in planned), "what it is about, and no more"


def test_what_it_asks_names_where_it_was_and_leaves_the_rest_alone() -> None:
    slots = {"theme": "meals", "been_to": {"id": "x", "name": "De Linde"}}
    before = Session(slots={"first_name": "Anna"}, welcomed=True)
    turn = ask_later(content(), before, "how_it_went", slots)
    (asked,) = [event for event in turn.events if isinstance(event, Uttered)]
    assert asked.key == "own_steps.how_did_it_go" and "De Linde" in asked.text
    assert [choice.id for choice in asked.choices] == ["been", "not_yet", "not_for_me", "something_else"]
    assert turn.session.slots["first_name"] == "Anna" and before.slots == {"first_name": "Anna"}
