"""What an author's flow becomes once it is read: flows, steps and the rest of the content an engine runs on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from msgspec import Struct, field

from flows.places import Places
from flows.texts import Texts

StepKind = Literal[
    "collect",
    "choose",
    "utter",
    "set",
    "if",
    "route",
    "consent",
    "refer",
    "link",
    "follow_up",
    "hand_over",
    "call",
    "look",
    "end",
]
STEP_KINDS: tuple[str, ...] = StepKind.__args__  # type: ignore[attr-defined]
SLOT_TYPES = ("text", "people", "place", "yes_no", "choice", "time", "phone", "age", "name")


class Step(Struct, frozen=True):
    """One step. `value` is what stands behind the step's own word: the slot of a collect, the key of an utter, the
    expression of an if, the flow of a call. The rest is empty where a step has no such word."""

    kind: str
    value: str
    line: int
    column: int
    id: str = ""
    type: str = ""  # collect: the slot's type
    utter: str = ""  # collect, choose, refer, hand_over: the text that goes with it
    choices: tuple[str, ...] = ()  # collect: quick replies, labelled by `choice.<slot>.<id>`
    required: bool = False  # collect: cannot be skipped (a yes or no that decides what happens)
    once: bool = False  # collect: asked once; whatever is no answer is read for what it says itself
    then: str = ""
    otherwise: str = ""
    refused: str = ""
    agreed: str = ""  # follow_up: the slot with the yes to being asked later; without it that is a line on the card
    asks: str = ""  # follow_up: the flow that asks then
    share: str = ""  # hand_over: the slot that says whether what was said before may be read
    values: dict[str, Any] = field(default_factory=dict)  # set: slot → value


class Flow(Struct, frozen=True):
    """A flow as written. `part` flows are only called; a `digression` comes back to where the resident was."""

    name: str
    description: str
    steps: tuple[Step, ...]
    file: str
    kind: Literal["need", "part", "digression"] = "need"
    trigger: tuple[str, ...] = ()
    line: int = 1

    def index_of(self, step_id: str) -> int | None:
        return next((index for index, step in enumerate(self.steps) if step.id == step_id), None)


class Menu(Struct, frozen=True):
    """The menu by life domain: domain id → the intents offered under it."""

    domains: dict[str, tuple[str, ...]]


class Thresholds(Struct, frozen=True):
    """How sure the NLU must be, 0 to 1. Chosen from the coverage/accuracy figures that the NLU's tests print."""

    sure: float = 0.45  # start the flow of the best theme
    offer: float = 0.10  # a theme is worth offering as one of three
    also: float = 0.70  # a theme that one clause of a long message is about, beside the main one
    act: float = 0.60  # a dialogue act outside a question
    act_in_answer: float = 0.85  # a dialogue act while the desk waits for an answer in free words
    alert: float = 0.85  # an alert that the NLU adds where the guard's own model had its doubts


class Content(Struct, frozen=True, dict=True):
    """Everything the engine runs on. `facts` are, per language, what every text may use: the team's phone, ..."""

    flows: Mapping[str, Flow]
    menu: Menu
    texts: Texts
    places: Places
    facts: Mapping[str, Mapping[str, Any]]
    thresholds: Thresholds = Thresholds()

    def triggered_by(self, intent: str) -> Flow | None:
        return next((flow for flow in self.flows.values() if intent in flow.trigger), None)

    @cached_property
    def slot_names(self) -> tuple[str, ...]:
        """Every slot that a flow collects or sets, and those the engine itself fills."""
        names = {"theme", "request", "option", "who", "age", "phone", "first_name", "other_age", "also"}
        names |= {"medical", "urgent", "been_to"}
        for flow in self.flows.values():
            for step in flow.steps:
                names.update([step.value] if step.kind == "collect" else step.values)
        return tuple(sorted(names))

    @property
    def themes(self) -> tuple[str, ...]:
        return tuple(theme for themes in self.menu.domains.values() for theme in themes)
