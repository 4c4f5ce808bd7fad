from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.errors import LeaseLost
from storage.records import Contact, Job
from storage.unit_of_work import UnitOfWork
from tests.storage.conftest import HandClock


def add(database: Database, number: int, lane: str | None = None, **more: object) -> str:
    return database.run(lambda uow: uow.jobs.add("turn", {"number": number}, lane=lane, **more))  # type: ignore[arg-type]


def claim(database: Database, owner: str = "me", limit: int = 16) -> list[Job]:
    return database.run(lambda uow: uow.jobs.claim(("turn", "send"), owner, limit))


def numbers(jobs: list[Job]) -> list[int]:
    return [job.payload["number"] for job in jobs]


def done(database: Database, job: Job, owner: str = "me") -> None:
    database.run(lambda uow: uow.jobs.done(job.id, owner, job.attempts))


def test_a_lane_goes_one_by_one_in_order(database: Database) -> None:
    for number in range(3):
        add(database, number, "a")
    add(database, 10, "b")
    first = claim(database)
    assert numbers(first) == [0, 10]
    assert claim(database) == []
    done(database, first[0])
    second = claim(database)
    assert numbers(second) == [1]
    done(database, second[0])
    assert numbers(claim(database)) == [2]


def test_jobs_without_a_lane_wait_for_nobody(database: Database) -> None:
    for number in range(5):
        add(database, number)
    assert numbers(claim(database, limit=2)) == [0, 1]
    assert numbers(claim(database)) == [2, 3, 4]


def test_only_the_kinds_that_were_asked(database: Database) -> None:
    database.run(lambda uow: uow.jobs.add("erase", {"number": 1}))
    assert claim(database) == []
    assert len(database.run(lambda uow: uow.jobs.claim(("erase",), "me"))) == 1


def test_urgent_comes_first_and_passes_its_lane(database: Database) -> None:
    add(database, 0, "a")
    add(database, 1, "b")
    blocked = claim(database, limit=1)
    add(database, 2, "a")
    add(database, 3, "a", urgent=True)
    add(database, 4, "a", urgent=True)
    urgent_and_b = claim(database)
    assert numbers(blocked) == [0]
    assert numbers(urgent_and_b) == [3, 1]
    assert urgent_and_b[0].urgent
    done(database, urgent_and_b[0])
    done(database, blocked[0])
    assert numbers(claim(database)) == [4, 2]


def test_later_work_waits_for_its_time(database: Database, clock: HandClock) -> None:
    later = clock.moment + timedelta(days=14)
    add(database, 1, run_at=later)
    assert claim(database) == []
    assert database.read(lambda uow: uow.jobs.next_run_at(("turn",))) == later
    clock.advance(days=13, hours=23, minutes=59)
    assert claim(database) == []
    clock.advance(minutes=1)
    (job,) = claim(database)
    assert job.run_at == later


def test_a_retry_holds_its_lane(database: Database, clock: HandClock) -> None:
    add(database, 1, "a")
    add(database, 2, "a")
    (job,) = claim(database)
    again = clock.moment + timedelta(seconds=35)
    database.run(lambda uow: uow.jobs.retry(job.id, "me", job.attempts, again, "too_many_requests"))
    assert claim(database) == []
    assert database.read(lambda uow: uow.jobs.next_run_at(("turn",))) == again
    clock.advance(seconds=35)
    (second_try,) = claim(database)
    assert numbers([second_try]) == [1]
    assert (second_try.attempts, second_try.error) == (2, "too_many_requests")


def test_a_lease_that_ran_out_is_taken_over_and_the_former_holder_is_refused(
    database: Database, clock: HandClock
) -> None:
    add(database, 1, "a")
    (lost,) = claim(database, "first")
    assert database.read(lambda uow: uow.jobs.next_run_at(("turn",))) == clock.moment + timedelta(seconds=60)
    clock.advance(seconds=59)
    assert claim(database, "second") == []
    clock.advance(seconds=1)
    (taken,) = claim(database, "second")
    assert (taken.id, taken.attempts) == (lost.id, 2)

    def finish_late(uow: UnitOfWork) -> None:
        uow.notify("its effect")
        uow.contacts.find_or_add("web", "web", "effect")
        uow.jobs.done(lost.id, "first", lost.attempts)

    with pytest.raises(LeaseLost):
        database.run(finish_late)
    assert database.read(lambda uow: uow.contacts.find("web", "web", "effect")) is None
    done(database, taken, "second")
    with pytest.raises(LeaseLost):
        done(database, taken, "second")


def test_the_same_worker_is_fenced_by_its_attempt(database: Database, clock: HandClock) -> None:
    add(database, 1)
    (lost,) = claim(database)
    clock.advance(minutes=2)
    (taken,) = claim(database)
    at = clock.moment
    for settle in (
        lambda uow: uow.jobs.done(lost.id, "me", lost.attempts),
        lambda uow: uow.jobs.retry(lost.id, "me", lost.attempts, at, "x"),
        lambda uow: uow.jobs.fail(lost.id, "me", lost.attempts, "x"),
    ):
        with pytest.raises(LeaseLost):
            database.run(settle)
    done(database, taken)


def test_what_fails_for_good_frees_its_lane_and_can_be_revived(database: Database) -> None:
    add(database, 1, "a")
    add(database, 2, "a")
    (job,) = claim(database)
    database.run(lambda uow: uow.jobs.fail(job.id, "me", job.attempts, "blocked_bot"))
    (dead,) = database.read(lambda uow: uow.jobs.dead())
    assert (dead.id, dead.error, dead.payload) == (job.id, "blocked_bot", {"number": 1})
    (next_one,) = claim(database)
    assert numbers([next_one]) == [2]
    with pytest.raises(LeaseLost):
        done(database, job)
    done(database, next_one)
    assert database.run(lambda uow: uow.jobs.revive(job.id))
    assert not database.run(lambda uow: uow.jobs.revive(job.id))
    assert numbers(claim(database)) == [1]
    assert database.read(lambda uow: uow.jobs.dead()) == []


def test_cancelling_by_lane_or_key_spares_what_runs(database: Database) -> None:
    add(database, 1, "a")
    add(database, 2, "a")
    add(database, 3, "b")
    add(database, 4, key="referral:9")
    running = claim(database, limit=1)
    assert numbers(running) == [1]
    assert database.run(lambda uow: uow.jobs.cancel("send", "a")) == 0
    assert database.run(lambda uow: uow.jobs.cancel("turn", "a")) == 1
    assert database.run(lambda uow: uow.jobs.cancel("turn", "referral:9")) == 1
    done(database, running[0])
    assert numbers(claim(database)) == [3]


def test_what_waits_can_be_asked_by_kind_and_key(database: Database) -> None:
    add(database, 1, "a", key="x")
    add(database, 2, key="y")
    database.run(lambda uow: uow.jobs.add("send", {"number": 3}, key="x"))
    assert numbers(database.read(lambda uow: uow.jobs.pending("turn"))) == [1, 2]
    assert numbers(database.read(lambda uow: uow.jobs.pending("turn", key="x"))) == [1]
    (job, *_) = claim(database)
    database.run(lambda uow: uow.jobs.fail(job.id, "me", job.attempts, "blocked_bot"))
    assert numbers(database.read(lambda uow: uow.jobs.pending("turn"))) == [2]


def test_a_new_start_takes_back_what_former_processes_held(database: Database, clock: HandClock) -> None:
    add(database, 1)
    add(database, 2)
    claim(database, "gone", limit=1)
    clock.advance(seconds=50)
    claim(database, "gone", limit=1)
    clock.advance(seconds=10)
    assert database.run(lambda uow: uow.jobs.release_all(only_expired=True)) == 1
    assert database.run(lambda uow: uow.jobs.release_all()) == 1
    jobs = claim(database)
    assert sorted(numbers(jobs)) == [1, 2]
    assert [job.attempts for job in jobs] == [2, 2]


def test_nothing_to_do_is_none(database: Database) -> None:
    assert database.read(lambda uow: uow.jobs.next_run_at(("turn",))) is None


def test_next_run_looks_at_the_heads_only(database: Database, clock: HandClock) -> None:
    later = clock.moment + timedelta(hours=1)
    add(database, 1, "a", run_at=later)
    add(database, 2, "a")
    assert database.read(lambda uow: uow.jobs.next_run_at(("turn",))) == later
    assert database.read(lambda uow: uow.jobs.next_run_at(("send",))) is None


def test_next_run_is_the_first_of_what_is_free_and_what_is_held(database: Database, clock: HandClock) -> None:
    start = clock.moment
    add(database, 1)
    claim(database)
    add(database, 2, run_at=start + timedelta(seconds=90))
    assert database.read(lambda uow: uow.jobs.next_run_at(("turn",))) == start + timedelta(seconds=60)
    add(database, 3, run_at=start + timedelta(seconds=30))
    assert database.read(lambda uow: uow.jobs.next_run_at(("turn",))) == start + timedelta(seconds=30)


def test_an_added_and_a_finished_job_are_announced(database: Database) -> None:
    heard: list[frozenset[str]] = []
    add(database, 1, "a")
    (job,) = claim(database)
    database.subscribe(heard.append)
    add(database, 2, "a")
    done(database, job)
    database.run(lambda uow: None)
    assert heard == [frozenset({"jobs"}), frozenset({"jobs"})]


def test_a_job_of_an_erased_contact_is_dropped(database: Database, contact: Contact, clock: HandClock) -> None:
    add(database, 1, "a", contact_id=contact.id)
    add(database, 2, "a")
    (running,) = claim(database)
    assert running.payload == {"number": 1}
    database.run(lambda uow: uow.contacts.erase(contact.id))
    clock.advance(minutes=2)  # its worker never came back
    assert claim(database) == []
    assert numbers(claim(database)) == [2]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.sampled_from(["a", "b", "c"])),
            st.tuples(st.just("claim"), st.sampled_from(["x", "y"])),
            st.tuples(st.sampled_from(["done", "retry", "crash"]), st.integers(0, 5)),
        ),
        max_size=40,
    )
)
def test_no_history_breaks_the_order_of_a_lane(
    database: Database, clock: HandClock, steps: list[tuple[str, object]]
) -> None:
    database.run(lambda uow: [uow.jobs.cancel("turn", lane) for lane in "abc"])
    added: dict[str, list[int]] = defaultdict(list)
    finished: dict[str, list[int]] = defaultdict(list)
    held: list[tuple[str, Job]] = []
    number = 0
    for what, which in steps:
        if what == "add":
            number += 1
            add(database, number, str(which))
            added[str(which)].append(number)
        elif what == "claim":
            held += [(str(which), job) for job in claim(database, str(which), limit=2)]
            lanes = [job.lane for _, job in held]
            assert len(lanes) == len(set(lanes))
        elif held:
            assert isinstance(which, int)
            owner, job = held.pop(which % len(held))
            if what == "done":
                done(database, job, owner)
                assert job.lane is not None
                finished[job.lane].append(job.payload["number"])
            elif what == "retry":
                at = clock.moment
                database.run(lambda uow: uow.jobs.retry(job.id, owner, job.attempts, at, "again"))  # noqa: B023
            else:
                held.clear()
                clock.advance(minutes=2)
    clock.advance(minutes=2)
    while jobs := claim(database):
        for job in jobs:
            done(database, job)
            assert job.lane is not None
            finished[job.lane].append(job.payload["number"])
    assert finished == {lane: those for lane, those in added.items() if those}
