"""Starts what a conversation is about: a need with its intake, or a digression on top of one."""

from __future__ import annotations

import msgspec

from flows.answers import read_answer
from flows.conversation import Talk
from flows.definition import Step
from flows.model import Frame
from flows.places import POSTCODE
from flows.steps import run
from flows.texts import plain

_TAKEN_FROM_FIRST_MESSAGE = {
    "age": "age",
    "phone": "phone",
    "first_name": "name",
}  # entity → type; the slot has its name
LONGEST_CORRECTION = 10  # words; a longer sentence with a postcode in it is a story, not a correction


def welcome(talk: Talk) -> None:
    """Once in a conversation: a computer, a person can be asked for, what happens with what is told."""
    if not talk.session.welcomed:
        talk.session.welcomed = True
        talk.utter("desk.welcome")


def start_theme(talk: Talk, theme: str, request: str | None) -> None:
    """Starts the intake for `theme`. A human sentence comes first, then the welcome, then a question.

    `request` holds the resident's own words, when there are any yet; what they already say is not asked.
    """
    flow = talk.content.triggered_by(theme)
    assert flow is not None, f"no flow is triggered by {theme}; balie check refuses such a menu"
    talk.forget_intake()
    talk.set("theme", theme)
    if request:
        talk.set("request", request)
        _take_what_was_said(talk, request)
    own = f"ack.{theme}"
    talk.utter(own if talk.content.texts.has(own, talk.language) else "desk.understood")
    welcome(talk)
    talk.session.stack = [Frame(flow.name)]
    run(talk)


def digress(talk: Talk, name: str) -> None:
    """Runs a digression on top of what was going on, then goes on with that."""
    welcome(talk)
    if not any(frame.flow == name for frame in talk.session.stack):
        talk.session.stack.append(Frame(name, 0, interrupts=True))
    run(talk)


def correct_place(talk: Talk) -> bool:
    """ "O nee, mijn postcode is 1235 AB": takes over the new place; when a destination was proposed already, routing
    is done again. False when the message corrects nothing."""
    text, slots = talk.message.text, talk.session.slots
    if not slots.get("place") or not POSTCODE.search(text) or len(text.split()) > LONGEST_CORRECTION:
        return False
    place = talk.content.places.find(text)
    if place is None or place == slots["place"]:
        return False
    talk.set("place", place)
    talk.utter("desk.place_corrected")
    _route_again(talk)
    run(talk)
    return True


def _route_again(talk: Talk) -> None:
    session = talk.session
    for index, frame in enumerate(session.stack):
        steps = talk.content.flows[frame.flow].steps
        routes = [number for number, step in enumerate(steps[: frame.step]) if step.kind == "route"]
        if routes:
            session.stack = [*session.stack[:index], msgspec.structs.replace(frame, step=routes[-1])]
            session.slots.pop("option", None)
            session.offer = session.card = None
            return


def _take_what_was_said(talk: Talk, request: str) -> None:
    slots, message, content = talk.session.slots, talk.message, talk.content
    place = content.places.find(request)
    if place and slots.get("place") != place:
        talk.set("place", place)
    said = {entity.entity for entity in message.entities}
    for entity, kind in _TAKEN_FROM_FIRST_MESSAGE.items():
        if entity in said:
            step = Step("collect", entity, 0, 0, type=kind)
            answer = read_answer(step, message, None, content.texts, content.places)
            if answer is not None and answer.value is not None:
                talk.set(entity, answer.value)
    # "Ik zit de hele dag alleen": about oneself. Someone else in the sentence: ask, it may be about them.
    speaks_of_self = any(word in content.texts.words("words.self", talk.language) for word in plain(request).split())
    if speaks_of_self and "person" not in said:
        talk.set("who", "self")
