"""What senders take and report back: in order, again when it did not arrive, given up when it never will."""

from __future__ import annotations

import pytest

from desk.bootstrap import Desk
from desk.deliver import MOST_ATTEMPTS, Outgoing, again, delivered, next_sends, undeliverable
from desk.say import say
from storage.errors import LeaseLost
from storage.unit_of_work import UnitOfWork
from tests.desk.conftest import Clock
from tests.desk.resident import Resident

OWNER = "sender"


@pytest.fixture
def anna(town_desk: Desk) -> Resident:
    """Someone on a channel that must be sent to, who wrote before; nothing waits for her."""
    resident = Resident(town_desk, "anna", channel="telegram")
    resident.says("goedemorgen")
    while sends := next_sends(town_desk, OWNER):
        for out in sends:
            delivered(town_desk, out, "0")
    return resident


def _say(desk: Desk, resident: Resident, text: str, key: str | None = "desk.thanks", urgent: bool = False) -> int:
    return desk.database.run(lambda uow: say(uow, desk, resident.conversation_id, "desk", text, key=key, urgent=urgent))


def _texts(sends: list[Outgoing]) -> list[str]:
    return [out.text for out in sends]


def test_in_order_and_one_at_a_time_per_resident(town_desk: Desk, anna: Resident) -> None:
    for text in ("een", "twee", "drie"):
        _say(town_desk, anna, text)
    for expected in ("een", "twee", "drie"):
        (out,) = next_sends(town_desk, OWNER)
        assert (out.text, out.channel, out.bot, out.address, out.sender) == (
            expected,
            "telegram",
            "test",
            "anna",
            "desk",
        )
        assert next_sends(town_desk, OWNER) == [], "the next waits until this one arrived"
        delivered(town_desk, out, f"id-{expected}")
    assert next_sends(town_desk, OWNER) == []
    assert [one.provider_id for one in anna.heard()][-3:] == ["id-een", "id-twee", "id-drie"]


def test_residents_do_not_wait_for_each_other(town_desk: Desk, anna: Resident) -> None:
    bert = Resident(town_desk, "bert", channel="telegram")
    bert.sends("hallo")
    _say(town_desk, anna, "voor anna")
    _say(town_desk, bert, "voor bert")
    assert sorted(_texts(next_sends(town_desk, OWNER))) == ["voor anna", "voor bert"]


def test_an_alert_passes_what_waits(town_desk: Desk, anna: Resident) -> None:
    _say(town_desk, anna, "gewoon")
    _say(town_desk, anna, "bel 113", key="crisis.suicide.now", urgent=True)
    assert _texts(next_sends(town_desk, OWNER))[0] == "bel 113"


def test_again_keeps_its_place_and_waits_its_seconds(town_desk: Desk, anna: Resident, clock: Clock) -> None:
    _say(town_desk, anna, "een")
    _say(town_desk, anna, "twee")
    (out,) = next_sends(town_desk, OWNER)
    again(town_desk, out, 30, "429")
    assert next_sends(town_desk, OWNER) == []
    clock.move(seconds=29)
    assert next_sends(town_desk, OWNER) == []
    clock.move(seconds=2)
    (out,) = next_sends(town_desk, OWNER)
    assert (out.text, out.job.attempts) == ("een", 2)
    delivered(town_desk, out, "1")
    assert _texts(next_sends(town_desk, OWNER)) == ["twee"]


def test_what_never_arrives_is_shown_and_frees_the_lane(town_desk: Desk, anna: Resident) -> None:
    _say(town_desk, anna, "een")
    _say(town_desk, anna, "twee")
    (out,) = next_sends(town_desk, OWNER)
    undeliverable(town_desk, out, "blocked")
    (dead,) = town_desk.database.read(lambda uow: uow.jobs.dead())
    assert (dead.error, dead.payload["n"]) == ("blocked", out.n)
    assert "een" not in str(dead.payload)
    assert _texts(next_sends(town_desk, OWNER)) == ["twee"]


def test_it_is_not_tried_for_ever(town_desk: Desk, anna: Resident, clock: Clock) -> None:
    _say(town_desk, anna, "een")
    for _ in range(MOST_ATTEMPTS):
        (out,) = next_sends(town_desk, OWNER)
        again(town_desk, out, 1, "502")
        clock.move(seconds=2)
    assert next_sends(town_desk, OWNER) == []
    assert [job.error for job in town_desk.database.read(lambda uow: uow.jobs.dead())] == ["502"]


def test_a_sender_that_took_too_long_cannot_report_any_more(town_desk: Desk, anna: Resident, clock: Clock) -> None:
    _say(town_desk, anna, "een")
    (slow,) = next_sends(town_desk, "slow")
    clock.move(minutes=5)
    (quick,) = next_sends(town_desk, "quick")
    delivered(town_desk, quick, "1")
    for report in (delivered, undeliverable):
        with pytest.raises(LeaseLost):
            report(town_desk, slow, "2")
    with pytest.raises(LeaseLost):
        again(town_desk, slow, 1, "502")
    assert anna.heard()[-1].provider_id == "1"


def test_after_a_take_over_the_desk_starts_no_message(town_desk: Desk, anna: Resident) -> None:
    user = town_desk.database.read(lambda uow: uow.people.by_login("samira"))
    assert user is not None
    _say(town_desk, anna, "een vraag van de balie")
    _say(town_desk, anna, "Samira praat nu met u", key="host.joined")
    _say(town_desk, anna, "bel 113", key="crisis.suicide.now")

    def take(uow: UnitOfWork) -> None:
        uow.conversations.set_owner(anna.conversation_id, user.id)
        say(uow, town_desk, anna.conversation_id, "professional", "Dag!", author="Samira")

    town_desk.database.run(take)
    heard = []
    for _ in range(6):
        for out in next_sends(town_desk, OWNER):
            heard.append((out.sender, out.text))
            delivered(town_desk, out, "1")
    assert heard == [("desk", "Samira praat nu met u"), ("desk", "bel 113"), ("professional", "Dag!")]


def test_nothing_is_sent_to_who_was_erased(town_desk: Desk, anna: Resident) -> None:
    _say(town_desk, anna, "een")
    town_desk.database.run(lambda uow: uow.contacts.erase(uow.conversations.contact_id(anna.conversation_id)))
    assert next_sends(town_desk, OWNER) == []
    assert town_desk.database.read(lambda uow: uow.jobs.dead()) == []


@pytest.mark.parametrize("channel", ["web", "console"])
def test_channels_that_fetch_are_not_sent_to(town_desk: Desk, channel: str) -> None:
    bert = Resident(town_desk, "bert", channel=channel)
    assert bert.says("goedemorgen")
    assert next_sends(town_desk, OWNER) == []
