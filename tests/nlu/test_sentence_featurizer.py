"""The door to pretrained sentence models, tried with tiny ones of random numbers: alone, in Rasa, and with mistakes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from balie.nlu_process import NluProcess, train
from tests.nlu_server import NLU

DIMENSION = 24

EXAMPLES = {
    "transport": ["rit", "ziekenhuis", "auto", "bus", "fiets", "brengen", "taxi", "rijden", "halte", "lift"],
    "meals": ["eten", "koken", "maaltijd", "soep", "warm", "keuken", "boodschappen", "brood", "tafel", "honger"],
    "digital": ["computer", "telefoon", "inloggen", "wachtwoord", "email", "app", "scherm", "internet", "wifi", "muis"],
}
FRAMES = ["ik zoek {}", "kan iemand helpen met {}", "{} lukt niet", "vraag over {}"]
SENTENCES = {
    intent: [FRAMES[n % 4].format(f"{words[n % 10]} {words[(n * 3 + 1) % 10]}") for n in range(12)]
    for intent, words in EXAMPLES.items()
}
WORDS = sorted({word for sentences in SENTENCES.values() for sentence in sentences for word in sentence.split()})

CONFIG = """
recipe: default.v1
assistant_id: tiny
language: nl
pipeline:
  - name: components.sentence_featurizer.SentenceFeaturizer
    folder: {folder}
  - name: LogisticRegressionClassifier
"""

# A process that stays: reading onnxruntime in again for every question takes longer than answering it.
ALONE = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tiny_sentence_model import write
from components.sentence_model import SentenceModel, SentenceModelError, SentenceSettings
def ask(folder, settings, texts):
    try:
        model = SentenceModel(Path(folder), SentenceSettings(**settings))
        return {"dimension": model.dimension, "vectors": [model.vector(text).tolist() for text in texts]}
    except SentenceModelError as error:
        return {"error": str(error)}
for line in sys.stdin:
    what, folder, *more = json.loads(line)
    print(json.dumps(ask(folder, *more) if what == "ask" else write(Path(folder), *more)), flush=True)
"""

IN_RASA = """
import contextlib, io, json, sys
from pathlib import Path
from rasa.__main__ import main
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from components.sentence_featurizer import SentenceFeaturizer
folder, store, nlu = sys.argv[1:]
parts = LocalModelStorage(Path(store)), Resource("featurizer"), ExecutionContext(GraphSchema({}), node_name="door")
config = {**SentenceFeaturizer.get_default_config(), "folder": folder}
featurizer = SentenceFeaturizer.create(config, *parts)
examples = [Message(data={"text": text}) for text in ("ik zoek rit", "kan iemand helpen met soep")]
featurizer.process_training_data(TrainingData([*examples, Message(data={"intent": "meals"})]))
asked = featurizer.process([Message(data={"text": text}) for text in ("ik zoek rit", "", "ik zoek rit")])
found = [message.features for message in [*examples, *asked]]
said = []
def tried(build, *arguments):
    try:
        build(*arguments)
    except InvalidConfigException as error:
        said.append(str(error))
tried(SentenceFeaturizer.create, {**config, "folder": None}, *parts)
tried(SentenceFeaturizer.create, {**config, "folder": folder + "/gone"}, *parts)
tried(SentenceFeaturizer.create, {**config, "pooling": "max"}, *parts)
before = SentenceFeaturizer.fingerprint_addon(config)
featurizer.train(TrainingData([]))
loaded = SentenceFeaturizer.load(config, *parts).process([Message(data={"text": "ik zoek rit"})])
(Path(folder) / "model.onnx_data").write_bytes(b"more weights")
tried(SentenceFeaturizer.load, config, *parts)
tried(SentenceFeaturizer.load, {**config, "tokenizer": "none.json"}, *parts)
names = ["--config", nlu + "/config.yml", "--domain", nlu + "/domain.yml", "--nlu", nlu + "/data", "--out", store]
sys.argv = ["rasa", "train", "nlu", *names]
with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.suppress(SystemExit):
    main()
print(json.dumps({
    "training": output.getvalue(),
    "made": [[[f.type, f.attribute, str(f.features.dtype), f.features.shape, f.origin] for f in all] for all in found],
    "vectors": [f.features[0].tolist() for f, in found],
    "loaded": loaded[0].get_dense_features("text")[1].features[0].tolist(),
    "fingerprint_follows": before != SentenceFeaturizer.fingerprint_addon(config),
    "said": said,
}))
"""

pytestmark = pytest.mark.skipif(
    not (NLU / ".venv").exists(), reason="the sentence featurizer is NOT tested: nlu/.venv is missing, run make nlu"
)


def python(program: str, *arguments: str) -> list[str]:
    return [str(NLU / ".venv" / "bin" / "python"), "-W", "ignore", "-c", program, *arguments]


class Door:
    """Asks the process that stays."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def written(self, folder: Path, kind: str = "tokens", words: list[str] = WORDS) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        self._answer("write", str(folder), kind, words)
        return folder

    def ask(self, folder: Path, *texts: str, **settings: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._answer("ask", str(folder), settings, texts)
        return answer

    def _answer(self, *question: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    command = python(ALONE, str(Path(__file__).parent))
    with subprocess.Popen(command, cwd=NLU, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Door(process)


def by_hand(folder: Path, text: str) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the first of the vectors that the tiny model's table has for the tokens."""
    said = json.loads((folder / "table.json").read_text())
    numbers = said["vocabulary"]
    tokens = [numbers.get(word, numbers["[UNK]"]) for word in ["[CLS]", *text.lower().split(), "[SEP]"]]
    vectors = np.array(said["table"])[tokens]
    return vectors.mean(axis=0), vectors[0]


@pytest.fixture
def model(door: Door, tmp_path: Path) -> Path:
    return door.written(tmp_path / "model")


@pytest.fixture
def small_nlu(door: Door, tmp_path: Path) -> Path:
    """A folder like `nlu/`, with three intents of twelve sentences and the tiny model."""
    nlu = tmp_path / "nlu"
    shutil.copytree(NLU / "components", nlu / "components", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("launch.py", "credentials.yml"):
        shutil.copy(NLU / name, nlu)
    (nlu / ".venv").symlink_to(NLU / ".venv")
    (nlu / "config.yml").write_text(CONFIG.format(folder="pretrained/tiny"))
    (nlu / "domain.yml").write_text(f'version: "3.1"\nintents: [{", ".join(SENTENCES)}]\n')
    (nlu / "data").mkdir()
    lines = ['version: "3.1"', "nlu:"]
    for intent, sentences in SENTENCES.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {sentence}" for sentence in sentences)]
    (nlu / "data" / "all.yml").write_text("\n".join(lines))
    door.written(nlu / "pretrained" / "tiny")
    return nlu


def test_a_model_is_trained_and_served(small_nlu: Path) -> None:
    assert {len(set(sentences)) for sentences in SENTENCES.values()} == {12}
    train(small_nlu, print)
    with NluProcess(small_nlu) as server:
        server.wait_until_ready()
        with httpx.Client(base_url=server.url, params={"token": server.token}, trust_env=False) as client:

            def parse(text: str) -> Any:
                return client.post("/model/parse", json={"text": text}).raise_for_status().json()

            known = {intent: parse(sentences[0])["intent"]["name"] for intent, sentences in SENTENCES.items()}
            assert known == {intent: intent for intent in SENTENCES}
            new, again = parse("rit brengen auto ziekenhuis taxi"), parse("rit brengen auto ziekenhuis taxi")
            assert new["text"] not in SENTENCES["transport"]
            assert new["intent"]["name"] == "transport"
            assert len(new["intent_ranking"]) == 3
            assert new["intent_ranking"] == again["intent_ranking"]
            for text in ("", " ", "🙂", "woord " * 500):
                assert parse(text)["text"] == text.strip()


def test_rasa_gets_dense_sentence_features_and_says_what_is_wrong(model: Path, small_nlu: Path, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (small_nlu / "config.yml").write_text(CONFIG.format(folder=tmp_path / "nowhere"))
    command = python(IN_RASA, str(model), str(tmp_path / "store"), str(small_nlu))
    done = subprocess.run(command, cwd=NLU, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["made"] == [[["sentence", "text", "float32", [1, DIMENSION], "door"]]] * 5
    first, other, asked, empty, again = found["vectors"]
    assert first == asked == again == found["loaded"]
    assert first != other
    assert empty == [0.0] * DIMENSION
    assert found["fingerprint_follows"]
    no_folder, gone, pooling, changed, no_tokenizer = found["said"]
    assert no_folder == "config.yml: SentenceFeaturizer has no folder; say where the sentence model is"
    assert gone.startswith(f"{model}/gone: there is no such folder; ")
    assert pooling == (
        "config.yml: SentenceFeaturizer, pooling: 'max' is not known; write mean or cls, or leave it out"
    )
    assert changed.startswith(f"{model}: the sentence model is another one than in training; ")
    assert f"InvalidConfigException: {tmp_path}/nowhere: there is no such folder; put the model" in found["training"]
    assert no_tokenizer.startswith(f"{model}/none.json: the tokenizer in Hugging Face's format is missing; ")


@pytest.mark.parametrize("text", ["ik zoek soep", "RIT", "woorden die niemand kent"])
def test_vectors_are_the_mean_or_the_first_of_the_tokens(door: Door, model: Path, text: str) -> None:
    mean, first = by_hand(model, text)
    plain = door.ask(model, text)
    assert plain["dimension"] == DIMENSION
    assert plain["vectors"][0] == pytest.approx(mean, abs=1e-5)
    assert door.ask(model, text, pooling="cls")["vectors"][0] == pytest.approx(first, abs=1e-5)


def test_a_folder_tells_how_its_model_pools(door: Door, model: Path) -> None:
    (model / "1_Pooling").mkdir()
    said = {"word_embedding_dimension": DIMENSION, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (model / "1_Pooling" / "config.json").write_text(json.dumps(said))
    assert door.ask(model, "soep")["vectors"][0] == pytest.approx(by_hand(model, "soep")[1], abs=1e-5)
    assert door.ask(model, "soep", pooling="mean")["vectors"][0] == pytest.approx(by_hand(model, "soep")[0], abs=1e-5)


def test_length_prefix_and_limit(door: Door, model: Path) -> None:
    unit = np.array(door.ask(model, "ik zoek soep", unit_length=True)["vectors"][0])
    assert np.linalg.norm(unit) == pytest.approx(1)
    assert door.ask(model, "soep", prefix="zoek ")["vectors"] == door.ask(model, "zoek soep")["vectors"]
    cut, short = door.ask(model, "rit rit soep brood", "rit rit warm", max_tokens=4)["vectors"]
    assert cut == short


def test_an_output_for_the_whole_message_is_taken_as_it_is(door: Door, tmp_path: Path) -> None:
    folder = door.written(tmp_path / "sentence", "sentence")
    mean, first = by_hand(folder, "warm brood")
    assert door.ask(folder, "warm brood")["vectors"][0] == pytest.approx(mean, abs=1e-5)
    assert door.ask(folder, "warm brood", pooling="cls")["vectors"][0] == pytest.approx(first, abs=1e-5)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("image", "its inputs are pixel_values, not whole numbers named input_ids"),
        ("fixed", "its input input_ids has the fixed shape"),
        ("short", "a message of 128 tokens is too long for it; lower max_tokens"),
        ("infinite", "it gives numbers that are not finite; take the model in float32"),
        ("words", "it gives no numbers; take a text model"),
    ],
)
def test_a_model_that_does_not_fit_is_told(door: Door, tmp_path: Path, kind: str, wrong: str) -> None:
    folder = door.written(tmp_path / kind, kind)
    said = door.ask(folder)["error"]
    assert said.startswith(f"{folder / 'model.onnx'}: {wrong}")
    assert "\n" not in said and "; " in said


def test_a_shorter_limit_helps_a_model_with_few_places(door: Door, tmp_path: Path) -> None:
    assert door.ask(door.written(tmp_path / "short", "short"), max_tokens=32)["dimension"] == DIMENSION


def test_a_tokenizer_of_another_model_is_told(door: Door, model: Path, tmp_path: Path) -> None:
    other = door.written(tmp_path / "other", words=[*WORDS, "meer", "woorden"])
    shutil.copy(other / "tokenizer.json", model)
    assert f"{model}/tokenizer.json: it counts tokens up to" in door.ask(model)["error"]


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [
        ("model.onnx", None, "the model in ONNX format is missing; put it there"),
        ("tokenizer.json", None, "the tokenizer in Hugging Face's format is missing; put it there"),
        ("model.onnx", "<html>not found</html>", "cannot read this"),
        ("tokenizer.json", "<html>not found</html>", "this is not a tokenizer that can be read"),
        ("1_Pooling/config.json", "[]", "this is not a JSON object; remove it"),
        ("1_Pooling/config.json", '{"pooling_mode_max_tokens": true}', "pooling_mode_max_tokens is not possible here"),
    ],
)
def test_a_file_that_is_missing_or_broken_is_told(
    door: Door, model: Path, name: str, content: str | None, wrong: str
) -> None:
    path = model / name
    if content is None:
        path.unlink()
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    said = door.ask(model)["error"]
    assert said.startswith(f"{path}: ")
    assert wrong in said and "; " in said and "\n" not in said


@pytest.mark.parametrize("settings", [{"max_tokens": 1}, {"max_tokens": "128"}, {"threads": 0}, {"threads": True}])
def test_a_setting_that_does_not_fit_is_told(door: Door, model: Path, settings: dict[str, Any]) -> None:
    assert f"{next(iter(settings))}: " in door.ask(model, **settings)["error"]
