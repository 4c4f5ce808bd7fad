"""Forgetting: on request, and by itself when the time is over."""

from __future__ import annotations

from datetime import timedelta

from desk.sessions import session_of
from storage.records import Job
from storage.unit_of_work import UnitOfWork

ERASE = "erase"
FORGET_OTHER = "forget_other"
STILL_NEEDED = timedelta(hours=1)  # the crisis guard looks back for the first half of a sentence in two messages
LAST_WORDS = timedelta(minutes=1)  # so that "I am deleting everything" still reaches the resident


def plan_erasure(uow: UnitOfWork, conversation_id: str) -> None:
    """Everything of this contact is erased in a minute; access to the requests has ended by then (withdraw.py)."""
    contact_id = uow.conversations.contact_id(conversation_id)
    uow.jobs.add(ERASE, {"contact_id": contact_id}, run_at=uow.now + LAST_WORDS, key=contact_id)


def plan_forgetting(uow: UnitOfWork, conversation_id: str, after: int, until: int) -> None:
    """What a resident wrote about somebody else, in messages `after` + 1 to `until`, goes in an hour."""
    payload = {"conversation_id": conversation_id, "after": after, "until": until}
    uow.jobs.add(FORGET_OTHER, payload, run_at=uow.now + STILL_NEEDED, key=conversation_id)


def forget_other(uow: UnitOfWork, job: Job) -> None:
    """The job `forget_other`. While a person was asked for or has the conversation, or while danger is being asked
    about, the words are still needed; then it waits once more.

    What stays until the conversation itself goes: the desk's own sentences, in which the advice and its telephone
    numbers are; a request of the resident's own; and in the routing log a row of codes.
    """
    conversation_id, until = str(job.payload["conversation_id"]), int(job.payload["until"])
    conversation = uow.conversations.lock(conversation_id)
    alert = session_of(conversation).alert
    if conversation.waiting is not None or conversation.owner != "desk" or (alert is not None and alert.waiting):
        plan_forgetting(uow, conversation_id, int(job.payload["after"]), until)
        return
    uow.messages.forget_told(conversation_id, int(job.payload["after"]), until)


def erase(uow: UnitOfWork, job: Job) -> None:
    """The job `erase`: the keys go, a tombstone stays."""
    erase_contact(uow, str(job.payload["contact_id"]))


def erase_contact(uow: UnitOfWork, contact_id: str) -> None:
    for withdrawn in uow.contacts.erase(contact_id):
        uow.directory.release(withdrawn.service_id)
    uow.notify("board")
