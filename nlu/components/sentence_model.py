"""A pretrained sentence model from a local folder, without Rasa: tokens by `tokenizers`, numbers by onnxruntime.

One message at a time and on the processor only: with padding, or with numbers rounded over a batch as quantised models
do, the vector of a message would depend on the messages that happened to stand beside it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

_INTEGERS = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
_NUMBERS = ("tensor(float)", "tensor(float16)", "tensor(double)")
_MADE_HERE = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
_WHOLE_SENTENCE = "sentence_embedding"  # the name that exporters give to an output with one vector for a message
_POOLING = ("mean", "cls")
_TAKE = "take a text model that was exported for feature extraction"
_PROBE = "Kan iemand mij helpen met een brief van de gemeente?"


class SentenceModelError(Exception):
    """The model cannot be used; the message says where it goes wrong and what to do."""


@dataclass(frozen=True)
class SentenceSettings:
    """How a model wants to be used; whoever made it says so on its page.

    `model` and `tokenizer`: files, relative to the folder. `pooling`: "mean" of the token vectors, "cls" (the first of
    them), or None for what the folder says (`1_Pooling/config.json`, or an output of its own), else the mean.
    `max_tokens`: the rest of a message is not read. `prefix`: put before every message. `unit_length`: whether
    vectors are scaled to length 1. `threads`: for one message.
    """

    model: str = "model.onnx"
    tokenizer: str = "tokenizer.json"
    pooling: str | None = None
    max_tokens: int = 128
    prefix: str = ""
    unit_length: bool = False
    threads: int = 1

    def __post_init__(self) -> None:
        if self.pooling is not None and self.pooling not in _POOLING:
            raise SentenceModelError(f"pooling: {self.pooling!r} is not known; write mean or cls, or leave it out")
        for name, least in (("max_tokens", 2), ("threads", 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise SentenceModelError(f"{name}: {value!r} does not fit; write a whole number, at least {least}")


class SentenceModel:
    """Reads the folder once and tries it out. Raises SentenceModelError with one sentence when something does not fit.

    `dimension`: the length of every vector.
    """

    def __init__(self, folder: Path, settings: SentenceSettings | None = None) -> None:
        self._settings = settings or SentenceSettings()
        self._model = _file(folder, self._settings.model, "the model in ONNX format")
        self._place = _file(folder, self._settings.tokenizer, "the tokenizer in Hugging Face's format")
        self._tokenizer = _tokenizer(self._place, self._settings.max_tokens)
        self._session = _session(self._model, self._settings.threads)
        self._inputs = self._known_inputs()
        self._output, self._pooling = self._chosen_output(folder)
        self.dimension = self._tried_out()

    def vector(self, text: str) -> np.ndarray:
        """The vector of a message, shape (dimension,) float32; zeros for a text without any token."""
        ids = self._tokenizer.encode(self._settings.prefix + text).ids if text.strip() else []
        return self._pooled(self._run(ids)) if ids else np.zeros(self.dimension, dtype=np.float32)

    def _run(self, ids: list[int]) -> np.ndarray:
        count = len(ids)
        made = {
            "input_ids": ids,
            "attention_mask": [1] * count,
            "token_type_ids": [0] * count,
            "position_ids": range(count),
        }
        feed = {name: np.array([made[name]], dtype=kind) for name, kind in self._inputs.items()}
        return self._session.run([self._output], feed)[0]

    def _pooled(self, output: np.ndarray) -> np.ndarray:
        numbers = output[0].astype(np.float32)
        if numbers.ndim == 2:
            numbers = numbers[0] if self._pooling == "cls" else numbers.mean(axis=0)
        length = float(np.linalg.norm(numbers))
        return numbers / length if self._settings.unit_length and length else numbers

    def _known_inputs(self) -> dict[str, type[np.generic]]:
        found = {tensor.name: tensor.type for tensor in self._session.get_inputs()}
        strange = [name for name, kind in found.items() if name not in _MADE_HERE or kind not in _INTEGERS]
        if strange or "input_ids" not in found:
            raise SentenceModelError(
                f"{self._model}: its inputs are {', '.join(found)}, "
                f"not whole numbers named {', '.join(_MADE_HERE[:3])}; {_TAKE}"
            )
        for tensor in self._session.get_inputs():
            match tensor.shape:  # a size that is free has a name or None
                case [1 | str() | None, str() | None]:
                    continue
            raise SentenceModelError(
                f"{self._model}: its input {tensor.name} has the fixed shape {tensor.shape}; "
                "export the model with a free number of tokens"
            )
        return {name: _INTEGERS[kind] for name, kind in found.items()}

    def _chosen_output(self, folder: Path) -> tuple[str, str]:
        outputs = [tensor.name for tensor in self._session.get_outputs() if tensor.type in _NUMBERS]
        if not outputs:
            raise SentenceModelError(f"{self._model}: it gives no numbers; {_TAKE}")
        if self._settings.pooling is None and _WHOLE_SENTENCE in outputs:
            return _WHOLE_SENTENCE, ""
        tokens = [name for name in outputs if name != _WHOLE_SENTENCE]
        return (tokens or outputs)[0], self._settings.pooling or _folder_pooling(folder)

    def _tried_out(self) -> int:
        """The dimension, when the lowest and the highest token, the longest message and an ordinary one go through."""
        numbers = sorted(self._tokenizer.get_vocab(with_added_tokens=True).values())
        ids = self._tokenizer.encode(self._settings.prefix + _PROBE).ids
        if not ids:
            raise SentenceModelError(f"{self._place}: it finds no tokens in Dutch; take the model's own tokenizer")
        longest = self._settings.max_tokens
        self._attempt(numbers[:1], f"{self._model}: it cannot be run; {_TAKE}")
        self._attempt(
            numbers[-1:],
            f"{self._place}: it counts tokens up to {numbers[-1]}, further than the model; "
            "take the model's own tokenizer",
        )
        self._attempt(
            numbers[:1] * longest,
            f"{self._model}: a message of {longest} tokens is too long for it; lower max_tokens in config.yml",
        )
        output = self._run(ids)
        if output.ndim not in (2, 3) or output.shape[0] != 1:
            raise SentenceModelError(
                f"{self._model}: its output {self._output} has the shape {output.shape}, "
                f"not one vector for each token or for the message; {_TAKE}"
            )
        if output.ndim == 2 and self._settings.pooling:
            raise SentenceModelError(
                f"{self._model}: it gives one vector for a message already; remove pooling from config.yml"
            )
        vector = self._pooled(output)
        if not np.isfinite(vector).all():
            raise SentenceModelError(f"{self._model}: it gives numbers that are not finite; take the model in float32")
        return len(vector)

    def _attempt(self, ids: list[int], wrong: str) -> None:
        try:
            self._run(ids)
        except Exception:  # onnxruntime's errors have no common parent
            raise SentenceModelError(wrong) from None


def digest(folder: Path, settings: SentenceSettings) -> str:
    """SHA-256 (hexadecimal) over the files and settings that make a vector. SentenceModelError without a file."""
    model = _file(folder, settings.model, "the model in ONNX format")
    beside = sorted(path for path in model.parent.glob(f"{model.name}*") if path.is_file())  # weights of a large model
    paths = [*beside, _file(folder, settings.tokenizer, "the tokenizer in Hugging Face's format")]
    total = hashlib.sha256(json.dumps([asdict(settings), _folder_pooling(folder)]).encode())
    for path in paths:
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def _file(folder: Path, name: str, what: str) -> Path:
    if not folder.is_dir():
        raise SentenceModelError(
            f"{folder}: there is no such folder; put the model there, or correct folder in config.yml"
        )
    if not (folder / name).is_file():
        raise SentenceModelError(f"{folder / name}: {what} is missing; put it there, or say in config.yml where it is")
    return folder / name


def _tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing more precise
        raise SentenceModelError(
            f"{path}: this is not a tokenizer that can be read ({_first_line(error)}); take the model's tokenizer.json"
        ) from None
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=max_tokens)
    return tokenizer


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # errors reach us as exceptions
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no common parent
        raise SentenceModelError(
            f"{path}: onnxruntime {onnxruntime.__version__} cannot read this ({_first_line(error)}); "
            "download it again, or export it with an older opset"
        ) from None


def _folder_pooling(folder: Path) -> str:
    """What sentence-transformers wrote beside the model, or "mean". Raises SentenceModelError for another way."""
    path = folder / "1_Pooling" / "config.json"
    if not path.is_file():
        return "mean"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        chosen = [name for name, value in said.items() if name.startswith("pooling_mode_") and value is True]
    except (ValueError, AttributeError):
        raise SentenceModelError(
            f"{path}: this is not a JSON object; remove it and write pooling in config.yml"
        ) from None
    known = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
    if len(chosen) != 1 or chosen[0] not in known:
        raise SentenceModelError(
            f"{path}: {' and '.join(chosen) or 'no pooling'} is not possible here; take a model with mean or cls"
        )
    return known[chosen[0]]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
