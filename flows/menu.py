"""The menu's buttons: life domains, and the themes within one."""

from __future__ import annotations

from collections.abc import Iterable

from flows.conversation import Talk
from flows.model import Choice


def domain_buttons(talk: Talk) -> list[Choice]:
    return [Choice(domain, talk.label(f"domain.{domain}")) for domain in talk.content.menu.domains]


def theme_buttons(talk: Talk, themes: Iterable[str]) -> list[Choice]:
    """Themes by name; the same words stand within a sentence elsewhere, so a button gives them their capital."""
    labels = ((theme, talk.label(f"theme.{theme}")) for theme in themes)
    return [Choice(theme, label[:1].upper() + label[1:]) for theme, label in labels]
