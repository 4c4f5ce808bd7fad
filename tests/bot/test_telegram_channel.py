"""What the channel does around a message: taps, edits, albums, groups, languages. All through the local server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.bot.telegram_desk import LiveTelegram, live_telegram
from tests.servers.bot_api import BotApi
from tests.servers.bot_api_payloads import Payload

ANNA, BEP = 7001, 7002
YES_NO = ({"id": "3.yes", "label": "Ja"}, {"id": "3.no", "label": "Nee"})


@pytest.fixture
def server() -> Iterator[BotApi]:
    with BotApi() as running:
        yield running


@pytest.fixture
def live(tmp_path: Path, server: BotApi) -> Iterator[LiveTelegram]:
    with live_telegram(tmp_path, server) as running:
        running.start_all()
        server.resident_says(ANNA, "hallo")
        server.wait_until(lambda: running.heard(ANNA), "the first message")
        yield running


def buttons(message: Payload) -> list[tuple[str, str]]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [(button["text"], button["callback_data"]) for row in rows for button in row]


def asked(live: LiveTelegram, server: BotApi, text: str) -> Payload:
    """The desk asks, and the question has arrived in the chat."""
    live.says(ANNA, text, YES_NO)
    found = server.wait_for_message(ANNA, text)
    server.wait_until(lambda: live.telegram.channel.keyboards._newest.get(ANNA) == found["message_id"], "the keyboard")
    return found


def test_a_button_there_and_back(live: LiveTelegram, server: BotApi) -> None:
    question = asked(live, server, "Mag dat?")
    assert buttons(question) == [("Ja", "3.yes"), ("Nee", "3.no")]
    query = server.resident_taps(ANNA, question, "Nee")
    server.wait_until(lambda: live.heard(ANNA)[1:], "the choice")
    server.wait_until(lambda: server.state.queries[query], "the waiting sign to stop")
    server.wait_for_call("editMessageReplyMarkup")
    assert buttons(server.sent(ANNA)[-1]) == [("✓ Nee", "chosen")]


def test_tapping_what_was_chosen_does_nothing(live: LiveTelegram, server: BotApi) -> None:
    server.resident_taps(ANNA, asked(live, server, "Mag dat?"), "Ja")
    server.wait_for_call("editMessageReplyMarkup")
    query = server.resident_taps(ANNA, server.sent(ANNA)[-1], "✓ Ja")
    server.wait_until(lambda: server.state.queries[query], "the waiting sign to stop")
    assert server.calls_of("answerCallbackQuery")[-1].parameters["text"] == "Dit hebt u al gekozen."
    assert len(live.heard(ANNA)) == 2


def test_an_old_button_goes_to_the_desk_but_is_not_marked_as_chosen(live: LiveTelegram, server: BotApi) -> None:
    old = asked(live, server, "Mag dat?")
    asked(live, server, "En dit?")
    server.resident_taps(ANNA, old, "Ja")
    server.wait_for_call("editMessageReplyMarkup")
    first, second = server.sent(ANNA)
    assert buttons(first) == []
    assert buttons(second) == [("Ja", "3.yes"), ("Nee", "3.no")]
    assert len(live.heard(ANNA)) == 2


def test_a_button_after_a_typed_answer_is_not_marked_as_chosen(live: LiveTelegram, server: BotApi) -> None:
    question = asked(live, server, "Mag dat?")
    server.resident_says(ANNA, "ja hoor")
    server.resident_taps(ANNA, question, "Nee")
    server.wait_for_call("editMessageReplyMarkup")
    assert buttons(server.sent(ANNA)[-1]) == []


def test_a_tap_that_cannot_be_tidied_up_still_counts(live: LiveTelegram, server: BotApi) -> None:
    question = asked(live, server, "Mag dat?")
    server.fail_next("answerCallbackQuery", 400)
    server.fail_next("editMessageReplyMarkup", 502)
    server.resident_taps(ANNA, question, "Ja")
    server.wait_for_call("editMessageReplyMarkup", status=502)
    assert len(live.heard(ANNA)) == 2
    server.resident_says(ANNA, "en verder")
    server.wait_until(lambda: live.heard(ANNA)[2:] == ["en verder"], "the next message")


def test_what_cannot_be_read_reaches_the_desk(live: LiveTelegram, server: BotApi) -> None:
    for kind in ("voice", "sticker", "photo", "location", "contact"):
        server.resident_sends(ANNA, kind)
    server.resident_sends(ANNA, "document", caption="deze brief")
    server.wait_until(lambda: len(live.heard(ANNA)) == 7, "six messages")
    assert live.heard(ANNA)[-1] == "deze brief"
    server.wait_until_confirmed()


def test_an_album_is_one_message(live: LiveTelegram, server: BotApi) -> None:
    for _ in range(4):
        server.resident_sends(ANNA, "photo", media_group_id="album-1")
    server.resident_sends(ANNA, "photo", caption="dit is de laatste", media_group_id="album-1")
    server.resident_sends(ANNA, "photo", media_group_id="album-2")
    server.wait_until_confirmed()
    assert len(live.heard(ANNA)) == 4
    assert "dit is de laatste" in live.heard(ANNA)


def test_an_edit_of_the_last_message_is_a_correction(live: LiveTelegram, server: BotApi) -> None:
    said = server.resident_says(ANNA, "1234 AV")
    server.edits(ANNA, said, "1234 AB")
    server.wait_until(lambda: live.heard(ANNA)[1:] == ["1234 AV", "1234 AB"], "the correction")


def test_an_edit_of_an_older_message_is_explained_once(live: LiveTelegram, server: BotApi) -> None:
    old = server.resident_says(ANNA, "mijn buurvrouw")
    server.resident_says(ANNA, "1234 AB")
    server.duplicate_next()
    server.edits(ANNA, old, "mijn buurman")
    told = server.wait_for_message(ANNA, "als nieuw bericht")
    server.wait_until_confirmed()
    assert live.heard(ANNA) == ["hallo", "mijn buurvrouw", "1234 AB"]
    assert [message["message_id"] for message in server.sent(ANNA)] == [told["message_id"]]


def test_an_edit_that_tells_of_danger_is_always_heard(live: LiveTelegram, server: BotApi) -> None:
    old = server.resident_says(ANNA, "het gaat wel")
    server.resident_says(ANNA, "1234 AB")
    server.edits(ANNA, old, "ik wil niet meer leven")
    server.wait_until(lambda: live.heard(ANNA)[-1] == "ik wil niet meer leven", "the edit")


def test_a_person_who_took_over_gets_every_edit(live: LiveTelegram, server: BotApi) -> None:
    old = server.resident_says(ANNA, "mijn buurvrouw")
    server.resident_says(ANNA, "1234 AB")
    server.wait_until(lambda: len(live.heard(ANNA)) == 3, "both messages")
    live.owned_by(ANNA, "user-1")
    server.edits(ANNA, old, "mijn buurman")
    server.wait_until(lambda: live.heard(ANNA)[-1] == "mijn buurman", "the edit")
    assert server.texts(ANNA) == []


@pytest.mark.parametrize(("language", "words"), [("nl", "alleen met u alleen"), ("en", "with you alone")])
def test_a_group_is_told_once_and_left(live: LiveTelegram, server: BotApi, language: str, words: str) -> None:
    for number in range(5):
        server.group_message(-55, f"@buurtbalie_bot geheim {number}", sender=BEP, language=language)
    server.wait_for_call("leaveChat")
    server.wait_until_confirmed()
    assert len(server.texts(-55)) == 1
    assert words in server.texts(-55)[0]
    assert live.heard(BEP) == []
    assert live.contact(-55) is None


def test_put_in_a_group_it_leaves_before_anybody_writes(live: LiveTelegram, server: BotApi) -> None:
    server.joins_group(-55)
    server.wait_for_call("leaveChat")
    assert len(server.texts(-55)) == 1


def test_blocking_and_unblocking_only_make_a_log_line(live: LiveTelegram, server: BotApi) -> None:
    with capture_logs() as logs:
        server.block(ANNA)
        server.unblock(ANNA)
        server.wait_until_confirmed()
    assert [entry["reason"] for entry in logs if entry["event"] == "telegram.ignored"] == ["blocked", "unblocked"]
    assert str(ANNA) not in str(logs)
    assert live.heard(ANNA) == ["hallo"]


def test_the_commands_are_shown_in_both_languages(live: LiveTelegram, server: BotApi) -> None:
    server.wait_for_call("setMyCommands", count=3)
    assert set(server.state.commands) == {"", "nl", "en"}
    commands = [command["command"] for command in server.state.commands["nl"]]
    assert commands == ["start", "menu", "zoeken", "mens", "taal", "stop"]
    assert server.state.commands["en"] != server.state.commands[""] == server.state.commands["nl"]
