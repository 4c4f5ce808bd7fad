"""Links: pages of the desk that a resident sends to somebody themself. Made here, and ended here."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk.say import say
from flows.model import Invited
from storage.key_ring import token_hash
from storage.records import Link
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

INVITATION = "/uitnodiging/"  # the page's path, before the link's secret


def invite(uow: UnitOfWork, desk: Desk, conversation_id: str, language: str, event: Invited) -> None:
    """Makes the link and tells it to the resident, who sends it themself."""
    contact_id = uow.conversations.contact_id(conversation_id)
    days = desk.settings.retention.links
    content = {"words": event.words, "first_name": event.first_name, "language": language, "slots": event.slots}
    token = uow.links.add("invitation", contact_id, content, timedelta(days=days))
    address = f"{desk.settings.http.public_url.rstrip('/')}{INVITATION}{token}"
    text = desk.texts.render("link.made", language, address=address, days=days)
    say(uow, desk, conversation_id, "desk", text, key="link.made")


def end_links(uow: UnitOfWork, conversation_id: str) -> None:
    """Every link of this resident: who opens one sees nothing any more."""
    uow.links.end_of(uow.conversations.contact_id(conversation_id))


def form_of(token: str, link: Link) -> str:
    """What the form of a link's page carries. Only who holds the link can make it, and each answer makes it another:
    a form that is sent twice counts once."""
    return token_hash(f"{link.answers} {token}")
