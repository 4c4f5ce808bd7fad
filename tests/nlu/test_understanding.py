"""How well the real model understands messages it was not trained on; every figure is printed with its count."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from balie.nlu_report import Ranking, Report, evaluate, rasa_server, read_tsv
from flows.definition import Thresholds
from tests.nlu_server import NluServer

TESTS = Path(__file__).parent

Parse = Callable[[str], Ranking]


@pytest.fixture(scope="module")
def parse(nlu_server: NluServer) -> Iterator[Parse]:
    with rasa_server(nlu_server.url, nlu_server.token) as ask:
        yield ask


@pytest.fixture(scope="module")
def needs(parse: Parse) -> Report:
    return evaluate(read_tsv(TESTS / "needs.tsv"), parse)


@pytest.fixture(scope="module")
def acts(parse: Parse) -> Report:
    return evaluate(read_tsv(TESTS / "acts.tsv"), parse)


@pytest.fixture(scope="module")
def alerts(parse: Parse) -> Report:
    return evaluate(read_tsv(TESTS / "alerts.tsv"), parse)


def shown(name: str, report: Report) -> None:
    print("", f"== {name}", *report.lines(), sep="\n")


def test_needs(needs: Report) -> None:
    shown("needs", needs)
    assert needs.accuracy.value >= 0.83
    assert needs.offered.value >= 0.96


def test_the_surer_half_of_needs_is_right(needs: Report) -> None:
    surest = sorted(needs.answers, key=lambda answer: -answer.confidence)[: len(needs.answers) // 2]
    right = sum(answer.right for answer in surest)
    print(f"surer half right: {right} of {len(surest)}")
    assert right / len(surest) >= 0.93


def test_acts(acts: Report) -> None:
    shown("acts", acts)
    assert acts.accuracy.value >= 0.90


def test_yes_and_no_are_hardly_ever_confused(acts: Report) -> None:
    """Consent is never read by the model: there the bar is none, and is held on the word lists."""
    swapped = [
        answer.row.id
        for answer in acts.answers
        if (answer.row.label, answer.intent) in {("affirm", "deny"), ("deny", "affirm")}
    ]
    print(f"affirm and deny confused: {swapped}")
    assert len(swapped) <= 1


def test_alerts(alerts: Report) -> None:
    shown("alerts", alerts)
    assert alerts.accuracy.value >= 0.90


def test_ordinary_messages_rarely_look_like_an_alert(needs: Report, acts: Report) -> None:
    """At the confidence from which the desk asks about it."""
    ordinary = [*needs.answers, *acts.answers]
    heard = [answer for answer in ordinary if answer.intent.startswith("alert_")]
    alarmed = [answer.row.id for answer in heard if answer.confidence >= Thresholds().alert]
    print(f"an alert is the best answer: {len(heard)} of {len(ordinary)}")
    print(f"ordinary messages taken for an alert: {len(alarmed)} of {len(ordinary)}")
    assert len(alarmed) / len(ordinary) <= 0.01


def test_entities(nlu_server: NluServer) -> None:
    rows = [line.split("\t") for line in (TESTS / "entities.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    wrong = []
    with httpx.Client(base_url=nlu_server.url, params={"token": nlu_server.token}) as client:
        for id_, text, expected in rows:
            found = client.post("/model/parse", json={"text": text}).json()["entities"]
            assert all(text[entity["start"] : entity["end"]] for entity in found)
            said = sorted(f"{entity['entity']}={entity['value']}" for entity in found)
            if said != sorted(part.strip() for part in expected.split(";") if part.strip()):
                wrong.append((id_, text, said))
    print(f"entities right: {len(rows) - len(wrong)} of {len(rows)}")
    assert wrong == []


@pytest.mark.parametrize("text", ["", " ", "?", "🙂", "x" * 5000, "{{7*7}}", "ik\x00ben\nhier"])
def test_any_text_gets_an_answer(nlu_server: NluServer, text: str) -> None:
    answer = httpx.post(f"{nlu_server.url}/model/parse", params={"token": nlu_server.token}, json={"text": text})
    assert answer.status_code == 200
    assert answer.json()["text"] == text.strip()
