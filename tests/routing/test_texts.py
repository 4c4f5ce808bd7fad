"""Every code has words, in both languages, and the words are plain."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from flows.texts import Texts
from routing.model import RIGHTS, Kind
from routing.policy import Policy
from routing.reasons import LEFT_OUT, REASONS
from routing.themes import DOMAIN_OF, RIGHTS_BESIDE, THEMES
from tests.routing.conftest import ROOT

LANGUAGES = ("nl", "en")
REASON_VALUES = {"name": "Werkplein", "organisation": "Gemeente", "neighbourhood": "Noord"}
RIGHT_VALUES = {"name": "Wijkteam", "phone": "010-000 00 01", "where": "Raadhuisplein 2"}
OFFICIAL = re.compile(
    r"\b(middels|teneinde|indien|dient u|derhalve|conform|bespar\w*|goedkop\w*|saving|cheap\w*)\b", re.I
)


@pytest.fixture(scope="module")
def texts() -> Texts:
    files = [(language, ROOT / "flows" / "locales" / language / "routing.yml") for language in LANGUAGES]
    return Texts.read([(language, str(path), path.read_text(encoding="utf-8")) for language, path in files])


def wanted(policy: Policy) -> set[str]:
    return {
        *(f"theme.{theme}" for theme in THEMES),
        *(f"route.kind.{kind}" for kind in get_args(Kind)),
        *(f"route.reason.{code}" for code in REASONS),
        *(f"route.left_out.{code}" for code in LEFT_OUT),
        *(f"route.right.{code}" for code in RIGHTS),
        *(f"route.rule.{rule.id}" for rule in policy.rules),
        "route.own_network.name",
        "route.own_network.does",
        "route.own_network.how",
        "route.person_here.name",
        "route.person_here.does",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words_and_no_words_are_without_a_code(texts: Texts, standard: Policy, language: str) -> None:
    assert texts.keys(language) == wanted(standard)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_can_be_said_with_the_values_it_is_promised(texts: Texts, language: str) -> None:
    empty = dict.fromkeys({**REASON_VALUES, **RIGHT_VALUES}, "")
    for key in texts.keys(language):
        values = REASON_VALUES if ".reason." in key else RIGHT_VALUES if ".right." in key else {}
        said = texts.render(key, language, **values)
        assert said and "{" not in said
        if values:
            assert texts.render(key, language, **{name: empty[name] for name in values})


def test_the_values_reach_the_words(texts: Texts) -> None:
    assert texts.render("route.reason.nearby", "nl", **REASON_VALUES).endswith("in Noord.")
    assert "010-000 00 01" in texts.render("route.right.wmo_report", "nl", **RIGHT_VALUES)
    assert "gratis" in texts.render("route.right.client_support", "nl", **RIGHT_VALUES)


@pytest.mark.rule("domain-2")
@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short_and_plain(texts: Texts, language: str) -> None:
    lengths = []
    for key in texts.keys(language):
        said = texts.render(key, language, **REASON_VALUES, phone="010-000 00 01", where="")
        assert not OFFICIAL.search(said), key
        for sentence in re.split(r"(?<=[.?!;])\s+", said):
            lengths.append(len(sentence.split()))
            assert lengths[-1] <= 20, (key, sentence)
    assert sum(lengths) / len(lengths) <= 15


def test_there_are_24_themes_each_in_one_part_of_life() -> None:
    assert len(THEMES) == len(set(THEMES)) == len(DOMAIN_OF) == 24
    assert set(RIGHTS_BESIDE) <= set(THEMES)
    assert {code for codes in RIGHTS_BESIDE.values() for code in codes} <= set(RIGHTS)
