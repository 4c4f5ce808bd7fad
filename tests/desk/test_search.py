"""Looking around leaves nothing behind beside the conversation: no request, log row or count, no work for a host."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desk.bootstrap import Desk
from desk.turns import Understood
from flows.model import Intent
from tests.desk.resident import COMPANY, Resident

LANGUAGE = Understood((Intent("language", 0.97),))


def _rows(folder: Path) -> dict[str, int]:
    """How many rows each table has, of all that exist."""
    (file,) = folder.glob("*.db")
    with closing(sqlite3.connect(file)) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}


@pytest.mark.rule("domain-3")
def test_a_search_writes_the_conversation_and_nothing_else(town_desk: Desk, tmp_path: Path) -> None:
    before = _rows(tmp_path)
    anna = Resident(town_desk)
    anna.says("zelf zoeken")
    anna.says("nederlands oefenen", LANGUAGE)
    anna.taps("near")
    anna.taps("zuid")
    anna.taps("taalcafe")
    assert "010-000 00 14" in anna.heard()[-1].text
    anna.taps("other")
    anna.says("repair café")
    anna.taps("done")
    grown = {name for name, rows in _rows(tmp_path).items() if rows != before[name]}
    assert grown == {"contact", "conversation", "message", "inbox", "data_key"}, grown
    assert anna.session.looking is None and anna.session.stack == [] and "place" not in anna.session.slots


@pytest.mark.rule("domain-3")
def test_nobody_has_to_approve_or_do_anything(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.says("ik zit de hele dag alleen", COMPANY)
    anna.says("zoeken")
    anna.taps("company")
    conversation = town_desk.database.read(lambda uow: uow.conversations.get(anna.conversation_id))
    assert conversation.waiting is None and conversation.owner == "desk"
    assert town_desk.database.read(lambda uow: uow.jobs.next_run_at(("follow_up", "duty", "news_held"))) is None
    assert anna.taps("done")[-1].key == "where.ask"


def test_full_and_closed_follow_the_directory_of_this_moment(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.says("zoeken")
    assert "Heeft plek voor nog 12." in anna.says("eettafel")[-1].text
    town_desk.database.run(lambda uow: uow.directory.reserve("eettafel_centrum"))
    assert "Heeft plek voor nog 11." in anna.says("eettafel")[-1].text
