"""A flow that the desk itself begins, because the resident agreed to be asked later."""

from __future__ import annotations

from typing import Any

from flows.conversation import Talk
from flows.definition import Content
from flows.events import Turn
from flows.model import Frame, Message, Session
from flows.steps import run


def ask_later(content: Content, session: Session, flow: str, slots: dict[str, Any]) -> Turn:
    """The turn that asks. `slots` are what it is about, as they were when the resident agreed. Pure; nothing of the
    conversation is waiting, so nothing is lost."""
    talk = Talk(content, session, Message(0), None)
    talk.forget_intake()
    talk.session.slots.update(slots)
    talk.session.stack = [Frame(flow)]
    run(talk)
    return talk.turn()
