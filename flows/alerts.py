"""What the desk says when danger is seen, and how it reads the answer. Comes before everything else."""

from __future__ import annotations

import msgspec

from flows import ladder
from flows.answers import pick
from flows.bystander import about_another, speaks_of_self
from flows.card import show_card
from flows.conversation import Talk
from flows.crisis import Alert
from flows.definition import Content
from flows.events import AlertShown, Reread, Turn
from flows.language import follow_language
from flows.model import AlertState, Choice, Message, Session
from flows.texts import Texts


def alert_turn(content: Content, session: Session, message: Message, alert: Alert) -> Turn:
    """The turn for a message in which the guard saw danger. Pure; asks no NLU and routes nothing."""
    talk = Talk(content, session, message, None)
    follow_language(talk)
    raise_alert(talk, alert.category, alert.level, "guard")
    return talk.turn()


def raise_alert(talk: Talk, category: str, level: str, source: str) -> None:
    """Shows the card (*now*) or asks the question (*concern*). A question never replaces a card of the same danger."""
    session = talk.session
    state = session.alert
    open_state = state if session.alert_is_open else None
    interrupted = open_state.interrupted if open_state else session.prompt
    held = (*open_state.held, open_state.n) if open_state else ()
    other = about_another(talk.content.texts, category, talk.message.text)
    talk.events.append(AlertShown(category, level, source))  # type: ignore[arg-type]
    if level == "now":
        talk.ask("alert", _card(talk, category, other), _after_card(talk), about=category)
    else:
        talk.ask("alert", f"crisis.{category}.concern", _answers(talk), about=category)
    waiting = level == "concern"
    session.alert = AlertState(category, level, talk.message.n, waiting, interrupted, held, other)


def hold_back(talk: Talk) -> bool:
    """Whether the message was written before the one that raised the open alert: it answers no question about danger.
    It is kept for when the alert is settled; people in trouble write once."""
    session, message, state = talk.session, talk.message, talk.session.alert
    if state is None or message.settled or message.n >= state.n or not session.alert_is_open:
        return False
    session.alert = msgspec.structs.replace(state, held=(*state.held, message.n))
    return True


def read_alert_answer(talk: Talk, choice: Choice | None) -> bool:
    """Reads the message as an answer to the alert; False when there is none to answer and the turn goes on.

    Yes leads to the card, an unclear answer does too, no leads back to where the resident was.
    """
    session, state = talk.session, talk.session.alert
    if state is None or not session.alert_is_open or session.prompt is None:
        return False
    if choice is None:
        choice = pick(talk.message.text, session.prompt.choices, talk.content.texts, exact=True)
    answer = choice.id if choice else _word(talk)
    if state.waiting:
        if answer == "no":
            talk.utter("crisis.after_no")
            _go_on(talk, msgspec.structs.replace(state, denied=True))
        else:
            level = "now" if answer == "yes" else "concern"
            talk.events.append(AlertShown(state.category, level, "answer"))
            talk.ask(
                "alert",
                _card(talk, state.category, _other(talk, state, answer)),
                _after_card(talk),
                about=state.category,
            )
            session.alert = msgspec.structs.replace(state, level=level, waiting=False)
        return True
    if answer == "continue":
        _continue(talk, state)
        return True
    if answer in ("yes", "no", "unsure"):
        talk.ask("alert", "crisis.continue", _after_card(talk), about=state.category)
        return True
    # Anything else after a card is an ordinary message: the conversation goes on where it was.
    _settle(talk, state)
    return _consent_again(talk, state) or _pick_up(session, state)


def leave_card(talk: Talk) -> None:
    """A word that works at any time was said after a card: the conversation goes on where it was. A question about
    danger that has no answer stays."""
    state = talk.session.alert
    if state is not None and not state.waiting and talk.message.n > state.n and talk.session.alert_is_open:
        _settle(talk, state)
        _pick_up(talk.session, state)


def card_key(texts: Texts, language: str, category: str, *, other: bool) -> str:
    """The card for the one in danger, or for a bystander where the danger is clearly another's and there is such a
    card."""
    for_bystander = f"crisis.{category}.now_other"
    return for_bystander if other and texts.has(for_bystander, language) else f"crisis.{category}.now"


def _card(talk: Talk, category: str, other: bool) -> str:
    return card_key(talk.content.texts, talk.language, category, other=other)


def _other(talk: Talk, state: AlertState, answer: str | None) -> bool:
    """Whether it is another's danger after the answer: "ja" leaves it as the message said, "nee, ik zelf" does not."""
    if answer is not None:
        return state.other
    texts, text = talk.content.texts, talk.message.text
    return about_another(texts, state.category, text) or (state.other and not speaks_of_self(texts, text))


def _continue(talk: Talk, state: AlertState) -> None:
    """After a card. What raised it answers no question of ours: that question is put again."""
    if state.interrupted is None:
        _go_on(talk, state)
        return
    _settle(talk, state)
    talk.utter("desk.going_on")
    if not _consent_again(talk, state):
        talk.session.prompt = state.interrupted
        ladder.ask_again(talk)


def _go_on(talk: Talk, state: AlertState) -> None:
    """Back to what was interrupted. The message itself may hold a question too."""
    _settle(talk, state)
    if not _consent_again(talk, state):
        talk.session.prompt = state.interrupted
        talk.events.append(Reread(state.n))


def _settle(talk: Talk, state: AlertState) -> None:
    talk.session.alert = msgspec.structs.replace(state, waiting=False, interrupted=None, held=())
    talk.events += [Reread(n) for n in state.held]


def _consent_again(talk: Talk, state: AlertState) -> bool:
    """Consent is asked again after an alert: the card comes anew, a yes to the old one no longer counts."""
    if state.interrupted is None or state.interrupted.kind != "consent" or talk.option is None:
        return False
    show_card(talk, talk.option)
    return True


def _pick_up(session: Session, state: AlertState) -> bool:
    session.prompt = state.interrupted
    return False


def _word(talk: Talk) -> str | None:
    texts = talk.content.texts
    for name in ("yes", "no", "unsure"):
        if texts.says(f"words.{name}", talk.message.text):
            return name
    return None


def _answers(talk: Talk) -> list[Choice]:
    return [talk.choice(answer, f"crisis.{answer}") for answer in ("yes", "no", "unsure")]


def _after_card(talk: Talk) -> list[Choice]:
    return [talk.choice("human", "choice.human"), talk.choice("continue", "choice.continue")]
