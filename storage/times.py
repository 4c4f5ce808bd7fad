"""Times as they are stored: UTC, ISO 8601, always with microseconds, so that text sorts as time does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """The real clock; tests and dialogues pass their own."""
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """Raises `ValueError` for a time without a zone: it would be a guess."""
    if moment.tzinfo is None:
        raise ValueError("a time without a time zone cannot be stored")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def from_text(text: str) -> datetime:
    return datetime.fromisoformat(text)


def from_text_or_none(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
