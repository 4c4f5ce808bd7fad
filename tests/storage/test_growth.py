"""No statement of a turn reads a whole table: what is fast with a thousand messages stays fast with a million."""

from __future__ import annotations

import sqlite3

import pytest

from storage import (
    contacts,
    conversations,
    inbox,
    jobs,
    referrals,
    requests,
    routing_log,
    transaction,
    understanding,
    web_sessions,
)
from storage.database import Database
from storage.prepared import Prepared

MODULES = (
    contacts,
    conversations,
    inbox,
    jobs,
    referrals,
    requests,
    routing_log,
    transaction,
    understanding,
    web_sessions,
)
RARE = {  # at a start, at a restore, for the board's page: read in the order of an index or few rows by nature
    "storage.jobs._RELEASE_ALL",
    "storage.jobs._RELEASE_EXPIRED",
    "storage.contacts._TOMBSTONES",
    "storage.conversations._LIST_WAITING",
    "storage.routing_log._ROWS",
}
STATEMENTS = {
    f"{module.__name__}.{name}": statement
    for module in MODULES
    for name, statement in vars(module).items()
    if isinstance(statement, Prepared)
} | {f"jobs.{make.__name__}": make(2) for make in (jobs._heads, jobs._next_free, jobs._next_given_back)}


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - RARE))
def test_it_goes_by_an_index(database: Database, name: str) -> None:
    statement = STATEMENTS[name]
    statement._compile()
    connection = sqlite3.connect(database.path)
    marks = [1] * statement.sql.count("?")
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", marks)]
    connection.close()
    # "SCAN CONSTANT ROW" belongs to a sub-question without a table.
    assert [step for step in plan if step.startswith("SCAN") and "CONSTANT" not in step] == []
