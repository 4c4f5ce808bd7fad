"""What the NLU understood, and what the conversation does with it: start a need, digress, correct an earlier answer."""

from __future__ import annotations

from collections.abc import Callable

from flows import ladder, understanding
from flows.alerts import raise_alert
from flows.conversation import Talk
from flows.crisis import ruled_out
from flows.definition import Step
from flows.endings import confirm, start_again, stop
from flows.model import Intent
from flows.my_data import ask_erasure, show
from flows.texts import LANGUAGES, plain
from flows.topics import correct_place, digress, start_theme, welcome
from flows.withdrawal import withdraw

# Acts that are an answer as much as a word of their own; while the desk waits for an answer they are left to it.
_ANSWERS = frozenset({"affirm", "deny", "unsure", "greet", "goodbye", "thanks", "out_of_scope"})

# Acts that leave or stop the question, however they are put.
_WAYS_OUT = frozenset({"human", "stop", "restart", "withdraw_consent", "delete_data"})

ABOUT_ANOTHER = "concern_other"  # a theme, and what an answer to "for whom is it?" sounds like


def alert_heard(talk: Talk) -> bool:
    """The NLU may add an alert that the guard only doubted; it asks, it never shows the acute card on its own."""
    top = _top(talk)
    if top is None or not top.name.startswith("alert_") or top.confidence < talk.content.thresholds.alert:
        return False
    if ruled_out(talk.message.text):
        return False
    raise_alert(talk, top.name.removeprefix("alert_"), "concern", "nlu")
    return True


def read_act(talk: Talk) -> bool:
    """A dialogue act: opening hours, what do you know of me, are you a robot, ... False when the message is none."""
    top = _top(talk)
    if top is None or top.confidence < talk.content.thresholds.act:
        return False
    if talk.session.stack and top.name in _ANSWERS:
        return False
    return _carry_out(talk, top.name)


def act_in_answer(talk: Talk, step: Step) -> bool:
    """An act said while the desk waits for free words. Only when very sure, and what asks for information must be put
    as a question: "ik kan naar het buurthuis lopen" is an answer. A correction of the postcode counts too."""
    if step.type in ("text", "people") and correct_place(talk):
        return True
    top = _top(talk)
    if top is None or top.name in _ANSWERS or top.confidence < talk.content.thresholds.act_in_answer:
        return False
    if top.name not in _WAYS_OUT and not _is_question(talk):
        return False
    return _carry_out(talk, top.name)


def _is_question(talk: Talk) -> bool:
    words = plain(talk.message.text).split()
    asks = talk.content.texts.words("words.question", talk.language)
    return "?" in talk.message.text or (bool(words) and words[0] in asks)


def start_need(talk: Talk) -> bool:
    """Starts the intake of the theme the NLU is sure of."""
    theme = sure_theme(talk)
    if theme is None:
        return False
    understanding.began(talk, theme)
    start_theme(talk, theme, request=talk.message.text)
    return True


def sure_theme(talk: Talk) -> str | None:
    """The theme the NLU is sure of."""
    top = _top(talk)
    if top is None or top.confidence < talk.content.thresholds.sure or top.name not in talk.content.themes:
        return None
    return top.name


def leaves(talk: Talk) -> bool:
    """A way out of what the desk asks, put in own words and sure: it has been taken."""
    top = _top(talk)
    if top is None or top.name not in _WAYS_OUT or top.confidence < talk.content.thresholds.act_in_answer:
        return False
    return _carry_out(talk, top.name)


def says_farewell(talk: Talk) -> bool:
    """Thanks, or goodbye."""
    top = _top(talk)
    return top is not None and top.name in ("thanks", "goodbye") and top.confidence >= talk.content.thresholds.act


def correct_theme(talk: Talk) -> bool:
    """ "Nee, het gaat over mijn schulden", in the middle of an intake: that one is left and the other begun. Only when
    said in such words and the NLU is sure; "mijn moeder" answers whom it is about."""
    theme, texts, said = sure_theme(talk), talk.content.texts, f" {plain(talk.message.text)} "
    if theme is None or theme in (talk.session.slots.get("theme"), ABOUT_ANOTHER):
        return False
    if any(frame.interrupts for frame in talk.session.stack):
        return False  # an answer about something else: whether a person may read along
    openings, phrases = (
        [plain(word) for language in LANGUAGES for word in texts.words(name, language)]
        for name in ("words.not_that", "words.it_is_about")
    )
    if not any(said.startswith(f" {word} ") for word in openings) or not any(f" {word} " in said for word in phrases):
        return False
    understanding.corrected(talk, theme)
    same_person = talk.session.slots.get("theme") != ABOUT_ANOTHER  # then what was answered still holds
    start_theme(talk, theme, request=talk.message.text, goes_on=same_person)
    return True


def _top(talk: Talk) -> Intent | None:
    return talk.message.intents[0] if talk.message.intents else None


def _carry_out(talk: Talk, name: str) -> bool:
    act = _ACTS.get(name)
    if act is not None:
        act(talk)
        return True
    flow = talk.content.triggered_by(name)
    if flow is None or flow.kind != "digression":
        return False
    digress(talk, flow.name)
    return True


def _greet(talk: Talk) -> None:
    welcome(talk)
    ladder.menu(talk, "desk.how_can_i_help")


def _step_by_step(talk: Talk) -> None:
    welcome(talk)
    ladder.menu(talk, "desk.step_by_step")


def _say(key: str) -> Callable[[Talk], None]:
    def say(talk: Talk) -> None:
        talk.utter(key)

    return say


def _withdraw(talk: Talk) -> None:
    """Guessed by the NLU, so asked once; the word itself ("intrekken") withdraws at once."""
    if talk.session.referrals:
        confirm(talk, "withdraw.confirm", "withdraw")
    else:
        withdraw(talk)


def _out_of_scope(talk: Talk) -> None:
    welcome(talk)
    ladder.menu(talk, "desk.out_of_scope")


_ACTS: dict[str, Callable[[Talk], None]] = {
    "greet": _greet,
    "goodbye": _say("desk.goodbye"),
    "thanks": _say("desk.thanks"),
    "affirm": _greet,
    "deny": _say("desk.goodbye"),
    "unsure": _step_by_step,
    "stop": stop,
    "restart": start_again,
    "withdraw_consent": _withdraw,
    "my_data": show,
    "delete_data": ask_erasure,
    "out_of_scope": _out_of_scope,
}
