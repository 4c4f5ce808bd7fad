"""A long message is cut into what it tells, one thing after the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clauses import MOST, SHORTEST, clauses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ik ben zo alleen", ()),
        ("brood en melk en kaas en ook nog boter", ()),
        ("ik wil graag een keer met iemand naar de markt in de stad", ()),
        (
            "Mijn man is ziek, ik kan het niet meer aan en de rekeningen liggen er ook nog",
            ("Mijn man is ziek", "ik kan het niet meer aan", "de rekeningen liggen er"),
        ),
        (
            "Ik slaap slecht. Daarnaast snap ik de post niet! en, eh, de tuin is een puinhoop",
            ("Ik slaap slecht", "snap ik de post niet! en, eh", "de tuin is een puinhoop"),
        ),
        (
            "I am lonely since I moved here and I also do not understand the letters",
            ("I am lonely since I moved here", "I also do not understand the letters"),
        ),
        (
            "de buren maken elke nacht herrie\nik heb een schimmel in mijn huis",
            ("de buren maken elke nacht herrie", "ik heb een schimmel in mijn huis"),
        ),
    ],
)
def test_clauses(text: str, expected: tuple[str, ...]) -> None:
    assert clauses(text) == expected


@given(st.text(alphabet="ab ,.\n", max_size=300) | st.text(max_size=200))
def test_clauses_are_few_and_stand_in_the_message_in_order(text: str) -> None:
    found = clauses(text)
    assert len(found) <= MOST and len(found) != 1
    at = 0
    for clause in found:
        assert len(clause.split()) >= SHORTEST
        at = text.index(clause, at) + len(clause)
