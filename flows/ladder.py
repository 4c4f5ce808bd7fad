"""What the desk does when it does not understand: three themes, other words, the menu, a person. Never in a circle."""

from __future__ import annotations

from flows import understanding
from flows.also import ask_others, keep_others, others_heard
from flows.conversation import Talk
from flows.menu import domain_buttons, theme_buttons
from flows.steps import run
from flows.topics import digress, welcome

OFFERED = 3  # themes at once
KEPT_WORDS = 3  # from so many words on, what was said is kept as the request


def ask_again(talk: Talk) -> None:
    """Puts what the desk waits for once more, with live buttons; nothing when it waits for nothing."""
    prompt = talk.session.prompt
    if prompt is None:
        welcome(talk)
    elif prompt.kind in ("collect", "choose", "consent", "search"):
        run(talk)
    elif prompt.kind == "also":
        ask_others(talk)
    else:
        talk.ask(prompt.kind, prompt.key, prompt.choices, about=prompt.about)


def climb(talk: Talk) -> None:
    """One rung up the ladder. What was said so far stays."""
    session, message = talk.session, talk.message
    if len(message.text.split()) >= KEPT_WORDS and not session.stack:
        session.slots["request"] = message.text
        keep_others(talk, others_heard(talk, None))
    if not session.welcomed:
        talk.utter("desk.heard")  # a human sentence before the welcome
    welcome(talk)
    session.misses += 1
    had_the_menu = session.prompt is not None and session.prompt.key == "desk.menu_instead"
    themes = _likely(talk)
    understanding.unsure(talk, themes)
    if had_the_menu:
        session.misses = 0
        digress(talk, "human")
    elif not message.understood and session.misses <= 2:
        menu(talk, "desk.menu_only" if session.misses == 1 else "desk.menu_instead")
    elif session.misses == 1 and themes:
        choices = [*theme_buttons(talk, themes), talk.choice("none", "choice.none_of_these")]
        talk.ask("theme", "desk.which_theme", choices)
    elif session.misses <= 2:
        rephrase(talk)
    elif session.misses == 3 and message.understood:
        menu(talk, "desk.menu_instead")
    else:
        session.misses = 0
        digress(talk, "human")


def rephrase(talk: Talk) -> None:
    """Asks once for other words; a second time the menu comes instead."""
    if talk.session.misses >= 3:
        menu(talk, "desk.menu_instead")
        return
    talk.session.misses = max(talk.session.misses, 2)
    talk.session.prompt = None
    talk.utter("desk.rephrase")


def menu(talk: Talk, key: str = "desk.menu") -> None:
    """The menu by life domain."""
    welcome(talk)
    ways = [talk.choice("search", "choice.search"), talk.choice("human", "choice.human")]
    talk.ask("menu", key, [*domain_buttons(talk), *ways])


def themes_of(talk: Talk, domain: str) -> None:
    themes = theme_buttons(talk, talk.content.menu.domains[domain])
    talk.ask("menu", "desk.menu_themes", [*themes, talk.choice("back", "choice.back")])


def _likely(talk: Talk) -> list[str]:
    """The needs that clauses are about come first; then those that the whole message may be about."""
    least, themes = talk.content.thresholds.offer, talk.content.themes
    heard = [one["theme"] for one in others_heard(talk, None)]
    likely = [one.name for one in talk.message.intents if one.name in themes and one.confidence >= least]
    return list(dict.fromkeys([*heard, *likely]))[:OFFERED]
