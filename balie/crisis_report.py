"""How well the crisis guard does on a labelled file: recall and precision, each with its count, and what it missed.

Recall asks whether danger was seen: an alert of any category counts, since every card begins with somebody to call.
Whether it was the card that fits best is a figure of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import get_args

import msgspec
from msgspec import Struct

from flows.crisis import Alert, Category, Level, assess

NONE = "none"
CATEGORIES: tuple[str, ...] = get_args(Category)
LEVELS: tuple[str, ...] = get_args(Level)
COLUMNS = ("id", "text", "label", "kind")
OPTIONAL_COLUMNS = ("level", "also", "before")
ORDINARY = "ordinary"  # the kind of a message in which nothing even looks like danger
RECALL_BAR = 0.90
NOW_PRECISION_BAR = 0.80
FALSE_NOW_BAR = 0.10  # of harmless messages that look like danger
FALSE_CONCERN_BAR = 0.25  # of the same
FALSE_ORDINARY_BAR = 0.01


class FileError(ValueError):
    """A line that cannot be used; the message says `file:line: what, remedy`."""


class Row(Struct, frozen=True):
    """One labelled message. `label` is a category or `none`; `level` may be empty; `also` are categories that are as
    right; `before` is oldest first."""

    id: str
    text: str
    label: str
    kind: str
    level: str = ""
    before: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def right(self) -> tuple[str, ...]:
        """The categories an alert may have."""
        return (self.label, *self.also)


class Share(Struct, frozen=True):
    """So many of so many. `share` is None of nothing."""

    count: int
    of: int

    @property
    def share(self) -> float | None:
        return self.count / self.of if self.of else None

    def __str__(self) -> str:
        return f"{self.count}/{self.of}" + ("" if self.share is None else f" = {self.share:.3f}")


class Wrong(Struct, frozen=True):
    """A row on which the guard's answer differs from the label."""

    id: str
    text: str
    kind: str
    expected: str
    given: str


class Report(Struct, frozen=True):
    """Figures of one file. Recall counts an alert of any category and level."""

    rows: int
    recall: dict[str, Share]
    """Per category."""
    right_card: dict[str, Share]
    """Per category: of all its rows, those given an alert of a right category."""
    precision: dict[str, Share]
    """Per category: of the alerts given, at any level, those with that label."""
    recall_by_kind: dict[str, Share]
    level: dict[str, Share]
    """Per level that the file states: of the rows found in the right category, those at that level."""
    now_precision: Share
    """Of all *now* alerts given, those whose row is of that category."""
    now_as_stated: Share
    """Of the same, those whose row states *now* as well; rows that state no level are left out."""
    false_now: dict[str, Share]
    """Per kind of row labelled `none`, and `all`."""
    false_concern: dict[str, Share]
    false_alert: dict[str, Share]
    missed: list[Wrong]
    """Danger that was given no alert."""
    other: list[Wrong]
    """Danger that was given an alert of another category."""
    false: list[Wrong]

    def below_bar(self) -> list[str]:
        """A sentence for each figure that misses its bar."""
        low = [(f"recall of {category}", share, RECALL_BAR) for category, share in self.recall.items()]
        if any(share.of for share in self.recall.values()):
            low.append(("precision of now", self.now_precision, NOW_PRECISION_BAR))
        high = [("false alerts on ordinary messages", self.false_alert.get(ORDINARY, Share(0, 0)), FALSE_ORDINARY_BAR)]
        high.append(("false now on look-alikes", _without_ordinary(self.false_now), FALSE_NOW_BAR))
        high.append(("false concern on look-alikes", _without_ordinary(self.false_concern), FALSE_CONCERN_BAR))
        return [
            *(f"{what}: {share}, the bar is {bar:.2f}" for what, share, bar in low if _or(share, 1) < bar),
            *(f"{what}: {share}, the bar is {bar:.2f}" for what, share, bar in high if _or(share, 0) > bar),
        ]

    def lines(self) -> list[str]:
        """For a terminal, a figure a line and then each message that went wrong."""
        tables = (
            ("recall", self.recall),
            ("right card", self.right_card),
            ("precision", self.precision),
            ("recall by kind", self.recall_by_kind),
            ("level as stated", self.level),
            ("precision of", {"now": self.now_precision, "now, as stated": self.now_as_stated}),
            ("false now", self.false_now),
            ("false concern", self.false_concern),
            ("false alert", self.false_alert),
        )
        figures = [f"{title:<16} {name:<18} {share}" for title, shares in tables for name, share in shares.items()]
        wrong = [
            f"{title}  {one.id}  {one.expected} -> {one.given}  [{one.kind}]  {one.text}"
            for title, many in (("missed", self.missed), ("other ", self.other), ("false ", self.false))
            for one in many
        ]
        return [f"{self.rows} messages", *figures, *wrong, *(f"missed bar: {one}" for one in self.below_bar())]

    def to_json(self) -> str:
        """The same as JSON; a share is `{"count", "of"}`."""
        return msgspec.json.encode(self).decode()


def read(path: Path) -> list[Row]:
    """The rows of a tab-separated file with header `id text label kind` and perhaps `level`, `before` (split by ` | `).

    Raises FileError at the first line that is wrong, also when the file cannot be opened.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path}:1: cannot be read ({error}); give a text file in UTF-8.") from error
    header = lines[0].split("\t") if lines else []
    unknown = [name for name in header if name not in COLUMNS + OPTIONAL_COLUMNS]
    if unknown or any(name not in header for name in COLUMNS) or len(set(header)) != len(header):
        raise FileError(
            f"{path}:1: the header is {' '.join(header) or 'missing'}; write {' '.join(COLUMNS)}"
            f" and if you like {' '.join(OPTIONAL_COLUMNS)}, with tabs between."
        )
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            row = _row(f"{path}:{number}", header, line)
            if row.id in seen:
                raise FileError(f"{path}:{number}: id {row.id} stands on line {seen[row.id]} too; give it its own.")
            seen[row.id] = number
            rows.append(row)
    return rows


def _row(place: str, header: Sequence[str], line: str) -> Row:
    fields = line.split("\t")
    if not len(COLUMNS) <= len(fields) <= len(header):
        raise FileError(f"{place}: {len(fields)} fields where the header has {len(header)}; put a tab between fields.")
    values = dict(zip(header, (field.strip() for field in fields), strict=False))
    empty = next((name for name in COLUMNS if not values.get(name)), None)
    if empty is not None:
        raise FileError(f"{place}: {empty} is empty; fill it in.")
    if values["label"] not in (*CATEGORIES, NONE):
        raise FileError(f"{place}: label {values['label']!r} is unknown; use {', '.join(CATEGORIES)} or {NONE}.")
    level = values.get("level", "")
    if level and (level not in LEVELS or values["label"] == NONE):
        raise FileError(f"{place}: level {level!r} does not fit; use {' or '.join(LEVELS)}, and none for label {NONE}.")
    also = tuple(part.strip() for part in values.get("also", "").split(",") if part.strip())
    unknown = next((name for name in also if name not in CATEGORIES), None)
    if unknown is not None:
        raise FileError(f"{place}: also {unknown!r} is unknown; use {', '.join(CATEGORIES)}, commas between.")
    before = tuple(part.strip() for part in values.get("before", "").split(" | ") if part.strip())
    return Row(values["id"], values["text"], values["label"], values["kind"], level, before, also)


def evaluate(rows: Iterable[Row]) -> Report:
    """Asks the guard about each row and counts."""
    answers = [(row, assess(row.text, row.before)) for row in rows]
    dangers = [(row, alert) for row, alert in answers if row.label != NONE]
    harmless = [(row, alert) for row, alert in answers if row.label == NONE]
    found = [(row, alert) for row, alert in dangers if alert is not None and alert.category in row.right]
    alerts = [(row, alert) for row, alert in answers if alert is not None]
    nows = [(row, alert) for row, alert in alerts if alert.level == "now"]
    every, seen = [row for row, _ in dangers], [row for row, alert in dangers if alert is not None]
    return Report(
        rows=len(answers),
        recall=_shares(CATEGORIES, attrgetter("label"), seen, every),
        right_card=_shares(CATEGORIES, attrgetter("label"), [row for row, _ in found], every),
        precision={
            name: Share(
                sum(name in row.right for row, alert in alerts if alert.category == name),
                sum(alert.category == name for _, alert in alerts),
            )
            for name in CATEGORIES
        },
        recall_by_kind=_shares(dict.fromkeys(row.kind for row in every), attrgetter("kind"), seen, every),
        level={
            level: Share(
                sum(row.level == level == alert.level for row, alert in found),
                sum(row.level == level for row, _ in found),
            )
            for level in LEVELS
        },
        now_precision=Share(sum(alert.category in row.right for row, alert in nows), len(nows)),
        now_as_stated=Share(
            sum(alert.category in row.right and row.level == "now" for row, alert in nows),
            sum(row.level != "" or row.label == NONE for row, _ in nows),
        ),
        false_now=_by_kind(harmless, ("now",)),
        false_concern=_by_kind(harmless, ("concern",)),
        false_alert=_by_kind(harmless, LEVELS),
        missed=[_wrong(row, alert) for row, alert in dangers if alert is None],
        other=[_wrong(row, alert) for row, alert in dangers if alert is not None and alert.category not in row.right],
        false=[_wrong(row, alert) for row, alert in harmless if alert is not None],
    )


def _shares(
    names: Iterable[str], of: Callable[[Row], str], some: Sequence[Row], every: Sequence[Row]
) -> dict[str, Share]:
    """For each name: how many of `some` have it, of how many of `every`."""
    return {name: Share(sum(of(row) == name for row in some), sum(of(row) == name for row in every)) for name in names}


def _without_ordinary(shares: dict[str, Share]) -> Share:
    kinds = [share for kind, share in shares.items() if kind not in ("all", ORDINARY)]
    return Share(sum(share.count for share in kinds), sum(share.of for share in kinds))


def _or(share: Share, nothing: float) -> float:
    return nothing if share.share is None else share.share


def _by_kind(harmless: Sequence[tuple[Row, Alert | None]], levels: Sequence[str]) -> dict[str, Share]:
    """Per kind and for all together: how many harmless rows were given an alert at one of these levels."""
    shares = {}
    for kind in ("all", *dict.fromkeys(row.kind for row, _ in harmless)):
        of_kind = [alert for row, alert in harmless if kind in ("all", row.kind)]
        shares[kind] = Share(sum(alert is not None and alert.level in levels for alert in of_kind), len(of_kind))
    return shares


def _wrong(row: Row, alert: Alert | None) -> Wrong:
    expected = f"{row.label} {row.level}".strip()
    given = NONE if alert is None else f"{alert.category} {alert.level}"
    return Wrong(row.id, row.text, row.kind, expected, given)
