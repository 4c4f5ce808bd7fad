"""Accepting, declining and closing a hand-off: who sees what, what happens after ten seconds, and what never may."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from ruamel.yaml import YAML

from desk import hand_offs, taps
from desk.hand_off_views import HandOff, NotFound, Show, list_for, look, open_one
from desk.hand_offs import OUTCOMES, REASONS, NotAllowed, attempt
from desk.sessions import session_of
from desk.tell import tell_held
from flows.texts import LANGUAGES
from storage.records import Referral, Role
from storage.unit_of_work import UnitOfWork
from tests.board.town import LINES, Town, town_in


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with town_in(tmp_path) as found:
        yield found


def seen(town: Town, login: str, referral: Referral) -> HandOff:
    return town.desk.database.read(lambda uow: look(uow, town.desk, town.users[login], referral.id))


def listed(town: Town, login: str, show: Show = "open") -> tuple[HandOff, ...]:
    return town.desk.database.read(lambda uow: list_for(uow, town.desk, town.users[login], show)).hand_offs


def accept(town: Town, login: str, referral: Referral) -> None:
    town.desk.database.run(lambda uow: hand_offs.accept(uow, town.desk, town.users[login], referral.id))


def accepted(town: Town, login: str = "cor", **more: str) -> Referral:
    referral = town.referral(**more)  # type: ignore[arg-type]
    accept(town, login, referral)
    town.due(seconds=10)
    assert town.status(referral) == "accepted"
    return referral


def categories(view: HandOff) -> list[str]:
    return [line.category for line in view.lines]


# Who sees what -------------------------------------------------------------------------------------------------------


def test_organisation_sees_the_request_line_before_and_the_card_after_accepting(town: Town) -> None:
    referral = town.referral()
    for login in ("vera", "cor"):
        before = seen(town, login, referral)
        assert (before.relation, categories(before), before.hidden_lines) == ("own", ["request"], True)
        assert (before.theme, before.neighbourhood_name, before.destination) == ("company", "Noord", "Wandelmaatje")
    accept(town, "cor", referral)
    town.due(seconds=10)
    for login in ("vera", "cor"):
        after = seen(town, login, referral)
        assert categories(after) == [line["category"] for line in LINES]
        assert not after.hidden_lines


@pytest.mark.parametrize("login", ["hanna", "petra", "tessa"])
def test_others_see_the_route_and_no_personal_line(town: Town, login: str) -> None:
    referral = accepted(town)
    view = seen(town, login, referral)
    assert view.relation == {"hanna": "neighbourhood", "petra": "follows", "tessa": "team"}[login]
    assert (view.lines, view.talk, view.actions) == ((), None, ())
    assert (view.theme, view.destination, view.status) == ("company", "Wandelmaatje", "accepted")
    assert bool(view.events) == (login != "hanna")


@pytest.mark.parametrize("login", ["bas", "hugo", "raad", "beheer"])
def test_for_everyone_else_it_does_not_exist(town: Town, login: str) -> None:
    referral = town.referral()
    assert listed(town, login) == ()
    with pytest.raises(NotFound):
        seen(town, login, referral)


@pytest.mark.parametrize("theme", ["addiction", "mental_health", "money_debt", "alert_violence"])
def test_a_host_sees_sensitive_themes_as_for_the_team(town: Town, theme: str) -> None:
    referral = town.referral(theme=theme)
    view = seen(town, "hanna", referral)
    # The name of the destination would tell what the theme does not.
    assert (view.theme, view.destination, view.organisation, view.kind) == (None, None, None, None)
    assert seen(town, "cor", referral).theme == theme


def test_the_list_is_sorted_by_waiting_time_and_shows_what_the_role_may_see(town: Town) -> None:
    first = town.referral()
    town.clock.move(minutes=5)
    second = town.referral("klussen", theme="household")
    town.clock.move(minutes=5)
    third = town.referral()
    assert [one.id for one in listed(town, "cor")] == [first.id, third.id]
    accept(town, "cor", first)
    town.due(seconds=10)
    assert [one.id for one in listed(town, "cor")] == [third.id, first.id], "what nobody took up comes first"
    assert [one.id for one in listed(town, "cor", "new")] == [third.id]
    assert [one.id for one in listed(town, "cor", "running")] == [first.id]
    assert [one.id for one in listed(town, "hanna")] == [second.id, third.id, first.id]
    assert [one.id for one in listed(town, "tessa")] == [second.id, third.id, first.id]
    assert [one.id for one in listed(town, "petra")] == [second.id, third.id, first.id]
    assert [one.id for one in listed(town, "bas")] == [second.id]
    assert all(one.lines == () for one in listed(town, "hanna"))
    assert [categories(one) for one in listed(town, "cor")] == [["request"], [line["category"] for line in LINES]]


def test_more_than_a_page(town: Town) -> None:
    made = [town.referral().id for _ in range(5)]
    user = town.users["cor"]

    def page(offset: int) -> tuple[list[str], bool]:
        found = town.desk.database.read(lambda uow: list_for(uow, town.desk, user, offset=offset, limit=2))
        return [one.id for one in found.hand_offs], found.more

    pages = [page(offset) for offset in (0, 2, 4)]
    assert sorted(one for ids, _ in pages for one in ids) == sorted(made)
    assert [more for _, more in pages] == [True, True, False]


def test_a_professional_who_no_longer_follows_sees_it_no_more(town: Town) -> None:
    referral = town.referral()
    town.desk.database.run(lambda uow: uow.requests.set_responsible(referral.request_id, None))
    assert listed(town, "petra") == ()


def test_opening_is_logged_and_so_is_a_try_at_what_is_not_yours(town: Town) -> None:
    referral = town.referral()
    open_one(town.desk, town.users["cor"], referral.id)
    town.clock.move(seconds=1)
    open_one(town.desk, town.users["hanna"], referral.id)
    town.clock.move(seconds=1)
    with pytest.raises(NotFound):
        open_one(town.desk, town.users["bas"], referral.id)
    with pytest.raises(NotFound):
        attempt(
            town.desk,
            town.users["bas"],
            referral.id,
            lambda uow: hand_offs.accept(uow, town.desk, town.users["bas"], referral.id),
        )
    assert town.accesses(referral) == [
        (town.users["cor"].id, "opened"),
        (town.users["hanna"].id, "opened_route"),
        (town.users["bas"].id, "refused"),
        (town.users["bas"].id, "refused"),
    ]


# Ten seconds ---------------------------------------------------------------------------------------------------------


def test_accepting_takes_effect_after_ten_seconds(town: Town) -> None:
    referral = town.referral()
    accept(town, "cor", referral)
    town.due(seconds=9.9)
    view = seen(town, "cor", referral)
    assert (town.status(referral), town.said(referral), categories(view)) == ("referred", [], ["request"])
    assert view.tap is not None and view.tap.step == "accept" and view.actions == ()
    assert seen(town, "hanna", referral).tap is None
    town.due(seconds=0.1)
    view = seen(town, "cor", referral)
    assert (town.status(referral), town.said(referral)) == ("accepted", ["referral.accepted"])
    assert view.tap is None and view.actions == ("write", "in_contact", "done")
    session = town.desk.database.read(lambda uow: session_of(uow.conversations.get(town.conversation_of(referral))))
    assert [one.status for one in session.referrals] == ["accepted"]


def test_undone_in_time_nothing_happened(town: Town) -> None:
    referral = town.referral()
    accept(town, "cor", referral)
    town.clock.move(seconds=9)
    user = town.users["cor"]
    assert town.desk.database.run(lambda uow: hand_offs.undo(uow, town.desk, user, referral.id))
    town.due(minutes=5)
    assert (town.status(referral), town.said(referral)) == ("referred", [])
    assert seen(town, "cor", referral).actions == ("accept", "decline")


def test_too_late_to_undo(town: Town) -> None:
    referral = accepted(town)
    user = town.users["cor"]
    assert not town.desk.database.run(lambda uow: hand_offs.undo(uow, town.desk, user, referral.id))
    assert town.status(referral) == "accepted"


def test_the_first_of_two_colleagues_has_it(town: Town) -> None:
    referral = town.referral()
    accept(town, "cor", referral)
    with pytest.raises(taps.TakenByAnother):
        accept(town, "vera", referral)
    vera = town.users["vera"]
    assert not town.desk.database.run(lambda uow: hand_offs.undo(uow, town.desk, vera, referral.id))
    town.due(seconds=10)
    events = town.desk.database.read(lambda uow: uow.referrals.events(referral.id))
    assert [(one.status, one.actor) for one in events] == [
        ("referred", "desk"),
        ("accepted", town.users["cor"].id),
    ]


def test_a_second_tap_of_oneself_replaces_the_first_and_twice_is_once(town: Town) -> None:
    referral = town.referral()
    accept(town, "cor", referral)
    accept(town, "cor", referral)
    user = town.users["cor"]
    town.desk.database.run(lambda uow: hand_offs.decline(uow, town.desk, user, referral.id, "full"))
    assert town.due(seconds=10) == 1
    assert town.status(referral) == "declined"
    assert town.said(referral) == ["referral.declined"]


def test_withdrawn_before_the_ten_seconds_were_over(town: Town) -> None:
    referral = town.referral()
    accept(town, "cor", referral)
    town.desk.database.run(lambda uow: uow.referrals.set_status(referral.id, "withdrawn", actor="resident"))
    town.due(seconds=10)
    assert (town.status(referral), town.said(referral)) == ("withdrawn", [])
    assert seen(town, "cor", referral).lines == ()


def test_a_role_taken_away_before_the_ten_seconds_were_over(town: Town) -> None:
    referral = town.referral()
    accept(town, "cor", referral)
    cor = town.users["cor"]
    town.desk.database.run(lambda uow: uow.people.revoke(cor.id, cor.roles[0]))
    town.due(seconds=10)
    assert (town.status(referral), town.said(referral)) == ("referred", [])


def test_a_disabled_user_has_no_effect(town: Town) -> None:
    referral = town.referral()
    accept(town, "cor", referral)
    town.desk.database.run(lambda uow: uow.people.disable(town.users["cor"].id))
    town.due(seconds=10)
    assert town.status(referral) == "referred"


# Medical -------------------------------------------------------------------------------------------------------------

MEDICAL = {
    "by theme": {"service_id": "wandelmaatje", "theme": "personal_care"},
    "by what routing found": {"service_id": "wandelmaatje", "theme": "household", "reasons": ("medical",)},
    "by who does it": {"service_id": "wijkzorg", "theme": "household"},
}


@pytest.mark.parametrize("how", MEDICAL)
@pytest.mark.parametrize("login", ["vera", "cor", "vrijwilliger-in-team"])
def test_a_volunteers_account_cannot_accept_a_medical_need(town: Town, how: str, login: str) -> None:
    referral = town.referral(**MEDICAL[how])  # type: ignore[arg-type]
    user = town.users[login]
    with pytest.raises((NotAllowed, NotFound)):
        accept(town, login, referral)

    def forge(uow: UnitOfWork) -> None:
        taps.make(uow, hand_offs.STEP, referral.id, "accept", user.id)

    town.desk.database.run(forge)  # as if it had been tapped all the same
    town.due(seconds=10)
    assert (town.status(referral), town.said(referral)) == ("referred", [])


def test_volunteers_in_the_organisation_do_not_even_read_a_medical_request(town: Town) -> None:
    referral = town.referral("wijkzorg", theme="personal_care", volunteers="inside")
    view = seen(town, "vrijwilliger-in-team", referral)
    assert (view.lines, view.actions, view.professionals_only) == ((), (), True)


@pytest.mark.rule("domain-13")
def test_what_is_sent_to_the_team_is_for_volunteers_only_where_the_card_said_so(town: Town) -> None:
    outside, inside = (town.referral("wijkteam", volunteers=ring) for ring in ("outside", "inside"))
    listed = town.desk.database.read(lambda uow: list_for(uow, town.desk, town.users["vrijwilliger-in-team"]))
    assert [(one.id, categories(one)) for one in listed.hand_offs] == [(inside.id, ["request"])]
    with pytest.raises(NotFound):
        accept(town, "vrijwilliger-in-team", outside)
    accept(town, "vrijwilliger-in-team", inside)
    town.due(seconds=10)
    assert (town.status(outside), town.status(inside)) == ("referred", "accepted")
    assert categories(seen(town, "vrijwilliger-in-team", inside)) == [line["category"] for line in LINES]
    listed = town.desk.database.read(lambda uow: list_for(uow, town.desk, town.users["petra"]))
    assert {one.id for one in listed.hand_offs} == {outside.id, inside.id}, "professionals see both"


@pytest.mark.parametrize("theme", ["personal_care", "company"])
def test_a_professional_accepts_a_medical_need(town: Town, theme: str) -> None:
    referral = accepted(town, "petra", service_id="wijkzorg", theme=theme)
    assert categories(seen(town, "petra", referral)) == [line["category"] for line in LINES]


def test_a_volunteer_role_beside_a_professional_one_elsewhere_does_not_help(town: Town) -> None:
    referral = town.referral(theme="personal_care")
    both = town.desk.database.run(
        lambda uow: uow.people.add_user(
            "beide", "Bo", None, [Role("volunteer", "maatjes"), Role("professional", "team")]
        )
    )
    with pytest.raises(NotAllowed, match="medical"):
        town.desk.database.run(lambda uow: hand_offs.accept(uow, town.desk, both, referral.id))


# Declining and closing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", REASONS)
def test_declined_the_resident_is_told_and_nothing_goes_elsewhere(town: Town, reason: hand_offs.Reason) -> None:
    referral = town.referral()
    user = town.users["cor"]
    town.desk.database.run(lambda uow: hand_offs.decline(uow, town.desk, user, referral.id, reason))
    assert reserved(town, "wandelmaatje") == 1
    town.due(seconds=10)
    assert (town.status(referral), town.said(referral)) == ("declined", ["referral.declined"])
    text = town.messages(town.conversation_of(referral))[-1].text
    assert town.desk.texts.render(f"referral.why.{reason}", "nl") in text
    assert reserved(town, "wandelmaatje") == 0
    of_request = town.desk.database.read(lambda uow: uow.referrals.of_request(referral.request_id))
    assert len(of_request) == 1
    assert seen(town, "cor", referral).lines == ()
    for login in ("cor", "hanna", "petra", "tessa"):
        waiting = listed(town, login, "resident")
        assert [(one.id, one.waits_for_resident) for one in waiting] == [(referral.id, True)]
        assert listed(town, login) == ()


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_closed_with_one_of_three_outcomes(town: Town, outcome: hand_offs.Outcome) -> None:
    referral = accepted(town)
    user = town.users["cor"]
    town.desk.database.run(lambda uow: hand_offs.done(uow, town.desk, user, referral.id, outcome))
    town.due(seconds=10)
    assert town.status(referral) == "done"
    assert town.said(referral) == ["referral.accepted", f"referral.done.{outcome}"]
    assert reserved(town, "wandelmaatje") == 0
    view = seen(town, "cor", referral)
    assert (view.lines, view.actions, view.talk) == ((), (), None)
    assert view.events[-1].reason == outcome
    where: Show = "resident"
    assert [one.id for one in listed(town, "cor", where)] == ([referral.id] if outcome == "back_to_team" else [])


def test_in_contact(town: Town) -> None:
    referral = accepted(town)
    user = town.users["cor"]
    town.desk.database.run(lambda uow: hand_offs.in_contact(uow, town.desk, user, referral.id))
    town.due(seconds=10)
    assert town.said(referral) == ["referral.accepted", "referral.in_contact"]
    assert seen(town, "cor", referral).actions == ("write", "done")


def test_steps_that_do_not_follow(town: Town) -> None:
    referral = town.referral()
    desk, user = town.desk, town.users["cor"]
    with pytest.raises(NotAllowed, match="status"):
        desk.database.run(lambda uow: hand_offs.done(uow, desk, user, referral.id, "helped"))
    with pytest.raises(NotAllowed, match="status"):
        desk.database.run(lambda uow: hand_offs.in_contact(uow, desk, user, referral.id))
    accept(town, "cor", referral)
    town.due(seconds=10)
    with pytest.raises(NotAllowed, match="status"):
        accept(town, "cor", referral)
    with pytest.raises(NotAllowed, match="role"):
        accept(town, "hanna", referral)
    with pytest.raises(ValueError, match="helped"):
        desk.database.run(lambda uow: hand_offs.done(uow, desk, user, referral.id, "weg"))  # type: ignore[arg-type]


# Telling the resident ------------------------------------------------------------------------------------------------


def test_the_resident_is_told_in_their_own_language(town: Town) -> None:
    referral = accepted(town, language="en")
    text = town.messages(town.conversation_of(referral))[-1].text
    assert "has accepted your request" in text and referral.code in text


def test_after_an_alert_about_violence_nothing_is_sent_until_the_resident_writes(town: Town) -> None:
    referral = accepted(town, alert="violence")
    conversation_id = town.conversation_of(referral)
    assert town.said(referral) == []
    assert town.due(days=30) == 0
    assert town.desk.database.run(lambda uow: tell_held(uow, town.desk, conversation_id)) == 1
    assert town.said(referral) == ["referral.accepted"]
    assert town.desk.database.run(lambda uow: tell_held(uow, town.desk, conversation_id)) == 0


@pytest.mark.parametrize("alert", ["suicide", "child", "emergency"])
def test_after_another_alert_the_resident_is_told(town: Town, alert: str) -> None:
    assert town.said(accepted(town, alert=alert)) == ["referral.accepted"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_renders_in_both_languages(town: Town, language: str) -> None:
    texts = town.desk.texts
    words = YAML(typ="safe").load((files("flows") / "locales" / language / "referral.yml").read_text("utf-8"))
    values = {"service": "S", "code": "C", "why": "W", "name": "N", "organisation": "O", "role": "R"}
    assert len(words) > 20
    for key in (key for key, text in words.items() if isinstance(text, str)):
        assert texts.render(key, language, **values, reads_before=True).strip()


def test_a_push_channel_gets_a_job_to_send(town: Town) -> None:
    conversation_id = town.resident("telegram")
    referral = town.referral(conversation_id=conversation_id)
    accept(town, "cor", referral)
    town.due(seconds=10)
    jobs = town.desk.database.run(lambda uow: uow.jobs.claim(("send",), "tests"))
    assert [job.payload for job in jobs] == [{"conversation_id": conversation_id, "n": 1}]


def reserved(town: Town, service_id: str) -> int:
    directory = town.desk.database.read(lambda uow: uow.directory.load())
    return next(one.reserved for one in directory.services if one.id == service_id)


def test_the_view_keeps_words_out_of_logs(town: Town) -> None:
    view = seen(town, "cor", town.referral())
    assert LINES[0]["text"] not in repr(view)
    assert LINES[0]["text"] in str(msgspec.to_builtins(view))
