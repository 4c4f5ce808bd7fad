"""When a service is open: rules of RFC 5545 asked about one moment, and the words for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desk.content import load_texts
from desk.opening import Opening, next_opening, opening_words
from routing.model import Schedule

TEXTS = load_texts()
COFFEE = Schedule("10:00", "12:30", ("TU", "TH"))
FIRST_MONDAY = Schedule("19:30", "21:00", ("1MO",), freq="MONTHLY")
LAST_FRIDAY = Schedule("16:00", "17:00", ("-1FR",), freq="MONTHLY")
EVERY_OTHER_WEEK = Schedule("09:00", "10:00", ("WE",), interval=2, dtstart="2026-03-04")
NIGHT = Schedule("22:00", "02:00", ("SA",))
THE_FIFTEENTH = Schedule("13:00", "14:00", bymonthday=(15,), freq="MONTHLY")


def at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}")


@pytest.mark.parametrize(
    ("schedule", "moment", "begins", "ends"),
    [
        (COFFEE, at("2026-03-02", "09:00"), at("2026-03-03", "10:00"), at("2026-03-03", "12:30")),
        (COFFEE, at("2026-03-03", "10:00"), at("2026-03-03", "10:00"), at("2026-03-03", "12:30")),
        (COFFEE, at("2026-03-03", "12:29"), at("2026-03-03", "10:00"), at("2026-03-03", "12:30")),
        (COFFEE, at("2026-03-03", "12:30"), at("2026-03-05", "10:00"), at("2026-03-05", "12:30")),
        (FIRST_MONDAY, at("2026-03-02", "22:00"), at("2026-04-06", "19:30"), at("2026-04-06", "21:00")),
        (LAST_FRIDAY, at("2026-03-02", "09:00"), at("2026-03-27", "16:00"), at("2026-03-27", "17:00")),
        (EVERY_OTHER_WEEK, at("2026-03-05", "09:00"), at("2026-03-18", "09:00"), at("2026-03-18", "10:00")),
        (NIGHT, at("2026-03-08", "01:00"), at("2026-03-07", "22:00"), at("2026-03-08", "02:00")),
        (THE_FIFTEENTH, at("2026-03-16", "09:00"), at("2026-04-15", "13:00"), at("2026-04-15", "14:00")),
    ],
)
def test_the_opening_that_is_on_or_comes_next(
    schedule: Schedule, moment: datetime, begins: datetime, ends: datetime
) -> None:
    assert next_opening([schedule], moment) == Opening(begins, ends)


def test_the_soonest_of_several_lines_counts() -> None:
    found = next_opening([FIRST_MONDAY, COFFEE, LAST_FRIDAY], at("2026-03-03", "13:00"))
    assert found == Opening(at("2026-03-05", "10:00"), at("2026-03-05", "12:30"))


def test_a_line_holds_between_its_days_only() -> None:
    summer = Schedule("10:00", "11:00", ("MO",), valid_from="2026-06-01", valid_to="2026-08-31")
    assert next_opening([summer], at("2026-03-02", "09:00")) is None  # it begins too late to be worth saying
    assert next_opening([summer], at("2026-05-20", "09:00")) == Opening(
        at("2026-06-01", "10:00"), at("2026-06-01", "11:00")
    )
    assert next_opening([summer], at("2026-08-31", "10:30")) == Opening(
        at("2026-08-31", "10:00"), at("2026-08-31", "11:00")
    )
    assert next_opening([summer], at("2026-08-31", "11:00")) is None


@pytest.mark.parametrize(
    ("moment", "dutch", "english"),
    [
        ("2026-03-03T09:15:00+00:00", "Nu open, tot 12.30 uur.", "Open now, until 12:30."),
        ("2026-03-03T08:59:00+00:00", "Vandaag open vanaf 10 uur.", "Open today at 10:00."),  # 9.59 on the wall
        ("2026-03-02T23:30:00+00:00", "Vandaag open vanaf 10 uur.", "Open today at 10:00."),  # Tuesday has begun there
        ("2026-03-02T12:00:00+00:00", "Morgen open vanaf 10 uur.", "Open tomorrow at 10:00."),
        ("2026-03-06T12:00:00+00:00", "Open op dinsdag vanaf 10 uur.", "Open on Tuesday at 10:00."),
        ("2026-06-30T07:00:00+00:00", "Vandaag open vanaf 10 uur.", "Open today at 10:00."),  # summer time
        ("2026-06-30T08:00:00+00:00", "Nu open, tot 12.30 uur.", "Open now, until 12:30."),
    ],
)
def test_in_words_on_the_dutch_clock(moment: str, dutch: str, english: str) -> None:
    now = datetime.fromisoformat(moment)
    assert opening_words(TEXTS, [COFFEE], now, "nl") == dutch
    assert opening_words(TEXTS, [COFFEE], now, "en") == english


def test_far_away_is_said_with_its_day() -> None:
    now = datetime(2026, 3, 2, 21, tzinfo=UTC)
    assert opening_words(TEXTS, [FIRST_MONDAY], now, "nl") == "Weer open op maandag 6 april vanaf 19.30 uur."
    assert opening_words(TEXTS, [], now, "nl") == ""
