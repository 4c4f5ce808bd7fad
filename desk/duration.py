"""Lengths of time as people write them in files: "2 weeks"."""

from __future__ import annotations

from datetime import timedelta

_UNITS = {"minute": "minutes", "hour": "hours", "day": "days", "week": "weeks"}


def duration(words: str) -> timedelta:
    """ "2 weeks", "3 days", "1 hour". Raises ValueError for anything else."""
    number, _, unit = words.partition(" ")
    name = _UNITS.get(unit.rstrip("s"))
    if name is None or not (number.isascii() and number.isdigit()) or len(number) > 4:
        raise ValueError(f"{words!r} is no length of time; write a number and minutes, hours, days or weeks")
    return timedelta(**{name: int(number)})
