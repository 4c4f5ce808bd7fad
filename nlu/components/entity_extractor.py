"""The entity rules as a Rasa component: reads them from the training data's regexes and synonyms, adds `entities`."""

from __future__ import annotations

import json
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.entity_rules import EntityRules

_FILE = "entity_rules.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class RuleEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Extracts what the rules name.

    A regex is named after its entity ("postcode"), or after entity and value ("person.nobody"). `synonyms` in the
    configuration says which synonyms belong to which entity: ``{person: [daughter, son], help_form: [care]}``.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No synonyms: patterns only."""
        return {"synonyms": {}}

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, rules: EntityRules | None = None
    ) -> None:
        self._synonyms: dict[str, list[str]] = config["synonyms"]
        self._storage = storage
        self._resource = resource
        self._rules = rules

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RuleEntityExtractor:
        """An extractor without rules."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RuleEntityExtractor:
        """The extractor with the rules it was given in training."""
        with model_storage.read_from(resource) as folder:
            rules = EntityRules(**json.loads((folder / _FILE).read_text(encoding="utf-8")))
        return cls(config, model_storage, resource, rules)

    def train(self, training_data: TrainingData) -> Resource:
        """Take the rules out of the training data and store them."""
        patterns = []
        for regex in training_data.regex_features:
            name, _, value = regex["name"].partition(".")
            patterns.append((name, value or None, regex["pattern"]))
        words = {
            entity: {
                phrase.lower(): value for phrase, value in training_data.entity_synonyms.items() if value in values
            }
            for entity, values in self._synonyms.items()
        }
        self._rules = EntityRules(patterns, words)
        with self._storage.write_to(self._resource) as folder:
            content = json.dumps({"patterns": patterns, "words": words}, ensure_ascii=False)
            (folder / _FILE).write_text(content, encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing after this component learns from its entities, so the training data passes unchanged."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities to each message."""
        for message in messages:
            found = self._rules.find(message.get(TEXT) or "") if self._rules else []
            entities = [
                {
                    ENTITY_ATTRIBUTE_TYPE: entity.name,
                    ENTITY_ATTRIBUTE_START: entity.start,
                    ENTITY_ATTRIBUTE_END: entity.end,
                    ENTITY_ATTRIBUTE_VALUE: entity.value,
                }
                for entity in found
            ]
            known = message.get(ENTITIES, [])
            message.set(ENTITIES, known + self.add_extractor_name(entities), add_to_output=True)
        return messages
