"""On behalf of another: a page on which the person it is about opens the card, or says no at once.

The page itself tells nothing of what it is about. Opening it makes a contact of their own, so that they, and not the
one who asked, read the card, answer it, can withdraw and see their data. The link opens once. The one who asked hears
that there was an answer only when this person says so, and never which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from desk.apply import apply
from desk.links import form_of, tell_asker
from desk.sessions import keep
from flows.asked_for import begin
from flows.model import Offer, Option, Session
from storage.records import WebSession
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

WEB = "web"


def look(uow: UnitOfWork, token: str) -> str | None:
    """What the page's form carries; None for a link that is not there, or no longer."""
    link = uow.links.find("card", token)
    return None if link is None else form_of(token, link)


def open_card(uow: UnitOfWork, desk: Desk, token: str, form: str, *, tell: bool) -> WebSession | None:
    """A conversation of their own, in which the card waits. `tell`: this person said already that who asked may hear of
    an answer; else they are asked. None when there is no such link or form."""
    link = uow.links.find("card", token)
    if link is None or form != form_of(token, link):
        return None
    asker = uow.contacts.get(link.contact_id)
    opened = uow.web.open()
    session = Session(language=link.content["language"], asked_by=asker.conversation_id)
    slots = {**link.content["slots"], **({"tell_asker": True} if tell else {})}
    turn = begin(desk.content(uow, WEB), session, slots, _offer(link.content))
    apply(uow, desk, opened.contact.conversation_id, WEB, turn)
    keep(uow, opened.contact.conversation_id, turn.session)
    uow.links.end(link.id)
    return opened


def refuse(uow: UnitOfWork, desk: Desk, token: str, form: str, *, tell: bool) -> bool:
    """A no at once: the link ends and nothing is kept. False when there is no such link or form."""
    link = uow.links.find("card", token)
    if link is None or form != form_of(token, link):
        return False
    uow.links.end(link.id)
    if tell:
        tell_asker(uow, desk, uow.contacts.get(link.contact_id).conversation_id)
    return True


def _offer(content: dict[str, Any]) -> Offer:
    option = msgspec.convert(content["option"], Option)
    team = msgspec.convert(content["team"], Option | None)
    return Offer(content["rule"], content["policy"], (option,), team, decision=content["decision"])
