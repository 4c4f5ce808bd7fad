"""`balie case`: an operator shows, exports and erases a request for a resident who asks on paper or by phone."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from msgspec import Struct

from storage.records import Access
from tests.balie.command import Inside, Place
from tests.desk.resident import Resident
from tests.servers.desk_server import desk_in

WORDS = "ik zit de hele dag alleen thuis"
REASON = "Mevrouw vroeg er schriftelijk om."


class Asked(Struct):
    """A request that is open. `contact_id` is the resident's."""

    code: str
    request_id: str
    contact_id: str


@pytest.fixture
def asked(town: Place) -> Asked:
    with desk_in(town.folder) as desk:
        anna = Resident(desk)
        anna.reaches("consent")
        anna.taps("agree")
        contact_id = desk.database.read(lambda uow: uow.conversations.contact_id(anna.conversation_id))
        (request,) = desk.database.read(lambda uow: uow.requests.of_contact(contact_id))
        return Asked(request.code, request.id, contact_id)


def accesses(place: Place, asked: Asked) -> list[Access]:
    with desk_in(place.folder) as desk:
        return desk.database.read(lambda uow: uow.people.accesses_of(asked.contact_id))


def one(place: Place, question: str) -> Any:
    with closing(sqlite3.connect(place.database)) as anyone:
        return anyone.execute(question).fetchone()[0]


def test_show_tells_status_dates_and_codes_and_no_words(town: Place, asked: Asked, inside: Inside) -> None:
    done = town.balie("case", "show", asked.code.replace("-", "").lower())
    assert (done.returncode, done.stderr) == (0, "")
    for word in (asked.code, "open", "company", "koffie_noord", "referred by", "yes, card", "request"):
        assert word in done.stdout, word
    found = json.loads(inside(town, "case", "show", asked.code, "--json").stdout)
    assert (found["status"], found["referrals"][0]["status"]) == ("open", "referred")
    assert found["consents"][0]["lines"] and found["consents"][0]["at"]
    for told in (done.stdout, json.dumps(found)):
        assert WORDS not in told and "alleen" not in told
    assert [(access.user_id, access.what) for access in accesses(town, asked)] == [("operator", "case_shown")] * 2


def test_export_gives_everything_with_a_reason_that_the_resident_can_read(town: Place, asked: Asked) -> None:
    done = town.balie("case", "export", asked.code, "--reason", REASON)
    assert done.returncode == 0 and "personal data" in done.stderr
    found = json.loads(done.stdout)
    assert {"category": "request", "text": WORDS} in found["shared"]
    assert WORDS in found["consents"][0]["card"]
    assert found["destination"]["id"] == found["routing_log"][0]["destination"] == "koffie_noord"
    assert found["accesses"][-1]["reason"] == REASON
    (access,) = accesses(town, asked)
    assert (access.user_id, access.what, access.reason) == ("operator", "case_exported", REASON)


@pytest.mark.parametrize("reason", [[], ["--reason", ""], ["--reason", "  "], ["--reason", "a" * 501]])
def test_export_without_a_reason_is_wrong_use(town: Place, asked: Asked, inside: Inside, reason: list[str]) -> None:
    done = inside(town, "case", "export", asked.code, *reason)
    assert (done.exit_code, done.stdout) == (2, "")
    assert accesses(town, asked) == []


@pytest.mark.rule("domain-12")
def test_erase_asks_first_then_destroys_the_key_and_says_what_was_done(town: Place, asked: Asked) -> None:
    kept = town.balie("case", "erase", asked.code, given=b"n\n")
    assert (kept.returncode, kept.stdout) == (1, "") and "Nothing was erased" in kept.stderr
    keys = f"SELECT count(*) FROM data_key WHERE subject = 'request:{asked.request_id}'"
    seats = "SELECT reserved FROM seat WHERE service_id = 'koffie_noord'"
    assert (one(town, keys), one(town, seats)) == (1, 1)
    done = town.balie("case", "erase", asked.code, given=b"y\n")
    assert done.returncode == 0
    assert f"erased        {asked.code}" in done.stdout and "places freed  1" in done.stdout
    assert "tombstone" in done.stdout and "stays" in done.stdout
    assert (one(town, keys), one(town, seats)) == (0, 0)
    assert one(town, f"SELECT count(*) FROM tombstone WHERE subject_id = '{asked.request_id}'") == 1
    assert one(town, "SELECT count(*) FROM message") > 0, "the conversation is not the request"
    assert accesses(town, asked)[-1].what == "case_erased"
    again = town.balie("case", "erase", asked.code, "--yes")
    assert (again.returncode, again.stdout, again.stderr.count("\n")) == (1, "", 1)
    assert town.balie("routing-log", "verify").returncode == 0


def test_erase_with_the_conversation_for_scripts(town: Place, asked: Asked) -> None:
    done = town.balie("case", "erase", asked.code, "--yes", "--conversation", "--json")
    assert json.loads(done.stdout) == {"requests": [asked.code], "seats": 1, "conversation": True}
    assert one(town, "SELECT count(*) FROM message") == 0
    assert one(town, f"SELECT count(*) FROM data_key WHERE subject = 'contact:{asked.contact_id}'") == 0
    assert one(town, f"SELECT count(*) FROM tombstone WHERE subject_id = '{asked.contact_id}'") == 1


@pytest.mark.parametrize("command", [["show"], ["export", "--reason", REASON], ["erase", "--yes"]])
def test_a_wrong_code_is_one_sentence(town: Place, asked: Asked, inside: Inside, command: list[str]) -> None:
    done = inside(town, "case", *command, "\x1b[2J9999")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "no request" in done.stderr and "\x1b" not in done.stderr
