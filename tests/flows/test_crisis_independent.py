"""The guard on messages by authors who had seen neither patterns nor training sentences: the figures to believe.

`independent*.tsv` are of one author; the model's thresholds were chosen on them. `second_*.tsv` are of two others and
`third_author.tsv` of one more; these were only measured, but for the calm ones of `second_ordinary.tsv`, which say with
the first author's how low a score may ask. Whether danger is seen is held to its bar. Which card is shown has floors
under what was measured, to be raised with the data.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from balie.crisis_report import read
from flows.crisis import assess

SETS = Path(__file__).parent / "crisis"
RIGHT_CARD = {
    "independent.tsv": {"suicide": 0.91, "violence": 0.83, "child": 0.85, "emergency": 0.94},
    "second_author.tsv": {"suicide": 0.84, "violence": 0.83, "child": 0.91, "emergency": 0.88},
    "third_author.tsv": {"suicide": 0.88, "violence": 0.89, "child": 0.85, "emergency": 0.92},
}
ANY_ALERT = 0.90
FALSE_ON_ORDINARY = {"independent_ordinary.tsv": 0.01, "second_ordinary.tsv": 0.01}
FALSE_NOW_ON_HARD = 0.10
FALSE_CONCERN_ON_HARD = 0.25


@pytest.mark.parametrize("file", RIGHT_CARD)
def test_danger_is_seen(file: str) -> None:
    """With the wrong card the resident still gets numbers to call; the right one is better."""
    rows = read(SETS / file)
    for category, floor in RIGHT_CARD[file].items():
        answers = [(row, assess(row.text)) for row in rows if row.label == category]
        seen = sum(alert is not None for _, alert in answers)
        right = sum(alert is not None and alert.category in row.right for row, alert in answers)
        print(f"{file} {category}: any alert {seen}/{len(answers)}, right card {right}/{len(answers)}")
        assert seen / len(answers) >= ANY_ALERT, category
        assert right / len(answers) >= floor, category


@pytest.mark.parametrize("file", RIGHT_CARD)
def test_idiom_mourning_and_news_seldom_raise_an_alert(file: str) -> None:
    texts = [row.text for row in read(SETS / file) if row.label == "none"]
    alerts = [alert for text in texts if (alert := assess(text))]
    acute = sum(alert.level == "now" for alert in alerts)
    print(f"{file} look-alikes: now {acute}/{len(texts)}, concern {len(alerts) - acute}/{len(texts)}")
    assert acute / len(texts) <= FALSE_NOW_ON_HARD
    assert (len(alerts) - acute) / len(texts) <= FALSE_CONCERN_ON_HARD


@pytest.mark.parametrize("file", FALSE_ON_ORDINARY)
def test_ordinary_messages_raise_no_alarm(file: str) -> None:
    texts = [row.text for row in read(SETS / file)]
    alarmed = [text for text in texts if assess(text)]
    print(f"{file}: {len(alarmed)}/{len(texts)}")
    assert len(alarmed) / len(texts) <= FALSE_ON_ORDINARY[file], alarmed
