"""Who is on duty hears of an alert, once and in order, until somebody takes it up; the resident notices nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from desk import duty
from desk.bootstrap import Desk
from desk.deliver import DUTY_WAIT, MOST_ATTEMPTS, Outgoing, again, delivered, next_sends, undeliverable
from desk.due import run_due
from desk.privacy import erase_contact
from flows.texts import LANGUAGES
from storage.errors import LeaseLost
from storage.records import Alert, Role, User
from tests.desk.conftest import Clock
from tests.desk.resident import Resident
from tests.servers.desk_server import desk_in

FIRST, SECOND, THIRD = 5001, 5002, -100500
DUTY = [
    {"telegram": FIRST, "after": "0 minutes"},
    {"telegram": SECOND, "after": "5 minutes"},
    {"telegram": THIRD, "after": "1 hour"},
]
PUBLIC = "https://balie.voorbeeldstad.example"
WANTS_TO_DIE = "ik wil dood, ik maak er vanavond een einde aan"
IS_HIT = "mijn man slaat me"


@pytest.fixture
def on_duty(_town_folder: Path, tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    """The demonstration's town with three steps of duty."""
    shutil.copytree(_town_folder, tmp_path / "duty")
    with desk_in(tmp_path / "duty", clock, duty=DUTY, http={"public_url": PUBLIC}) as desk:
        yield desk


@pytest.fixture
def anna(on_duty: Desk) -> Resident:
    return Resident(on_duty, "anna")


@pytest.fixture
def petra(on_duty: Desk) -> User:
    return on_duty.database.run(lambda uow: uow.people.add_user("petra", "Petra", None, [Role("professional")]))


def calls(desk: Desk) -> list[Outgoing]:
    return [out for out in next_sends(desk, "test") if out.job.kind == duty.DUTY]


def deliver(desk: Desk) -> list[str]:
    """Delivers what is due; the chats it went to."""
    found = calls(desk)
    for out in found:
        delivered(desk, out, "1")
    return [out.address for out in found]


def alerts(desk: Desk) -> list[Alert]:
    return desk.database.read(lambda uow: uow.alerts.open())


def test_a_code_and_a_link_and_nothing_else(on_duty: Desk, anna: Resident) -> None:
    anna.sends(WANTS_TO_DIE)
    (alert,) = alerts(on_duty)
    (out,) = calls(on_duty)
    assert out.text == f"{alert.code}\n{PUBLIC}/board/alerts/{alert.code}"
    assert (out.channel, out.address, out.choices, out.author, out.conversation_id) == (
        "telegram",
        str(FIRST),
        [],
        None,
        "",
    )
    assert out.job.urgent
    assert (alert.category, alert.level, alert.source, alert.conversation_id) == (
        "suicide",
        "now",
        "guard",
        anna.conversation_id,
    )


def test_one_step_after_another_while_nobody_takes_it_up(on_duty: Desk, anna: Resident, clock: Clock) -> None:
    anna.sends(WANTS_TO_DIE)
    assert deliver(on_duty) == [str(FIRST)]
    clock.move(minutes=4, seconds=59)
    assert deliver(on_duty) == []
    clock.move(seconds=1)
    assert deliver(on_duty) == [str(SECOND)]
    assert alerts(on_duty)[0].step == 2
    clock.move(minutes=55)
    assert deliver(on_duty) == [str(THIRD)]
    clock.move(days=2)
    assert deliver(on_duty) == []


def test_taking_it_up_stops_the_rest(on_duty: Desk, anna: Resident, petra: User, clock: Clock) -> None:
    anna.sends(WANTS_TO_DIE)
    deliver(on_duty)
    (alert,) = alerts(on_duty)
    heard: list[frozenset[str]] = []
    on_duty.database.subscribe(heard.append)
    assert on_duty.database.run(lambda uow: duty.acknowledge(uow, petra, alert.code))
    assert any("board" in topics for topics in heard)
    clock.move(hours=3)
    assert deliver(on_duty) == []
    assert on_duty.database.read(lambda uow: uow.jobs.pending(duty.DUTY)) == []


def test_a_step_under_way_when_it_is_taken_up_is_not_tried_again(
    on_duty: Desk, anna: Resident, petra: User, clock: Clock
) -> None:
    anna.sends(WANTS_TO_DIE)
    (out,) = calls(on_duty)
    on_duty.database.run(lambda uow: duty.acknowledge(uow, petra, alerts(on_duty)[0].code) and None)
    again(on_duty, out, 30, "slow_down")
    clock.move(hours=2)
    assert deliver(on_duty) == []
    assert on_duty.database.read(lambda uow: uow.jobs.pending(duty.DUTY)) == []


def test_one_open_alert_for_one_danger_in_one_conversation(
    on_duty: Desk, anna: Resident, petra: User, clock: Clock
) -> None:
    anna.sends(WANTS_TO_DIE)
    anna.sends("ik wil echt dood")
    assert len(alerts(on_duty)) == 1
    anna.sends(IS_HIT)
    Resident(on_duty, "bep").sends(WANTS_TO_DIE)
    assert sorted(alert.category for alert in alerts(on_duty)) == ["suicide", "suicide", "violence"]
    assert deliver(on_duty) == [str(FIRST)] * 3
    taken = next(alert for alert in alerts(on_duty) if alert.conversation_id == anna.conversation_id)
    on_duty.database.run(lambda uow: duty.acknowledge(uow, petra, taken.code))
    clock.move(minutes=1)
    anna.sends(WANTS_TO_DIE if taken.category == "suicide" else IS_HIT)
    assert deliver(on_duty) == [str(FIRST)], "after it was taken up, a new danger is a new alert"


def test_danger_that_goes_on_calls_again_after_an_hour(on_duty: Desk, anna: Resident, clock: Clock) -> None:
    anna.sends(IS_HIT)
    clock.move(minutes=59)
    anna.sends(IS_HIT)
    assert len(alerts(on_duty)) == 1
    deliver(on_duty)
    clock.move(minutes=2)
    anna.sends(IS_HIT)
    assert len(alerts(on_duty)) == 2
    assert sorted(deliver(on_duty)) == sorted([str(FIRST), str(THIRD)]), "the first alert goes on to its last step"


def test_the_same_update_again_calls_nobody(on_duty: Desk, anna: Resident) -> None:
    for _ in range(2):
        anna.sends(WANTS_TO_DIE, provider_id="42")
    assert (deliver(on_duty), len(alerts(on_duty))) == ([str(FIRST)], 1)


def test_a_question_calls_nobody_and_a_yes_to_it_does(on_duty: Desk, anna: Resident) -> None:
    anna.says("ik zie het niet meer zitten")
    assert anna.session.alert is not None and anna.session.alert.waiting
    assert (alerts(on_duty), deliver(on_duty)) == ([], [])
    anna.taps("yes")
    (alert,) = alerts(on_duty)
    assert (alert.source, alert.level, deliver(on_duty)) == ("answer", "now", [str(FIRST)])


def test_while_a_person_has_the_conversation(on_duty: Desk, anna: Resident, petra: User) -> None:
    anna.says("goedemorgen")

    def take_over(owner: str) -> None:
        on_duty.database.run(lambda uow: uow.conversations.set_owner(anna.conversation_id, owner))
        on_duty.database.run(lambda uow: uow.conversations.waiting(anna.conversation_id, "person_asked"))

    take_over(petra.id)
    anna.sends(WANTS_TO_DIE)
    assert deliver(on_duty) == [str(FIRST)]
    assert anna.heard()[-1].key == "crisis.suicide.now"


def test_nobody_on_duty_changes_nothing_for_the_resident(town_desk: Desk, on_duty: Desk) -> None:
    heard = []
    for desk, address in ((town_desk, "anna"), (on_duty, "bep")):
        resident = Resident(desk, address)
        resident.says(WANTS_TO_DIE)
        resident.says("ok")
        heard.append([(one.key, one.text, [choice["label"] for choice in one.choices]) for one in resident.heard()])
    assert heard[0] == heard[1] and heard[0][0][0] == "crisis.suicide.now"
    assert (deliver(on_duty), deliver(town_desk)) == ([str(FIRST)], [])
    assert len(alerts(town_desk)) == 1, "the board shows it all the same"


@pytest.mark.parametrize("text", [WANTS_TO_DIE, IS_HIT])
def test_taking_it_up_sends_the_resident_nothing(on_duty: Desk, petra: User, clock: Clock, text: str) -> None:
    resident = Resident(on_duty, "anna", channel="telegram")
    resident.sends(text)
    before = resident.messages()
    on_duty.database.run(lambda uow: duty.acknowledge(uow, petra, alerts(on_duty)[0].code))
    for _ in range(3):
        clock.move(hours=8)
        run_due(on_duty, "test")
    assert resident.messages() == before
    sends = [out for out in next_sends(on_duty, "test") if out.conversation_id]
    assert {out.n for out in sends} <= {one.n for one in before}


def test_a_chat_that_is_gone_calls_the_next_at_once(on_duty: Desk, anna: Resident, clock: Clock) -> None:
    anna.sends(WANTS_TO_DIE)
    (out,) = calls(on_duty)
    undeliverable(on_duty, out, "blocked")
    assert deliver(on_duty) == [str(SECOND)]
    clock.move(minutes=10)
    assert deliver(on_duty) == [], "and not once more at its own time"
    clock.move(hours=1)
    assert deliver(on_duty) == [str(THIRD)]


def test_without_a_connection_it_is_tried_until_it_arrives(on_duty: Desk, anna: Resident, clock: Clock) -> None:
    anna.sends(WANTS_TO_DIE)
    (out,) = calls(on_duty)
    assert out.job.attempts == 1
    again(on_duty, out, 900, "network_TimedOut")
    clock.move(seconds=DUTY_WAIT - 1)
    assert calls(on_duty) == []
    clock.move(seconds=1)
    (out,) = calls(on_duty)
    again(on_duty, out, 30, "slow_down")
    clock.move(seconds=29)
    assert calls(on_duty) == [], "what Telegram asks is done"
    clock.move(seconds=1)
    (out,) = calls(on_duty)
    assert out.job.attempts == 3
    tired = structs.replace(out, job=structs.replace(out.job, attempts=MOST_ATTEMPTS))
    with pytest.raises(LeaseLost):
        again(on_duty, tired, 1, "network_TimedOut")  # it is still tried, not given up: only the lease is not ours
    assert on_duty.database.read(lambda uow: uow.jobs.dead()) == []


def test_an_erased_contact_calls_nobody(on_duty: Desk, anna: Resident, clock: Clock) -> None:
    anna.sends(WANTS_TO_DIE)
    (under_way,) = calls(on_duty)
    contact_id = on_duty.database.read(lambda uow: uow.conversations.contact_id(anna.conversation_id))
    on_duty.database.run(lambda uow: erase_contact(uow, contact_id))
    again(on_duty, under_way, 1, "network_TimedOut")
    clock.move(hours=2)
    assert deliver(on_duty) == []
    assert on_duty.database.read(lambda uow: uow.jobs.pending(duty.DUTY)) == []
    assert alerts(on_duty) == []


def test_a_step_that_is_no_longer_configured_is_dropped(
    on_duty: Desk, anna: Resident, tmp_path: Path, clock: Clock
) -> None:
    anna.sends(WANTS_TO_DIE)
    deliver(on_duty)
    on_duty.close()
    with desk_in(tmp_path / "duty", clock, duty=DUTY[:1]) as shorter:
        clock.move(hours=2)
        assert deliver(shorter) == []


READERS = re.compile(
    r"mee ?lees|leest mee|lezen mee|meelez|kijkt? (nu )?mee met|wij (zien|bellen|komen|sturen)|we (see|call|come|send)"
    r"|reads along|reading along|someone (is )?read|collega|colleague|is onderweg|on the(ir)? way|gewaarschuwd|alerted",
    re.IGNORECASE,
)


def test_no_card_suggests_a_reader_who_is_not_there(town_desk: Desk) -> None:
    texts = town_desk.texts
    for language in LANGUAGES:
        keys = [key for key in texts.keys(language) if key.startswith("crisis.")]
        assert len(keys) > 15
        for key in keys:
            assert not READERS.search(texts.source(key, language)), (language, key)


def test_the_message_names_no_danger(on_duty: Desk) -> None:
    for language in LANGUAGES:
        assert re.sub(r"{{ (code|link) }}", "", on_duty.texts.source("board.duty.message", language)).strip() == ""
