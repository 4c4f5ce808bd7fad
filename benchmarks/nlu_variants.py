"""The pipelines that `make nlu-compare` trains: Rasa's own network, and ours with other models and features."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

Pipeline = list[dict[str, Any]]

OURS = "components.intent_classifier.NgramIntentClassifier"
CHOSEN = "naive Bayes + SVM + groups"
"""The settings of nlu/config.yml."""
NETWORK = "DIET, 8 epochs, a quarter of the sentences"
"""An epoch over all sentences takes it a quarter of an hour. Measured only when it is named."""


class Variant(Struct, frozen=True):
    """A pipeline, and the share of the sentences that it learns from."""

    pipeline: Pipeline
    share: float = 1.0


_MODELS: dict[str, dict[str, Any]] = {
    "complement naive Bayes": {"models": ["bayes"], "group_weight": 0.0},
    "logistic regression": {"models": ["logistic"], "group_weight": 0.0},
    "linear SVM": {"models": ["margin"], "group_weight": 0.0},
    "naive Bayes + SVM": {"group_weight": 0.0},
    CHOSEN: {},
}
_FEATURES: dict[str, dict[str, Any]] = {
    "": {},
    ", lemmas and parts": {"lemmas": True},
    ", lexicon": {"lexicon": True},
}
_DIET: Pipeline = [
    {"name": "WhitespaceTokenizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 2, "max_ngram": 5},
    {"name": "DIETClassifier", "epochs": 8, "entity_recognition": False, "random_seed": 1},
]


def variants(groups: dict[str, list[str]]) -> dict[str, Variant]:
    """Every one by its name in the table. `groups`: the intents of each group, as in nlu/config.yml."""
    chosen = [{"name": OURS, "groups": groups}]
    ours = {
        f"{model}{feature}": Variant([{"name": OURS, "groups": groups, **settings, **more}])
        for model, settings in _MODELS.items()
        for feature, more in _FEATURES.items()
    }
    return ours | {
        f"{CHOSEN}, not calibrated": Variant([{**chosen[0], "calibrated": False}]),
        f"{CHOSEN}, a quarter of the sentences": Variant(chosen, 0.25),
        NETWORK: Variant(_DIET, 0.25),
    }
