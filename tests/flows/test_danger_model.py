"""The learned half of the guard: what it does with a file that is missing or broken, and how long it takes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from balie.crisis_report import read
from balie.danger_training import MODEL, learned_from, wanted
from flows import crisis, danger_model
from flows.crisis import Alert, assess
from flows.danger_model import DangerModel

SETS = Path(__file__).parent / "crisis"
MOST_AT_P99 = 0.005  # seconds a message


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package folder of our own with a copy of the model in it."""
    (tmp_path / "learned").mkdir()
    (tmp_path / "learned" / MODEL.name).write_bytes(MODEL.read_bytes())
    monkeypatch.setattr(danger_model, "files", lambda package: tmp_path)
    return tmp_path


def test_the_model_was_learned_from_the_present_sentences() -> None:
    assert learned_from() == wanted(), "run `make model`"


def test_a_whole_file_is_read(folder: Path) -> None:
    assert DangerModel.load() is not None


@pytest.mark.parametrize("content", [b"", b"{}\n", b"no json\n123", b'{"columns": 1}\n'])
def test_a_broken_file_is_left_alone(folder: Path, content: bytes) -> None:
    (folder / "learned" / MODEL.name).write_bytes(content)
    assert DangerModel.load() is None


def test_half_a_file_is_left_alone(folder: Path) -> None:
    (folder / "learned" / MODEL.name).write_bytes(MODEL.read_bytes()[:-1000])
    assert DangerModel.load() is None


def test_without_the_model_the_patterns_still_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crisis, "danger_model", lambda: None)
    assert assess("ik wil niet meer leven") == Alert("suicide", "now")


def test_why_it_was_alarmed_can_be_told() -> None:
    model = DangerModel.load()
    assert model is not None
    weights = model.weights("ik wil dood")
    assert weights == sorted(weights, key=lambda one: -one[2])
    assert {"dood", "wil dood"} & {feature for feature, danger, _ in weights[:12] if danger == "suicide"}


def test_a_message_costs_little(capsys: pytest.CaptureFixture[str]) -> None:
    texts = [row.text for row in read(SETS / "independent.tsv")]
    for text in texts:
        assess(text)  # a pattern is compiled when it is needed for the first time
    took = []
    for text in texts:
        started = time.process_time()
        assess(text)
        took.append(time.process_time() - started)
    took.sort()
    middle, last = took[len(took) // 2], took[int(len(took) * 0.99)]
    with capsys.disabled():
        print(f"\nguard, one message: p50 {middle * 1000:.2f} ms, p99 {last * 1000:.2f} ms of processor time")
    assert last <= MOST_AT_P99 * 2, "measured on two cores; twice as much on a slow machine"


def test_a_very_long_text_does_not_hold_everybody_up() -> None:
    started = time.process_time()
    assess("ik wil hulp met de tuin en de boodschappen " * 2500)
    assert time.process_time() - started < 1
