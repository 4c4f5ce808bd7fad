"""What was promised to be forgotten is forgotten, after its days and not before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from desk.bootstrap import Desk
from desk.receive import Incoming, store
from desk.retention import Due, Forgotten, due_now, plan_retention, run_retention
from storage.unit_of_work import UnitOfWork
from tests.servers.desk_server import desk_in

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def _says(desk: Desk, address: str, words: str) -> str:
    incoming = Incoming("web", "web", f"{address}:{words}", address, b"{}", text=words)
    return store(desk, incoming).result().conversation_id


def _forget(desk: Desk) -> Forgotten:
    return desk.database.run(lambda uow: run_retention(uow, desk))


def _due(desk: Desk) -> dict[str, Due]:
    return {one.kind: one for one in desk.database.read(lambda uow: due_now(uow, desk))}


def _known(desk: Desk, address: str) -> bool:
    return desk.database.read(lambda uow: uow.contacts.find("web", "web", address) is not None)


def test_who_stops_half_way_is_erased_after_seven_days(tmp_path: Path) -> None:
    clock = Clock()
    with desk_in(tmp_path, clock) as desk:
        _says(desk, "quiet", "ik zoek gezelschap")
        clock.now += timedelta(days=4)
        _says(desk, "busy", "goedemiddag")
        clock.now += timedelta(days=3, minutes=-1)
        assert _forget(desk).contacts == 0
        clock.now += timedelta(minutes=2)
        assert _due(desk)["contacts"] == Due("contacts", 1, 7, (START + timedelta(days=7)).date())
        assert _known(desk, "quiet")
        assert _forget(desk).contacts == 1
        assert (_known(desk, "quiet"), _known(desk, "busy")) == (False, True)


def test_a_request_is_erased_so_many_days_after_it_was_closed(tmp_path: Path) -> None:
    clock = Clock()
    with desk_in(tmp_path, clock) as desk:
        conversation_id = _says(desk, "helped", "ik zoek gezelschap")

        def refer(uow: UnitOfWork) -> str:
            contact_id = uow.conversations.contact_id(conversation_id)
            lines = [{"category": "request", "text": "ik zoek gezelschap"}]
            return uow.requests.add(contact_id, conversation_id, "company", None, lines, {}, None).id

        request_id = desk.database.run(refer)
        clock.now += timedelta(days=200)
        assert _forget(desk).requests == 0, "an open request stays"
        assert _known(desk, "helped"), "and so does who asked"
        desk.database.run(lambda uow: uow.requests.set_status(request_id, "done"))
        clock.now += timedelta(days=89)
        assert _forget(desk).requests == 0
        clock.now += timedelta(days=2)
        assert [(one.count, one.oldest_due) for one in _due(desk).values()] == [
            (1, (START + timedelta(days=7)).date()),  # the contact goes with its last request
            (1, (START + timedelta(days=290)).date()),
            (0, None),  # the update was never read, so it waits
        ]
        assert _forget(desk).requests == 1
        assert desk.database.read(lambda uow: uow.requests.get(request_id)).erased
        assert not _known(desk, "helped"), "nothing of theirs is open any more"


def test_raw_updates_go_after_eight_days_and_the_job_is_planned_once(tmp_path: Path) -> None:
    clock = Clock()
    with desk_in(tmp_path, clock) as desk:
        desk.database.run(lambda uow: uow.inbox.add("telegram", "1", "7", b"{", broken="unreadable"))
        clock.now += timedelta(days=7, hours=23)
        assert _forget(desk).raw_updates == 0
        clock.now += timedelta(hours=2)
        assert _forget(desk).raw_updates == 1
        plan_retention(desk)
        plan_retention(desk)
        assert len(desk.database.read(lambda uow: uow.jobs.pending("retention"))) == 1
