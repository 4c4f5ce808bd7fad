"""On whom one knows and what one can do: no answer is asked for twice, and none that hurts is met with silence."""

from __future__ import annotations

import pytest

from tests.flows.talks import Talk


def asked_whom() -> Talk:
    talk = Talk()
    assert talk.says("ik zit hier alleen in Noord", "company")[-1] == "company.ask_network"
    return talk


@pytest.mark.rule("domain-1")
@pytest.mark.parametrize(
    ("words", "heard", "network"),
    [
        ("niemand", (), []),
        ("nee", (), []),
        ("ik heb niemand meer", ("heard.alone",), []),
        ("er komt nooit iemand", ("heard.alone",), []),
        ("mijn man is vorig jaar overleden", ("heard.loss",), []),
        ("mijn hond", ("heard.pet",), []),
        ("alleen de thuiszorg", ("heard.carers",), ["carer"]),
        ("ik red me wel", ("heard.pride",), None),
        ("dat zeg ik liever niet", ("heard.rather_not",), None),
        ("weet ik niet", (), None),
        ("geen zin", (), None),
        ("maakt niet uit", (), None),
    ],
)
def test_whom_one_knows(words: str, heard: tuple[str, ...], network: list[str] | None) -> None:
    talk = asked_whom()
    assert talk.says(words) == (*heard, "company.ask_capacity")
    assert talk.session.slots.get("own_network") == network


@pytest.mark.rule("domain-1")
@pytest.mark.parametrize(
    "words", ["gaat u niks aan", "Bemoei je er niet mee!", "dat is privé", "schiet op", "snel graag"]
)
def test_who_is_angry_or_in_a_hurry_is_asked_no_more(words: str) -> None:
    talk = asked_whom()
    assert talk.says(words)[-1] == "route.options"
    silent = Talk()
    silent.says("ik zit hier alleen in Noord", "company")
    silent.taps("skip")
    silent.taps("skip")
    assert talk.session.offer == silent.session.offer, "it lowers nothing"


@pytest.mark.parametrize(
    ("words", "heard", "capacity"),
    [
        ("niks", ("heard.cannot",), None),
        ("ik kan niks meer", ("heard.cannot",), "ik kan niks meer"),
        ("daar ben ik te oud voor", ("heard.cannot",), "daar ben ik te oud voor"),
        ("ik doe het zelf", ("heard.pride",), "ik doe het zelf"),
        ("wandelen", (), "wandelen"),
        ("weet ik niet", (), None),
    ],
)
def test_what_one_can_do(words: str, heard: tuple[str, ...], capacity: str | None) -> None:
    talk = asked_whom()
    talk.taps("skip")
    assert talk.says(words) == (*heard, "route.options")
    assert talk.session.slots.get("own_capacity") == capacity


def test_who_was_lost_is_not_asked_to_help_and_who_is_paid_is_no_own_network() -> None:
    for words, role in (("mijn man is overleden", "partner"), ("alleen de wijkverpleging", "carer")):
        talk = Talk()
        talk.says("ik krijg de boodschappen niet naar boven, ik woon in Noord", "household")
        talk.says(words, "", person=role)
        talk.taps("skip")
        assert talk.session.offer is not None
        assert "own_network" not in [option.id for option in talk.session.offer.options]
