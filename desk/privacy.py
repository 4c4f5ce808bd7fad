"""Forgetting: on request, and by itself when the time is over."""

from __future__ import annotations

from datetime import timedelta

from storage.records import Job
from storage.unit_of_work import UnitOfWork

ERASE = "erase"
LAST_WORDS = timedelta(minutes=1)  # so that "I am deleting everything" still reaches the resident


def plan_erasure(uow: UnitOfWork, conversation_id: str) -> None:
    """Everything of this contact is erased in a minute; access to the requests has ended by then (withdraw.py)."""
    contact_id = uow.conversations.contact_id(conversation_id)
    uow.jobs.add(ERASE, {"contact_id": contact_id}, run_at=uow.now + LAST_WORDS)


def erase(uow: UnitOfWork, job: Job) -> None:
    """The job `erase`: the keys go, a tombstone stays."""
    erase_contact(uow, str(job.payload["contact_id"]))


def erase_contact(uow: UnitOfWork, contact_id: str) -> None:
    for withdrawn in uow.contacts.erase(contact_id):
        uow.directory.release(withdrawn.service_id)
    uow.notify("board")
