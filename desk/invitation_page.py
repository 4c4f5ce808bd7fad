"""Own network as a destination: a page on which somebody the resident knows reads their words and answers.

The page shows what the resident chose and nothing else, and asks no name. What is answered goes to the resident's own
conversation. Somebody who answers is no resident: danger in their line gives them the numbers at once, and calls
nobody on duty. An alert leads the team to a conversation, and here that would be the resident's, who did not write it.
Such a line is not passed on either: it may be about the resident, and it may be a threat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from msgspec import Struct

from desk.apply import apply
from desk.links import form_of
from desk.sessions import keep, session_of
from desk.tell import must_wait_for_resident, tell
from flows.alerts import card_key
from flows.bystander import about_another
from flows.crisis import assess
from flows.mask import mask
from flows.own_network import is_idle, offer_the_rest
from storage.records import Link, LinkAnswer
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

LONGEST_LINE = 300  # characters

_log = structlog.get_logger("desk.invitation_page")


class Invitation(Struct, frozen=True):
    """What the page shows. `form` goes with the answer: it fits only the page as it is now."""

    words: str
    first_name: str
    language: str
    answer: LinkAnswer | None
    form: str

    def __repr__(self) -> str:
        return "<Invitation>"


class Answered(Struct, frozen=True):
    """What became of an answer. `stale`: the form was of an older page, and nothing was done. `card`: the key of the
    card for the danger in the line, which was not passed on."""

    stale: bool = False
    card: str = ""


def look(uow: UnitOfWork, token: str) -> Invitation | None:
    """None for a link that is not there, or no longer; nobody is told which."""
    link = uow.links.find("invitation", token)
    if link is None:
        return None
    content = link.content
    return Invitation(content["words"], content["first_name"], content["language"], link.answer, form_of(token, link))


def answer(
    uow: UnitOfWork, desk: Desk, token: str, form: str, said: LinkAnswer, line: str, language: str
) -> Answered | None:
    """The resident hears it in their own conversation. The same answer without a line is not told twice. None as in
    `look`; `language` is that of who answers. Raises ValueError for a line that is too long."""
    link = uow.links.find("invitation", token)
    if link is None:
        return None
    if form != form_of(token, link):
        return Answered(stale=True)
    line = " ".join(line.split())
    if len(line) > LONGEST_LINE:
        raise ValueError(f"a line of more than {LONGEST_LINE} characters")
    alert = assess(line) if line else None
    card = ""
    if alert is not None:
        _log.info("alert", category=alert.category, urgency=alert.level, source="link")
        other = about_another(desk.texts, alert.category, line)
        # A page can ask nothing back, so a concern gets the numbers as well.
        card, line = card_key(desk.texts, language, alert.category, other=other), ""
    if line or said != link.answer:
        _tell(uow, desk, link, said, mask(line)[0])
    uow.links.answer(link.id, said)
    return Answered(card=card)


def _tell(uow: UnitOfWork, desk: Desk, link: Link, said: LinkAnswer, line: str) -> None:
    """A no goes on with the other options, where the desk waits for nothing else and may write first."""
    conversation = uow.conversations.lock(uow.contacts.get(link.contact_id).conversation_id)
    session = session_of(conversation)
    goes_on = said == "no" and conversation.owner == "desk" and is_idle(session) and not must_wait_for_resident(session)
    tell(uow, desk, conversation.id, f"link.answered_{said}", line=line, goes_on=goes_on)
    if goes_on:
        content = desk.content(uow, conversation.channel)
        turn = offer_the_rest(content, session, link.content["slots"], desk.route(uow))
        apply(uow, desk, conversation.id, conversation.channel, turn)
        keep(uow, conversation.id, turn.session)
