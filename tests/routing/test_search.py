"""Looking around in the directory: forgiving of spelling, strict on the borders, near before far."""

from __future__ import annotations

from typing import Any

import pytest

from desk.content import load_texts
from desk.search import Searcher
from flows.model import Found, Sought
from routing.model import Roster, Service
from tests.routing.conftest import make_roster, make_service, make_team

TAAL = make_service("taalcafe", "initiative", "language", name="Taalcafé", organisation="De Brug")
REPAIR = make_service("repair", "initiative", "household", name="Repair Café", does={"nl": "Samen spullen maken."})
WALK = make_service("walk", "initiative", "activities", name="Wandelgroep Zuid", neighbourhoods=("zuid",))
POST = make_service("post", "volunteers", "paperwork", name="Thuisadministratie", does={"nl": "Formulieren invullen."})
TEAM = make_team(themes=("language", "paperwork", "company"))
CHILD = make_service("kindertelefoon", "elsewhere", "company", "language", for_children=True, name="Kindertelefoon")
NURSE = make_service("nurse", "elsewhere", "personal_care", name="Wijkverpleging", medical=True)
BUDDY = make_service("buddy", "volunteers", "company", "personal_care", name="Maatje", does={"nl": "Steunkousen? Nee."})
TOWN = make_roster(TAAL, REPAIR, WALK, POST, TEAM, CHILD, NURSE, BUDDY)


def find(*words: str, town: Roster = TOWN, **sought: Any) -> list[str]:
    listed = Searcher(load_texts()).over(town)(Sought(words=words, **sought), "nl")
    return [one.id for one in listed.found]


def only(service: Service) -> Found:
    (found,) = Searcher(load_texts()).over(make_roster(service))(Sought(service.themes[0]), "nl").found
    return found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("taal", "taalcafe"),
        ("taalcafe", "taalcafe"),
        ("taal cafe", "taalcafe"),
        ("taalcaffe", "taalcafe"),  # a letter more
        ("talcafe", "taalcafe"),  # a letter less
        ("tsalcafu", ""),  # two slips are another word
        ("repaircafe", "repair"),
        ("repair cafe", "repair"),
        ("reapir", "repair"),  # two letters changed places
        ("brug", "taalcafe"),  # the organisation
        ("administratie", "post"),
        ("formulier", "post"),
        ("wandelen", "walk"),  # begins alike
        ("nederlands", "taalcafe"),  # what the menu calls the theme
        ("dutch", "taalcafe"),
        ("xylofoon", ""),
    ],
)
def test_words_find_services_however_they_are_spelt(words: str, found: str) -> None:
    assert find(*words.split())[:1] == ([found] if found else [])


def test_what_is_called_so_comes_before_what_mentions_it_and_in_passing_is_left_out() -> None:
    mentions = make_service("mentions", "initiative", "meals", name="Eettafel", does={"nl": "Wie betaalt, eet mee."})
    about = make_service("about", "initiative", "meals", name="Eettafel", does={"nl": "Taal oefenen aan tafel."})
    assert find("taal", town=make_roster(mentions, about, TAAL)) == ["taalcafe"]
    assert find("taal", town=make_roster(mentions, about)) == ["about"]


def test_all_words_count_and_the_theme_is_what_was_meant_when_they_are_not_all_there() -> None:
    assert find("samen", "maken") == ["repair"]
    assert find("taal", "xylofoon", theme="paperwork") == ["post", "team"]
    assert find("taal", theme="paperwork") == ["taalcafe", "post", "team"]


@pytest.mark.rule("towards-residents-6")
def test_a_child_sees_places_for_children_and_professionals_and_nobody_else_sees_the_first() -> None:
    assert find(theme="language", age=15) == ["kindertelefoon", "team"]
    assert find("taalcafe", age=15) == [] and find("maatje", age=12) == []
    assert "kindertelefoon" not in [*find(theme="language"), *find("kindertelefoon"), *find("kindertelefoon", age=16)]


@pytest.mark.rule("domain-10")
def test_medical_acts_are_for_professionals_whatever_word_is_used() -> None:
    assert find(theme="personal_care") == ["nurse"]
    assert find("steunkousen", medical=True) == ["nurse"]
    assert find("maatje", medical=True) == ["nurse"]


def test_near_comes_first_and_elsewhere_last() -> None:
    north = make_service("north", "volunteers", "activities", neighbourhoods=("noord",))
    all_over = make_service("all_over", "initiative", "activities")
    town = make_roster(all_over, north, WALK, make_team(themes=("activities",), neighbourhoods=("zuid",)))
    assert find(theme="activities", place="zuid", town=town) == ["walk", "all_over", "north"]
    assert find(theme="activities", place="noord", town=town) == ["north", "all_over", "walk"]
    assert find(theme="activities", town=town) == ["all_over", "walk", "north"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"capacity": 5, "reserved": 2}, "Heeft plek voor nog 3."),
        ({"capacity": 5, "reserved": 5}, "Nu vol."),
        ({"full_until": "2026-03-13"}, "Vol tot 13 maart."),
        ({"full_until": "2027-01-03"}, "Vol tot 3 januari 2027."),
        ({"closed_until": "2026-08-31", "full_until": "2026-09-30"}, "Dicht tot 31 augustus."),
        ({"full_until": "2026-03-02", "capacity": 1}, "Heeft plek voor nog 1."),  # from today on there is room
        ({}, ""),
    ],
)
def test_room_is_said_in_plain_words(changes: dict[str, Any], words: str) -> None:
    assert only(make_service("one", "initiative", "meals", **changes)).facts["room"] == words


def test_what_is_full_is_shown_after_what_has_room() -> None:
    full = make_service("a_full", "initiative", "meals", full_until="2026-04-01")
    assert find(theme="meals", town=make_roster(full, make_service("open", "initiative", "meals"))) == [
        "open",
        "a_full",
    ]


def test_three_at_a_time() -> None:
    town = make_roster(*(make_service(f"s{number}", "initiative", "meals") for number in range(7)))
    search = Searcher(load_texts()).over(town)
    pages = [search(Sought("meals", skip=skip), "nl") for skip in (0, 3, 6)]
    assert [[one.id for one in page.found] for page in pages] == [["s0", "s1", "s2"], ["s3", "s4", "s5"], ["s6"]]
    assert {page.total for page in pages} == {7}


def test_a_directory_that_changed_is_searched_anew() -> None:
    searcher = Searcher(load_texts())
    assert searcher.over(make_roster(TAAL))(Sought(words=("repair",)), "nl").total == 0
    assert searcher.over(TOWN)(Sought(words=("repair",)), "nl").total == 1
