"""The report: its figures on a model of three sentences, and the one clear error for a file it cannot read."""

import json
from pathlib import Path

import pytest

from balie.nlu_report import Ranking, Row, TableError, evaluate, read_tsv

RANKINGS: dict[str, Ranking] = {
    "soep": [("meals", 0.9), ("company", 0.1)],
    "alleen eten": [("company", 0.6), ("meals", 0.3), ("grief", 0.1)],
    "bus": [("meals", 0.4), ("company", 0.3), ("grief", 0.2), ("transport", 0.1)],
}


def row(text: str, label: str, *also: str) -> Row:
    return Row(text, text, label, frozenset({label, *also}))


def test_figures() -> None:
    rows = [row("soep", "meals"), row("alleen eten", "meals", "company"), row("bus", "transport")]
    report = evaluate(rows, RANKINGS.__getitem__)
    assert str(report.accuracy) == "0.667 (2 of 3)"
    assert str(report.offered) == "0.667 (2 of 3)"
    assert report.confusions() == [("transport", "meals", 1)]
    coverage, accuracy = report.at(0.5)
    assert (coverage.count, accuracy.count, accuracy.total) == (2, 2, 2)
    scores = {score.intent: score for score in report.intents()}
    assert scores["company"].f1 == 1
    assert (scores["meals"].precision.count, scores["meals"].precision.total) == (1, 2)
    assert scores["transport"].f1 == 0


def test_a_model_without_an_answer_is_wrong() -> None:
    report = evaluate([row("soep", "meals")], lambda text: [])
    assert report.accuracy.count == 0
    assert report.confusions() == [("meals", "", 1)]


def test_data_holds_no_texts() -> None:
    data = json.dumps(evaluate([row("bus", "transport")], RANKINGS.__getitem__).to_json())
    assert json.loads(data)["accuracy"] == {"value": 0.0, "count": 0, "total": 1}
    assert '"text"' not in data


def test_lines_carry_counts() -> None:
    lines = list(evaluate([row("soep", "meals")], RANKINGS.__getitem__).lines())
    assert lines[1].endswith("1.000 (1 of 1)")


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.tsv"
    path.write_text(
        "id\ttext\tlabel\talso\n1\thoi\tgreet\t\n2\tsamen eten\tmeals\tcompany, activities\n3\tdag\tgoodbye\n"
    )
    rows = read_tsv(path)
    assert [row.id for row in rows] == ["1", "2", "3"]
    assert rows[1].right == {"meals", "company", "activities"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"rows\.tsv:1: the header"),
        ("id\ttext\n", r"rows\.tsv:1: the header"),
        ("id\ttext\tlabel\talso\n", r"rows\.tsv:2: there are no messages"),
        ("id\ttext\tlabel\talso\n1\thoi\n", r"rows\.tsv:2: 2 columns"),
        ("id\ttext\tlabel\talso\n1\t\tgreet\t\n", r"rows\.tsv:2: id, text or label is empty"),
        ("id\ttext\tlabel\talso\n1\thoi\tgreet\t\n1\tdag\tgreet\t\n", r"rows\.tsv:3: id '1'"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "rows.tsv"
    path.write_text(content)
    with pytest.raises(TableError, match=message):
        read_tsv(path)


def test_a_missing_file_is_said_the_same_way(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"none\.tsv:1: cannot be read"):
        read_tsv(tmp_path / "none.tsv")
