"""The numbers people in danger are given, read once from `crisis_numbers.yml`, where each has its source and date."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from ruamel.yaml import YAML


@cache
def numbers() -> Mapping[str, str]:
    """What a card calls `numbers`.

    Keys: `emergency`, `emergency_app`, `suicide`, `suicide_phone`, `suicide_chat`, `violence`, `child`.
    """
    return MappingProxyType({name: str(entry["number"]) for name, entry in _entries().items()})


@cache
def _entries() -> Mapping[str, Mapping[str, Any]]:
    content: dict[str, dict[str, Any]] = YAML(typ="safe").load(
        (files("flows") / "crisis_numbers.yml").read_text("utf-8")
    )
    return content
