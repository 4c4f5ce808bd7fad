"""From what is said to a neighbourhood."""

from __future__ import annotations

import pytest

from flows.places import Place, Places

PLACES = Places(
    (
        Place("noord", "Noord", ("1234",), ("de Noorderbuurt", "North")),
        Place("oud_west", "Oud-West", ("1235", "1237")),
    )
)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("1234", "noord"),
        ("1234AB", "noord"),
        ("1234 ab", "noord"),
        ("ik woon op 1235 XY nummer 3", "oud_west"),
        ("eerst 9999 AA, nu 1237 BB", "oud_west"),
        ("Noord", "noord"),
        ("in de noorderbuurt hoor", "noord"),
        ("NORTH", "noord"),
        ("oud west", "oud_west"),
        ("Oud-West!", "oud_west"),
        ("9999 AA", None),
        ("12345", None),
        ("01234", None),
        ("het noordelijke deel", None),
        ("", None),
    ],
)
def test_finds_a_neighbourhood_by_postcode_or_name(text: str, place: str | None) -> None:
    assert PLACES.find(text) == place


def test_an_unknown_place_has_no_name() -> None:
    assert PLACES.name("noord") == "Noord" and PLACES.name("mars") == "" and PLACES.name(None) == ""
