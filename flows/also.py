"""More than one need in a message: the main one goes first, the others are kept and offered once, afterwards."""

from __future__ import annotations

from typing import Any

from flows.answers import pick
from flows.conversation import Talk
from flows.events import HandedToHost
from flows.model import Choice

MOST = 3  # needs that are kept beside the main one
YOUNG = 16  # years; below it everything goes to a person, who asks for the rest
Others = list[dict[str, Any]]  # each {"theme": intent, "words": the clause it was heard in}


def others_heard(talk: Talk, main: str | None) -> Others:
    """The needs beside `main`: those that lead a clause of this message, then those that were kept before."""
    content = talk.content
    heard: Others = []
    for part in talk.message.parts:
        top = part.intents[0] if part.intents else None
        if top and top.name in content.themes and top.confidence >= content.thresholds.also:
            heard.append({"theme": top.name, "words": part.text})
    first: dict[str, dict[str, Any]] = {}
    for one in (*heard, *(talk.session.slots.get("also") or ())):
        if one["theme"] != main:
            first.setdefault(one["theme"], one)
    return list(first.values())[:MOST]


def keep_others(talk: Talk, others: Others) -> None:
    talk.session.slots.pop("also", None)
    if others:
        talk.set("also", others)


def offer_others(talk: Talk, *, forget: bool) -> None:
    """When an intake (`forget`) or a digression is over: asks once whether to look at the others too. Not when a
    person was asked for: they see the whole."""
    slots = talk.session.slots
    others: Others = slots.get("also") or []
    age = slots.get("age")
    goes_on = bool(others) and not any(isinstance(event, HandedToHost) for event in talk.events)
    goes_on = goes_on and (age is None or age >= YOUNG)
    if forget:
        talk.forget_intake(goes_on=goes_on and slots.get("theme") != "concern_other")
    if not goes_on:
        slots.pop("also", None)
        return
    talk.session.slots["also"] = others
    ask_others(talk)


def ask_others(talk: Talk) -> None:
    others: Others = talk.session.slots.get("also") or []
    if len(others) == 1:
        choices = [talk.choice("yes", "choice.yes")]
    else:
        choices = [Choice(one["theme"], _capital(talk.label(f"theme.{one['theme']}"))) for one in others]
    talk.ask("also", "also.ask", [*choices, talk.choice("not_now", "choice.not_now")])


def read_others(talk: Talk, choice: Choice | None) -> str | None:
    """The theme to look at next, "" for none of them, None when the message is no answer."""
    prompt, texts = talk.session.prompt, talk.content.texts
    assert prompt is not None
    others: Others = talk.session.slots.get("also") or []
    if choice is None:
        choice = pick(talk.message.text, prompt.choices, texts)
    if choice is None:
        if texts.says("words.yes", talk.message.text):
            return str(others[0]["theme"])
        return "" if _declines(talk) else None
    if choice.id == "yes":
        return str(others[0]["theme"])
    return "" if choice.id == "not_now" else choice.id


def _declines(talk: Talk) -> bool:
    names = ("no", "consent_no", "skip", "unsure")
    return any(talk.content.texts.says(f"words.{name}", talk.message.text) for name in names)


def _capital(label: str) -> str:
    return label[:1].upper() + label[1:]
