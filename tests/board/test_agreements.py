"""What the team lead and the operator see of agreements that end."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import msgspec
import pytest

from tests.board.town import AGREEMENT, Town


def _until(town: Town, organisation: str, day: str) -> None:
    letter = msgspec.structs.replace(AGREEMENT, valid_until=day)
    town.desk.database.run(lambda uow: uow.directory.set_agreement(organisation, letter))


@pytest.mark.rule("domain-11")
@pytest.mark.parametrize(("login", "told"), [("tessa", True), ("beheer", True), ("petra", False), ("vera", False)])
def test_the_team_lead_and_the_operator_see_it_on_the_board(
    town: Town, as_user: Callable[[str], httpx.Client], login: str, told: bool
) -> None:
    _until(town, "maatjes", "2026-03-20")
    _until(town, "klusdienst", "2026-03-01")
    page = as_user(login).get("/board/hand-offs").text
    assert ("Maatjes Noord: de brief loopt over 18 dagen af." in page) == told
    assert ("Klusdienst Zuid: de brief is afgelopen." in page) == told
    _until(town, "maatjes", "2026-12-31")
    _until(town, "klusdienst", "2026-12-31")
    assert "Afsprakenbrieven" not in as_user(login).get("/board/hand-offs").text
