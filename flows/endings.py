"""Ways out of where the conversation is: stop, start again, one question back, be forgotten."""

from __future__ import annotations

from flows import ladder
from flows.conversation import Talk
from flows.events import Ended
from flows.steps import run


def stop(talk: Talk) -> None:
    talk.forget_intake()
    talk.session.guess = None
    talk.utter("desk.stopped")
    talk.events.append(Ended("stopped"))


def start_again(talk: Talk) -> None:
    talk.forget_intake()
    talk.session.slots = {}
    talk.events.append(Ended("restarted"))
    ladder.menu(talk, "desk.restarted")


def confirm(talk: Talk, key: str, about: str) -> None:
    """Asks yes or no to what cannot be undone."""
    talk.ask("confirm", key, [talk.choice("yes", "choice.yes"), talk.choice("no", "choice.no")], about=about)


def go_back(talk: Talk) -> None:
    """To the question before this one; without one, to the choice of what it is about."""
    session = talk.session
    waiting = session.prompt.about if session.prompt and session.prompt.kind == "collect" else None
    earlier = [asked for asked in session.asked if asked.slot != waiting]
    if not earlier:
        talk.forget_intake()
        ladder.menu(talk, "desk.back_to_menu")
        return
    last = earlier[-1]
    forgotten = (waiting, last.slot)
    session.asked = [asked for asked in session.asked if asked.slot not in forgotten]
    session.slots = {slot: value for slot, value in session.slots.items() if slot not in forgotten}
    session.skipped = [slot for slot in session.skipped if slot not in forgotten]
    session.slots["option"] = last.option
    session.stack = list(last.stack)
    session.prompt = session.card = None
    run(talk)
