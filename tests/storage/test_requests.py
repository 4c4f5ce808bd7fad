from __future__ import annotations

import re
import sqlite3
from typing import Literal

import pytest

from storage import requests
from storage.database import Database
from storage.errors import Missing
from storage.ids import new_request_code, read_request_code
from storage.records import Contact, Referral, Request
from storage.unit_of_work import UnitOfWork
from tests.storage.conftest import HandClock

LINES = [{"category": "request", "text": "Iemand om mee te wandelen"}, {"category": "first_name", "text": "Bep"}]


@pytest.fixture
def request_row(database: Database, contact: Contact) -> Request:
    return database.run(
        lambda uow: uow.requests.add(
            contact.id, contact.conversation_id, "company", "noord", LINES, {"id": "maatjes"}, "paul"
        )
    )


def refer(database: Database, request: Request, organisation: str, neighbourhood: str | None = "noord") -> Referral:
    return database.run(
        lambda uow: uow.referrals.add(request.id, "maatjes", organisation, "volunteers", "company", neighbourhood)
    )


def test_a_request_is_kept_with_its_lines(
    database: Database, contact: Contact, request_row: Request, clock: HandClock
) -> None:
    assert (request_row.theme, request_row.neighbourhood, request_row.status) == ("company", "noord", "open")
    assert (request_row.option, request_row.responsible, request_row.erased) == ({"id": "maatjes"}, "paul", False)
    assert database.read(lambda uow: uow.requests.lines(request_row.id)) == LINES
    clock.advance(hours=1)
    database.run(lambda uow: uow.requests.set_status(request_row.id, "done"))
    database.run(lambda uow: uow.requests.set_responsible(request_row.id, "petra"))
    now = database.read(lambda uow: uow.requests.get(request_row.id))
    assert (now.status, now.responsible, now.updated_at, now.created_at) == (
        "done",
        "petra",
        clock.moment,
        request_row.created_at,
    )
    assert database.read(lambda uow: uow.requests.of_contact(contact.id)) == [now]


def test_a_code_can_be_read_aloud_and_typed_back(database: Database, request_row: Request) -> None:
    assert re.fullmatch(r"[0-9A-Z]{3}-[0-9A-Z]{2}", request_row.code)
    bare = request_row.code.replace("-", "")
    for typed in (request_row.code, bare.lower(), f" {bare[:2]} {bare[2:]}. "):
        assert database.read(lambda uow, t=typed: uow.requests.by_code(t)) == request_row  # type: ignore[misc]
    for typed in ("", "???", "ZZZZZZZZZ", "000-00"):
        assert database.read(lambda uow, t=typed: uow.requests.by_code(t)) is None  # type: ignore[misc]
    database.run(lambda uow: uow.requests.erase(request_row.id))
    assert database.read(lambda uow: uow.requests.by_code(request_row.code)) is None


def test_codes_have_no_look_alikes() -> None:
    letters = set("".join(new_request_code() for _ in range(2000)).replace("-", ""))
    assert not letters & set("O0I1LS5B8Z2U")
    code = new_request_code()
    assert read_request_code(code.lower()) == code


def test_a_taken_code_is_not_given_twice(
    database: Database, contact: Contact, request_row: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter([request_row.code, request_row.code, "333-33"])
    monkeypatch.setattr(requests, "new_request_code", lambda: next(codes))
    second = database.run(lambda uow: uow.requests.add(contact.id, contact.conversation_id, "grief", None, [], {}))
    assert second.code == "333-33"
    assert second.neighbourhood is None


def test_a_referral_keeps_every_step(database: Database, request_row: Request, clock: HandClock) -> None:
    referral = refer(database, request_row, "humanitas")
    assert (referral.status, referral.code, referral.service_id) == ("referred", request_row.code, "maatjes")
    clock.advance(minutes=5)
    accepted = database.run(lambda uow: uow.referrals.set_status(referral.id, "accepted", "anna"))
    assert (accepted.status, accepted.updated_at) == ("accepted", clock.moment)
    database.run(lambda uow: uow.referrals.set_status(referral.id, "done", "anna", "helped"))
    events = database.read(lambda uow: uow.referrals.events(referral.id))
    assert [(event.status, event.actor, event.reason) for event in events] == [
        ("referred", "desk", None),
        ("accepted", "anna", None),
        ("done", "anna", "helped"),
    ]
    assert events[1].at == clock.moment


def test_the_list_filters_on_every_side(database: Database, request_row: Request, clock: HandClock) -> None:
    made = []
    for organisation, neighbourhood in (("a", "noord"), ("b", "noord"), ("a", "zuid"), ("c", None)):
        clock.advance(minutes=1)
        made.append(refer(database, request_row, organisation, neighbourhood))
    database.run(lambda uow: uow.referrals.set_status(made[0].id, "accepted", "anna"))

    def listed(**filters: object) -> list[int]:
        ids = [referral.id for referral in made]
        found = database.read(lambda uow: uow.referrals.list(**filters))  # type: ignore[arg-type]
        return [ids.index(referral.id) for referral in found]

    assert listed() == [3, 2, 1, 0]
    assert listed(organisation_ids=["a"]) == [2, 0]
    assert listed(organisation_ids={"a", "b"}, neighbourhoods=["noord"]) == [1, 0]
    assert listed(statuses=["accepted", "done"]) == [0]
    assert listed(organisation_ids=[]) == []
    assert listed(organisation_ids=["a"], neighbourhoods=[]) == []
    assert listed(limit=2, offset=1) == [2, 1]
    assert listed(organisation_ids=["a' OR 1=1 --"]) == []


def test_open_referrals_of_a_contact(database: Database, contact: Contact, request_row: Request) -> None:
    waits, declined, talks = (refer(database, request_row, name) for name in "abc")
    database.run(lambda uow: uow.referrals.set_status(declined.id, "declined", "anna"))
    database.run(lambda uow: uow.referrals.set_status(talks.id, "in_contact", "anna"))
    found = database.read(lambda uow: uow.referrals.open_of_contact(contact.id))
    assert {referral.id for referral in found} == {waits.id, talks.id}
    assert database.read(lambda uow: uow.referrals.open_of_contact("else")) == []


def consent(uow: UnitOfWork, request: Request, answer: Literal["yes", "no"] = "yes") -> str:
    to = (request.id, request.contact_id, request.conversation_id)
    return uow.consents.add(*to, 3, "nl", "Dit delen wij: …", ["request"], answer, "web")


def test_consent_is_proof_with_version_time_and_channel(
    database: Database, request_row: Request, clock: HandClock
) -> None:
    consent_id = database.run(lambda uow: consent(uow, request_row))
    (proof,) = database.read(lambda uow: uow.consents.of_request(request_row.id))
    assert (proof.id, proof.card_version, proof.language, proof.card_text) == (consent_id, 3, "nl", "Dit delen wij: …")
    assert (proof.lines_on, proof.answer, proof.channel, proof.at, proof.withdrawn_at) == (
        ("request",),
        "yes",
        "web",
        clock.moment,
        None,
    )


def test_withdrawing_fills_in_the_time_once(database: Database, request_row: Request, clock: HandClock) -> None:
    database.run(lambda uow: consent(uow, request_row, "no"))
    clock.advance(minutes=1)
    database.run(lambda uow: consent(uow, request_row))
    clock.advance(days=1)
    withdrawn_at = clock.moment
    assert database.run(lambda uow: uow.consents.withdraw(request_row.id)) == 1
    clock.advance(days=1)
    assert database.run(lambda uow: uow.consents.withdraw(request_row.id)) == 0
    refused, given = database.read(lambda uow: uow.consents.of_contact(request_row.contact_id))
    assert (refused.withdrawn_at, given.withdrawn_at) == (None, withdrawn_at)


def test_a_refusal_needs_no_request(database: Database, contact: Contact) -> None:
    database.run(
        lambda uow: uow.consents.add(None, contact.id, contact.conversation_id, 1, "en", "Card", [], "no", "web")
    )
    (refusal,) = database.read(lambda uow: uow.consents.of_contact(contact.id))
    assert (refusal.request_id, refusal.answer, refusal.language) == (None, "no", "en")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM consent",
        "UPDATE consent SET answer = 'no'",
        "UPDATE consent SET lines_on = '[]', withdrawn_at = 'x'",
        "UPDATE consent SET request_id = NULL",
        "UPDATE consent SET card_sealed = x'00'",
        "INSERT OR REPLACE INTO consent SELECT * FROM consent",
    ],
)
def test_the_database_refuses_to_change_a_consent(database: Database, request_row: Request, statement: str) -> None:
    database.run(lambda uow: consent(uow, request_row))
    anyone = sqlite3.connect(database.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        anyone.execute(statement)
    anyone.close()


def test_a_withdrawal_cannot_be_undone(database: Database, request_row: Request) -> None:
    database.run(lambda uow: consent(uow, request_row))
    database.run(lambda uow: uow.consents.withdraw(request_row.id))
    anyone = sqlite3.connect(database.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        anyone.execute("UPDATE consent SET withdrawn_at = NULL")
    anyone.close()


def test_what_is_not_there_is_missing(database: Database) -> None:
    for read in (
        lambda uow: uow.requests.get("none"),
        lambda uow: uow.requests.lines("none"),
        lambda uow: uow.referrals.get("none"),
    ):
        with pytest.raises(Missing):
            database.read(read)
    with pytest.raises(Missing):
        database.run(lambda uow: uow.referrals.add("none", "s", "o", "volunteers", "company", None))
    assert database.run(lambda uow: uow.requests.erase("none")) == []
