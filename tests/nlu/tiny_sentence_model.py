"""Writes sentence models of a few kilobytes, with random numbers: a table with a vector for each token.

Is imported in the language model's environment, where `onnx` is. A model gives, as its kind says, "tokens" (a vector
for each token) or "sentence" (their mean); the other kinds are mistakes.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save  # type: ignore[import-not-found]  # is in nlu/.venv only

DIMENSION = 24
POSITIONS = 32  # of the kind "short"
SPECIAL = ("[UNK]", "[CLS]", "[SEP]", "[PAD]")
# kind → names of the inputs, shape of the inputs
MISTAKES = {
    "image": (["pixel_values"], ["batch", "tokens"]),
    "fixed": (["input_ids"], [1, 16]),
}


def write(folder: Path, kind: str, words: list[str]) -> None:
    """Write model.onnx, tokenizer.json and, for the test to count with, table.json into an existing folder."""
    vocabulary = {word: place for place, word in enumerate(dict.fromkeys([*SPECIAL, *words]))}
    table = np.random.default_rng(7).normal(size=(len(vocabulary), DIMENSION)).astype(np.float32)
    if kind == "infinite":
        table[:] = np.inf
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer(vocabulary)))
    (folder / "table.json").write_text(json.dumps({"vocabulary": vocabulary, "table": table.tolist()}))
    write_model(folder / "model.onnx", kind, table)


def write_model(path: Path, kind: str, table: np.ndarray) -> None:
    names, shape = MISTAKES.get(kind, (["input_ids", "attention_mask"], ["batch", "tokens"]))
    constants = {"table": table, "axis": np.array([1])}
    nodes = [helper.make_node("Gather", ["table", names[0]], ["vectors"])]
    if kind == "short":  # adds a vector for each place, and has POSITIONS of them
        constants |= {"places": np.zeros((POSITIONS, DIMENSION), dtype=np.float32), "one": np.array([1])}
        nodes += [
            helper.make_node("CumSum", ["attention_mask", "one_axis"], ["counted"]),
            helper.make_node("Sub", ["counted", "one"], ["places_wanted"]),
            helper.make_node("Gather", ["places", "places_wanted"], ["place_vectors"]),
            helper.make_node("Add", ["vectors", "place_vectors"], ["last_hidden_state"]),
        ]
        constants["one_axis"] = np.array(1)
    else:
        nodes.append(helper.make_node("Identity", ["vectors"], ["last_hidden_state"]))
    outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, None)]
    if kind == "sentence":
        nodes.append(helper.make_node("ReduceMean", ["vectors"], ["sentence_embedding"], axes=[1], keepdims=0))
        outputs.append(helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, None))
    if kind == "words":
        nodes.append(helper.make_node("Shape", ["input_ids"], ["count"]))
        outputs = [helper.make_tensor_value_info("count", TensorProto.INT64, None)]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in names]
    initial = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, initial)
    save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)]), str(path))


def tokenizer(vocabulary: dict[str, int]) -> dict[str, object]:
    """A tokenizer of whole words in Hugging Face's format; it fills up to 16 tokens, which is to be switched off."""
    special = {name: {"id": name, "ids": [vocabulary[name]], "tokens": [name]} for name in ("[CLS]", "[SEP]")}
    first, sentence, last = (
        {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
    )
    return {
        "version": "1.0",
        "truncation": None,
        "padding": {
            "strategy": {"Fixed": 16},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": vocabulary["[PAD]"],
            "pad_type_id": 0,
            "pad_token": "[PAD]",
        },
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [first, sentence, last],
            "pair": [first, sentence, last, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": special,
        },
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    }
