"""One work on the database: the repositories, the time, and what to announce after the commit."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from storage.alerts import Alerts
from storage.code_guesses import CodeGuesses
from storage.consents import Consents
from storage.contacts import Contacts
from storage.conversations import Conversations, Messages
from storage.directory import DirectoryRepository
from storage.inbox import Inbox
from storage.jobs import Jobs
from storage.links import Links
from storage.people import People
from storage.referrals import Referrals
from storage.requests import Requests
from storage.retention import Retention
from storage.routing_log import RoutingLog
from storage.transaction import Transaction
from storage.understanding import Understanding
from storage.web_sessions import WebSessions


class UnitOfWork:
    """Given to the function that `Database.write`, `run` and `read` call; not valid after it returned."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    @property
    def now(self) -> datetime:
        """The same moment during the whole work, aware and in UTC."""
        return self._transaction.now

    def notify(self, topic: str) -> None:
        """Listeners hear of it after the commit; never when this work fails."""
        self._transaction.notify(topic)

    def check_keys(self) -> None:
        """Raises `KeyMissing` when the key file belongs to another database."""
        self._transaction.cipher.ensure_quarantine()

    @cached_property
    def contacts(self) -> Contacts:
        return Contacts(self._transaction)

    @cached_property
    def conversations(self) -> Conversations:
        return Conversations(self._transaction)

    @cached_property
    def messages(self) -> Messages:
        return Messages(self._transaction)

    @cached_property
    def alerts(self) -> Alerts:
        return Alerts(self._transaction)

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self._transaction)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self._transaction)

    @cached_property
    def links(self) -> Links:
        return Links(self._transaction)

    @cached_property
    def requests(self) -> Requests:
        return Requests(self._transaction)

    @cached_property
    def consents(self) -> Consents:
        return Consents(self._transaction)

    @cached_property
    def code_guesses(self) -> CodeGuesses:
        return CodeGuesses(self._transaction)

    @cached_property
    def referrals(self) -> Referrals:
        return Referrals(self._transaction)

    @cached_property
    def directory(self) -> DirectoryRepository:
        return DirectoryRepository(self._transaction)

    @cached_property
    def retention(self) -> Retention:
        return Retention(self._transaction)

    @cached_property
    def routing_log(self) -> RoutingLog:
        return RoutingLog(self._transaction)

    @cached_property
    def people(self) -> People:
        return People(self._transaction)

    @cached_property
    def understanding(self) -> Understanding:
        return Understanding(self._transaction)

    @cached_property
    def web(self) -> WebSessions:
        return WebSessions(self._transaction)
