"""What somebody who looks around in the directory has in front of them: a question, or what was found."""

from __future__ import annotations

from flows.conversation import Talk
from flows.menu import domain_buttons, theme_buttons
from flows.model import Choice, Looking

TEXTS = (
    "search.ask",
    "search.nothing",
    "search.themes",
    "search.where",
    "search.where.again",
    "search.list",
    "search.one",
)
"""Every text a page may have; `balie check` wants them in both languages."""


def show(talk: Talk) -> None:
    """Puts the page where the search stands, with live buttons; the first one when it stands nowhere yet."""
    looking = talk.session.looking or Looking()
    talk.session.looking = looking
    key, choices = _PAGES[looking.page](talk, looking)
    talk.ask("search", key, choices, about=looking.page)


def _ask(talk: Talk, looking: Looking) -> tuple[str, list[Choice]]:
    """One thing at a time: what it is about. What the waiting intake is about comes first."""
    sought, theme = looking.sought, talk.session.slots.get("theme")
    if sought.theme or sought.words:
        ways = [talk.choice("human", "choice.human"), talk.choice("done", "search.done")]
        return "search.nothing", [*domain_buttons(talk), *ways]
    begun = theme_buttons(talk, [theme]) if theme and talk.content.texts.has(f"theme.{theme}", talk.language) else []
    return "search.ask", [*begun, *domain_buttons(talk), talk.choice("done", "search.done")]


def _themes(talk: Talk, looking: Looking) -> tuple[str, list[Choice]]:
    themes = theme_buttons(talk, talk.content.menu.domains[looking.domain])
    return "search.themes", [*themes, talk.choice("back", "choice.back")]


def _where(talk: Talk, looking: Looking) -> tuple[str, list[Choice]]:
    again = "search.where.again" if talk.session.misses else "search.where"
    places = [Choice(place.id, place.name) for place in talk.content.places.all]
    return again, [*places, talk.choice("anywhere", "search.anywhere")]


def _list(talk: Talk, looking: Looking) -> tuple[str, list[Choice]]:
    choices = [Choice(found.id, found.name) for found in looking.listed.found]
    if looking.sought.skip + len(looking.listed.found) < looking.listed.total:
        choices.append(talk.choice("more", "search.more"))
    if looking.sought.place is None and len(talk.content.places.all) > 1:
        choices.append(talk.choice("near", "search.near"))
    return "search.list", [*choices, talk.choice("other", "search.other"), talk.choice("done", "search.done")]


def _one(talk: Talk, looking: Looking) -> tuple[str, list[Choice]]:
    about = looking.one.theme if looking.one is not None else ""
    choices = [talk.choice("human", "choice.human")]
    if about in talk.content.themes:
        choices = [talk.choice("help", "search.help"), talk.choice("team", "search.team")]
    if looking.listed.total > 1:
        choices.append(talk.choice("list", "search.back_to_list"))
    return "search.one", [*choices, talk.choice("other", "search.other"), talk.choice("done", "search.done")]


_PAGES = {"ask": _ask, "themes": _themes, "where": _where, "list": _list, "one": _one}
