"""A host or professional says that a request belongs elsewhere: counted by theme, to see what is understood wrong."""

from __future__ import annotations

from storage.unit_of_work import UnitOfWork

NOT_OURS = "not_our_work"  # the reason of declining that says so
ELSEWHERE = "elsewhere"


def note(uow: UnitOfWork, theme: str, to: str = ELSEWHERE) -> None:
    """A request for `theme` is handed on, to the theme `to` where one was named. Nothing when that is the same theme:
    another service for it is no other reading of it."""
    if to != theme:
        uow.understanding.count(theme, to, "rerouted")
