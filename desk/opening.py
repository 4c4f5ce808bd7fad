"""When a service is open, in words: "Nu open, tot 12 uur.", "Morgen open vanaf 10 uur."."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil import rrule
from msgspec import Struct
from msgspec.structs import replace

from flows.model import Found, Listed, Offer, Option, Session
from flows.texts import Texts
from routing.model import DAYS_OF_WEEK, Roster, Schedule

ZONE = ZoneInfo("Europe/Amsterdam")
AHEAD = timedelta(days=62)  # what opens later than this is not worth saying; every second month still fits
_DAY = timedelta(days=1)


class Opening(Struct, frozen=True):
    """From when until when, on the clock on the wall. One that is on has begun before the moment asked about."""

    begins: datetime
    ends: datetime


class Clock:
    """Tells of what is offered or found whether it is open now. It is told at each turn: an offer is kept for days, and
    "now" is not."""

    def __init__(self, texts: Texts, roster: Roster, now: datetime, language: str) -> None:
        self._texts = texts
        self._roster = roster
        self._now = now
        self._language = language

    def offer(self, offer: Offer) -> Offer:
        team = replace(offer.team, facts=self._facts(offer.team)) if offer.team else None
        return replace(offer, options=tuple(replace(one, facts=self._facts(one)) for one in offer.options), team=team)

    def listed(self, listed: Listed) -> Listed:
        return replace(listed, found=tuple(replace(one, facts=self._facts(one)) for one in listed.found))

    def session(self, session: Session) -> None:
        """What the resident has in front of them."""
        if session.offer is not None:
            session.offer = self.offer(session.offer)
        looking = session.looking
        if looking is not None:
            one = replace(looking.one, facts=self._facts(looking.one)) if looking.one else None
            session.looking = replace(looking, listed=self.listed(looking.listed), one=one)

    def _facts(self, one: Option | Found) -> dict[str, str]:
        service = self._roster.by_id.get(one.id)
        schedules = service.schedules if service else ()
        return {**one.facts, "open": opening_words(self._texts, schedules, self._now, self._language)}


def opening_words(texts: Texts, schedules: Iterable[Schedule], now: datetime, language: str) -> str:
    """One sentence, empty where nothing is known or nothing opens soon. `now` is aware."""
    at = now.astimezone(ZONE).replace(tzinfo=None)
    found = next_opening(schedules, at)
    if found is None:
        return ""
    if found.begins <= at:
        return texts.render("open.now", language, time=_clock(texts, found.ends, language))
    days = (found.begins.date() - at.date()).days
    key = "today" if days == 0 else "tomorrow" if days == 1 else "weekday" if days < 7 else "later"
    return texts.render(
        f"open.{key}",
        language,
        time=_clock(texts, found.begins, language),
        weekday=texts.render(f"open.weekday.{DAYS_OF_WEEK[found.begins.weekday()]}", language),
        day=found.begins.day,
        month=texts.render(f"open.month.{found.begins.month}", language),
    )


def next_opening(schedules: Iterable[Schedule], at: datetime) -> Opening | None:
    """The one that is on at `at`, or else the first after it; None without one in the next two months. `at` is the
    clock on the wall, without a zone."""
    soonest = [found for schedule in schedules if (found := next(_openings(schedule, at), None))]
    return min(soonest, key=lambda opening: opening.begins, default=None)


def _openings(schedule: Schedule, at: datetime) -> Iterator[Opening]:
    opens, closes = time.fromisoformat(schedule.opens_at), time.fromisoformat(schedule.closes_at)
    over_midnight = _DAY if closes <= opens else timedelta()
    first, last = at - _DAY, at + AHEAD
    if schedule.valid_from:
        first = max(first, datetime.fromisoformat(schedule.valid_from))
    if schedule.valid_to:
        last = min(last, datetime.fromisoformat(schedule.valid_to))
    rule = rrule.rrule(
        rrule.WEEKLY if schedule.freq == "WEEKLY" else rrule.MONTHLY,
        dtstart=datetime.fromisoformat(schedule.dtstart) if schedule.dtstart else datetime.combine(first, time()),
        interval=schedule.interval,
        byweekday=[_weekday(day) for day in schedule.byday] or None,
        bymonthday=schedule.bymonthday or None,
    )
    for day in rule.between(datetime.combine(first, time()), last, inc=True):
        ends = datetime.combine(day, closes) + over_midnight
        if ends > at:
            yield Opening(datetime.combine(day, opens), ends)


def _weekday(day: str) -> rrule.weekday:
    """ "1TU" is the first Tuesday of a month, "TU" every one."""
    return rrule.weekday(DAYS_OF_WEEK.index(day[-2:]), int(day[:-2]) if day[:-2] else None)


def _clock(texts: Texts, moment: datetime, language: str) -> str:
    key = "open.clock.whole" if moment.minute == 0 else "open.clock"
    return texts.render(key, language, hour=moment.hour, minute=f"{moment.minute:02}")
