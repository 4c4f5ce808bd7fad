"""The disclosure card: the exact words that will be sent, to whom, and the resident's answer to them."""

from __future__ import annotations

from flows import understanding
from flows.answers import Answer, pick, read_answer
from flows.conversation import Talk
from flows.definition import Step
from flows.events import CardShown, ConsentGiven, ConsentRefused, PointedElsewhere
from flows.model import Card, Choice, Line, Option

# In the order of the card. Only the request is on it from the start; the rest is added by the resident.
CATEGORIES = ("request", "neighbourhood", "first_name", "phone", "own_network", "own_capacity")
ON_AT_FIRST = ("request", "neighbourhood")
LONGEST_REQUEST = 1000  # characters of the resident's own words on a card; the rest stays with the desk
_ASKED_FOR = {"first_name": "name", "phone": "phone"}  # category → type of the answer


def show_card(talk: Talk, option: Option) -> None:
    """Shows the card for `option` and asks for a yes. Each showing is a version of its own."""
    session = talk.session
    session.cards += 1
    lines = _lines(talk, option)
    follow_up = bool(session.slots.get("follow_up"))
    shown = [line for line in lines if line.on]
    text = talk.render("consent.card", recipient=option, lines=shown, follow_up=follow_up)
    session.card = Card(session.cards, option, lines, text, follow_up)
    choices = [talk.choice(answer, f"consent.{answer}") for answer in ("agree", "refuse", "call_myself", "change")]
    talk.events.append(CardShown(session.card))
    talk.ask("consent", "consent.card", choices, about=option.id, recipient=option, lines=shown, follow_up=follow_up)


def read_consent(talk: Talk, choice: Choice | None) -> str | None:
    """The resident's answer to the card: agree, refuse, call_myself, change; None when it is no answer.

    Only a button or a word from the list counts; nothing is guessed.
    """
    if choice is not None:
        return choice.id
    assert talk.session.prompt is not None
    typed = pick(talk.message.text, talk.session.prompt.choices, talk.content.texts, exact=True)
    if typed is not None:
        return typed.id
    for words, answer in (("consent_yes", "agree"), ("consent_no", "refuse"), ("call_myself", "call_myself")):
        if talk.content.texts.says(f"words.{words}", talk.message.text):
            return answer
    return None


def give(talk: Talk) -> None:
    assert talk.session.card is not None
    understanding.held(talk)
    talk.events.append(ConsentGiven(talk.session.card))


def refuse(talk: Talk, *, calls_self: bool) -> None:
    """Nothing is sent. Who will call themself is pointed to the organisation."""
    card, session = talk.session.card, talk.session
    assert card is not None
    talk.events.append(ConsentRefused(card, by_link=bool(session.asked_by)))
    talk.utter("consent.calls_self" if calls_self else "consent.refused")
    if calls_self:
        point_elsewhere(talk, card.option)
    session.card = None


def point_elsewhere(talk: Talk, option: Option) -> None:
    """The resident goes to `option` without anything being sent."""
    slots, offer = talk.session.slots, talk.session.offer
    assert offer is not None
    talk.events.append(
        PointedElsewhere(str(slots.get("theme")), slots.get("place"), option, rule=offer.rule, policy=offer.policy)
    )
    understanding.held(talk)


def offer_changes(talk: Talk) -> None:
    """What can be changed on the card: a line in or out, other words, a question later."""
    card = talk.session.card
    assert card is not None
    choices = [
        talk.choice(line.category, f"consent.{'without' if line.on else 'with'}.{line.category}")
        for line in _changeable(talk, card)
    ]
    choices.append(talk.choice("rewrite", "consent.rewrite"))
    choices.append(talk.choice("follow_up", f"consent.{'without' if card.follow_up else 'with'}.follow_up"))
    choices.append(talk.choice("ready", "consent.ready"))
    talk.ask("card_line", "consent.what_to_change", choices)


def change(talk: Talk, choice_id: str) -> None:
    """Carries out one change and shows the card again, or asks what is needed for it."""
    session = talk.session
    assert session.card is not None
    option = session.card.option
    if choice_id == "rewrite":
        talk.ask("detail", "consent.ask_request", [talk.choice("leave", "consent.leave")], about="request")
        return
    if choice_id == "follow_up":
        session.slots["follow_up"] = not session.slots.get("follow_up")
    elif choice_id != "ready":
        line = next(line for line in session.card.lines if line.category == choice_id)
        wanted = dict(session.slots.get("card_lines") or {})
        if not line.on and choice_id in _ASKED_FOR and not session.slots.get(choice_id):
            talk.ask("detail", f"consent.ask_{choice_id}", [talk.choice("leave", "consent.leave")], about=choice_id)
            return
        wanted[choice_id] = not line.on
        session.slots["card_lines"] = wanted
    show_card(talk, option)


def read_detail(talk: Talk, choice: Choice | None) -> None:
    """The first name, phone number or other words that the resident wants on the card."""
    session, prompt = talk.session, talk.session.prompt
    assert prompt is not None and session.card is not None
    about = prompt.about
    texts = talk.content.texts
    if choice is None and (
        pick(talk.message.text, prompt.choices, texts, exact=True) or texts.says("words.consent_no", talk.message.text)
    ):
        choice = prompt.choices[0]
    if choice is None:
        step = Step("collect", about, 0, 0, type=_ASKED_FOR.get(about, "text"))
        answer = read_answer(step, talk.message, None, talk.content.texts, talk.content.places)
        if answer is None:
            talk.ask("detail", f"consent.ask_{about}.again", prompt.choices, about=about)
            return
        _keep(talk, about, answer)
    show_card(talk, session.card.option)


def hear_correction(talk: Talk) -> bool:
    """ "Mijn nummer is 06 12345678" or a first name, said over a card: takes it over and shows the card anew."""
    session, content = talk.session, talk.content
    if session.card is None:
        return False
    heard = {entity.entity for entity in talk.message.entities}
    for category, kind in _ASKED_FOR.items():
        if kind != "phone" and category not in heard:
            continue
        step = Step("collect", category, 0, 0, type=kind)
        answer = read_answer(step, talk.message, None, content.texts, content.places)
        if answer is not None and answer.value not in (None, session.slots.get(category)):
            _keep(talk, category, answer)
            show_card(talk, session.card.option)
            return True
    return False


def _keep(talk: Talk, about: str, answer: Answer) -> None:
    if answer.value is None:
        return
    talk.set(about, answer.value)
    if about != "request":
        talk.session.slots["card_lines"] = {**(talk.session.slots.get("card_lines") or {}), about: True}


def _changeable(talk: Talk, card: Card) -> list[Line]:
    return [line for line in card.lines if not line.fixed and (line.text or line.category in _ASKED_FOR)]


def _lines(talk: Talk, option: Option) -> tuple[Line, ...]:
    wanted = talk.session.slots.get("card_lines") or {}
    lines = []
    for category in CATEGORIES:
        if category not in option.may_receive:
            continue
        text = _text(talk, category)
        on = bool(text) and wanted.get(category, category in ON_AT_FIRST)
        lines.append(Line(category, text, on=on, fixed=category == "request"))
    return tuple(lines)


def _text(talk: Talk, category: str) -> str:
    slots = talk.session.slots
    if category == "request":
        if slots.get("who") == "other":
            return talk.render("consent.request_for_other")
        return str(slots.get("request") or talk.render("consent.request_by_theme"))[:LONGEST_REQUEST]
    if category == "neighbourhood":
        return talk.content.places.name(slots.get("place"))
    if category == "own_network":
        return ", ".join(talk.label(f"person.{role}") for role in slots.get("own_network") or [])
    return str(slots.get(category) or "")
