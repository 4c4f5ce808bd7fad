"""The register of agreements: what is missing, ended or about to end comes first, and is brought up in time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from desk.agreements import register, to_renew
from desk.bootstrap import Desk
from desk.due import run_due
from desk.retention import plan_retention
from routing.model import Agreement
from storage.records import Directory, Organisation
from tests.desk.conftest import Clock
from tests.desk.resident import Resident
from tests.routing.conftest import make_service, make_team
from tests.servers.desk_server import desk_in

TODAY = date(2026, 3, 2)


def letter(until: str, since: str = "2026-01-01") -> Agreement:
    return Agreement("1", "somebody", since, until, ("request",), ("company",))


def directory(**letters: Agreement | None) -> Directory:
    """An organisation with one service for each; the team, and one that only gets pointed to."""
    services = [make_service(f"{name}_service", "volunteers", organisation_id=name) for name in letters]
    services += [make_team(organisation_id="team"), make_service("desk", "elsewhere", organisation_id="town_hall")]
    organisations = [Organisation(name, name.title(), True, agreement) for name, agreement in letters.items()]
    organisations += [Organisation("team", "Team", True), Organisation("town_hall", "Town hall")]
    return Directory(tuple(organisations), tuple(services))


@pytest.mark.rule("domain-11")
def test_what_needs_doing_comes_first() -> None:
    found = register(
        directory(
            fine=letter("2026-04-02"),
            ends=letter("2026-04-01"),
            last_day=letter("2026-03-02"),
            later=letter("2026-12-31", "2026-03-03"),
            over=letter("2026-03-01"),
            none=None,
        ),
        TODAY,
    )
    assert [(entry.organisation, entry.state, entry.days_left) for entry in found] == [
        ("none", "missing", None),
        ("over", "ended", -1),
        ("last_day", "ending", 0),
        ("ends", "ending", 30),
        ("later", "not_begun", 304),
        ("fine", "valid", 31),
        ("team", "not_needed", None),
        ("town_hall", "not_needed", None),
    ]
    entry = found[3]
    assert (entry.name, entry.version, entry.signatory) == ("Ends", "1", "somebody")
    assert (entry.valid_from, entry.valid_until, entry.categories, entry.themes) == (
        "2026-01-01",
        "2026-04-01",
        ("request",),
        ("company",),
    )


def test_to_renew_is_what_ended_or_ends_soon() -> None:
    found = to_renew(directory(fine=letter("2026-04-02"), ends=letter("2026-04-01"), none=None), TODAY)
    assert [entry.organisation for entry in found] == ["ends"]


def _until(desk: Desk, organisation: str, until: str) -> None:
    desk.database.run(lambda uow: uow.directory.set_agreement(organisation, letter(until)))


@pytest.mark.rule("domain-11")
def test_the_log_is_warned_once_thirty_days_ahead_and_again_for_the_next_letter(tmp_path: Path) -> None:
    clock = Clock()
    with desk_in(tmp_path, clock) as desk:
        desk.database.run(lambda uow: uow.directory.replace(directory(group=letter("2026-04-05"))))
        plan_retention(desk)

        def warned(days: int) -> list[dict[str, Any]]:
            """What was logged in so many days, with the desk started anew each day."""
            with capture_logs() as logs:
                for _ in range(days):
                    run_due(desk, "test")
                    plan_retention(desk)
                    clock.move(days=1)
            return [dict(one) for one in logs if one["event"] == "agreement.ending"]

        assert warned(4) == [], "31 days and more"
        (once,) = warned(10)
        assert (once["organisation"], once["days_left"], once["log_level"]) == ("group", 30, "warning")
        assert set(once) == {"event", "log_level", "organisation", "days_left"}
        _until(desk, "group", "2026-04-20")
        assert warned(3) == [], "renewed: 35 days and more"
        assert len(warned(60)) == 1, "once, the day it ends included"


@pytest.mark.rule("domain-11", "domain-12")
def test_an_agreement_that_is_ended_while_the_card_is_shown_sends_nothing(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.reaches("consent", "koffie_noord")
    _until(town_desk, "koffiegroep_noord", "2026-03-01")
    said = anna.taps("agree")
    assert [one.key for one in said] == ["consent.no_longer", "route.options"]
    assert "Koffieochtend Noord" in said[0].text and "niets gestuurd" in said[0].text
    assert not anna.session.referrals
    offer = anna.session.offer
    assert offer is not None
    coffee = next((one for one in offer.options if one.id == "koffie_noord"), None)
    assert coffee is None or not coffee.sendable
    assert town_desk.database.read(lambda uow: uow.routing_log.rows()) == []


@pytest.mark.rule("domain-11")
def test_a_new_letter_that_allows_less_shows_a_new_card(town_desk: Desk) -> None:
    anna = Resident(town_desk)
    anna.reaches("consent", "maatjes")
    assert {line.category for line in anna.session.card.lines if line.on} == {"request", "neighbourhood"}  # type: ignore[union-attr]
    _until(town_desk, "samenloop", "2026-12-31")  # this one allows the request only
    assert [one.key for one in anna.taps("agree")] == ["consent.no_longer", "route.options"]
    anna.taps("maatjes")
    assert [line.category for line in anna.session.card.lines] == ["request"]  # type: ignore[union-attr]
    anna.taps("agree")
    assert len(anna.session.referrals) == 1


@pytest.mark.rule("domain-11")
def test_the_day_after_its_last_an_agreement_is_over_by_itself(tmp_path: Path) -> None:
    """Nobody changes anything: only the day does, while the resident sleeps on it."""
    clock = Clock()
    clock.now = datetime(2026, 3, 2, 23, 50, tzinfo=UTC)
    with desk_in(tmp_path, clock) as desk:
        town = directory(group=msgspec.structs.replace(letter("2026-03-02"), themes=()))
        desk.database.run(lambda uow: uow.directory.replace(town))
        anna = Resident(desk)
        anna.reaches("consent", "group_service")
        clock.move(hours=1)
        assert [one.key for one in anna.taps("agree")] == ["consent.no_longer", "route.options"]
        assert not anna.session.referrals
