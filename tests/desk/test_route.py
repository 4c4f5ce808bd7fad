"""Between conversation and routing: what was said becomes a need, the decision becomes an offer in the right words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desk.bootstrap import Desk
from desk.route import need_of
from flows.model import Language, Offer
from tests.servers.desk_server import desk_in


def _offer(desk: Desk, language: Language = "nl", **slots: Any) -> Offer:
    return desk.database.read(lambda uow: desk.route(uow)({"theme": "company", **slots}, language))


def test_a_skipped_question_is_an_unknown_and_never_a_no() -> None:
    need = need_of({"theme": "company"}, "nl")
    assert (need.theme, need.language) == ("company", "nl")
    assert (need.neighbourhood, need.for_whom, need.age, need.own_capacity) == (None, None, None, None)
    assert need.own_network == ()
    assert need.medical is False


def test_slots_become_a_need() -> None:
    slots = {
        "theme": "grief",
        "place": "noord",
        "who": "other",
        "age": 81,
        "own_network": ["daughter", "someone"],
        "own_capacity": "walk_there",
        "medical": True,
        "first_name": "Greet",
        "request": "ik mis Henk",
    }
    need = need_of(slots, "en")
    assert (need.theme, need.neighbourhood, need.for_whom, need.age) == ("grief", "noord", "other", 81)
    assert need.own_network == ("daughter",), "an answer without a role names nobody"
    assert (need.own_capacity, need.medical, need.language) == ("walk_there", True, "en")
    assert "Henk" not in repr(need) and "Greet" not in repr(need), "routing never sees who it is or what was said"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_an_offer_is_in_words_of_the_residents_language(town_desk: Desk, language: Language) -> None:
    offer = _offer(town_desk, language, place="noord", own_capacity="walk_there", who="self")
    assert 1 <= len(offer.options) <= 3
    assert offer.policy and offer.rule
    option = next(one for one in offer.options if one.id == "koffie_noord")
    assert (option.name, option.kind, option.sendable) == ("Koffieochtend Noord", "initiative", True)
    assert set(option.facts) >= {"does", "does_not", "who", "when", "how", "where", "phone", "email", "url", "why"}
    assert option.facts["does"] and option.facts["why"]
    assert not option.facts["when"].endswith("."), "texts put it in the middle of a sentence"
    dutch = any(f" {word} " in f" {option.facts['why']} ".lower() for word in ("de", "het", "u", "bewoners"))
    assert dutch == (language == "nl"), option.facts["why"]
    assert "{{" not in str(option.facts)


def test_the_same_decision_in_both_languages(town_desk: Desk) -> None:
    slots = {"place": "centrum", "who": "self", "own_network": ["daughter"], "own_capacity": "at_home_first"}
    dutch, english = (_offer(town_desk, language, **slots) for language in ("nl", "en"))
    assert [one.id for one in dutch.options] == [one.id for one in english.options]
    for one, other in zip(dutch.options, english.options, strict=True):
        assert set(other.reasons) - set(one.reasons) <= {"speaks_your_language"}
    assert dutch.rule == english.rule
    assert all(a.facts["why"] != b.facts["why"] for a, b in zip(dutch.options, english.options, strict=True))


def test_an_empty_directory_still_offers_a_person(tmp_path: Path) -> None:
    with desk_in(tmp_path) as desk:
        offer = _offer(desk, place=None)
        assert [(one.kind, bool(one.name)) for one in offer.options] == [("team", True)]
        assert not offer.options[0].sendable
