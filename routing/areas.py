"""Where a service is there for: neighbourhoods by their name, or by the postcodes in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from msgspec import Struct

from routing.model import Neighbourhood

_POSTCODE = re.compile(r"([1-9]\d{3})(?: ?[A-Za-z]{2})?")


class Area(Struct, frozen=True):
    """The neighbourhoods of a service, none for the whole municipality, and the postcodes it named (four digits)."""

    neighbourhoods: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()


def having(postcodes: Collection[str], neighbourhoods: Iterable[Neighbourhood]) -> tuple[str, ...]:
    """The ids of the neighbourhoods in which one of these postcodes (four digits) lies."""
    return tuple(place.id for place in neighbourhoods if not set(place.postcodes).isdisjoint(postcodes))


class Areas:
    """What the names of HSDS service areas mean in one municipality."""

    def __init__(self, municipality: str, neighbourhoods: Collection[Neighbourhood]) -> None:
        self._municipality = _plain(municipality)
        self._neighbourhoods = neighbourhoods
        self._known = {plain: place.id for place in neighbourhoods for plain in map(_plain, _called(place))}

    def named(self, names: Collection[str]) -> Area | None:
        """Postcodes, neighbourhoods, or the municipality itself. None when there are names and none of them lies here:
        the service is for another town."""
        if not names:
            return Area()
        postcodes, places = [], []
        for name in names:
            plain = _plain(name)
            if plain.removeprefix("gemeente ") == self._municipality:
                return Area()
            if place := self._known.get(plain):
                places.append(place)
            elif (postcode := _POSTCODE.fullmatch(name.strip())) and having((postcode[1],), self._neighbourhoods):
                postcodes.append(postcode[1])
        found = tuple(dict.fromkeys((*places, *having(postcodes, self._neighbourhoods))))
        return Area(found, tuple(dict.fromkeys(postcodes))) if found else None


def _called(place: Neighbourhood) -> tuple[str, ...]:
    return (place.id, place.name, *place.also_called)


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").split())
