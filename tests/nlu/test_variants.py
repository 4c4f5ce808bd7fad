"""The pipelines that `make nlu-compare` tries train and answer through Rasa; shares of the data nest."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from balie.nlu_examples import dangers, examples, harmless
from balie.nlu_process import NluError, NluProcess, train
from benchmarks.nlu_share import write_share
from benchmarks.nlu_variants import CHOSEN, OURS, variants
from benchmarks.nlu_workshop import configuration, workshop
from tests.nlu_server import NLU

needs_rasa = pytest.mark.skipif(not (NLU / ".venv").exists(), reason="nlu/.venv is missing, run make nlu")

WORD_FEATURES = """
import json
from components.word_features import LemmasAndParts, Lexicon
parts = LemmasAndParts(["mantelzorg is zwaar", "ik geef mantelzorg", "mantelzorg"] + ["mijn verlof"] * 3)
lexicon = Lexicon({"home_adaptation_aids": ["rollator", "hoog laag bed"], "transport_services": ["regiotaxi"]})
print(json.dumps({"parts": parts("de rekeningen mantelzorgverlof"), "lexicon": [
    lexicon("mijn rollator"), lexicon("een hoog laag bed"), lexicon("rollatorband"), lexicon("een taxi")]}))
"""


def test_what_is_chosen_is_what_the_desk_runs() -> None:
    classifier = configuration()["pipeline"][0]
    assert variants(classifier["groups"])[CHOSEN].pipeline == [classifier]


@needs_rasa
def test_lemmas_parts_and_lexicon() -> None:
    command = [str(NLU / ".venv" / "bin" / "python"), "-c", WORD_FEATURES]
    found = json.loads(subprocess.run(command, cwd=NLU, check=True, capture_output=True, text=True).stdout)
    assert found["parts"] == ["de", "rekening", "mantelzorgverlof", "mantelzorg", "verlof"]
    aids = ["list home_adaptation_aids", "theme home_adaptation"]
    assert found["lexicon"] == [aids, aids, aids, []]


@pytest.fixture
def small_data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    write_share(NLU / "data", folder, 0.02)
    return folder


@needs_rasa
def test_a_pipeline_with_everything_trains_and_answers(small_data: Path, tmp_path: Path) -> None:
    known = examples(small_data)[0]
    groups = configuration()["pipeline"][0]["groups"]
    everything: dict[str, Any] = {"models": ["bayes", "margin", "logistic"], "lemmas": True, "lexicon": True}
    with workshop([{"name": OURS, "groups": groups, **everything}], small_data) as folder:
        train(folder, print)
        with NluProcess(folder, log=tmp_path / "server.log") as server:
            server.wait_until_ready()
            body = {"text": known.text}
            parsed = httpx.post(f"{server.url}/model/parse", params={"token": server.token}, json=body).json()
    assert len(parsed["intent_ranking"]) == 46
    assert parsed["intent"]["name"] == known.intent, "not even a sentence that it learned from"


@needs_rasa
def test_an_unknown_model_is_refused_in_a_sentence(small_data: Path) -> None:
    with workshop([{"name": OURS, "models": ["crystal ball"]}], small_data) as folder:
        with pytest.raises(NluError, match="training the language model failed"):
            train(folder, print)
        assert "choose one or more of bayes, margin, logistic" in (folder / "models" / "training.log").read_text()


def test_a_smaller_share_is_part_of_a_larger(tmp_path: Path) -> None:
    less, more = tmp_path / "less", tmp_path / "more"
    few = write_share(NLU / "data", less, 0.01)
    many = write_share(NLU / "data", more, 0.02)
    assert few < many == len(examples(more)) + len(dangers(more)) + len(harmless(more))
    assert set(examples(less)) < set(examples(more))
    assert set(dangers(less)) < set(dangers(more)) < set(dangers(NLU / "data"))
    assert set(harmless(less)) < set(harmless(more))
    assert {example.level for example in examples(less)} == {"", "now", "concern"}
