"""A pretrained sentence model as a Rasa component: gives each message the vector of its text, for a classifier.

Off by default; `nlu/PRETRAINED.md` says how to add one.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import DENSE_FEATURIZABLE_ATTRIBUTES
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.sentence_model import SentenceModel, SentenceModelError, SentenceSettings, digest

_FILE = "sentence_model.json"
_NLU = Path(__file__).resolve().parent.parent


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceFeaturizer(DenseFeaturizer, GraphComponent):
    """Offers dense sentence features. It learns nothing: training stores which files the classifier has learned from.

    Configuration: `folder` (relative to `nlu/`, or absolute) and the settings of `SentenceSettings`. The model's files
    are not copied into what is trained, so they have to stay where they are; a change is noticed when it is loaded.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No folder: that has to be told."""
        return {**DenseFeaturizer.get_default_config(), "folder": None, **asdict(SentenceSettings())}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Raises InvalidConfigException with one sentence about the first setting that does not fit."""
        _chosen(config)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """The files, so that Rasa's own cache sees a model that was replaced."""
        return _digest(config)

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource, name: str) -> None:
        super().__init__(name, config)
        self._storage = storage
        self._resource = resource
        folder, settings = _chosen(config)
        try:
            self._model = SentenceModel(folder, settings)
        except SentenceModelError as error:
            raise InvalidConfigException(str(error)) from None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        """The featurizer; InvalidConfigException when the folder does not hold a usable model."""
        return cls(config, model_storage, resource, execution_context.node_name)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceFeaturizer:
        """The featurizer as `create` gives it; InvalidConfigException too when the files are not those of training."""
        present = _digest(config)
        with model_storage.read_from(resource) as stored:
            trained = json.loads((stored / _FILE).read_text(encoding="utf-8"))["digest"]
        if present != trained:
            raise InvalidConfigException(
                f"{_chosen(config)[0]}: the sentence model is another one than in training; put the former files back, "
                "or remove nlu/models/fingerprint.txt and run `balie nlu train`"
            )
        return cls(config, model_storage, resource, execution_context.node_name)

    def train(self, training_data: TrainingData) -> Resource:
        """Store which files these are."""
        with self._storage.write_to(self._resource) as stored:
            (stored / _FILE).write_text(json.dumps({"digest": _digest(self._config)}), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the vector to every example."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the vector, shape (1, dimension) float32, for each text of a message; an empty text gets zeros."""
        for message in messages:
            for attribute in DENSE_FEATURIZABLE_ATTRIBUTES:
                text = message.get(attribute)
                if isinstance(text, str):
                    vector: np.ndarray = self._model.vector(text)[None, :]
                    message.add_features(Features(vector, FEATURE_TYPE_SENTENCE, attribute, self._identifier))
        return messages


def _chosen(config: dict[str, Any]) -> tuple[Path, SentenceSettings]:
    folder = config.get("folder")
    if not folder or not isinstance(folder, str):
        raise InvalidConfigException("config.yml: SentenceFeaturizer has no folder; say where the sentence model is")
    try:
        settings = SentenceSettings(**{name: config[name] for name in asdict(SentenceSettings()) if name in config})
    except SentenceModelError as error:
        raise InvalidConfigException(f"config.yml: SentenceFeaturizer, {error}") from None
    return _NLU / folder, settings


def _digest(config: dict[str, Any]) -> str:
    try:
        return digest(*_chosen(config))
    except SentenceModelError as error:
        raise InvalidConfigException(str(error)) from None
