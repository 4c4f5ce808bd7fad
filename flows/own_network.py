"""Own network as a destination: what happens when the one who was asked cannot help."""

from __future__ import annotations

from collections.abc import Mapping

from flows.conversation import Talk
from flows.definition import Content
from flows.events import Turn
from flows.model import Frame, Message, Route, Session, Value
from flows.steps import decide, run

OVER = ("option", "own_network", "also")  # of the intake from before; own network was tried


def is_idle(session: Session) -> bool:
    """Whether the desk waits for nothing, so that it may ask something by itself."""
    return session.prompt is None and not session.stack


def offer_the_rest(content: Content, session: Session, slots: Mapping[str, Value], route: Route) -> Turn:
    """The other options for an intake that ended in an invitation, of which `slots` were kept. Pure."""
    talk = Talk(content, session, Message(0), route)
    talk.session.slots = {slot: value for slot, value in slots.items() if slot not in OVER}
    talk.session.stack = [Frame("destination")]
    decide(talk)
    run(talk)
    return talk.turn()
