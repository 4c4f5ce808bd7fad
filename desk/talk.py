"""What people and a resident wrote to each other through the desk, exact to the message.

Where a correspondence begins and ends stands in the messages themselves: the desk's message that opens it carries a
button with the referral's id. So nobody reads what came before, and it is erased with the messages.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from storage.records import StoredMessage
from storage.unit_of_work import UnitOfWork

OPENING = ("referral.writes", "referral.answer_goes_to")
JOINING = "host.joined"
CLOSING = ("referral.returned", "referral.returned_idle", "host.left", "host.left_idle", "host.left_by_resident")


class Spoken(Struct, frozen=True):
    """One message of a correspondence."""

    n: int
    sender: str
    author: str | None
    text: str
    at: datetime

    def __repr__(self) -> str:
        return "<Spoken>"


class Talk(Struct, frozen=True):
    """What was written back and forth. `open`: what the resident writes now comes here; `starts` holds the message
    numbers where a stretch begins."""

    messages: tuple[Spoken, ...]
    open: bool
    starts: tuple[int, ...] = ()


def talk_of(uow: UnitOfWork, conversation_id: str, referral_id: str) -> Talk:
    """Only what was written since a correspondence of this referral was opened, until it was given back."""
    inside = False
    starts: list[int] = []
    spoken: list[Spoken] = []
    for message in every_message(uow, conversation_id):
        if message.sender == "desk":
            if message.key in OPENING:
                inside = _referral_of(message) == referral_id
                if inside:
                    starts.append(message.n)
            elif message.key == JOINING or message.key in CLOSING:
                inside = False
        elif inside and message.key != "choice":  # a tapped button is for the desk
            spoken.append(as_spoken(message))
    return Talk(tuple(spoken), inside, tuple(starts))


def open_with(uow: UnitOfWork, conversation_id: str) -> str | None:
    """The referral whose correspondence is open now, if any."""
    found: str | None = None
    for message in every_message(uow, conversation_id):
        if message.sender != "desk":
            continue
        if message.key in OPENING:
            found = _referral_of(message)
        elif message.key == JOINING or message.key in CLOSING:
            found = None
    return found


def every_message(uow: UnitOfWork, conversation_id: str) -> list[StoredMessage]:
    found: list[StoredMessage] = []
    while batch := uow.messages.after(conversation_id, found[-1].n if found else 0):
        found.extend(batch)
    return found


def as_spoken(message: StoredMessage) -> Spoken:
    return Spoken(message.n, message.sender, message.author, message.text, message.at)


def _referral_of(message: StoredMessage) -> str | None:
    for choice in message.choices:
        number, _, rest = str(choice["id"]).partition(".")
        name, _, referral_id = rest.partition(".")
        if number == "0" and name == "back":
            return referral_id
    return None
