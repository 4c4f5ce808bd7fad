"""A timetable's line from its fields as text, whether they come from our own files or from HSDS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from routing.model import DAYS_OF_WEEK, FREQUENCIES, Schedule

FIELDS = (
    "opens_at",
    "closes_at",
    "byday",
    "bymonthday",
    "freq",
    "interval",
    "dtstart",
    "valid_from",
    "valid_to",
)
DAYS = ("dtstart", "valid_from", "valid_to")
# HSDS asks for a time zone behind the time; what is on the door counts, so it is left off.
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(:\d\d)?(Z|[+-]\d\d:?\d\d)?")
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_WEEKDAY = re.compile(rf"([+-]?[1-5])?({'|'.join(DAYS_OF_WEEK)})")


class NotASchedule(ValueError):
    """`field` cannot be read; the message says what is wrong and what to do."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


def schedule_of(values: Mapping[str, Any]) -> Schedule:
    """`values` by HSDS's names, as text; other names are not looked at. Raises NotASchedule."""
    given = {name: text for name in FIELDS if (text := str(values.get(name) or "").strip())}
    for name in ("opens_at", "closes_at"):
        if not _CLOCK.fullmatch(given.get(name, "")):
            raise NotASchedule(name, f"`{given.get(name, '')}` is not a time, write hours and minutes as in 09:30")
    for name in DAYS:
        if name in given and not _DAY.fullmatch(given[name]):
            raise NotASchedule(name, f"`{given[name]}` is not a day, write year-month-day as in 2026-03-31")
    freq = given.get("freq", FREQUENCIES[0])
    if freq not in FREQUENCIES:
        raise NotASchedule("freq", f"`{freq}` is not known here, use one of: {', '.join(FREQUENCIES)}")
    interval = _number("interval", given.get("interval", "1"), 1, 52)
    if interval > 1 and "dtstart" not in given:
        raise NotASchedule("interval", "from which day it is counted is not known, add `dtstart`")
    byday = _weekdays(given.get("byday", ""), freq)
    bymonthday = tuple(_number("bymonthday", part, -31, 31) for part in _parts(given.get("bymonthday", "")))
    if not byday and not bymonthday:
        raise NotASchedule("byday", "on which days is not said, add `byday` as in TU,TH")
    if given.get("valid_to", "9999") < given.get("valid_from", ""):
        raise NotASchedule("valid_to", "it ends before it begins, correct one of the two days")
    return Schedule(
        opens_at=given["opens_at"][:5],
        closes_at=given["closes_at"][:5],
        byday=byday,
        bymonthday=bymonthday,
        freq="MONTHLY" if freq == "MONTHLY" else "WEEKLY",
        interval=interval,
        dtstart=given.get("dtstart", ""),
        valid_from=given.get("valid_from", ""),
        valid_to=given.get("valid_to", ""),
    )


def fields_of(schedule: Schedule) -> dict[str, str]:
    """The other way: what differs from a plain weekly rule, as text."""
    plain = Schedule("", "")
    found: dict[str, str] = {"freq": schedule.freq}
    for name in FIELDS:
        value = getattr(schedule, name)
        if value != getattr(plain, name):
            found[name] = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return found


def _weekdays(text: str, freq: str) -> tuple[str, ...]:
    days = _parts(text)
    for day in days:
        if not _WEEKDAY.fullmatch(day):
            raise NotASchedule("byday", f"`{day}` is not a day of the week, use {', '.join(DAYS_OF_WEEK)}")
        if len(day) > 2 and freq != "MONTHLY":
            raise NotASchedule("byday", f"`{day}` counts within a month, write `freq: MONTHLY` or leave the number out")
    return tuple(days)


def _number(name: str, text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"-?\d{1,3}", text) or not least <= int(text) <= most or int(text) == 0:
        raise NotASchedule(name, f"`{text}` is not a number from {least} to {most}, correct it")
    return int(text)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
