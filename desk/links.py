"""Links: pages of the desk that a resident sends to somebody themself. Made here, and ended here."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from desk.say import say
from desk.tell import tell
from flows.events import CardLinked, Invited
from storage.key_ring import token_hash
from storage.records import Link, LinkKind
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

INVITATION = "/uitnodiging/"  # the pages' paths, before the link's secret
CARD = "/toestemming/"
_PAGES: dict[LinkKind, tuple[str, str]] = {"invitation": (INVITATION, "link.made"), "card": (CARD, "link.card_made")}


def invite(uow: UnitOfWork, desk: Desk, conversation_id: str, language: str, event: Invited) -> None:
    """A page with the resident's words, on which somebody they know answers."""
    content = {"words": event.words, "first_name": event.first_name, "language": language, "slots": event.slots}
    _make(uow, desk, conversation_id, "invitation", language, content)


def link_card(uow: UnitOfWork, desk: Desk, conversation_id: str, language: str, event: CardLinked) -> None:
    """A page that opens a conversation of their own for the person it is about, with the card in it."""
    _make(uow, desk, conversation_id, "card", language, {**msgspec.to_builtins(event), "language": language})


def _make(
    uow: UnitOfWork, desk: Desk, conversation_id: str, kind: LinkKind, language: str, content: dict[str, Any]
) -> None:
    """Makes the link and tells it to the resident, who sends it themself."""
    days = desk.settings.retention.links
    token = uow.links.add(kind, uow.conversations.contact_id(conversation_id), content, timedelta(days=days))
    path, key = _PAGES[kind]
    address = f"{desk.settings.http.public_url.rstrip('/')}{path}{token}"
    text = desk.texts.render(key, language, address=address, days=days)
    say(uow, desk, conversation_id, "desk", text, key=key)


def tell_asker(uow: UnitOfWork, desk: Desk, conversation_id: str) -> None:
    """That there was an answer, to who asked for somebody else; nothing to who was erased meanwhile."""
    if not uow.contacts.get(uow.conversations.contact_id(conversation_id)).erased:
        tell(uow, desk, conversation_id, "link.card_answered")


def end_links(uow: UnitOfWork, conversation_id: str) -> None:
    """Every link of this resident: who opens one sees nothing any more."""
    uow.links.end_of(uow.conversations.contact_id(conversation_id))


def form_of(token: str, link: Link) -> str:
    """What the form of a link's page carries. Only who holds the link can make it, and each answer makes it another:
    a form that is sent twice counts once."""
    return token_hash(f"{link.answers} {token}")
