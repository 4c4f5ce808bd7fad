"""The guard on messages by an author who had seen neither the patterns nor the other sets: the figure to believe.

Recall lies far under the bar of 0.90, so these are floors under what was measured, to be raised with the patterns.
What the guard must not do, alarm on ordinary messages, is held to its bar.
"""

from __future__ import annotations

from pathlib import Path

from balie.crisis_report import read
from flows.crisis import assess

SETS = Path(__file__).parent / "crisis"
FLOORS = {"suicide": 0.29, "violence": 0.40, "child": 0.27, "emergency": 0.38}  # measured 0.33, 0.45, 0.32, 0.42
FALSE_ON_ORDINARY = 0.01
FALSE_NOW_ON_HARD = 0.10


def test_danger_is_seen_at_least_as_often_as_when_it_was_measured() -> None:
    """Any alert counts: with the wrong card the resident still gets numbers to call."""
    rows = read(SETS / "independent.tsv")
    for category, floor in FLOORS.items():
        texts = [row.text for row in rows if row.label == category]
        seen = sum(assess(text) is not None for text in texts)
        print(f"{category}: any alert {seen}/{len(texts)} = {seen / len(texts):.2f}, bar 0.90")
        assert seen / len(texts) >= floor, category


def test_idiom_mourning_and_news_rarely_raise_the_acute_card() -> None:
    texts = [row.text for row in read(SETS / "independent.tsv") if row.label == "none"]
    alerts = [alert for text in texts if (alert := assess(text))]
    acute = sum(alert.level == "now" for alert in alerts)
    print(f"hard negatives: now {acute}/{len(texts)}, concern {len(alerts) - acute}/{len(texts)}")
    assert acute / len(texts) <= FALSE_NOW_ON_HARD


def test_ordinary_messages_raise_no_alarm() -> None:
    texts = [row.text for row in read(SETS / "independent_ordinary.tsv")]
    alarmed = [text for text in texts if assess(text)]
    print(f"ordinary: {len(alarmed)}/{len(texts)}")
    assert len(alarmed) / len(texts) <= FALSE_ON_ORDINARY, alarmed
