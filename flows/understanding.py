"""Whether a guess at the theme held: what the model thought, and what the resident made of it. Codes, never words."""

from __future__ import annotations

from collections.abc import Sequence

from flows.conversation import Talk
from flows.events import GuessSettled
from flows.model import Guess

NO_THEME = "none"


def began(talk: Talk, theme: str) -> None:
    """The model is sure enough to begin the intake of `theme`. Whoever left the one it began before, and says in own
    words that it is something else, has corrected it."""
    guess = talk.session.guess
    if guess is not None and guess.began and guess.theme == theme:
        return
    if guess is not None and guess.began and not talk.session.stack:
        talk.events.append(GuessSettled(guess.theme, theme, "corrected"))
    talk.session.guess = Guess(theme, began=True)


def unsure(talk: Talk, likely: Sequence[str]) -> None:
    """The model does not know; `likely` are the themes worth offering, best first. Nothing when it was not asked: then
    there is no guess to be wrong."""
    guess = talk.session.guess
    if not talk.message.understood or (guess is not None and guess.began):
        return
    if likely:
        talk.session.guess = Guess(likely[0])
    elif guess is None:
        talk.session.guess = Guess(NO_THEME)


def chosen(talk: Talk, theme: str) -> None:
    """The resident picks `theme` from the three, or from the menu."""
    guess = talk.session.guess
    if guess is None or (guess.began and guess.theme == theme):
        return
    talk.events.append(GuessSettled(guess.theme, theme, "corrected" if guess.began else "chosen"))
    talk.session.guess = None


def corrected(talk: Talk, theme: str) -> None:
    """In the middle of an intake the resident says that it is about `theme`."""
    guess = talk.session.guess
    if guess is not None and guess.began and guess.theme != theme:
        talk.events.append(GuessSettled(guess.theme, theme, "corrected"))
    talk.session.guess = Guess(theme, began=True)


def held(talk: Talk) -> None:
    """The resident goes where the theme led: a card agreed to, or a place that nothing is sent to. Counted once."""
    guess = talk.session.guess
    if guess is not None and guess.began:
        talk.events.append(GuessSettled(guess.theme, guess.theme, "confirmed"))
        talk.session.guess = None
