"""What is answered on a link reaches the resident, whoever has the conversation and on every channel."""

from __future__ import annotations

import pytest

from desk import invitation_page, links, take_over
from desk.bootstrap import Desk
from desk.deliver import delivered, next_sends
from desk.due import run_due
from desk.retention import run_retention
from flows.events import Invited
from storage.records import LinkAnswer, Role
from storage.unit_of_work import UnitOfWork
from tests.desk.conftest import Clock
from tests.desk.resident import Resident

SLOTS = {"theme": "company", "who": "self", "place": "noord", "own_network": ["neighbour"], "option": "own_network"}


def invite(desk: Desk, resident: Resident) -> str:
    """Gives the secret of the link."""

    def work(uow: UnitOfWork) -> str:
        links.invite(uow, desk, resident.conversation_id, "nl", Invited("Kom je langs?", "", SLOTS))
        return resident_text(uow, resident).partition(links.INVITATION)[2].split()[0]

    return desk.database.run(work)


def resident_text(uow: UnitOfWork, resident: Resident) -> str:
    return uow.messages.after(resident.conversation_id, 0)[-1].text


def answer(desk: Desk, token: str, said: LinkAnswer, line: str = "") -> invitation_page.Answered | None:
    def work(uow: UnitOfWork) -> invitation_page.Answered | None:
        page = invitation_page.look(uow, token)
        assert page is not None
        return invitation_page.answer(uow, desk, token, page.form, said, line, "nl")

    return desk.database.run(work)


@pytest.mark.rule("domain-1")
def test_a_no_goes_on_with_the_other_options(town_desk: Desk) -> None:
    resident = Resident(town_desk)
    resident.says("dank u wel")
    resident.says("stop")
    answer(town_desk, invite(town_desk, resident), "no")
    assert [one.key for one in resident.heard()][-2:] == ["link.answered_no", "route.options"]
    session = resident.session
    assert session.offer is not None and "own_network" not in [option.id for option in session.offer.options]
    assert session.slots["place"] == "noord"


def test_while_a_person_writes_the_answer_is_told_and_nothing_is_asked(town_desk: Desk, clock: Clock) -> None:
    resident = Resident(town_desk, channel="telegram")
    resident.says("hallo")
    resident.says("mens")
    petra = town_desk.database.run(lambda uow: uow.people.add_user("petra", "Petra", None, [Role("professional")]))
    token = invite(town_desk, resident)
    town_desk.database.run(lambda uow: take_over.take(uow, town_desk, petra, resident.conversation_id))
    clock.move(seconds=11)
    run_due(town_desk, "test")
    answer(town_desk, token, "no", "sorry")
    assert resident.heard()[-1].key == "link.answered_no"
    assert resident.session.stack == []
    sent: list[str] = []
    for _ in range(20):  # one message of a resident at a time; what the desk said before was overtaken and is not sent
        for out in next_sends(town_desk, "sender"):
            sent.append(out.text)
            delivered(town_desk, out, str(len(sent)))
    assert "sorry" in sent[-1]


def test_a_line_that_is_too_long_is_refused(town_desk: Desk) -> None:
    resident = Resident(town_desk)
    resident.says("hallo")
    token = invite(town_desk, resident)
    with pytest.raises(ValueError, match="300"):
        answer(town_desk, token, "yes", "a" * 301)
    assert answer(town_desk, token, "yes", f"  {'a' * 300}\r\n ") == invitation_page.Answered()


def test_who_waits_for_an_answer_is_kept_as_long_as_the_link(town_desk: Desk, clock: Clock) -> None:
    resident = Resident(town_desk)
    resident.says("hallo")
    token = invite(town_desk, resident)
    clock.move(days=13, hours=23)
    assert town_desk.database.run(lambda uow: run_retention(uow, town_desk)).contacts == 0
    assert answer(town_desk, token, "yes") == invitation_page.Answered()
    clock.move(days=8)
    assert town_desk.database.run(lambda uow: run_retention(uow, town_desk)).contacts == 1
    assert town_desk.database.read(lambda uow: invitation_page.look(uow, token)) is None
