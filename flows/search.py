"""Looking around in the directory ("zelf zoeken"): no intake, no name, nothing sent, and back to where one was.

The pages are in search_pages.py; here is what the resident does on them."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from flows import intents, ladder
from flows.answers import declines, pick
from flows.conversation import Talk
from flows.definition import Step
from flows.model import Choice, Found, Frame, Looking, Sought
from flows.search_pages import show
from flows.steps import next_step, run
from flows.texts import LANGUAGES, plain
from flows.topics import digress, hear_age, human_sentence, names_medical_act, speaks_of_self, start_theme

FLOW = "search"
YOUNG = 16  # years; who is younger sees no volunteers, whomever it is about
MOST_WORDS = 8  # of one search; a longer message is a story, and its theme counts
_PUT_AGAIN = ("theme", "confirm")  # questions of no flow that wait while somebody looks around
_STEP = Step("look", "directory", 0, 0)


def start_search(talk: Talk) -> None:
    """The first page, whatever was going on; that waits."""
    session, prompt = talk.session, talk.session.prompt
    waiting = session.looking.waiting if session.looking else None
    if prompt is not None and prompt.kind in _PUT_AGAIN and not session.stack:
        waiting = prompt
    session.looking = Looking(waiting=waiting)
    digress(talk, FLOW)


def read_search(talk: Talk, choice: Choice | None) -> bool:
    """What the resident tapped or typed on a page. Every word that is no way out is looked for."""
    looking = talk.session.looking
    assert looking is not None
    if choice is None:
        choice = _typed(talk, looking)
    if choice is not None:
        talk.session.misses = 0
        _tapped(talk, looking, choice.id)
    elif looking.page == "where":
        _read_place(talk, looking)
    elif not intents.leaves(talk):
        _look_for(talk, looking)
    return True


def back(talk: Talk) -> None:
    """One page back; from the first page out of the search."""
    looking = talk.session.looking
    assert looking is not None
    if looking.page == "ask":
        leave(talk)
    elif looking.page == "where" or (looking.page == "one" and looking.listed.total > 1):
        _turn_to(talk, replace(looking, page="list"))
    else:
        _other(talk, looking)


def leave(talk: Talk) -> None:
    """Done with looking around: what was asked before is asked again."""
    session, looking = talk.session, talk.session.looking
    assert looking is not None
    goes_on = len(session.stack) > 1 or looking.waiting is not None
    talk.utter("desk.going_on" if goes_on else "search.goodbye")
    session.looking = session.prompt = None
    next_step(talk)
    run(talk)
    if looking.waiting is not None and session.prompt is None:
        session.prompt = looking.waiting
        ladder.ask_again(talk)


def _typed(talk: Talk, looking: Looking) -> Choice | None:
    """The button that the words mean. On the first page a word is looked for rather than read as part of a label."""
    assert talk.session.prompt is not None
    text, texts = talk.message.text, talk.content.texts
    exact = looking.page == "ask" and not plain(text).isdigit()
    choice = pick(text, talk.session.prompt.choices, texts, exact=exact)
    if choice is not None:
        return choice
    if looking.page == "where" and declines(text, texts):
        return Choice("anywhere", "")
    is_done = texts.says("words.search_done", text) or texts.says("words.no", text) or intents.says_farewell(talk)
    return Choice("done", "") if is_done else None


def _tapped(talk: Talk, looking: Looking, choice: str) -> None:
    content = talk.content
    found = next((one for one in looking.listed.found if one.id == choice), None)
    if looking.page == "list" and found is not None:
        _turn_to(talk, replace(looking, page="one", one=found))
    elif looking.page == "where":
        place = None if choice == "anywhere" else choice
        _find(talk, looking, replace(looking.sought, place=place, skip=0))
    elif choice in content.menu.domains:
        _turn_to(talk, replace(looking, page="themes", domain=choice))
    elif choice in content.themes:
        medical = choice == talk.session.slots.get("theme") and bool(talk.session.slots.get("medical"))
        _find(talk, replace(looking, said=""), _near(talk, Sought(choice, medical=medical)))
    else:
        _ACTS[choice](talk, looking)


def _look_for(talk: Talk, looking: Looking) -> None:
    """What was typed: words of a service, a theme, a story, a question about the desk."""
    text = talk.message.text
    hear_age(talk)
    theme, place = intents.sure_theme(talk), talk.content.places.find(text)
    sought = Sought(theme, _words(talk, place), medical=names_medical_act(talk, text))
    sought = replace(_near(talk, sought), place=place) if place else _near(talk, sought)
    if not talk.look_up(sought).total and intents.act_in_answer(talk, _STEP):
        return
    said = text if theme and speaks_of_self(talk, text) else ""
    if theme and said:
        talk.utter(human_sentence(talk, theme, text))
    _find(talk, replace(looking, said=said), sought)


def _near(talk: Talk, sought: Sought) -> Sought:
    """With the neighbourhood and the age that were told before. A child sees what is for children, whomever it asks
    for; else the age of whom it is about counts."""
    slots, before = talk.session.slots, talk.session.looking
    place = before.sought.place if before is not None and before.sought.place else slots.get("place")
    age = slots.get("age")
    if slots.get("who") == "other" and (age is None or age >= YOUNG):
        age = slots.get("other_age")
    return replace(sought, place=place, age=age)


def _find(talk: Talk, looking: Looking, sought: Sought) -> None:
    listed = talk.look_up(sought)
    page, one = ("list", None) if listed.total > 1 else ("one", listed.found[0]) if listed.total else ("ask", None)
    _turn_to(talk, replace(looking, page=page, one=one, sought=sought, listed=listed))


def _read_place(talk: Talk, looking: Looking) -> None:
    place = talk.content.places.find(talk.message.text)
    if place is None and talk.session.misses == 0:
        talk.session.misses = 1
        show(talk)
        return
    talk.session.misses = 0
    _find(talk, looking, replace(looking.sought, place=place, skip=0))


def _words(talk: Talk, place: str | None) -> tuple[str, ...]:
    """What of the message can be in a directory. Small words are in everything; where a neighbourhood is named beside
    other words, it is where to look."""
    texts = talk.content.texts
    small = {
        word
        for name in ("telling", "question", "search_small", "self", "i_am", "years")
        for language in LANGUAGES
        for words in texts.words(f"words.{name}", language)
        for word in plain(words).split()
    }
    said = plain(talk.message.text).replace("/", " ").split()
    words = [word for word in said if word not in small and not word.isdigit()]
    if place:
        named = set(plain(talk.content.places.name(place)).split())
        words = [word for word in words if word not in named] or words
    return tuple(words) if len(words) <= MOST_WORDS else ()


def _turn_to(talk: Talk, looking: Looking) -> None:
    talk.session.looking = looking
    show(talk)


# What a button does, beside a service, a theme or a place. ----------------------------------------------------------


def _more(talk: Talk, looking: Looking) -> None:
    sought = replace(looking.sought, skip=looking.sought.skip + len(looking.listed.found))
    _turn_to(talk, replace(looking, sought=sought, listed=talk.look_up(sought)))


def _other(talk: Talk, looking: Looking) -> None:
    _turn_to(talk, Looking(sought=Sought(place=looking.sought.place), waiting=looking.waiting))


def _help(talk: Talk, looking: Looking) -> None:
    """The ordinary intake for what this service is about, with consent; the one that was going on when it is that."""
    found = _the_one(looking)
    if _begun(talk) == found.theme:
        leave(talk)
        return
    _keep_what_was_begun(talk)
    start_theme(talk, found.theme, looking.said or None)


def _team(talk: Talk, looking: Looking) -> None:
    """ "Of zal het team u bellen?" stands beside every contact card."""
    found, session = _the_one(looking), talk.session
    if _begun(talk) != found.theme:
        _keep_what_was_begun(talk)
        also = session.slots.get("also")
        talk.forget_intake()
        talk.set("theme", found.theme)
        if also:
            session.slots["also"] = also
    session.looking = session.prompt = None
    session.stack = [Frame("team_wanted")]
    run(talk)


def _begun(talk: Talk) -> str | None:
    """The theme of the intake that waits under the search."""
    waits = any(not frame.interrupts for frame in talk.session.stack)
    return talk.session.slots.get("theme") if waits else None


def _keep_what_was_begun(talk: Talk) -> None:
    """Another intake than the one that waits is begun: that one is offered again afterwards."""
    theme, slots = _begun(talk), talk.session.slots
    if theme:
        begun = {"theme": theme, "words": slots.get("request") or ""}
        slots["also"] = [begun, *(one for one in slots.get("also") or () if one["theme"] != theme)]


def _the_one(looking: Looking) -> Found:
    assert looking.one is not None
    return looking.one


_ACTS: dict[str, Callable[[Talk, Looking], None]] = {
    "more": _more,
    "near": lambda talk, looking: _turn_to(talk, replace(looking, page="where")),
    "list": lambda talk, looking: _turn_to(talk, replace(looking, page="list")),
    "other": _other,
    "human": lambda talk, looking: digress(talk, "human"),
    "help": _help,
    "team": _team,
    "back": lambda talk, looking: back(talk),
    "done": lambda talk, looking: leave(talk),
}
