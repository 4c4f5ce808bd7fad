"""Somebody asked for this person: the card is read and answered in a conversation of their own."""

from __future__ import annotations

from collections.abc import Mapping

from flows.conversation import Talk
from flows.definition import Content
from flows.events import Turn
from flows.model import Frame, Message, Offer, Session, Value
from flows.steps import run
from flows.topics import welcome

FLOW, BEGIN = "asked_for", "begin"


def begin(content: Content, session: Session, slots: Mapping[str, Value], offer: Offer) -> Turn:
    """The first turn of that conversation. `offer` holds the one option that was chosen for them. Pure."""
    talk = Talk(content, session, Message(0), None)
    (option,) = offer.options
    talk.session.slots = {**slots, "who": "self", "option": option.id}
    talk.session.slots["request"] = talk.render("asked_for.request")
    talk.session.offer = offer
    step = content.flows[FLOW].index_of(BEGIN)
    assert step is not None, f"the flow {FLOW} needs a step with `id: {BEGIN}`"
    talk.session.stack = [Frame(FLOW, step)]
    welcome(talk)
    run(talk)
    return talk.turn()
