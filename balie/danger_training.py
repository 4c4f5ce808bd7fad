"""Learns the danger model (`flows/danger_model.py`) from the example sentences. Half a minute, no network."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from balie.nlu_examples import dangers, examples, harmless
from balie.nlu_examples import fingerprint as fingerprint_of
from balie.nlu_process import NLU, Progress
from flows.danger_features import SIZE, features, number_of, words_of
from flows.danger_model import COLUMNS, FILE, DangerModel

ROOT = Path(__file__).resolve().parent.parent
DATA = NLU / "data"
MODEL = ROOT / "flows" / "learned" / FILE

*DANGERS, HARMLESS, ACUTE = COLUMNS
_NONE = frozenset({HARMLESS})
COST = 2.0
"""Of the support vector machines; measured with 0.1 to 4 on sentences of an author who saw no data."""

_MET = 2
"""Sentences that must have a feature; what a single one has tells of that sentence only. Measured with 1 to 9."""

_LARGEST = 32767  # what a table's whole number can hold


def learned_from(model: Path = MODEL) -> str:
    """The fingerprint of the sentences the model was learned from; empty when there is none that can be read."""
    found = DangerModel.of(model.read_bytes()) if model.exists() else None
    return found.header.learned_from if found else ""


def wanted(data: Path = DATA) -> str:
    """The fingerprint that a model of the present sentences and settings has."""
    code = [Path(__file__), ROOT / "flows" / "danger_features.py"]
    return hashlib.sha256(
        "".join([fingerprint_of(data), *(path.read_text("utf-8") for path in code)]).encode()
    ).hexdigest()


def train(data: Path = DATA, model: Path = MODEL, progress: Progress = lambda _: None) -> None:
    """Learns from the present sentences and writes the model, unless it was learned from just these."""
    fingerprint = wanted(data)
    if learned_from(model) == fingerprint:
        return
    progress("The sentences about danger are new: learning from them, half a minute.")
    texts, labels, levels = _sentences(data)
    importance, weights, intercepts = _learn(texts, labels, levels)
    scales = np.abs(weights).max(axis=0) / _LARGEST
    table = np.zeros((SIZE, len(COLUMNS) + 1), dtype=np.int16)
    # Only the proportions of importances count, so they need no scale.
    table[:, 0] = np.ceil(importance / importance.max() * _LARGEST)
    table[:, 1:] = np.round(weights / scales)
    header = {
        "learned_from": fingerprint,
        "columns": COLUMNS,
        "scales": list(map(float, scales)),
        "intercepts": list(map(float, intercepts)),
    }
    model.parent.mkdir(exist_ok=True)
    beside = model.with_suffix(".new")
    beside.write_bytes(json.dumps(header).encode() + b"\n" + table.astype("<i2").tobytes())
    beside.replace(model)


def _sentences(data: Path) -> tuple[list[str], list[frozenset[str]], list[str]]:
    """Texts, the columns that each belongs to, and levels; of the same length."""
    texts, labels, levels = [], [], []
    for example in examples(data) + dangers(data):
        texts.append(example.text)
        named = (intent.removeprefix("alert_") for intent in (example.intent, *example.also))
        labels.append(frozenset(name for name in named if name in DANGERS) or _NONE)
        levels.append(example.level)
    more = harmless(data)
    return texts + more, labels + [_NONE] * len(more), levels + [""] * len(more)


def _learn(texts: list[str], labels: list[frozenset[str]], levels: list[str]) -> tuple[Any, Any, Any]:
    """Importance (SIZE,), weights (SIZE, columns), intercepts (columns,): one against the rest each."""
    counted = [[Counter(names) for names in features(words_of(text))] for text in texts]
    rows = [
        [Counter({number_of(name, group): times for name, times in one.items()}) for group, one in enumerate(groups)]
        for groups in counted
    ]
    present = np.zeros(SIZE)
    for groups in rows:
        for one in groups:
            present[list(one)] += 1
    present[present < _MET] = 0
    importance = np.where(present > 0, 1 + np.log((1 + len(texts)) / (1 + present)), 0)
    indices, values, starts = [], [], [0]
    for groups in rows:
        for one in groups:
            places = np.fromiter(one, dtype=np.int64, count=len(one))
            shares = importance[places] * (1 + np.log(np.fromiter(one.values(), dtype=np.float64, count=len(one))))
            indices.append(places)
            values.append(shares / max(float(np.linalg.norm(shares)), 1e-9))
        starts.append(starts[-1] + sum(len(one) for one in groups))
    matrix = csr_matrix((np.concatenate(values), np.concatenate(indices), starts), shape=(len(texts), SIZE))
    used = np.flatnonzero(present)
    matrix = matrix[:, used]
    weights = np.zeros((SIZE, len(COLUMNS)))
    intercepts = np.zeros(len(COLUMNS))
    for place, column in enumerate(COLUMNS):
        if column == ACUTE:
            known = np.array([bool(level) for level in levels])
            right = np.array([level == "now" for level in levels])[known]
            machine = LinearSVC(C=COST, random_state=1).fit(matrix[known], right)
        else:
            machine = LinearSVC(C=COST, random_state=1).fit(matrix, [column in named for named in labels])
        weights[used, place] = machine.coef_[0]
        intercepts[place] = machine.intercept_[0]
    return importance, weights, intercepts
