"""The step `link`: a page that the resident sends to somebody, or what was answered on such a page."""

from __future__ import annotations

from flows.conversation import Talk
from flows.events import AskerMayHear, CardLinked, Invited

_FOR_THE_CARD = ("theme", "place", "medical")  # of what was told about the other; nothing else goes along


def _invitation(talk: Talk) -> None:
    slots = talk.session.slots
    name = str(slots.get("invitation_name") or "")
    kept = {slot: value for slot, value in slots.items() if not slot.startswith("invitation_")}
    talk.events.append(Invited(talk.render("invitation.text"), name, kept))
    talk.session.linked = True


def _card(talk: Talk) -> None:
    option, offer = talk.option, talk.session.offer
    assert option is not None and offer is not None, "a link to a card before choose"
    slots = {slot: talk.session.slots.get(slot) for slot in _FOR_THE_CARD}
    talk.events.append(CardLinked(option, offer.team, offer.rule, offer.policy, slots, offer.decision))
    talk.session.linked = True


def _answered(talk: Talk) -> None:
    session = talk.session
    if session.asked_by and session.slots.get("tell_asker"):
        talk.events.append(AskerMayHear(session.asked_by))
    session.asked_by = ""


LINKS = {"invitation": _invitation, "card": _card, "answered": _answered}
