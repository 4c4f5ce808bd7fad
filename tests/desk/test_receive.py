"""A message is stored before anything else, once, without what does not belong in it, and danger is seen at once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from desk.bootstrap import Desk
from desk.receive import Incoming, store, store_broken
from storage.records import StoredMessage, User
from storage.unit_of_work import UnitOfWork
from tests.desk.resident import AWAY, COMPANY, Resident, waiting_turns

BSN = "111222333"
LINES = ("ik wil niet meer", "leven")


def _bytes_of(folder: Path) -> bytes:
    """Everything that stands on the disk for this desk, the write-ahead log included."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def _alerts(messages: list[StoredMessage]) -> list[str]:
    return [one.key for one in messages if one.key and re.match(r"crisis\.\w+\.(now|concern)", one.key)]


# Once ----------------------------------------------------------------------------------------------------------------


def test_the_same_message_again_changes_nothing(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    first = anna.sends("goedemorgen", provider_id="7")
    again = anna.sends("goedemorgen", provider_id="7")
    assert (first.is_new, again.is_new) == (True, False)
    assert (again.inbox_id, again.conversation_id, again.n) == (first.inbox_id, first.conversation_id, first.n)
    assert [one.text for one in anna.messages()] == ["goedemorgen"]
    assert anna.is_answered() == 1
    assert anna.sends("goedemorgen", provider_id="7").is_new is False
    assert anna.is_answered() == 0


def test_at_once_it_is_stored_once(town_desk: Desk) -> None:
    incoming = Incoming("web", "test", "7", "anna", b"{}", text="goedemorgen")
    receipts = [one.result(timeout=10) for one in [store(town_desk, incoming) for _ in range(50)]]
    assert sum(one.is_new for one in receipts) == 1
    assert len({one.inbox_id for one in receipts}) == 1
    assert len(waiting_turns(town_desk)) == 1


def test_the_same_number_of_another_bot_or_channel_is_another_message(town_desk: Desk) -> None:
    places = [("web", "a"), ("web", "b"), ("telegram", "a")]
    receipts = [store(town_desk, Incoming(*place, "7", "anna", b"{}", text="hallo")).result() for place in places]
    assert all(one.is_new for one in receipts)
    assert len({one.conversation_id for one in receipts}) == 3


def test_a_failure_while_storing_leaves_nothing(town_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*anything: object, **more: object) -> None:
        raise OSError("the disk")

    anna = Resident(town_desk)
    with monkeypatch.context() as patch:
        patch.setattr("storage.jobs.Jobs.add", fails)
        with pytest.raises(OSError, match="the disk"):
            anna.sends("goedemorgen", provider_id="7")
    assert town_desk.database.read(lambda uow: uow.inbox.find("web", "test", "7")) is None
    assert town_desk.database.read(lambda uow: uow.contacts.find("web", "test", "anna")) is None
    assert anna.sends("goedemorgen", provider_id="7").is_new


# What is stored ------------------------------------------------------------------------------------------------------


def test_a_citizen_service_number_is_stored_nowhere(town_desk: Desk, tmp_path: Path) -> None:
    text = f"mijn bsn is {BSN} en mijn DigiD-code is geheim99"
    payload = json.dumps({"message": {"text": text, "café": BSN}}).encode()
    anna = Resident(town_desk)
    receipt = store(town_desk, Incoming("web", "test", "7", "anna", payload, text=text)).result()
    anna.conversation_id = receipt.conversation_id
    anna.is_answered()

    def inside(uow: UnitOfWork) -> bytes:
        row = uow.inbox.get(receipt.inbox_id)
        assert row.payload is not None
        texts = "".join(one.text for one in uow.messages.after(receipt.conversation_id, 0))
        return row.payload + texts.encode() + (uow.conversations.get(receipt.conversation_id).session or b"")

    readable = town_desk.database.read(inside)
    for secret in (BSN.encode(), b"geheim99"):
        assert secret not in readable
        assert secret not in _bytes_of(tmp_path)
    assert "█" in anna.messages()[0].text
    assert "desk.masked" in [one.key for one in anna.heard()]


@pytest.mark.parametrize("written", ["111.222.333", "111 222 333", "111-222-333", "1112 22 333"])
def test_however_the_number_is_written(town_desk: Desk, tmp_path: Path, written: str) -> None:
    payload = json.dumps({"text": f"bsn {written}!", "emoji": "🙂"}, ensure_ascii=False).encode()
    receipt = store(town_desk, Incoming("web", "test", "7", "anna", payload, text=f"bsn {written}!")).result()
    row = town_desk.database.read(lambda uow: uow.inbox.get(receipt.inbox_id))
    assert row.payload is not None and written.encode() not in row.payload
    assert json.loads(row.payload)["emoji"] == "🙂", "the rest of the update stays readable"


def test_what_people_write_is_not_readable_on_the_disk(town_desk: Desk, tmp_path: Path) -> None:
    canary = "kanariegeel"
    anna = Resident(town_desk, address=f"adres-{canary}")
    anna.says(f"ik voel me alleen, {canary}", COMPANY)
    anna.says(f"geen idee {canary}")
    store_broken(town_desk, "telegram", "test", "8", f"{{{canary}".encode(), "not_json").result()
    assert canary.encode() not in _bytes_of(tmp_path)
    assert any(canary in one.text for one in anna.messages())


def test_a_broken_update_is_kept_marked_and_blocks_nothing(town_desk: Desk) -> None:
    assert store_broken(town_desk, "telegram", "test", "7", b"\xff{", "not_json").result() is True
    assert store_broken(town_desk, "telegram", "test", "7", b"\xff{", "not_json").result() is False
    row = town_desk.database.read(lambda uow: uow.inbox.find("telegram", "test", "7"))
    assert row is not None
    assert (row.state, row.broken, row.payload, row.contact_id) == ("broken", "not_json", b"\xff{", None)
    assert waiting_turns(town_desk) == []
    assert Resident(town_desk, channel="telegram").says("goedemorgen")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t ",
        "🌧️🥲👩‍👩‍👧",
        "أحتاج إلى مساعدة \u202e في المنزل",
        "a\x00b",
        "half \ud83d een paar",
        "woord " * 17_000,
        "{{ 7*7 }} {% raw %} <b>",
    ],
    ids=["empty", "blank", "emoji", "right to left", "nul", "half a pair", "100000 characters", "markup"],
)
def test_any_text_is_kept_and_answered(town_desk: Desk, text: str) -> None:
    anna = Resident(town_desk)
    incoming = Incoming("web", "test", "7", "anna", b"{}", text=text)
    receipt = store(town_desk, incoming).result()
    anna.conversation_id = receipt.conversation_id
    assert anna.is_answered() == 1
    kept = anna.messages()[0].text
    assert kept == text or ("\ud83d" in text and kept == text.replace("\ud83d", "\N{REPLACEMENT CHARACTER}"))
    assert anna.heard(), "an answer"
    assert "49" not in "".join(one.text for one in anna.heard()[:1])
    assert town_desk.database.read(lambda uow: uow.inbox.get(receipt.inbox_id)).state == "done"
    assert anna.says("goedemorgen"), "and the conversation goes on"


def test_a_tapped_button_reads_as_its_label(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.reaches("collect")
    prompt = anna.prompt
    assert prompt is not None
    n = anna.sends(choice=f"{prompt.number}.{prompt.choices[0].id}").n
    tapped = next(one for one in anna.messages() if one.n == n)
    assert (tapped.text, tapped.key) == (prompt.choices[0].label, "choice")


@pytest.mark.parametrize("choice", ["999.self", "1", "", ".", "x.y", "1.agree", "\x00", "9" * 60])
def test_a_choice_that_is_not_on_offer_gets_an_answer(town_desk: Desk, choice: str) -> None:
    anna = Resident(town_desk)
    anna.reaches("collect")
    before = anna.prompt
    n = anna.sends(choice=choice).n
    anna.is_answered()
    assert anna.heard(n), "an answer"
    after = anna.prompt
    assert before is not None and after is not None
    assert (after.kind, after.about) == (before.kind, before.about), "nothing was taken for an answer"


# Danger --------------------------------------------------------------------------------------------------------------


def test_an_alert_is_answered_in_the_transaction_that_stores_the_message(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    commits: list[frozenset[str]] = []
    stop = town_desk.database.subscribe(commits.append)
    receipt = anna.sends("ik wil dood")
    stop()
    assert len(commits) == 1, "one commit: stored and answered"
    assert len(_alerts(anna.messages())) == 1
    assert town_desk.database.read(lambda uow: uow.inbox.get(receipt.inbox_id)).state == "done"
    before = anna.messages()
    assert anna.is_answered() == 0, "no turn answers it a second time"
    assert anna.messages() == before


def test_an_alert_is_not_shown_twice_for_one_message(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.sends("ik wil dood", provider_id="7")
    anna.sends("ik wil dood", provider_id="7")
    assert len(_alerts(anna.messages())) == 1


def test_a_sentence_split_over_two_messages(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.sends(LINES[0])
    assert _alerts(anna.messages()) == []
    anna.sends(LINES[1])
    assert _alerts(anna.messages()), "seen with the message before it"


def test_the_second_half_is_seen_after_an_answer_of_the_desk_too(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.says(LINES[0])
    anna.sends(LINES[1])
    assert _alerts(anna.messages())


def test_the_halves_of_two_residents_are_no_sentence(town_desk: Desk) -> None:
    anna, bert = Resident(town_desk, "anna"), Resident(town_desk, "bert")
    anna.sends(LINES[0])
    bert.sends(LINES[1])
    assert _alerts(bert.messages()) == []


def test_an_alert_passes_what_waits(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.sends("goedemorgen")
    anna.sends("ik wil dood")
    assert [one.sender for one in anna.messages()][:3] == ["resident", "resident", "desk"]
    anna.is_answered()
    assert len(_alerts(anna.messages())) == 1


def test_an_alert_while_a_person_has_the_conversation(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.says("goedemorgen")
    user = _taken_by_samira(town_desk, anna)
    n = anna.sends("ik wil dood").n
    assert len(_alerts(anna.heard(n))) == 1, "the card goes out, whoever has the conversation"
    said = anna.heard(n)
    assert anna.is_answered(AWAY) == 1, "and the person hears the message too"
    assert anna.heard(n) == said, "the desk does not answer it again"
    assert town_desk.database.read(lambda uow: uow.conversations.get(anna.conversation_id).owner) == user.id


def test_an_alert_is_answered_once_also_when_the_person_has_just_left(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.says("goedemorgen")
    _taken_by_samira(town_desk, anna)
    n = anna.sends("ik wil dood").n
    town_desk.database.run(lambda uow: uow.conversations.set_owner(anna.conversation_id, "desk"))
    said = anna.heard(n)
    assert anna.is_answered(COMPANY) == 1
    assert anna.heard(n) == said, "nothing about company under the card"
    assert anna.says("goedemorgen")


def _taken_by_samira(desk: Desk, resident: Resident) -> User:
    user = desk.database.read(lambda uow: uow.people.by_login("samira"))
    assert user is not None

    def take(uow: UnitOfWork) -> None:
        uow.conversations.waiting(resident.conversation_id, "person_asked")
        uow.conversations.set_owner(resident.conversation_id, user.id)

    desk.database.run(take)
    return user


def test_after_erasure_a_new_message_begins_anew(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.says("goedemorgen")
    before = anna.conversation_id

    def erase(uow: UnitOfWork) -> None:
        uow.contacts.erase(uow.conversations.contact_id(before))

    town_desk.database.run(erase)
    assert anna.messages() == []
    assert anna.sends("goedemorgen").conversation_id != before
    assert anna.is_answered() == 1
