"""What the menu of the board offers, and to whom. The page itself says once more who may open it."""

from __future__ import annotations

from msgspec import Struct

from desk.visibility import LOG_ROLES, TAKE_OVER_ROLES, has_role
from storage.records import User


class Entry(Struct, frozen=True):
    """`name` is how a page says that it is this one, and the text's key under `board.menu`. `roles` None: everybody."""

    name: str
    address: str
    roles: frozenset[str] | None = None


# What is looked at all day, in the order of how often.
DAILY = (
    Entry("hand_offs", "/board/hand-offs"),
    Entry("conversations", "/board/conversations", TAKE_OVER_ROLES),
    Entry("log", "/board/log", LOG_ROLES),
    Entry("figures", "/board/figures", frozenset({"council", "team_lead"})),
)
# What is set up once and looked after.
MANAGING: tuple[Entry, ...] = ()


def entries(menu: tuple[Entry, ...], user: User | None) -> list[Entry]:
    """What of `menu` this user may open."""
    if user is None:
        return []
    return [entry for entry in menu if entry.roles is None or has_role(user, entry.roles)]
