"""How often a guess at the theme held or was put right: a count per month. No day, no words, no person, no request."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from storage.prepared import Prepared
from storage.records import GuessCount, Settled
from storage.tables import understanding_count as counted
from storage.transaction import Transaction

_ADD = Prepared(insert(counted))
_RAISE = Prepared(
    update(counted)
    .where(
        counted.c.month == bindparam("in_month"),
        counted.c.guessed == bindparam("guess"),
        counted.c.chosen == bindparam("choice"),
        counted.c.how == bindparam("settled"),
    )
    .values(count=counted.c.count + 1)
)
_SINCE = Prepared(
    select(counted.c.month, counted.c.guessed, counted.c.chosen, counted.c.how, counted.c.count)
    .where(counted.c.month >= bindparam("first"))
    .order_by(counted.c.month, counted.c.guessed, counted.c.chosen, counted.c.how)
)


class Understanding:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def count(self, guessed: str, chosen: str, how: Settled) -> None:
        """One more in this month."""
        tx, month = self._tx, self._tx.now.strftime("%Y-%m")
        if not tx.do(_RAISE, in_month=month, guess=guessed, choice=chosen, settled=how):
            tx.do(_ADD, month=month, guessed=guessed, chosen=chosen, how=how, count=1)

    def since(self, month: str = "") -> list[GuessCount]:
        """The counts of `month` ("2026-03") and later; of all months when it is empty. Oldest first."""
        return [GuessCount(*row) for row in self._tx.all(_SINCE, first=month)]
