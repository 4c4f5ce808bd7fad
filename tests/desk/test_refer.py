"""A referral is whole or not there at all: request, consent, hand-off, place and log row in one transaction."""

from __future__ import annotations

import pytest

from desk.bootstrap import Desk
from desk.turns import Understood, take_turn
from routing.model import Service
from storage.unit_of_work import UnitOfWork
from tests.desk.resident import Resident, waiting_turns

PLACE = "koffie_noord"


def _service(desk: Desk, service_id: str = PLACE) -> Service:
    services = desk.database.read(lambda uow: uow.directory.load()).services
    return next(one for one in services if one.id == service_id)


def _counts(desk: Desk, resident: Resident) -> tuple[int, int, int, int, int]:
    """Requests, consents, referrals, log rows and reserved places."""

    def count(uow: UnitOfWork) -> tuple[int, int, int, int, int]:
        contact_id = uow.conversations.contact_id(resident.conversation_id)
        consents = [one for one in uow.consents.of_contact(contact_id) if one.answer == "yes"]
        return (
            len(uow.requests.of_contact(contact_id)),
            len(consents),
            len(uow.referrals.open_of_contact(contact_id)),
            len(uow.routing_log.rows()),
            next(one for one in uow.directory.load().services if one.id == PLACE).reserved,
        )

    return desk.database.read(count)


@pytest.fixture
def asked(town_desk: Desk) -> Resident:
    """A resident who looks at the card."""
    anna = Resident(town_desk)
    anna.reaches("consent", PLACE)
    assert _counts(town_desk, anna) == (0, 0, 0, 0, 0), "before consent nothing leaves the desk"
    return anna


def test_one_yes_makes_everything(town_desk: Desk, asked: Resident) -> None:
    card = asked.session.card
    assert card is not None
    commits: list[frozenset[str]] = []
    asked.sends(choice=f"{asked.prompt.number}.agree" if asked.prompt else "")
    (waiting,) = waiting_turns(town_desk)
    stop = town_desk.database.subscribe(commits.append)
    take_turn(town_desk, waiting, Understood())
    stop()
    assert len(commits) == 1
    assert _counts(town_desk, asked) == (1, 1, 1, 1, 1)

    def look(uow: UnitOfWork) -> None:
        contact_id = uow.conversations.contact_id(asked.conversation_id)
        (request,) = uow.requests.of_contact(contact_id)
        (consent,) = uow.consents.of_contact(contact_id)
        (referral,) = uow.referrals.of_request(request.id)
        (row,) = uow.routing_log.rows()
        on = [line for line in card.lines if line.on]
        assert consent.card_text == card.text, "the exact words that were on the screen"
        assert (consent.request_id, consent.channel, consent.language) == (request.id, "web", "nl")
        assert list(consent.lines_on) == [line.category for line in on]
        assert uow.requests.lines(request.id) == [{"category": one.category, "text": one.text} for one in on]
        assert (referral.service_id, referral.status, referral.code) == (PLACE, "referred", request.code)
        assert request.responsible is not None, "a professional follows"
        assert (row.destination, row.request_id, row.theme) == (PLACE, request.id, "company")
        assert row.reasons and row.rule and row.policy
        assert "alleen" not in repr(row), "codes, never what was said"

    town_desk.database.read(look)
    known = asked.session.referrals[-1]
    assert known.code and known.id


@pytest.mark.parametrize(
    "step",
    [
        "storage.requests.Requests.add",
        "storage.referrals.Referrals.add",
        "storage.directory.DirectoryRepository.reserve",
        "storage.consents.Consents.add",
        "storage.routing_log.RoutingLog.append",
        "desk.turns.keep",
    ],
)
def test_a_failure_in_the_middle_leaves_nothing(
    town_desk: Desk, asked: Resident, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fails(*anything: object, **more: object) -> None:
        raise RuntimeError(step)

    prompt = asked.prompt
    assert prompt is not None
    n = asked.sends(choice=f"{prompt.number}.agree").n
    (waiting,) = waiting_turns(town_desk)
    with monkeypatch.context() as patch:
        patch.setattr(step, fails)
        with pytest.raises(RuntimeError, match=step):
            take_turn(town_desk, waiting, Understood())
    assert _counts(town_desk, asked) == (0, 0, 0, 0, 0)
    assert asked.heard(n) == []
    assert asked.prompt == prompt
    take_turn(town_desk, waiting, Understood())
    assert _counts(town_desk, asked) == (1, 1, 1, 1, 1), "tried again it is made once"
    assert town_desk.database.read(lambda uow: uow.routing_log.verify()) == []


def test_a_no_is_kept_and_sends_nothing(town_desk: Desk, asked: Resident) -> None:
    asked.taps("refuse")
    assert _counts(town_desk, asked)[:3] == (0, 0, 0)
    contact_id = town_desk.database.read(lambda uow: uow.conversations.contact_id(asked.conversation_id))
    (no,) = town_desk.database.read(lambda uow: uow.consents.of_contact(contact_id))
    assert (no.answer, no.request_id, no.lines_on) == ("no", None, ())
    assert no.card_text
    assert _service(town_desk).reserved == 0


@pytest.mark.parametrize("words", ["misschien", "weet niet", "👍🏽?", "ja maar eerst een vraag", "stuur", "nja"])
def test_anything_else_is_never_taken_as_yes(town_desk: Desk, asked: Resident, words: str) -> None:
    asked.says(words)
    assert _counts(town_desk, asked) == (0, 0, 0, 0, 0)


@pytest.mark.rule("domain-12")
def test_withdrawing_frees_the_place_and_ends_the_access(town_desk: Desk, asked: Resident) -> None:
    asked.taps("agree")
    asked.says("intrekken")
    if asked.prompt is not None and asked.prompt.kind == "confirm":
        asked.taps("yes")
    assert _service(town_desk).reserved == 0

    def look(uow: UnitOfWork) -> None:
        contact_id = uow.conversations.contact_id(asked.conversation_id)
        (request,) = uow.requests.of_contact(contact_id)
        (referral,) = uow.referrals.of_request(request.id)
        (consent,) = uow.consents.of_contact(contact_id)
        assert (request.status, referral.status) == ("withdrawn", "withdrawn")
        assert consent.withdrawn_at == uow.now
        assert uow.referrals.open_of_contact(contact_id) == []
        assert [one.actor for one in uow.referrals.events(referral.id)][-1] == "resident"
        assert len(uow.routing_log.rows()) == 1, "the log stays"

    town_desk.database.read(look)
    asked.says("intrekken")
    assert _service(town_desk).reserved == 0, "a second time frees nothing"


def test_what_is_full_is_not_offered(town_desk: Desk) -> None:
    capacity = _service(town_desk, "maatjes").capacity
    assert capacity, "the demonstration's buddies have so many places"
    anna = Resident(town_desk, "anna")
    anna.reaches("choose")
    assert "maatjes" in {one.id for one in anna.prompt.choices} if anna.prompt else False
    town_desk.database.run(lambda uow: [uow.directory.reserve("maatjes") for _ in range(capacity)])
    bert = Resident(town_desk, "bert")
    bert.reaches("choose")
    assert bert.prompt is not None
    assert "maatjes" not in {one.id for one in bert.prompt.choices}


def test_two_residents_and_one_place_left(town_desk: Desk) -> None:
    def fill(uow: UnitOfWork) -> None:
        directory = uow.directory.load()
        capacity = next(one for one in directory.services if one.id == "maatjes").capacity
        for _ in range((capacity or 1) - 1):
            uow.directory.reserve("maatjes")

    service = _service(town_desk, "maatjes")
    assert service.capacity, "the demonstration's buddies have so many places"
    town_desk.database.run(fill)
    residents = [Resident(town_desk, address) for address in ("anna", "bert")]
    for resident in residents:
        resident.reaches("consent", "maatjes")
    for resident in residents:
        resident.taps("agree")
    taken = _service(town_desk, "maatjes").reserved
    sent = sum(len(resident.session.referrals) for resident in residents)
    assert all(resident.heard() for resident in residents)
    assert taken == service.capacity - 1 + sent
    second = residents[1]
    assert not second.session.referrals
    assert [one.key for one in second.heard()][-2:] == ["consent.no_longer", "route.options"]
    assert second.session.offer is not None
    assert "maatjes" not in [option.id for option in second.session.offer.options]
