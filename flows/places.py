"""From what a resident says about where they live to a neighbourhood."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from flows.texts import plain

POSTCODE = re.compile(r"(?<!\d)([1-9]\d{3})\s?([A-Za-z]{2})?(?![\dA-Za-z])")


class Place(Struct, frozen=True):
    id: str
    name: str
    postcodes: tuple[str, ...] = ()
    also_called: tuple[str, ...] = ()


class Places:
    """The neighbourhoods of one municipality."""

    def __init__(self, places: tuple[Place, ...]):
        self.all = places
        self._by_postcode: Mapping[str, Place] = {code: place for place in places for code in place.postcodes}
        self._by_name: Mapping[str, Place] = {
            plain(name): place for place in places for name in (place.id, place.name, *place.also_called)
        }

    def name(self, place_id: str | None) -> str:
        return next((place.name for place in self.all if place.id == place_id), "")

    def find(self, text: str) -> str | None:
        """The id of the neighbourhood that `text` names by postcode or by name; None when it names none of ours."""
        for found in POSTCODE.finditer(text):
            place = self._by_postcode.get(found.group(1))
            if place:
                return place.id
        words = f" {plain(text)} "
        for name, place in self._by_name.items():
            if f" {name} " in words:
                return place.id
        return None
