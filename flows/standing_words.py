"""Words that work at any time, whatever the desk asked: stop, start again, back, a person, one's own data, language,
menu, looking around.

They are exact lists in the locale files (`words.*`), so they need no model and cannot be guessed wrong. "Intrekken" is
one too; it comes before all of them (withdrawal.py).
"""

from __future__ import annotations

from typing import get_args

from flows import ladder
from flows.card import offer_changes
from flows.conversation import Talk
from flows.endings import go_back, start_again, stop
from flows.language import set_language, settle_offer
from flows.model import Language
from flows.my_data import ask_erasure, give_file, remove_messages, show
from flows.search import back, start_search
from flows.texts import plain
from flows.topics import digress, welcome


def read_standing_words(talk: Talk) -> bool:
    """True when the message was such a word and has been answered."""
    for name, act in _ACTS:
        if talk.content.texts.says(f"words.{name}", talk.message.text):
            act(talk)
            return True
    return _language(talk)


def _language(talk: Talk) -> bool:
    """`/taal` or `/taal en`; "English please" and "Nederlands" too."""
    said = plain(talk.message.text)
    wanted: Language | None = None
    for language in get_args(Language):
        if any(said == plain(word) for word in talk.content.texts.words("words.this_language", language)):
            wanted = language
    if wanted is None:
        looked_for = talk.session.prompt is not None and talk.session.prompt.kind == "search" and said[:1] != "/"
        if looked_for or not talk.content.texts.says("words.language", talk.message.text):
            return False  # "taal" is something to look for too
        wanted = "en" if talk.session.language == "nl" else "nl"
    if talk.session.prompt is not None and talk.session.prompt.kind == "language":
        settle_offer(talk, wanted)
        return True
    set_language(talk, wanted)
    talk.session.language_settled = True
    talk.utter("desk.language_set")
    if talk.session.prompt is None or talk.session.prompt.kind in ("menu", "theme"):
        start(talk)
    else:
        ladder.ask_again(talk)
    return True


def start(talk: Talk) -> None:
    """The first page: who the desk is and what it can be asked."""
    welcome(talk)
    ladder.menu(talk, "desk.how_can_i_help")


def _human(talk: Talk) -> None:
    digress(talk, "human")


def _status(talk: Talk) -> None:
    digress(talk, "status")


def _explain(talk: Talk) -> None:
    """ "Waarom wilt u dat weten?" is a question, whatever was asked."""
    digress(talk, "explain")


def _wrong(talk: Talk) -> None:
    """ "Dat klopt niet": of the card it means that something must be changed, elsewhere the last answer."""
    prompt = talk.session.prompt
    if prompt is not None and prompt.kind == "consent":
        offer_changes(talk)
    else:
        _back(talk)


def _back(talk: Talk) -> None:
    """One question back; of who looks around, one page."""
    if talk.session.prompt is not None and talk.session.prompt.kind == "search":
        back(talk)
    else:
        go_back(talk)


_ACTS = (
    ("start", start),
    ("stop", stop),
    ("restart", start_again),
    ("human", _human),
    ("my_data", show),
    ("data_file", give_file),
    ("remove_messages", remove_messages),
    ("erase", ask_erasure),
    ("status", _status),
    ("explain", _explain),
    ("wrong", _wrong),
    ("back", _back),
    ("menu", ladder.menu),
    ("search", start_search),
)
