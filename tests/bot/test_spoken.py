"""py3langid tells Dutch and English from each other and from what else is written here."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.spoken import spoken_at_once, spoken_in

DUTCH = (
    "Ik heb een appointment bij de fysio maar mijn laptop is broken",
    "kan iemand me helpen met mijn online banking account en password resetten",
    "ik wil graag een buddy om samen naar de gym te gaan",
    "mijn dochter Fatma en mijn zoon Ahmet",
    "kheb geen geld meer voor eten",
)
ENGLISH = (
    "I live in the Kerkstraat near Jan de Vries and need some help",
    "my husband is ill and I cannot cope",
    "I need help with my landlord",
)
OTHER = (
    "Yardıma ihtiyacım var, kira ödeyemiyorum",
    "bana yardim edin lutfen kirami odeyemiyorum",
    "Potrzebuję pomocy z listami z gminy",
    "nie mam pieniędzy na jedzenie",
    "Ich brauche Hilfe mit meiner Wohnung",
    "أحتاج مساعدة في السكن",
    "Мені потрібна допомога з житлом",
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [*((text, "nl") for text in DUTCH), *((text, "en") for text in ENGLISH), *((text, "") for text in OTHER)],
)
def test_sentences(text: str, expected: str) -> None:
    assert spoken_in(text) == expected
    assert spoken_at_once(text) == expected, "loaded by now"


@pytest.mark.parametrize("text", ["", "hello there", "geen idee hoor", "👍 👍 👍", "1 2 3", "\ud83d kapot teken"])
def test_too_short_or_unclear_is_not_told(text: str) -> None:
    assert spoken_in(text) is None


def test_nobody_waits_for_it_to_load() -> None:
    """In a process of its own: the first message starts the loading and goes on, a later one is told."""
    program = """
import sys, time
import bot.understand
from bot.spoken import spoken_at_once
assert "py3langid" not in sys.modules, "loaded before it was needed"
before = time.monotonic()
assert spoken_at_once("ik woon in Noord") is None  # had it waited, it would tell
while spoken_at_once("ik woon in Noord") is None:
    assert time.monotonic() - before < 60
    time.sleep(0.05)
assert spoken_at_once("ik woon in Noord") == "nl"
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=90)
