"""Runs a flow's steps until the desk must wait for the resident or the flow is done."""

from __future__ import annotations

from typing import Any

import msgspec
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from flows import search_pages
from flows.also import offer_others
from flows.card import point_elsewhere, show_card
from flows.conversation import Talk
from flows.definition import Flow, Step
from flows.events import Ended, FollowUpAsked, HandedToHost, Referred, Routed
from flows.links import LINKS
from flows.model import Asked, Choice, Frame, Option, Referral

MOST_QUESTIONS = 7  # of one intake; what is not known by then is done without
ASKED_ABOUT = ("theme", "who", "place", "own_network", "other_age", "medical")  # what a later question is about
MOST_STEPS = 500  # of one turn; `balie check` refuses circles without a question, this is the second lock

_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
_EXPRESSIONS: dict[str, Any] = {}


class FlowCircle(Exception):
    """A flow runs in a circle without asking anything."""


def run(talk: Talk) -> None:
    """Goes on from the top of the stack. Ends with a prompt to answer, or with an empty stack."""
    for _ in range(MOST_STEPS):
        if not talk.session.stack:
            return
        frame = talk.session.stack[-1]
        flow = talk.content.flows[frame.flow]
        if frame.step >= len(flow.steps):
            _leave(talk)
        elif _RUNNERS[flow.steps[frame.step].kind](talk, flow, flow.steps[frame.step]):
            return
    raise FlowCircle(f"flow {talk.session.stack[-1].flow!r} runs in a circle; put a question or an end in it")


def next_step(talk: Talk) -> None:
    frame = talk.session.stack[-1]
    talk.session.stack[-1] = msgspec.structs.replace(frame, step=frame.step + 1)


def go_to(talk: Talk, target: str) -> None:
    """To a step's id in this flow, or to another flow, which then takes this one's place."""
    frame = talk.session.stack[-1]
    index = talk.content.flows[frame.flow].index_of(target)
    if index is not None:
        talk.session.stack[-1] = msgspec.structs.replace(frame, step=index)
    elif target == "end":
        _end(talk)
    else:
        talk.session.stack[-1] = Frame(target, 0, frame.interrupts)


def holds(talk: Talk, expression: str) -> bool:
    """Whether a condition of a flow holds. Strict: a name nobody knows is an error, not false."""
    compiled = _EXPRESSIONS.get(expression)
    if compiled is None:
        compiled = _EXPRESSIONS[expression] = _ENVIRONMENT.compile_expression(expression, undefined_to_none=False)
    return bool(compiled(**talk.values()))


def collect_choices(talk: Talk, step: Step) -> list[Choice]:
    """The quick replies of a question; where the neighbourhood is asked, the neighbourhoods themselves."""
    if step.type == "place":
        choices = [Choice(place.id, place.name) for place in talk.content.places.all]
    elif step.type == "yes_no":
        choices = [talk.choice("yes", "choice.yes"), talk.choice("no", "choice.no")]
    else:
        choices = [talk.choice(choice, f"choice.{step.value}.{choice}") for choice in step.choices]
    if not step.required and not step.once:
        choices.append(talk.choice("skip", "choice.skip"))
    return choices


def prefer_experts(talk: Talk) -> None:
    """Routes once more, now with experts by experience first, and puts the new options."""
    prompt = talk.session.prompt
    assert prompt is not None
    talk.session.slots["prefer_experts"] = True
    decide(talk)
    talk.ask("choose", prompt.key, _option_choices(talk), about=prompt.about)


def _option_choices(talk: Talk) -> list[Choice]:
    offer = talk.session.offer
    assert offer is not None
    choices = [Choice(option.id, option.name) for option in offer.options]
    if offer.experts:
        choices.append(talk.choice("experts", "choice.experts"))
    ways = [talk.choice("human", "choice.look_along"), talk.choice("search", "choice.search")]
    return [*choices, *ways, talk.choice("none", "choice.none_of_these")]


def decide(talk: Talk) -> None:
    """Routes what is known, and notes the offer."""
    talk.offer()
    assert talk.session.offer is not None
    slots = talk.session.slots
    talk.events.append(Routed(str(slots.get("theme")), slots.get("place"), talk.session.offer))


# A runner carries out one step; it returns True when the desk now waits for the resident. -----------------------------


def _collect(talk: Talk, flow: Flow, step: Step) -> bool:
    session = talk.session
    known = session.slots.get(step.value) is not None or step.value in session.skipped
    questions = len({asked.slot for asked in session.asked})
    if known or (questions >= MOST_QUESTIONS and not step.required and not _was_asked(talk, step.value)):
        next_step(talk)
        return False
    if not _was_asked(talk, step.value):
        session.asked.append(Asked(step.value, tuple(session.stack), session.slots.get("option")))
    talk.ask("collect", step.utter, collect_choices(talk, step), about=step.value)
    return True


def _was_asked(talk: Talk, slot: str) -> bool:
    return any(asked.slot == slot for asked in talk.session.asked)


def _choose(talk: Talk, flow: Flow, step: Step) -> bool:
    if talk.session.slots.get(step.value) is not None:
        next_step(talk)
        return False
    assert talk.session.offer is not None, f"{flow.file}:{step.line}: choose before route"
    talk.ask("choose", step.utter or "route.options", _option_choices(talk), about=step.value)
    return True


def _utter(talk: Talk, flow: Flow, step: Step) -> bool:
    talk.utter(step.value)
    next_step(talk)
    return False


def _set(talk: Talk, flow: Flow, step: Step) -> bool:
    for slot, value in step.values.items():
        known = talk.session.slots.get(slot)
        merged = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value
        talk.set(slot, merged)
    next_step(talk)
    return False


def _if(talk: Talk, flow: Flow, step: Step) -> bool:
    target = step.then if holds(talk, step.value) else step.otherwise
    if target:
        go_to(talk, target)
    else:
        next_step(talk)
    return False


def _route(talk: Talk, flow: Flow, step: Step) -> bool:
    slots = talk.session.slots
    if step.value != "theme":
        slots["theme"] = step.value
    slots.pop("option", None)
    decide(talk)
    next_step(talk)
    return False


def _consent(talk: Talk, flow: Flow, step: Step) -> bool:
    option = talk.option
    assert option is not None, f"{flow.file}:{step.line}: consent before choose"
    show_card(talk, option)
    return True


def _refer(talk: Talk, flow: Flow, step: Step) -> bool:
    session, card = talk.session, talk.session.card
    assert card is not None and session.offer is not None, f"{flow.file}:{step.line}: refer before consent"
    talk.events.append(
        Referred(
            theme=str(session.slots.get("theme")),
            neighbourhood=session.slots.get("place"),
            option=card.option,
            card=card,
            rule=session.offer.rule,
            policy=session.offer.policy,
            medical=bool(session.slots.get("medical")),
            by_link=bool(session.asked_by),
            decision=session.offer.decision,
        )
    )
    session.referrals.append(Referral(id="", code="", option=card.option.id, name=card.option.name))
    talk.utter(step.utter or "referral.confirmed")
    next_step(talk)
    return False


def _link(talk: Talk, flow: Flow, step: Step) -> bool:
    """A page for somebody else, or the answer on one. Nothing is said here: only the desk knows the link."""
    LINKS[step.value](talk)
    next_step(talk)
    return False


def _follow_up(talk: Talk, flow: Flow, step: Step) -> bool:
    card, slots, option = talk.session.card, talk.session.slots, talk.option
    on_the_card = card is not None and card.follow_up  # a separate line, off by default
    if slots.get(step.agreed) is True if step.agreed else on_the_card:
        about = {slot: slots[slot] for slot in ASKED_ABOUT if slot in slots}
        if option is not None:
            about["been_to"] = {"id": option.id, "name": option.name, **option.facts}
        talk.events.append(FollowUpAsked(step.value, step.asks, about if step.asks else {}))
    next_step(talk)
    return False


def _hand_over(talk: Talk, flow: Flow, step: Step) -> bool:
    talk.events.append(HandedToHost(share_before=bool(talk.session.slots.get(step.share))))
    if step.utter:
        talk.utter(step.utter)
    next_step(talk)
    return False


def _call(talk: Talk, flow: Flow, step: Step) -> bool:
    next_step(talk)
    talk.session.stack.append(Frame(step.value))
    return False


def _look(talk: Talk, flow: Flow, step: Step) -> bool:
    search_pages.show(talk)
    return True


def _end_step(talk: Talk, flow: Flow, step: Step) -> bool:
    _end(talk)
    return False


def _end(talk: Talk) -> None:
    """Ends the intake, or only the digression when the resident was in one."""
    while talk.session.stack:
        if _leave(talk).interrupts:
            return


def _leave(talk: Talk) -> Frame:
    """Leaves the flow on top. With the last flow of an intake the intake is over."""
    frame = talk.session.stack.pop()
    if not talk.session.stack:
        talk.session.prompt = None
        if not frame.interrupts:
            talk.events.append(Ended("done"))
            talk.session.guess = None
        offer_others(talk, forget=not frame.interrupts)
    return frame


def pointed(talk: Talk, option: Option) -> None:
    """Logs a chosen destination to which nothing is sent, at the moment it is chosen. For somebody else nothing is
    sent without that person's own yes."""
    if not option.sendable or talk.session.slots.get("who") == "other":
        point_elsewhere(talk, option)


_RUNNERS = {
    "collect": _collect,
    "choose": _choose,
    "utter": _utter,
    "set": _set,
    "if": _if,
    "route": _route,
    "consent": _consent,
    "refer": _refer,
    "link": _link,
    "follow_up": _follow_up,
    "hand_over": _hand_over,
    "call": _call,
    "look": _look,
    "end": _end_step,
}
