"""Days and times in words, on the clock of the municipality."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flows.texts import Texts

_ZONE = ZoneInfo("Europe/Amsterdam")


def day(texts: Texts, language: str, moment: datetime) -> str:
    """ "2 maart 2026"."""
    return _render(texts, "moment.day", language, moment)


def day_and_time(texts: Texts, language: str, moment: datetime) -> str:
    """ "2 maart om 10.05 uur"."""
    return _render(texts, "moment.day_and_time", language, moment)


def _render(texts: Texts, key: str, language: str, moment: datetime) -> str:
    here = moment.astimezone(_ZONE)
    month = texts.render(f"moment.month.{here.month}", language)
    return texts.render(
        key, language, day=here.day, month=month, year=here.year, hour=here.strftime("%H"), minute=here.strftime("%M")
    )
