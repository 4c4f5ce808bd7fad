"""A person takes a conversation; volunteer and resident write to each other; each gives it back; nobody reads more
than was agreed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk import correspondence, hand_offs, take_over, taps
from desk.correspondence import CannotWrite
from desk.hand_off_views import NotFound, list_for, look
from desk.receive import Incoming, store
from desk.take_over import AsksForPerson, NoConversation
from desk.talk import Talk
from desk.turns import Understood, next_turns, take_turn
from flows.model import Message
from storage.records import Referral, StoredMessage
from storage.unit_of_work import UnitOfWork
from tests.board.town import Town, town_in


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with town_in(tmp_path) as found:
        yield found


def waiting(town: Town, login: str) -> list[AsksForPerson]:
    return town.desk.database.read(lambda uow: take_over.waiting(uow, town.desk, town.users[login]))


def take(town: Town, login: str, conversation_id: str) -> None:
    user = town.users[login]
    town.desk.database.run(lambda uow: take_over.take(uow, town.desk, user, conversation_id))


def taken(town: Town, login: str = "hanna", *, share_before: bool = False) -> str:
    conversation_id = town.asks_for_person(share_before=share_before)
    take(town, login, conversation_id)
    town.due(seconds=10)
    assert town.owner(conversation_id) == town.users[login].id
    return conversation_id


def joined(town: Town, login: str, conversation_id: str) -> take_over.Joined:
    return take_over.open_one(town.desk, town.users[login], conversation_id)


def write(town: Town, login: str, referral: Referral, text: str) -> correspondence.Written:
    user = town.users[login]
    return town.desk.database.run(lambda uow: correspondence.write_to_resident(uow, town.desk, user, referral.id, text))


def accepted(town: Town, login: str = "vera", **more: str) -> Referral:
    referral = town.referral(**more)  # type: ignore[arg-type]
    user = town.users[login]
    town.desk.database.run(lambda uow: hand_offs.accept(uow, town.desk, user, referral.id))
    town.due(seconds=10)
    return referral


def talk(town: Town, login: str, referral: Referral) -> Talk:
    found = town.desk.database.read(lambda uow: look(uow, town.desk, town.users[login], referral.id)).talk
    assert found is not None
    return found


def resident_says(town: Town, conversation_id: str, text: str = "", choice: str | None = None) -> bool:
    """What the resident sends, as the turn hands it on: True when it was for a person or one of their buttons."""
    n = town.resident_writes(conversation_id, text)
    message = Message(n, text, choice)

    def turn(uow: UnitOfWork) -> bool:
        conversation = uow.conversations.lock(conversation_id)
        read = take_over.resident_chooses if conversation.owner == "desk" else take_over.resident_says
        return read(uow, town.desk, conversation, message)

    return town.desk.database.run(turn)


def last(town: Town, conversation_id: str) -> StoredMessage:
    return town.messages(conversation_id)[-1]


# Taking a conversation -----------------------------------------------------------------------------------------------


def test_who_asked_for_a_person_waits_for_the_hosts_there_and_the_team(town: Town) -> None:
    conversation_id = town.asks_for_person(share_before=True)
    for login in ("hanna", "petra", "tessa"):
        (asks,) = waiting(town, login)
        assert (asks.conversation_id, asks.neighbourhood_name, asks.mine) == (conversation_id, "Noord", False)
        # Until someone has it there is nothing to read, also when it may be read later.
        assert joined(town, login, conversation_id).talk.messages == ()
    for login in ("hugo", "vera", "cor", "raad", "beheer"):
        assert waiting(town, login) == []
        with pytest.raises(NoConversation):
            joined(town, login, conversation_id)
        with pytest.raises(NoConversation):
            take(town, login, conversation_id)


def test_when_the_neighbourhood_is_unknown_every_host_sees_it(town: Town) -> None:
    town.asks_for_person(share_before=False, place=None)
    assert len(waiting(town, "hanna")) == len(waiting(town, "hugo")) == 1


@pytest.mark.parametrize(
    ("login", "language", "words"),
    [
        ("hanna", "nl", "U praat nu met een mens. Hanna is vrijwillige gastheer of gastvrouw."),
        ("petra", "nl", "U praat nu met een mens. Petra is medewerker bij Wijkteam."),
        ("petra", "en", "You are now talking to a person. Petra is a member of staff at Wijkteam."),
    ],
)
def test_after_ten_seconds_the_resident_is_told_who_it_is(town: Town, login: str, language: str, words: str) -> None:
    conversation_id = town.asks_for_person(share_before=False, language=language)
    take(town, login, conversation_id)
    town.due(seconds=9.9)
    assert town.owner(conversation_id) == "desk"
    town.due(seconds=0.1)
    assert town.owner(conversation_id) == town.users[login].id
    told = last(town, conversation_id)
    assert told.key == "host.joined" and words in told.text
    assert [choice["id"] for choice in told.choices] == ["0.back.host"]
    assert waiting(town, "tessa") == []


@pytest.mark.rule("towards-residents-4")
@pytest.mark.parametrize("share_before", [True, False])
def test_what_was_said_before_is_read_only_when_the_resident_agreed(town: Town, share_before: bool) -> None:
    conversation_id = taken(town, share_before=share_before)
    town.resident_writes(conversation_id, "Fijn dat u er bent.")
    found = joined(town, "hanna", conversation_id)
    texts = [one.text for one in found.talk.messages]
    assert texts == ([*["Dit is tussen mij en de balie."] * share_before, "Fijn dat u er bent."])
    told = next(one.text for one in town.messages(conversation_id) if one.key == "host.joined")
    assert ("kan lezen wat u eerder schreef" in told) == share_before
    accesses = town.desk.database.read(lambda uow: uow.people.accesses(conversation_id))
    assert [(one.user_id, one.what) for one in accesses] == [(town.users["hanna"].id, "conversation")]


def test_two_hosts_tap_and_the_first_has_it(town: Town) -> None:
    conversation_id = town.asks_for_person(share_before=False)
    take(town, "hanna", conversation_id)
    with pytest.raises(taps.TakenByAnother):
        take(town, "petra", conversation_id)
    (asks,) = waiting(town, "petra")
    assert asks.taken_by == "Hanna"
    town.due(seconds=10)
    assert town.owner(conversation_id) == town.users["hanna"].id
    with pytest.raises(NoConversation):
        take(town, "petra", conversation_id)


def test_undone_in_time_the_resident_notices_nothing(town: Town) -> None:
    conversation_id = town.asks_for_person(share_before=False)
    take(town, "hanna", conversation_id)
    user = town.users["hanna"]
    assert town.desk.database.run(lambda uow: take_over.undo(uow, town.desk, user, conversation_id))
    town.due(minutes=1)
    assert town.owner(conversation_id) == "desk"
    assert [one.key for one in town.messages(conversation_id)] == [None]
    assert len(waiting(town, "petra")) == 1


def test_writing_and_giving_back(town: Town) -> None:
    conversation_id = taken(town)
    user = town.users["hanna"]
    town.desk.database.run(lambda uow: take_over.write(uow, town.desk, user, conversation_id, " Dag! "))
    said = last(town, conversation_id)
    assert (said.sender, said.author, said.text) == ("host", "Hanna", "Dag!")
    town.desk.database.run(lambda uow: take_over.give_back(uow, town.desk, user, conversation_id))
    town.due(seconds=10)
    assert town.owner(conversation_id) == "desk"
    assert last(town, conversation_id).key == "host.left"
    assert waiting(town, "hanna") == []
    with pytest.raises(NoConversation):
        town.desk.database.run(lambda uow: take_over.write(uow, town.desk, user, conversation_id, "Nog iets"))


@pytest.mark.parametrize("words", ["stop", "Terug naar de balie!", "back to the desk"])
def test_the_resident_gives_it_back_with_a_word(town: Town, words: str) -> None:
    conversation_id = taken(town)
    assert resident_says(town, conversation_id, "Mag ik iets vragen?")
    assert town.owner(conversation_id) != "desk"
    assert resident_says(town, conversation_id, words)
    assert town.owner(conversation_id) == "desk"
    assert last(town, conversation_id).key == "host.left_by_resident"


def test_the_resident_gives_it_back_with_the_button_and_an_old_button_is_no_mishap(town: Town) -> None:
    conversation_id = taken(town)
    assert resident_says(town, conversation_id, choice="0.back.host")
    assert town.owner(conversation_id) == "desk"
    assert resident_says(town, conversation_id, choice="0.back.host")
    assert last(town, conversation_id).key == "referral.already_desk"
    assert not resident_says(town, conversation_id, choice="3.agree")
    assert not resident_says(town, conversation_id, "hallo")


def test_who_does_not_write_gives_it_back_after_half_an_hour(town: Town) -> None:
    conversation_id = taken(town)
    user = town.users["hanna"]
    town.due(minutes=20)
    town.desk.database.run(lambda uow: take_over.write(uow, town.desk, user, conversation_id, "Ik zoek het op."))
    town.due(minutes=29)
    assert town.owner(conversation_id) == user.id
    town.due(minutes=1)
    assert town.owner(conversation_id) == "desk"
    assert last(town, conversation_id).key == "host.left_idle"


# Writing about a hand-off --------------------------------------------------------------------------------------------


def test_the_volunteer_sees_only_what_was_written_since_they_wrote(town: Town) -> None:
    conversation_id = town.resident()
    town.resident_writes(conversation_id, "Alleen voor de balie.")
    referral = accepted(town, conversation_id=conversation_id)
    assert talk(town, "vera", referral) == Talk((), False)
    write(town, "vera", referral, "Dag, ik ben Vera.")
    assert town.owner(conversation_id) == town.users["vera"].id
    assert resident_says(town, conversation_id, "Dag Vera!")
    found = talk(town, "vera", referral)
    assert [(one.sender, one.author, one.text) for one in found.messages] == [
        ("volunteer", "Vera", "Dag, ik ben Vera."),
        ("resident", None, "Dag Vera!"),
    ]
    assert found.open
    assert town.status(referral) == "in_contact"
    told = next(one for one in town.messages(conversation_id) if one.key == "referral.writes")
    assert "Vera van Maatjes Noord" in told.text and referral.code in told.text
    cor = town.users["cor"]
    listed = town.desk.database.read(lambda uow: list_for(uow, town.desk, cor)).hand_offs
    assert [one.answered for one in listed] == [True]


def test_what_is_told_to_the_desk_afterwards_stays_with_the_desk(town: Town) -> None:
    referral = accepted(town)
    conversation_id = town.conversation_of(referral)
    write(town, "vera", referral, "Dag!")
    vera = town.users["vera"]
    assert town.desk.database.run(lambda uow: correspondence.give_back(uow, town.desk, vera, referral.id))
    assert not town.desk.database.run(lambda uow: correspondence.give_back(uow, town.desk, vera, referral.id))
    town.resident_writes(conversation_id, "Ik heb ook geldzorgen.")
    found = talk(town, "vera", referral)
    assert [one.text for one in found.messages] == ["Dag!"] and not found.open
    write(town, "vera", referral, "Nog even dit.")
    assert [one.text for one in talk(town, "vera", referral).messages] == ["Dag!", "Nog even dit."]


def test_a_resident_with_two_requests_keeps_them_apart(town: Town) -> None:
    conversation_id = town.resident()
    walking = accepted(town, conversation_id=conversation_id)
    jobs = accepted(town, "bas", service_id="klussen", conversation_id=conversation_id)
    write(town, "vera", walking, "Over wandelen.")
    with pytest.raises(CannotWrite, match="busy"):
        write(town, "bas", jobs, "Over klussen.")
    assert resident_says(town, conversation_id, "stop")
    write(town, "bas", jobs, "Over klussen.")
    assert resident_says(town, conversation_id, "Graag maandag.")
    assert [one.text for one in talk(town, "vera", walking).messages] == ["Over wandelen.", "stop"]
    assert [one.text for one in talk(town, "bas", jobs).messages] == ["Over klussen.", "Graag maandag."]


def test_the_resident_answers_later_with_the_button(town: Town) -> None:
    referral = accepted(town)
    conversation_id = town.conversation_of(referral)
    write(town, "vera", referral, "Schikt dinsdag?")
    town.due(minutes=30)
    assert town.owner(conversation_id) == "desk"
    offered = last(town, conversation_id)
    assert offered.key == "referral.returned_idle"
    (choice,) = offered.choices
    assert choice["label"] == "Antwoord aan Vera" and len(choice["id"]) <= 64
    assert resident_says(town, conversation_id, choice=choice["id"])
    assert town.owner(conversation_id) == town.users["vera"].id
    assert resident_says(town, conversation_id, "Dinsdag is goed.")
    assert talk(town, "vera", referral).messages[-1].text == "Dinsdag is goed."


def test_the_button_to_answer_does_nothing_once_the_request_is_closed(town: Town) -> None:
    referral = accepted(town)
    conversation_id = town.conversation_of(referral)
    write(town, "vera", referral, "Schikt dinsdag?")
    town.due(minutes=30)
    button = last(town, conversation_id).choices[0]["id"]
    town.desk.database.run(lambda uow: uow.referrals.set_status(referral.id, "withdrawn", actor="resident"))
    assert resident_says(town, conversation_id, choice=button)
    assert town.owner(conversation_id) == "desk"
    assert last(town, conversation_id).key == "referral.answer_not_possible"


def test_a_made_up_button_hands_the_conversation_to_nobody(town: Town) -> None:
    referral = accepted(town)
    conversation_id = town.conversation_of(referral)
    vera, other = town.users["vera"], town.resident()
    write(town, "vera", referral, "Schikt dinsdag?")
    town.due(minutes=30)
    for where, about in (
        (other, f"{referral.id}.{vera.id}"),
        (conversation_id, f"{referral.id}.{town.users['cor'].id}"),
        (conversation_id, f"{referral.id}.niemand"),
        (conversation_id, "nergens"),
    ):
        assert resident_says(town, where, choice=f"0.answer.{about}")
        assert town.owner(where) == "desk"
        assert last(town, where).key == "referral.already_desk"


def test_only_after_accepting_and_only_their_own(town: Town) -> None:
    referral = town.referral()
    with pytest.raises(CannotWrite, match="status"):
        write(town, "vera", referral, "Dag!")
    for login in ("bas", "hanna", "petra", "tessa", "raad"):
        with pytest.raises(NotFound):
            write(town, login, referral, "Dag!")
    assert len(town.messages(town.conversation_of(referral))) == 0


@pytest.mark.parametrize(("text", "why"), [("", "empty"), (" \n ", "empty"), ("a" * 4001, "long")])
def test_empty_and_endless_messages_are_not_sent_and_open_nothing(town: Town, text: str, why: str) -> None:
    referral = accepted(town)
    with pytest.raises(CannotWrite, match=why):
        write(town, "vera", referral, text)
    assert town.owner(town.conversation_of(referral)) == "desk"


def test_a_number_that_does_not_belong_in_a_chat_is_masked(town: Town) -> None:
    referral = accepted(town)
    assert write(town, "vera", referral, "Mijn bsn is 111222333.").masked
    assert "111222333" not in last(town, town.conversation_of(referral)).text
    assert not write(town, "vera", referral, "Om 14:00 uur.").masked


def test_closing_the_hand_off_gives_the_conversation_back(town: Town) -> None:
    referral = accepted(town)
    conversation_id = town.conversation_of(referral)
    write(town, "vera", referral, "Dag!")
    vera = town.users["vera"]
    town.desk.database.run(lambda uow: hand_offs.done(uow, town.desk, vera, referral.id, "helped"))
    town.due(seconds=10)
    assert town.owner(conversation_id) == "desk"
    assert town.said(referral)[-2:] == ["referral.returned", "referral.done.helped"]
    with pytest.raises(CannotWrite, match="status"):
        write(town, "vera", referral, "Nog iets")


@pytest.mark.rule("domain-12")
def test_withdrawing_is_one_word_also_while_a_volunteer_writes(town: Town) -> None:
    referral = accepted(town)
    conversation_id = town.conversation_of(referral)
    write(town, "vera", referral, "Dag!")
    assert not resident_says(town, conversation_id, "intrekken"), "the desk must read this one"
    assert town.owner(conversation_id) == "desk"


def test_a_withdrawn_request_takes_the_conversation_away_from_the_volunteer(town: Town) -> None:
    referral = accepted(town)
    conversation_id = town.conversation_of(referral)
    write(town, "vera", referral, "Dag!")
    town.desk.database.run(lambda uow: uow.referrals.set_status(referral.id, "withdrawn", actor="resident"))
    assert not resident_says(town, conversation_id, "Bent u daar nog?")
    assert town.owner(conversation_id) == "desk"


@pytest.mark.rule("domain-8", "towards-residents-5")
def test_after_an_alert_about_violence_nobody_writes_first(town: Town) -> None:
    referral = accepted(town, alert="violence")
    with pytest.raises(CannotWrite, match="resident_first"):
        write(town, "vera", referral, "Dag!")
    assert town.messages(town.conversation_of(referral)) == []


# Through the whole desk ----------------------------------------------------------------------------------------------


def send(town: Town, provider_id: str, text: str = "", choice: str | None = None) -> None:
    """A message of the town's first resident, received and read as a channel does it."""
    incoming = Incoming("web", "voorbeeld", provider_id, "resident-1", b"{}", text=text, choice=choice)
    store(town.desk, incoming).result(timeout=10)
    for turn in next_turns(town.desk, "tests"):
        take_turn(town.desk, turn, Understood(asked=False))


def test_what_the_resident_sends_reaches_the_volunteer_and_the_desk_is_silent(town: Town) -> None:
    referral = accepted(town)
    conversation_id = town.conversation_of(referral)
    write(town, "vera", referral, "Schikt dinsdag?")
    before = len(town.messages(conversation_id))
    send(town, "1", "Ja, dinsdag is goed.")
    assert [one.sender for one in town.messages(conversation_id)[before:]] == ["resident"]
    assert talk(town, "vera", referral).messages[-1].text == "Ja, dinsdag is goed."
    button = next(one.choices[0]["id"] for one in town.messages(conversation_id) if one.key == "referral.writes")
    send(town, "2", choice=button)
    assert town.owner(conversation_id) == "desk"
    assert last(town, conversation_id).key == "referral.returned"
    assert [one.text for one in talk(town, "vera", referral).messages] == ["Schikt dinsdag?", "Ja, dinsdag is goed."]
    send(town, "3", "hallo")
    assert last(town, conversation_id).sender == "desk", "the desk answers again"


def test_the_crisis_guard_stays_on_while_a_volunteer_has_the_conversation(town: Town) -> None:
    referral = accepted(town)
    conversation_id = town.conversation_of(referral)
    write(town, "vera", referral, "Hoe gaat het?")
    before = len(town.messages(conversation_id))
    send(town, "1", "ik wil er een einde aan maken")
    said = [one for one in town.messages(conversation_id)[before:] if one.sender == "desk"]
    assert said and "113" in said[0].text
    assert town.owner(conversation_id) == town.users["vera"].id
    # The desk's own words to the resident are not in what the volunteer reads.
    assert [one.sender for one in talk(town, "vera", referral).messages] == ["volunteer", "resident"]
