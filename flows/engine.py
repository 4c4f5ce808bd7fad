"""The conversation engine: a session and a message in, a new session and events out. Pure.

The order in which a message is read is the heart of the desk: danger, a withdrawal, standing words ("stop"), the answer
to what was asked, a digression, a new question. What nobody understands climbs the ladder in ladder.py.
"""

from __future__ import annotations

from flows import intents, ladder
from flows.alerts import hold_back, read_alert_answer
from flows.conversation import Talk
from flows.definition import Content
from flows.events import Turn
from flows.language import hear_language, read_language_answer
from flows.model import Choice, Message, Route, Search, Session
from flows.replies import read_reply
from flows.standing_words import read_standing_words
from flows.texts import plain
from flows.topics import correct_place, digress
from flows.withdrawal import read_withdrawal

_IN_AN_INTAKE = ("collect", "choose", "consent")


def advance(content: Content, session: Session, message: Message, route: Route, search: Search | None = None) -> Turn:
    """One turn. `message` has been through the crisis guard: it raised no alert, or its alert is settled."""
    talk = Talk(content, session, message, route, search)
    if message.masked:
        talk.utter("desk.masked")
    _read(talk)
    return talk.turn()


def _read(talk: Talk) -> None:
    message, session = talk.message, talk.session
    if message.choice is None and read_withdrawal(talk):
        return
    if hold_back(talk):
        return
    choice = _tapped(talk)
    if message.choice is not None and choice is None:
        talk.utter("desk.old_button")
        ladder.ask_again(talk)
        return
    if choice is not None and choice.id == "human":
        digress(talk, "human")
        return
    if read_alert_answer(talk, choice):
        return
    if message.attachment and not message.text:
        talk.utter("desk.cannot_read", attachment=message.attachment)
        ladder.ask_again(talk)
        return
    if choice is None and not plain(message.text):
        talk.utter("desk.no_words")
        ladder.ask_again(talk)
        return
    if choice is None and read_standing_words(talk):
        return
    if not message.settled and intents.alert_heard(talk):
        return
    if session.prompt is not None and session.prompt.kind == "language":
        read_language_answer(talk, choice)
        return
    if choice is None and hear_language(talk):
        return
    if choice is None and session.prompt and session.prompt.kind in _IN_AN_INTAKE and intents.correct_theme(talk):
        return
    if session.prompt is not None and read_reply(talk, choice):
        return
    if intents.read_act(talk) or correct_place(talk) or intents.start_need(talk):
        return
    if session.welcomed and session.prompt is None and talk.content.texts.says("words.no", message.text):
        talk.utter("desk.goodbye")  # "nee" after "heeft u nog een vraag?"
        return
    ladder.climb(talk)


def _tapped(talk: Talk) -> Choice | None:
    """The quick reply that was tapped, when it belongs to what the desk asked last."""
    prompt = talk.session.prompt
    if talk.message.choice is None or prompt is None:
        return None
    number, _, choice_id = talk.message.choice.partition(".")
    if number != str(prompt.number):
        return None
    return next((choice for choice in prompt.choices if choice.id == choice_id), None)
