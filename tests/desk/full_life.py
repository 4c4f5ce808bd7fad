"""A resident with something in every table that can hold anything of one person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from desk import correspondence, duty, hand_off_views, hand_offs, links, take_over
from desk.bootstrap import Desk
from desk.due import run_due
from desk.my_data_file import DataFile, Kind, file_of
from desk.tell import tell
from flows.events import Invited
from storage.records import Consent, Referral, Role, User
from storage.unit_of_work import UnitOfWork
from tests.desk.resident import COMPANY, Resident

if TYPE_CHECKING:
    from tests.desk.conftest import Clock

WORDS = "ik zit met mijn zeldzame postzegels alleen thuis"
OTHER_WORDS = "ik ben eenzaam sinds mijn kanarie weg is"


def web_resident(desk: Desk) -> Resident:
    """Someone who opened the web chat."""

    def opened(uow: UnitOfWork) -> str:
        return uow.contacts.address(uow.web.open("test").contact.id)

    return Resident(desk, desk.database.run(opened))


def contact_of(desk: Desk, resident: Resident) -> str:
    return desk.database.read(lambda uow: uow.conversations.contact_id(resident.conversation_id))


def referral_of(desk: Desk, resident: Resident) -> Referral:
    """The newest."""

    def find(uow: UnitOfWork) -> Referral:
        requests = uow.requests.of_contact(uow.conversations.contact_id(resident.conversation_id))
        return uow.referrals.of_request(requests[0].id)[0]

    return desk.database.read(find)


def user(desk: Desk, name: str, role: Role) -> User:
    return desk.database.run(lambda uow: uow.people.by_login(name) or uow.people.add_user(name, name, None, [role]))


def lives(desk: Desk, clock: Clock, resident: Resident, words: str) -> None:
    """Refuses a card, withdraws one request, sends another that is accepted and written about, makes a link, has
    danger seen, asks for a person who then reads along. `words` are the resident's own, told apart from everybody
    else's."""
    for answer in ("refuse", "agree", "agree"):
        resident.says(words, COMPANY)
        resident.reaches("consent")
        resident.taps(answer)
        clock.move(minutes=5)
        if answer == "refuse":
            resident.says("stop")
        elif len(_withdrawn(desk, resident)) == 0:
            resident.says("intrekken")
    resident.says("intrekken 7K3QF")
    invited = Invited(words, first_name="", slots={})
    desk.database.run(lambda uow: links.invite(uow, desk, resident.conversation_id, "nl", invited))
    referral = referral_of(desk, resident)
    cor = user(desk, "Cor", Role("coordinator", referral.organisation_id))
    bas = user(desk, "Bas", Role("coordinator", "elders"))
    hand_off_views.open_one(desk, cor, referral.id)
    clock.move(minutes=1)
    desk.database.run(lambda uow: hand_off_views.note_refusal(uow, bas, referral.id))
    clock.move(hours=1)
    desk.database.run(lambda uow: hand_offs.accept(uow, desk, cor, referral.id))
    clock.move(seconds=11)
    run_due(desk, "tests")
    desk.database.run(
        lambda uow: correspondence.write_to_resident(uow, desk, cor, referral.id, f"Dag, ik las: {words}")
    )
    resident.says("stop")
    resident.says("mijn man slaat mij")
    petra = user(desk, "Petra", Role("professional"))
    code = desk.database.read(lambda uow: uow.alerts.of_conversation(resident.conversation_id))[-1].code
    duty.open_one(desk, petra, code)
    clock.move(minutes=1)
    desk.database.run(lambda uow: duty.acknowledge(uow, petra, code))
    resident.says("mens")
    resident.says("nee")
    desk.database.run(lambda uow: take_over.take(uow, desk, petra, resident.conversation_id))
    clock.move(seconds=11)
    run_due(desk, "tests")
    resident.says("fijn dat er iemand is")
    take_over.open_one(desk, petra, resident.conversation_id)
    news = {"service": words, "code": referral.code}
    desk.database.run(lambda uow: tell(uow, desk, resident.conversation_id, "referral.in_contact", **news))


def _withdrawn(desk: Desk, resident: Resident) -> list[Consent]:
    consents = desk.database.read(lambda uow: uow.consents.of_contact(contact_of(desk, resident)))
    return [one for one in consents if one.withdrawn_at is not None]


def made(desk: Desk, resident: Resident, kind: Kind = "json") -> DataFile:
    found = file_of(desk, contact_of(desk, resident), kind)
    assert found is not None
    return found


def data_of(desk: Desk, resident: Resident) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(made(desk, resident).content)
    return data
