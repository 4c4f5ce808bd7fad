"""Whether a resident says that it cannot wait: exact words, never a guess. Who does not say so loses nothing by it."""

from __future__ import annotations

from flows.conversation import Talk
from flows.texts import plain


def hear_urgency(talk: Talk, text: str) -> bool:
    """Remembers "het kan niet wachten", in words of `words.urgent`; "er is geen haast" holds such words too and says
    something else. True when it is heard for the first time in this intake."""
    if talk.session.slots.get("urgent"):
        return False
    said = f" {plain(text)} "
    for word in talk.content.texts.words("words.not_urgent", talk.language):
        said = said.replace(f" {plain(word)} ", " ~ ")
    if not any(f" {plain(word)} " in said for word in talk.content.texts.words("words.urgent", talk.language)):
        return False
    talk.set("urgent", True)
    return True
