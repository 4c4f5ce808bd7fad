"""Two borders that no card may cross, told when options or the card are there already: an age under sixteen, and a
medical act. Before that the intake hears them (topics.py)."""

from __future__ import annotations

from flows.conversation import Talk
from flows.steps import go_to, run
from flows.topics import hear_age, names_medical_act, route_again

ADULT_ENOUGH = 16  # years; the Dutch age of consent of the Jeugdwet and the UAVG
AT_THE_CARD = ("choose", "consent", "card_line", "detail")


def border_told(talk: Talk) -> bool:
    """True when the message told of one: what was on the screen no longer counts, and nothing was sent."""
    prompt = talk.session.prompt
    assert prompt is not None
    return prompt.kind in AT_THE_CARD and (_is_young(talk) or _is_medical(talk))


def _is_young(talk: Talk) -> bool:
    """Nothing is shared on a child's word alone."""
    before = talk.session.slots.get("age")
    hear_age(talk)
    age = talk.session.slots.get("age")
    if before is not None or age is None or age >= ADULT_ENOUGH:
        return False
    talk.session.prompt = talk.session.card = None
    go_to(talk, "young")
    run(talk)
    return True


def _is_medical(talk: Talk) -> bool:
    """Medical acts go to professionals only, also when they come with other words for the card."""
    session, text = talk.session, talk.message.text
    if session.slots.get("medical") or not names_medical_act(talk, text):
        return False
    if session.prompt is not None and session.prompt.kind == "detail" and session.prompt.about == "request":
        talk.set("request", text.strip())
    talk.set("medical", True)
    session.prompt = None
    talk.utter("border.medical")
    route_again(talk)
    run(talk)
    return True
