"""Reading updates: what counts as text, choice or attachment, what is ignored, what is broken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.channels.telegram_update import (
    ALREADY_CHOSEN,
    Arrived,
    Ignored,
    UnreadableUpdate,
    as_payload,
    provider_id,
    read_update,
)
from tests.servers import bot_api_payloads as payloads
from tests.servers.bot_api_payloads import CONTENT, Payload

CHAT = 7001
BOT = "123456"


def read(update: Payload) -> Arrived | Ignored:
    raw = {"update_id": 31, **update}
    return read_update(raw, as_payload(raw), BOT)


def arrived(update: Payload) -> Arrived:
    found = read(update)
    assert isinstance(found, Arrived)
    return found


def ignored(update: Payload) -> Ignored:
    found = read(update)
    assert isinstance(found, Ignored)
    return found


def private(content: Payload, **more: Any) -> Payload:
    return payloads.message(5, 1_700_000_000, payloads.user(CHAT), payloads.private_chat(CHAT), **content, **more)


def tap(data: Any, message: Payload | None) -> Payload:
    query = {"id": "438", "from": payloads.user(CHAT), "chat_instance": "-1", "data": data}
    return {"callback_query": query if message is None else {**query, "message": message}}


def with_buttons() -> Payload:
    rows = [[{"text": "Ja", "callback_data": "4.yes"}, {"text": "Nee", "callback_data": "4.no"}]]
    sent = payloads.message(6, 1_700_000_000, payloads.BOT_USER, payloads.private_chat(CHAT), text="Mag dat?")
    return {**sent, "reply_markup": {"inline_keyboard": rows}}


def test_a_text_is_a_text() -> None:
    found = arrived({"message": private({"text": "ik zit de hele dag alleen"})})
    incoming = found.incoming
    assert (incoming.channel, incoming.bot, incoming.provider_id, incoming.address) == ("telegram", BOT, "31", "7001")
    assert (incoming.text, incoming.choice, incoming.attachment) == ("ik zit de hele dag alleen", None, None)
    assert incoming.language_hint == "nl"
    assert json.loads(incoming.payload)["message"]["text"] == "ik zit de hele dag alleen"
    assert (found.chat_id, found.message_id, found.edited) == (CHAT, 5, False)


@pytest.mark.parametrize("command", ["/start", "/start abc", "/taal", "/stop"])
def test_a_command_is_just_a_text(command: str) -> None:
    assert arrived({"message": private(payloads.text_content(command))}).incoming.text == command


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("voice", "voice"),
        ("audio", "voice"),
        ("photo", "photo"),
        ("sticker", "sticker"),
        ("dice", "sticker"),
        ("video", "video"),
        ("video_note", "video"),
        ("animation", "video"),
        ("location", "location"),
        ("venue", "location"),
        ("contact", "contact"),
        ("document", "document"),
        ("poll", "document"),
    ],
)
def test_what_cannot_be_read_is_an_attachment(kind: str, expected: str) -> None:
    incoming = arrived({"message": private(CONTENT[kind])}).incoming
    assert (incoming.attachment, incoming.text, incoming.choice) == (expected, "", None)


def test_a_caption_is_read() -> None:
    incoming = arrived({"message": private({**CONTENT["photo"], "caption": "deze brief snap ik niet"})}).incoming
    assert (incoming.text, incoming.attachment) == ("deze brief snap ik niet", "photo")


def test_a_forwarded_text_is_a_text() -> None:
    origin = {"type": "hidden_user", "sender_user_name": "Piet", "date": 1_600_000_000}
    assert arrived({"message": private({"text": "kijk"}, forward_origin=origin)}).incoming.text == "kijk"


def test_a_tap_is_a_choice() -> None:
    found = arrived(tap("4.no", with_buttons()))
    assert (found.incoming.choice, found.incoming.text, found.incoming.address) == ("4.no", "", "7001")
    assert found.tap is not None
    assert (found.tap.query_id, found.tap.message_id, found.tap.label) == ("438", 6, "Nee")


def test_a_tap_under_a_message_telegram_no_longer_shows() -> None:
    found = arrived(tap("4.no", {"message_id": 6, "date": 0, "chat": payloads.private_chat(CHAT)}))
    assert found.incoming.choice == "4.no"
    assert found.tap is not None
    assert (found.tap.message_id, found.tap.label) == (6, None)


def test_a_tap_without_its_message_belongs_to_who_tapped() -> None:
    found = arrived(tap("4.no", None))
    assert (found.incoming.address, found.tap and found.tap.message_id) == ("7001", None)


def test_a_tap_on_what_was_chosen_is_no_choice() -> None:
    found = ignored(tap(ALREADY_CHOSEN, with_buttons()))
    assert found.reason == "already_chosen"
    assert found.tap is not None


def test_an_edit_is_marked() -> None:
    found = arrived({"edited_message": private({"text": "twee"}, edit_date=1_700_000_100)})
    assert (found.edited, found.incoming.text) == (True, "twee")


@pytest.mark.parametrize(
    ("update", "reason"),
    [
        ({"message": private(CONTENT["pinned_message"])}, "service"),
        ({"message": private({"message_auto_delete_timer_changed": {"message_auto_delete_time": 60}})}, "service"),
        ({"message": {**private({"text": "hallo"}), "from": payloads.BOT_USER}}, "bot"),
        (
            {
                "channel_post": payloads.message(
                    5, 1, payloads.BOT_USER, {"id": -1001, "type": "channel", "title": "Nieuws"}, text="nieuws"
                )
            },
            "channel",
        ),
        ({"inline_query": {"id": "1", "from": payloads.user(CHAT), "query": "q", "offset": ""}}, "kind"),
        ({"something_of_next_year": {"id": 1}}, "kind"),
    ],
)
def test_what_is_ignored(update: Payload, reason: str) -> None:
    assert ignored(update).reason == reason


@pytest.mark.parametrize(("old", "new", "reason"), [("member", "kicked", "blocked"), ("kicked", "member", "unblocked")])
def test_blocking_and_unblocking_are_noted(old: str, new: str, reason: str) -> None:
    change = payloads.member_change(payloads.private_chat(CHAT), payloads.user(CHAT), 1, old, new)
    assert ignored({"my_chat_member": change}).reason == reason


@pytest.mark.parametrize("kind", ["group", "supergroup"])
def test_a_group_is_never_read(kind: str) -> None:
    group = payloads.group_chat(-55, kind)
    said = payloads.message(5, 1, payloads.user(CHAT, language="en"), group, text="ik voel me alleen")
    found = ignored({"message": said})
    assert (found.reason, found.group, found.language) == ("group", -55, "en")
    tapped = ignored(tap("4.no", {**with_buttons(), "chat": group}))
    assert tapped.reason == "group"


def test_being_put_in_a_group_and_being_put_out() -> None:
    group, person = payloads.group_chat(-55), payloads.user(CHAT)
    joined = ignored({"my_chat_member": payloads.member_change(group, person, 1, "left", "member")})
    assert (joined.reason, joined.group) == ("joined_group", -55)
    out = ignored({"my_chat_member": payloads.member_change(group, person, 1, "member", "left")})
    assert (out.reason, out.group) == ("group", None)


def test_half_a_surrogate_pair_survives() -> None:
    incoming = arrived({"message": private({"text": "ha\ud83d!"})}).incoming
    assert incoming.text == "ha\ufffd!"
    assert json.loads(incoming.payload)["message"]["text"] == "ha\ud83d!"
    incoming.text.encode()


@pytest.mark.parametrize("language", [None, "", "uk", "pt-BR"])
def test_the_language_of_the_app_is_a_hint(language: str | None) -> None:
    sender = payloads.user(CHAT, language=language)
    said = payloads.message(5, 1, sender, payloads.private_chat(CHAT), text="hallo")
    assert arrived({"message": said}).incoming.language_hint == ((language or "")[:2] or None)


def nested(depth: int) -> Payload:
    """A message that answers a message that answers a message, …"""
    message = private({"text": "antwoord"})
    for _ in range(depth):
        message = private({"text": "antwoord", "reply_to_message": message})
    return message


@pytest.mark.parametrize(
    "odd",
    [
        {"forward_origin": {"type": "hidden_user"}},
        {"link_preview_options": "ja"},
        {"entities": [{"type": "bold"}]},
        {"reply_to_message": nested(400)},
    ],
)
def test_an_odd_decoration_does_not_hide_the_words(odd: Payload) -> None:
    assert arrived({"message": private({"text": "help mij"}, **odd)}).incoming.text == "help mij"


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "tekst",
        {},
        {"update_id": "31", "message": private({"text": "geheim"})},
        {"update_id": True, "message": private({"text": "geheim"})},
        {"update_id": 31, "message": "geheim"},
        {"update_id": 31, "message": {"text": "geheim"}},
        {"update_id": 31, "message": {**private({"text": "geheim"}), "date": "geheim"}},
        {"update_id": 31, "message": {**private({}), "text": ["geheim"]}},
        {"update_id": 31, "message": {**private({"text": "geheim"}), "chat": {"id": 1}}},
        {"update_id": 31, "callback_query": {"id": "1"}},
        {"update_id": 31, "message": {**nested(400), "text": None, "chat": "geheim"}},
    ],
)
def test_a_broken_update_is_unreadable_and_keeps_its_words_to_itself(raw: Any) -> None:
    with pytest.raises(UnreadableUpdate) as caught:
        read_update(raw, b"{}", BOT)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_what_makes_an_update_itself() -> None:
    assert provider_id({"update_id": 31}, b"a") == "31"
    assert provider_id({"update_id": None}, b"a") == provider_id(None, b"a") != provider_id(None, b"b")
    assert provider_id([], b"a").startswith("sha256:")
