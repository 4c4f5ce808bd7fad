"""`balie report understanding`: where the model errs, and no figure from which one person's conversation shows."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balie.understanding_report import NOTHING, Part, make
from storage.records import GuessCount, Settled
from tests.balie.command import Inside, Place

COUNTS = [
    ("2026-01", "company", "grief", "corrected", 12),
    ("2026-02", "company", "grief", "corrected", 2),
    ("2026-02", "company", "money_debt", "corrected", 4),
    ("2026-01", "company", "company", "confirmed", 31),
    ("2026-02", "grief", "company", "corrected", 27),
    ("2026-02", "none", "housing", "chosen", 6),
    ("2026-02", "paperwork", "paperwork", "chosen", 9),
    ("2026-02", "paperwork", "digital", "chosen", 3),
    ("2026-02", "household", "elsewhere", "rerouted", 4),
]


@pytest.fixture
def counted(town: Place) -> Place:
    with sqlite3.connect(town.database) as connection:
        connection.executemany("INSERT INTO understanding_count VALUES (?, ?, ?, ?, ?)", COUNTS)
    connection.close()
    return town


def pairs(part: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(pair.values()) for pair in part["pairs"]]


def test_pairs_most_frequent_first_with_their_share(counted: Place) -> None:
    done = counted.balie("report", "understanding", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert list(report) == ["since", "sure", "unsure", "rerouted"]
    # 14 and 31 are shown as 10 and 30, and the shares are those of what is shown.
    assert pairs(report["sure"]) == [
        ("grief", "company", 25, 1.0),
        ("company", "grief", 10, 0.25),
        ("company", "money_debt", "<5", None),
    ]
    assert report["sure"]["confirmed"] == [{"guessed": "company", "chosen": "company", "count": 30, "share": 0.75}]
    assert report["sure"]["total"] == 65
    assert pairs(report["unsure"]) == [("none", "housing", 5, 1.0), ("paperwork", "digital", "<5", None)]
    assert (report["unsure"]["confirmed"][0]["count"], report["unsure"]["total"]) == (5, 10)
    assert (pairs(report["rerouted"]), report["rerouted"]["total"]) == ([("household", "elsewhere", "<5", None)], 0)


def test_for_people_to_read(counted: Place, inside: Inside) -> None:
    lines = inside(counted, "report", "understanding").stdout.splitlines()
    words = [line.split() for line in lines]
    assert words.index(["grief", "company", "25", "100%"]) < words.index(["company", "grief", "10", "25%"])
    assert ["company", "money_debt", "<5"] in words
    assert ["company", "30", "75%"] in words
    assert 'Counts are rounded down to fives. "<5" is less than five' in lines[-1]
    assert max(map(len, lines)) <= 100


def test_since_a_month(counted: Place, inside: Inside) -> None:
    report = json.loads(inside(counted, "report", "understanding", "--since", "2026-02", "--json").stdout)
    assert report["since"] == "2026-02"
    assert pairs(report["sure"])[1:] == [("company", "grief", "<5", None), ("company", "money_debt", "<5", None)]
    assert report["sure"]["confirmed"] == []


def test_nothing_counted_is_one_plain_sentence(town: Place, counted: Place, inside: Inside) -> None:
    later = inside(counted, "report", "understanding", "--since", "2026-03")
    assert (later.exit_code, later.stdout, later.stderr) == (0, NOTHING + "\n", "")
    report = json.loads(inside(counted, "report", "understanding", "--since", "2026-03", "--json").stdout)
    assert report["sure"] == {"title": report["sure"]["title"], "pairs": [], "confirmed": [], "total": 0}


@pytest.mark.parametrize("month", ["2026", "2026-3", "2026-13", "maart", "2026-03-02", "' OR 1=1"])
def test_a_month_that_is_none(town: Place, month: str, inside: Inside) -> None:
    done = inside(town, "report", "understanding", "--since", month)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "2026-03" in done.stderr


# No figure gives away a cell under five ------------------------------------------------------------------------------

THEMES = st.sampled_from(["company", "grief", "housing"])
WAYS: st.SearchStrategy[Settled] = st.sampled_from(["corrected", "chosen", "confirmed", "rerouted"])
MONTHS = [f"2026-0{number}" for number in range(1, 5)]
ROWS = st.lists(st.builds(GuessCount, st.sampled_from(MONTHS), THEMES, THEMES, WAYS, st.integers(1, 30)), max_size=30)


def figures(part: Part) -> dict[tuple[str, str], int]:
    return {
        (one.guessed, one.chosen): one.count for one in (*part.pairs, *part.confirmed) if isinstance(one.count, int)
    }


@given(ROWS)
def test_neither_a_total_nor_the_difference_of_two_reports_tells_a_small_cell(rows: list[GuessCount]) -> None:
    reports = [make([row for row in rows if row.month >= month], month) for month in MONTHS]
    for longer, shorter in ((one, two) for one in reports for two in reports if one.since <= two.since):
        for name in ("sure", "unsure", "rerouted"):
            more, less = figures(getattr(longer, name)), figures(getattr(shorter, name))
            assert getattr(longer, name).total == sum(more.values())
            for pair in more.keys() | less.keys():
                assert (more.get(pair, 0) - less.get(pair, 0)) % 5 == 0


@given(ROWS)
def test_how_small_a_small_cell_is_shows_nowhere(rows: list[GuessCount]) -> None:
    rows = [row for row in rows if (row.guessed, row.chosen) != ("company", "grief")]
    reports = [make([*rows, GuessCount("2026-01", "company", "grief", "corrected", few)]) for few in (1, 2, 3, 4)]
    assert all(report == reports[0] for report in reports)
