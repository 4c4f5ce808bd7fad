"""Withdrawal, from the own conversation and with a code from another: what ends, who hears of it, and guessing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk import correspondence, hand_offs
from desk.bootstrap import Desk
from desk.due import run_due
from desk.follow_up import FOLLOW_UP
from desk.hand_off_views import lately_withdrawn, look
from desk.hand_offs import STEP
from desk.retention import run_retention
from desk.sessions import keep, session_of
from flows.model import AlertState
from storage.errors import Erased
from storage.records import Referral, Request
from storage.unit_of_work import UnitOfWork
from tests.board.town import Town, town_in
from tests.desk.conftest import Clock
from tests.desk.resident import COMPANY, Resident

SAME_SENTENCE = "withdraw.code_unknown"


@pytest.fixture
def sent(town_desk: Desk) -> Resident:
    """A resident on a phone with one open request."""
    anna = Resident(town_desk, "anna", "telegram")
    anna.reaches("consent")
    anna.taps("agree")
    return anna


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with town_in(tmp_path / "small") as found:
        yield found


def was_hit(town: Town, conversation_id: str) -> None:
    """As after "mijn man slaat me"."""

    def work(uow: UnitOfWork) -> None:
        session = session_of(uow.conversations.lock(conversation_id))
        session.alert = AlertState("violence", "now", 1)
        keep(uow, conversation_id, session)

    town.desk.database.run(work)


def code_of(resident: Resident) -> str:
    return resident.session.referrals[-1].code


def request_of(resident: Resident) -> Request:
    def read(uow: UnitOfWork) -> Request:
        return uow.requests.of_contact(uow.conversations.contact_id(resident.conversation_id))[0]

    return resident.desk.database.read(read)


def referral_of(resident: Resident) -> Referral:
    return resident.desk.database.read(lambda uow: uow.referrals.of_request(request_of(resident).id)[0])


def keys(resident: Resident, words: str) -> list[str | None]:
    return [one.key for one in resident.says(words)]


def accesses(resident: Resident) -> list[tuple[str, str]]:
    found = resident.desk.database.read(lambda uow: uow.people.accesses(request_of(resident).id))
    return [(one.user_id, one.what) for one in found]


@pytest.mark.rule("domain-12")
def test_from_another_channel_with_the_code(town_desk: Desk, sent: Resident) -> None:
    elsewhere = Resident(town_desk, "library", "web")
    elsewhere.says("/start")
    reserved = next(one for one in town_desk.database.read(lambda uow: uow.directory.load()).services if one.reserved)
    typed = code_of(sent).lower().replace("-", " ")
    before = sent.messages()[-1].n
    assert keys(elsewhere, f"Intrekken {typed}")[0] == "withdraw.done"
    assert (request_of(sent).status, referral_of(sent).status) == ("withdrawn", "withdrawn")
    (consent,) = town_desk.database.read(lambda uow: uow.consents.of_request(request_of(sent).id))
    assert consent.withdrawn_at is not None and consent.card_text is None and consent.lines_on
    services = town_desk.database.read(lambda uow: uow.directory.load()).services
    assert next(one for one in services if one.id == reserved.id).reserved == reserved.reserved - 1
    assert accesses(sent) == [("resident", "withdrawn_by_code")]
    (told,) = sent.heard(before)
    assert told.key == "referral.withdrawn_elsewhere" and request_of(sent).code in told.text
    assert sent.session.referrals == []
    assert "koffie" not in told.text.lower(), "neither theme nor organisation"


@pytest.mark.rule("domain-8", "domain-12", "towards-residents-5")
def test_after_violence_the_news_waits_until_the_resident_writes(town_desk: Desk, sent: Resident) -> None:
    sent.says("mijn man slaat me")
    before = sent.messages()[-1].n
    keys(Resident(town_desk, "partner"), f"intrekken {code_of(sent)}")
    assert request_of(sent).status == "withdrawn"
    assert sent.heard(before) == []
    assert "referral.withdrawn_elsewhere" in keys(sent, "hoe staat het")


@pytest.mark.rule("domain-12")
def test_what_is_unknown_and_what_is_closed_get_the_same_sentence(town_desk: Desk, sent: Resident) -> None:
    code, other = code_of(sent), Resident(town_desk, "other")
    other.says("/start")
    said = [other.says("intrekken K7F-2Q")[0].text]
    sent.says("intrekken")
    said.append(other.says(f"intrekken {code}")[0].text)
    town_desk.database.run(lambda uow: uow.requests.erase(request_of(sent).id))
    said.append(other.says(f"intrekken {code}")[0].text)
    assert len(set(said)) == 1
    assert town_desk.database.read(lambda uow: uow.people.accesses(request_of(sent).id))[-1].what == "withdrawn"


@pytest.mark.rule("domain-12")
def test_guessing_is_stopped_for_one_and_for_all_and_never_for_the_own_request(
    town_desk: Desk, sent: Resident, clock: Clock
) -> None:
    limits, code = town_desk.settings.withdrawal, code_of(sent)
    guesser = Resident(town_desk, "guesser")
    for _ in range(limits.wrong_codes):
        assert SAME_SENTENCE in keys(guesser, "intrekken K7F-2Q")
    assert "withdraw.code_wait" in keys(guesser, f"intrekken {code}"), "the right code is not told from a wrong one"
    for number in range(limits.wrong_codes_in_all - limits.wrong_codes):
        assert SAME_SENTENCE in keys(Resident(town_desk, f"one-{number}"), "intrekken K7F-2Q")
    assert "withdraw.code_wait" in keys(Resident(town_desk, "fresh"), f"intrekken {code}")
    assert request_of(sent).status == "open"
    clock.move(hours=1, seconds=1)
    assert "withdraw.done" in keys(Resident(town_desk, "fresh"), f"intrekken {code}")
    town_desk.database.run(lambda uow: run_retention(uow, town_desk))
    assert town_desk.database.read(lambda uow: uow.code_guesses.count(clock.now.replace(year=2020))) == 0


def test_the_own_code_works_while_guessing_is_stopped(town_desk: Desk, sent: Resident) -> None:
    for number in range(town_desk.settings.withdrawal.wrong_codes_in_all):
        keys(Resident(town_desk, f"one-{number}"), "intrekken K7F-2Q")
    assert "withdraw.done_one" in keys(sent, f"intrekken {code_of(sent)}")


@pytest.mark.rule("domain-8", "domain-12")
def test_a_planned_question_and_a_tapped_step_end_with_it(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.reaches("consent")
    anna.taps("change")
    anna.taps("follow_up")
    anna.taps("agree")
    referral = referral_of(anna)

    def pending(kind: str, key: str) -> int:
        return len(town_desk.database.read(lambda uow: uow.jobs.pending(kind, key=key)))

    user = town_desk.database.read(
        lambda uow: next(
            one
            for one in uow.people.everyone()
            if any(role.organisation_id == referral.organisation_id for role in one.roles)
        )
    )
    town_desk.database.run(lambda uow: hand_offs.accept(uow, town_desk, user, referral.id))
    assert (pending(FOLLOW_UP, anna.conversation_id), pending(STEP, referral.id)) == (1, 1)
    anna.says("intrekken")
    assert (pending(FOLLOW_UP, anna.conversation_id), pending(STEP, referral.id)) == (0, 0)


@pytest.mark.rule("domain-12")
@pytest.mark.parametrize("ended", ["declined", "done"])
def test_what_was_declined_or_done_is_withdrawn_for_real(town_desk: Desk, sent: Resident, ended: str) -> None:
    referral = referral_of(sent)
    town_desk.database.run(lambda uow: uow.referrals.set_status(referral.id, ended, "someone", "full"))  # type: ignore[arg-type]
    town_desk.database.run(lambda uow: uow.directory.release(referral.service_id))
    assert "withdraw.done" in keys(sent, "intrekken")
    assert request_of(sent).status == "withdrawn"
    (consent,) = town_desk.database.read(lambda uow: uow.consents.of_request(request_of(sent).id))
    assert consent.withdrawn_at is not None
    services = town_desk.database.read(lambda uow: uow.directory.load()).services
    assert next(one for one in services if one.id == referral.service_id).reserved == 0, "freed once, not twice"
    assert all(one.reason is None for one in town_desk.database.read(lambda uow: uow.referrals.events(referral.id)))


@pytest.mark.rule("domain-12")
def test_what_was_shared_cannot_be_read_or_added_to_after_it(town_desk: Desk, sent: Resident) -> None:
    request = request_of(sent)
    assert town_desk.database.read(lambda uow: uow.requests.lines(request.id))
    sent.says("intrekken")
    assert town_desk.database.read(lambda uow: uow.requests.lines(request.id)) == []
    assert request_of(sent).option == {}
    with pytest.raises(Erased):
        town_desk.database.run(lambda uow: uow.referrals.set_status(referral_of(sent).id, "done", "x", "woorden"))


def test_a_card_for_what_filled_up_does_not_hold_it_back(town_desk: Desk, sent: Resident) -> None:
    sent.says("ik zoek nog meer gezelschap", COMPANY)
    for _ in range(8):
        prompt = sent.prompt
        assert prompt is not None
        if prompt.kind == "consent":
            break
        sent.taps("maatjes" if prompt.kind == "choose" else "skip")
    services = town_desk.database.read(lambda uow: uow.directory.load()).services
    capacity = next(one.capacity for one in services if one.id == "maatjes")
    town_desk.database.run(lambda uow: [uow.directory.reserve("maatjes") for _ in range(capacity or 0)])
    assert "withdraw.done" in keys(sent, "intrekken")
    assert request_of(sent).status == "withdrawn"


@pytest.mark.rule("domain-8", "domain-12")
@pytest.mark.parametrize("violence", [False, True])
def test_by_code_a_correspondence_ends_and_after_violence_without_a_word(town: Town, violence: bool) -> None:
    referral, vera = town.referral(), town.users["vera"]
    conversation_id = town.conversation_of(referral)
    town.desk.database.run(lambda uow: hand_offs.accept(uow, town.desk, vera, referral.id))
    town.due(seconds=10)
    town.desk.database.run(lambda uow: correspondence.write_to_resident(uow, town.desk, vera, referral.id, "Dag!"))
    if violence:
        was_hit(town, conversation_id)
    before = len(town.said(referral))
    keys(Resident(town.desk, "elsewhere"), f"intrekken {referral.code}")
    assert town.owner(conversation_id) == "desk"
    news = [] if violence else ["referral.returned", "referral.withdrawn_elsewhere"]
    assert town.said(referral)[before:] == news
    view = town.desk.database.read(lambda uow: look(uow, town.desk, vera, referral.id))
    assert (view.status, view.lines, view.talk, view.actions) == ("withdrawn", (), None, ())


@pytest.mark.rule("domain-12")
def test_who_had_it_is_asked_for_a_week_to_throw_notes_away(town: Town) -> None:
    referral = town.referral()
    keys(Resident(town.desk, "elsewhere"), f"intrekken {referral.code}")

    def shown(login: str) -> list[str]:
        found = town.desk.database.read(lambda uow: lately_withdrawn(uow, town.users[login]))
        return [one.code for one in found]

    assert {login: shown(login) for login in ("vera", "cor", "bas", "hanna", "raad", "beheer")} == {
        "vera": [referral.code],
        "cor": [referral.code],
        "bas": [],
        "hanna": [],
        "raad": [],
        "beheer": [],
    }
    town.clock.move(days=7)
    assert shown("vera") == []


def test_forget_me_ends_access_at_once_and_the_rest_in_a_minute(town_desk: Desk, sent: Resident, clock: Clock) -> None:
    sent.says("vergeet mij")
    sent.taps("yes")
    assert request_of(sent).status == "withdrawn"
    assert town_desk.database.read(lambda uow: uow.contacts.find("telegram", "test", "anna")) is not None
    clock.move(minutes=1, seconds=1)
    run_due(town_desk, "tests")
    assert town_desk.database.read(lambda uow: uow.contacts.find("telegram", "test", "anna")) is None
