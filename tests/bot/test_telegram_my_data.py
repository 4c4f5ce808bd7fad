"""The own data in Telegram: files come into the chat, and the desk's messages go out of it, on the local Bot API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.telegram_sender import REMOVED_AT_ONCE
from desk.bootstrap import bootstrap
from desk.due import run_due
from desk.turns import Understood, next_turns, take_turn
from tests.bot.telegram_desk import LiveTelegram, telegram_settings
from tests.servers.bot_api import BotApi

ANNA, BEP = 7001, 7002
SELF_REMOVAL = "Houd een bericht ingedrukt en kies Verwijderen."


class Clock:
    """Runs with the real one, so that what the desk and Telegram call old is the same until it is moved."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server() -> Iterator[BotApi]:
    with BotApi() as running:
        running.state.chats.update([ANNA, BEP])
        yield running


@pytest.fixture
def live(tmp_path: Path, server: BotApi, clock: Clock) -> Iterator[LiveTelegram]:
    desk = bootstrap(telegram_settings(tmp_path, server.base_url), clock)
    running = LiveTelegram(desk)
    running.start(running.telegram.run())
    try:
        yield running
    finally:
        running.stop()
        desk.close()


def resident_says(live: LiveTelegram, server: BotApi, text: str, chat: int = ANNA) -> None:
    """Types it, and the desk has answered; nothing is delivered yet."""
    before = len(live.heard(chat))
    server.resident_says(chat, text)
    server.wait_until(lambda: len(live.heard(chat)) > before, f"{text!r} stored")
    _answer(live)


def resident_taps(live: LiveTelegram, server: BotApi, label: str) -> None:
    with_buttons = [message for message in server.sent(ANNA) if "reply_markup" in message]
    before = len(live.heard(ANNA))
    server.resident_taps(ANNA, with_buttons[-1], label)
    server.wait_until(lambda: len(live.heard(ANNA)) > before, f"{label!r} stored")
    _answer(live)


def _answer(live: LiveTelegram) -> None:
    while turns := next_turns(live.desk, "test"):
        for waiting in turns:
            take_turn(live.desk, waiting, Understood(asked=False))


def start_delivery(live: LiveTelegram) -> None:
    live.start(live.sender.run())


def wait_until_delivered(live: LiveTelegram, server: BotApi) -> None:
    def nothing_waits() -> bool:
        return live.desk.database.read(lambda uow: uow.jobs.next_run_at(("send", "remove"))) is None

    server.wait_until(nothing_waits, "every message delivered", 20)


def ids_in_chat(live: LiveTelegram) -> list[str]:
    return [one.provider_id for one in live.messages(ANNA) if one.provider_id]


# Files ---------------------------------------------------------------------------------------------------------------


def test_both_files_come_into_the_chat_in_order(live: LiveTelegram, server: BotApi) -> None:
    resident_says(live, server, "Er is een lek in mijn dak")
    resident_says(live, server, "iets van een ander", chat=BEP)
    start_delivery(live)
    resident_says(live, server, "stuur mij mijn gegevens")
    wait_until_delivered(live, server)
    said, page, data = [
        message for message in server.sent(ANNA) if "text" not in message or "bestanden" in message["text"]
    ]
    assert said["text"].startswith("Ik stuur u nu twee bestanden")
    assert (page["document"]["file_name"], page["caption"]) == ("mijn-gegevens.html", "Uw gegevens, om te lezen")
    assert (data["document"]["file_name"], data["caption"]) == ("mijn-gegevens.json", "Uw gegevens, voor een computer")
    kept = json.loads(server.file(data))
    assert kept["contact"]["address"] == str(ANNA)
    assert "Er is een lek in mijn dak" in [one["text"] for one in kept["messages"]]
    assert b"Er is een lek in mijn dak" in server.file(page) and server.file(page).startswith(b"<!doctype html>")
    assert b"van een ander" not in server.file(page) + server.file(data)
    assert all("document" not in message for message in server.sent(BEP))


def test_a_file_is_made_when_it_is_sent_and_its_content_waits_nowhere(live: LiveTelegram, server: BotApi) -> None:
    resident_says(live, server, "stuur mij mijn gegevens")
    jobs = live.desk.database.read(lambda uow: uow.jobs.pending("send"))
    assert all(set(job.payload) == {"conversation_id", "n"} for job in jobs)
    resident_says(live, server, "dit schreef ik daarna nog")
    start_delivery(live)
    wait_until_delivered(live, server)
    (data,) = [message for message in server.sent(ANNA) if message.get("caption", "").endswith("een computer")]
    assert "dit schreef ik daarna nog" in server.file(data).decode()


@pytest.mark.parametrize(("status", "after_effect"), [(502, False), (429, False), (502, True)])
def test_a_file_arrives_though_telegram_fails(
    live: LiveTelegram, server: BotApi, status: int, after_effect: bool
) -> None:
    server.fail_next("sendDocument", status, retry_after=1 if status == 429 else None, after_effect=after_effect)
    start_delivery(live)
    resident_says(live, server, "stuur mij mijn gegevens")
    wait_until_delivered(live, server)
    names = [message["document"]["file_name"] for message in server.sent(ANNA) if "document" in message]
    assert list(dict.fromkeys(names)) == ["mijn-gegevens.html", "mijn-gegevens.json"]
    assert len(names) == (3 if after_effect else 2), "at least once"
    assert live.dead() == []


def test_after_erasure_no_file_is_sent(live: LiveTelegram, server: BotApi) -> None:
    resident_says(live, server, "stuur mij mijn gegevens")
    contact = live.contact(ANNA)
    assert contact is not None
    live.desk.database.run(lambda uow: uow.contacts.erase(contact.id))
    start_delivery(live)
    live.says(ANNA, "hierna komt niets meer van vroeger")
    server.wait_for_message(ANNA, "hierna komt niets meer")
    assert server.calls_of("sendDocument") == []


# Messages out of the chat --------------------------------------------------------------------------------------------


def test_the_messages_go_and_the_question_comes_back(live: LiveTelegram, server: BotApi) -> None:
    start_delivery(live)
    resident_says(live, server, "hulp met formulieren")
    live.says(ANNA, "a" * 4000 + "\n\n" + "b" * 4000)
    live.says(ANNA, "Bij gevaar: bel 112.", urgent=True)
    wait_until_delivered(live, server)
    resident_says(live, server, "mijn gegevens")
    wait_until_delivered(live, server)
    assert any("b" * 4000 in text for text in server.texts(ANNA))
    resident_taps(live, server, "Haal uw berichten hier weg")
    wait_until_delivered(live, server)
    left = server.texts(ANNA)
    assert left[0].startswith(
        "Ik heb mijn berichten uit deze chat gehaald. Kijk even of ze weg zijn.\nWat u zelf schreef, staat er nog."
    )
    assert SELF_REMOVAL in left[0] and "vergeet mij" in left[0]
    assert not any("112" in text or "bbb" in text or "Dit bewaar ik" in text for text in left)
    assert len(ids_in_chat(live)) == len(left), "where the others were is forgotten"
    resident_says(live, server, "hoe laat zijn jullie open?")
    wait_until_delivered(live, server)
    texts = [one.text for one in live.messages(ANNA)]
    assert any("Bij gevaar: bel 112." in text for text in texts), "the desk's own copy stays until it is erased"


def test_more_than_a_hundred_go_a_hundred_at_once(live: LiveTelegram, server: BotApi) -> None:
    for number in range(REMOVED_AT_ONCE + 20):
        live.says(ANNA, f"zin {number}")
    start_delivery(live)
    server.wait_for_message(ANNA, f"zin {REMOVED_AT_ONCE + 19}", timeout=20)
    resident_says(live, server, "maak deze chat leeg")
    wait_until_delivered(live, server)
    assert not any(text.startswith("zin") for text in server.texts(ANNA))
    batches = [
        len(json.loads(call.parameters["message_ids"]))
        if isinstance(call.parameters["message_ids"], str)
        else len(call.parameters["message_ids"])
        for call in server.calls_of("deleteMessages")
    ]
    assert batches[0] == REMOVED_AT_ONCE and sum(batches) >= REMOVED_AT_ONCE + 20


def test_what_is_too_old_stays_and_the_resident_is_told(live: LiveTelegram, server: BotApi, clock: Clock) -> None:
    start_delivery(live)
    live.says(ANNA, "van eergisteren")
    live.says(ANNA, "ook van eergisteren")
    wait_until_delivered(live, server)
    clock.ahead = timedelta(hours=49)
    server.age(ANNA, 49)
    live.says(ANNA, "van vandaag")
    wait_until_delivered(live, server)
    resident_says(live, server, "haal uw berichten weg")
    wait_until_delivered(live, server)
    left = server.texts(ANNA)
    assert left[:2] == ["van eergisteren", "ook van eergisteren"] and "van vandaag" not in left
    assert "2 berichten zijn ouder dan 48 uur. Die kan ik niet weghalen." in left[2]
    assert all(call.status == 200 for call in server.calls_of("deleteMessages"))


def test_what_telegram_will_not_remove_is_told_and_the_rest_goes(live: LiveTelegram, server: BotApi) -> None:
    start_delivery(live)
    live.says(ANNA, "voor Telegram te oud")
    wait_until_delivered(live, server)
    server.age(ANNA, 60)
    live.says(ANNA, "jong genoeg")
    wait_until_delivered(live, server)
    resident_says(live, server, "haal uw berichten weg")
    wait_until_delivered(live, server)
    server.wait_for_message(ANNA, "Eén bericht kon ik niet uit deze chat halen.\nDat kunt u zelf.")
    left = server.texts(ANNA)
    assert left[0] == "voor Telegram te oud" and "jong genoeg" not in left


@pytest.mark.parametrize("after_effect", [False, True])
def test_removing_is_tried_again_until_it_is_done(live: LiveTelegram, server: BotApi, after_effect: bool) -> None:
    start_delivery(live)
    live.says(ANNA, "een")
    wait_until_delivered(live, server)
    server.fail_next("deleteMessages", 502, after_effect=after_effect)
    resident_says(live, server, "haal uw berichten weg")
    wait_until_delivered(live, server)
    assert "een" not in server.texts(ANNA) and live.dead() == []
    assert server.texts(ANNA)[0].startswith("Ik heb mijn berichten"), "said after it was done, not before"


def test_forgotten_and_out_of_the_chat_in_one_go(live: LiveTelegram, server: BotApi, clock: Clock) -> None:
    start_delivery(live)
    resident_says(live, server, "hulp met formulieren")
    resident_says(live, server, "vergeet mij")
    wait_until_delivered(live, server)
    assert "ik kan ze ook weghalen" in server.texts(ANNA)[-1]
    resident_taps(live, server, "Ja, en haal uw berichten weg")
    wait_until_delivered(live, server)
    removed, erased = server.texts(ANNA)
    assert removed.startswith("Ik heb mijn berichten uit deze chat gehaald.") and "vergeet mij" not in removed
    assert erased.startswith("Ik wis nu alles")
    clock.ahead = timedelta(minutes=2)
    run_due(live.desk, "test")
    assert live.contact(ANNA) is None
