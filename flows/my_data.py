"""What a resident can do with what the desk keeps of them: see it, have it as a file, clear the chat, erase it."""

from __future__ import annotations

from flows import ladder
from flows.also import offer_others
from flows.conversation import Talk
from flows.events import DataAsked, DataFileAsked, ErasureAsked, RemovalAsked
from flows.steps import run
from flows.topics import welcome

WITH_MESSAGES = "with_messages"  # erase, and take the desk's messages out of the chat as well


def show(talk: Talk) -> None:
    """The desk tells what it keeps; what can be done with it stands below. What it waited for is put again after."""
    welcome(talk)
    talk.events.append(DataAsked())
    choices = [talk.choice("file", "data.choice.file")]
    if talk.removes_messages:
        choices.append(talk.choice("remove", "data.choice.remove"))
    choices.append(talk.choice("erase", "data.choice.erase"))
    choices.append(talk.choice("back", "data.choice.back" if talk.session.stack else "choice.continue"))
    talk.ask("data", "data.what_now", choices)


def choose(talk: Talk, choice_id: str) -> None:
    """One of the choices of `show`."""
    talk.session.prompt = None
    if choice_id == "erase":
        ask_erasure(talk)
        return
    if choice_id == "file":
        talk.events.append(DataFileAsked())
    elif choice_id == "remove":
        talk.events.append(RemovalAsked())
    elif not talk.session.stack:
        _begin(talk)
    run(talk)


def give_file(talk: Talk) -> None:
    """Asked for in so many words."""
    welcome(talk)
    talk.events.append(DataFileAsked())
    ladder.ask_again(talk)


def remove_messages(talk: Talk) -> None:
    """Asked for in so many words, so it happens at once: whoever clears a chat may have little time."""
    if talk.removes_messages:
        talk.events.append(RemovalAsked())
    else:
        talk.utter("data.cannot_remove")
    ladder.ask_again(talk)


def ask_erasure(talk: Talk) -> None:
    """Cannot be undone, so it is asked once more. Afterwards the desk does not know its messages any more."""
    choices = [talk.choice("yes", "choice.yes"), talk.choice("no", "choice.no")]
    if talk.removes_messages:
        choices.insert(1, talk.choice(WITH_MESSAGES, "data.choice.with_messages"))
    talk.ask("confirm", "data.confirm_erase", choices, about="erase")


def erase(talk: Talk, *, messages_too: bool) -> None:
    if messages_too:
        talk.events.append(RemovalAsked(erasing=True))
    talk.utter("data.erased")
    talk.events.append(ErasureAsked())
    talk.session.referrals = []  # withdrawn at once; the rest goes in a minute
    talk.forget_intake()


def _begin(talk: Talk) -> None:
    """Nothing waited but perhaps what else an earlier message asked."""
    offer_others(talk, forget=False)
    if talk.session.prompt is None:
        ladder.menu(talk, "desk.how_can_i_help")
