"""A person takes a conversation that asked for one, and gives it back; meanwhile the resident writes to that person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from desk import correspondence, say, taps
from desk.correspondence import CannotWrite, Written
from desk.sessions import session_of
from desk.talk import JOINING, Spoken, Talk, as_spoken, every_message, open_with
from desk.taps import Tap
from desk.visibility import TAKE_OVER_ROLES, has_role
from flows.model import Message
from flows.withdrawal import withdrawal_in
from storage.errors import Missing
from storage.records import Conversation, Directory, Job, Role, Sender, User
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

STEP = "take_over_step"
CODE_LENGTH = 5


class NoConversation(LookupError):
    """There is no conversation that waits for this user."""


class AsksForPerson(Struct, frozen=True, kw_only=True):
    """A conversation that waits for a person. `mine`: this user has it now."""

    conversation_id: str
    code: str
    neighbourhood_name: str
    since: datetime
    mine: bool
    tap: Tap | None = None
    taken_by: str = ""  # the first name of whoever tapped, while it can still be undone
    answered: bool = False  # the resident wrote last


class Joined(Struct, frozen=True, kw_only=True):
    """The conversation as the one who has it may read it."""

    asks: AsksForPerson
    talk: Talk
    reads_before: bool


def waiting(uow: UnitOfWork, desk: Desk, user: User) -> list[AsksForPerson]:
    """Longest wait first: what nobody has yet, and what this user has. Nothing that was said."""
    if not has_role(user, TAKE_OVER_ROLES):
        return []
    directory = uow.directory.load()
    pending = taps.pending(uow, STEP)
    found = []
    for row in uow.conversations.list_waiting():
        if row.owner not in ("desk", user.id):
            continue
        conversation = uow.conversations.get(row.id)
        if conversation.owner == user.id or _may_take(user, conversation):
            found.append(_asks(uow, directory, user, conversation, pending.get(conversation.id)))
    return found


def look(uow: UnitOfWork, desk: Desk, user: User, conversation_id: str) -> Joined:
    """Raises `NoConversation`. Before it is taken there is nothing to read."""
    conversation = _find(uow, user, conversation_id)
    asks = _asks(uow, uow.directory.load(), user, conversation, taps.pending(uow, STEP).get(conversation.id))
    if not asks.mine:
        return Joined(asks=asks, talk=Talk((), False), reads_before=conversation.share_before)
    return Joined(asks=asks, talk=_talk(uow, conversation), reads_before=conversation.share_before)


def open_one(desk: Desk, user: User, conversation_id: str) -> Joined:
    """As `look`, and the access log says who read it. Raises `NoConversation`."""

    def work(uow: UnitOfWork) -> Joined:
        joined = look(uow, desk, user, conversation_id)
        if joined.talk.messages:
            uow.people.log_access(user.id, conversation_id, "conversation")
        return joined

    return desk.database.run(work)


def take(uow: UnitOfWork, desk: Desk, user: User, conversation_id: str) -> Tap:
    """ "Ik neem het gesprek": takes effect after the time to undo. Raises `NoConversation`, `TakenByAnother`."""
    conversation = _find(uow, user, conversation_id)
    if conversation.owner != "desk":
        raise taps.TakenByAnother(conversation_id)
    return taps.make(uow, STEP, conversation_id, "take", user.id)


def give_back(uow: UnitOfWork, desk: Desk, user: User, conversation_id: str) -> Tap:
    """Raises `NoConversation`."""
    conversation = _find(uow, user, conversation_id)
    if conversation.owner != user.id:
        raise NoConversation(conversation_id)
    return taps.make(uow, STEP, conversation_id, "give_back", user.id)


def undo(uow: UnitOfWork, desk: Desk, user: User, conversation_id: str) -> bool:
    return taps.undo(uow, STEP, conversation_id, user.id)


def run_step(uow: UnitOfWork, desk: Desk, job: Job) -> None:
    """The job `take_over_step`: a tap takes effect. What is no longer possible has none."""
    tap = taps.of_job(job)
    uow.notify("board")
    try:
        user = uow.people.get(tap.user_id)
        conversation = _find(uow, user, tap.subject)
    except LookupError:
        return
    if tap.step == "take" and conversation.owner == "desk":
        _join(uow, desk, user, conversation)
    elif tap.step == "give_back" and conversation.owner == user.id:
        correspondence.hand_back(uow, desk, conversation, "host.left", user.first_name)


def write(uow: UnitOfWork, desk: Desk, user: User, conversation_id: str, text: str) -> Written:
    """Raises `NoConversation` and `CannotWrite`."""
    conversation = _find(uow, user, conversation_id)
    if conversation.owner != user.id:
        raise CannotWrite("busy" if conversation.owner != "desk" else "status")
    role = _role(user)
    sender: Sender = "host" if role is not None and role.name == "host" else "professional"
    return correspondence.speak(uow, desk, conversation_id, user, sender, text, None)


def resident_says(uow: UnitOfWork, desk: Desk, conversation: Conversation, message: Message) -> bool:
    """Called while a person has the conversation; the crisis guard has seen the text already. True: it is for that
    person, or gave the conversation back, and the desk has nothing to say. False: the desk has it again and must read
    the message (consent withdrawn, or the request was closed meanwhile)."""
    uow.notify("board")
    about = _choice(message.choice)
    name = uow.people.get(conversation.owner).first_name
    key = "host.left_by_resident" if conversation.waiting is not None else "referral.returned"
    if (about is not None and about[0] == "back") or desk.texts.says("referral.words_back", message.text):
        correspondence.hand_back(uow, desk, conversation, key, name)
        return True
    if withdrawal_in(desk.texts, message.text) is not None or not _still_open(uow, conversation):
        correspondence.hand_back(uow, desk, conversation, key, name)
        return False
    return True


def resident_chooses(uow: UnitOfWork, desk: Desk, conversation: Conversation, message: Message) -> bool:
    """Called while the desk has the conversation; True when the button was one of these ("Antwoord aan …", an old
    "Terug naar de balie") and there is nothing left for the engine to do."""
    about = _choice(message.choice)
    if about is None:
        return False
    name, rest = about
    if name == "answer" and _was_offered(uow, conversation, f"0.answer.{rest}"):
        referral_id, _, user_id = rest.partition(".")
        correspondence.reopen(uow, desk, conversation, referral_id, user_id)
        return True
    language = session_of(conversation).language
    key = "referral.already_desk"
    say.say(uow, desk, conversation.id, "desk", desk.texts.render(key, language), key=key)
    return True


def return_to_desk(uow: UnitOfWork, desk: Desk, job: Job) -> None:
    """The job `return_to_desk`: whoever had the conversation did not write in time."""
    conversation_id, user_id = str(job.payload["conversation_id"]), str(job.payload["user_id"])
    conversation = uow.conversations.lock(conversation_id)
    if conversation.owner != user_id:
        return
    user = uow.people.get(user_id)
    referral_id = job.payload["referral_id"]
    if referral_id is None:
        correspondence.hand_back(uow, desk, conversation, "host.left_idle", user.first_name)
        return
    language = session_of(conversation).language
    label = desk.texts.render("referral.choice.answer", language, name=user.first_name)
    answer = {"id": f"0.answer.{referral_id}.{user_id}", "label": label}
    correspondence.hand_back(uow, desk, conversation, "referral.returned_idle", user.first_name, choices=(answer,))


def _was_offered(uow: UnitOfWork, conversation: Conversation, choice_id: str) -> bool:
    """Whoever makes up a button cannot hand a conversation to somebody."""
    return any(choice["id"] == choice_id for one in every_message(uow, conversation.id) for choice in one.choices)


def _still_open(uow: UnitOfWork, conversation: Conversation) -> bool:
    if conversation.waiting is not None:
        return True
    referral_id = open_with(uow, conversation.id)
    return referral_id is not None and uow.referrals.get(referral_id).status in ("accepted", "in_contact")


def _find(uow: UnitOfWork, user: User, conversation_id: str) -> Conversation:
    try:
        conversation = uow.conversations.lock(conversation_id)
    except Missing:
        raise NoConversation(conversation_id) from None
    if conversation.waiting is None or not has_role(user, TAKE_OVER_ROLES):
        raise NoConversation(conversation_id)
    if conversation.owner == user.id or (conversation.owner == "desk" and _may_take(user, conversation)):
        return conversation
    raise NoConversation(conversation_id)


def _may_take(user: User, conversation: Conversation) -> bool:
    """Whoever serves the neighbourhood; as long as it is unknown, everyone."""
    place = session_of(conversation).slots.get("place")
    return any(
        role.name in TAKE_OVER_ROLES and (place is None or role.neighbourhood in (None, place)) for role in user.roles
    )


def _asks(
    uow: UnitOfWork, directory: Directory, user: User, conversation: Conversation, tap: Tap | None
) -> AsksForPerson:
    place = session_of(conversation).slots.get("place")
    name = next((one.name for one in directory.neighbourhoods if one.id == place), "")
    mine = conversation.owner == user.id
    talk = _talk(uow, conversation) if mine else None
    return AsksForPerson(
        conversation_id=conversation.id,
        code=conversation.id[:CODE_LENGTH].upper(),
        neighbourhood_name=name,
        since=conversation.waiting_since or conversation.updated_at,
        mine=mine,
        tap=tap if tap is not None and tap.user_id == user.id else None,
        taken_by=uow.people.get(tap.user_id).first_name if tap is not None and tap.user_id != user.id else "",
        answered=bool(talk and talk.messages and talk.messages[-1].sender == "resident"),
    )


def _talk(uow: UnitOfWork, conversation: Conversation) -> Talk:
    """From where this person joined; everything before only when the resident agreed to that."""
    every = every_message(uow, conversation.id)
    joined = max((message.n for message in every if message.key == JOINING), default=0)
    spoken: list[Spoken] = []
    for message in every:
        if message.n < joined and not conversation.share_before:
            continue
        if message.n > joined and message.sender == "desk":
            continue
        if message.n != joined:
            spoken.append(as_spoken(message))
    return Talk(tuple(spoken), True, (joined,))


def _join(uow: UnitOfWork, desk: Desk, user: User, conversation: Conversation) -> None:
    language = session_of(conversation).language
    role = _role(user)
    organisation = ""
    if role is not None and role.organisation_id:
        every = uow.directory.load().organisations
        organisation = next((one.name for one in every if one.id == role.organisation_id), "")
    text = desk.texts.render(
        JOINING,
        language,
        name=user.first_name,
        role=desk.texts.render(f"host.role.{role.name if role else 'host'}", language),
        organisation=organisation,
        reads_before=conversation.share_before,
    )
    uow.conversations.set_owner(conversation.id, user.id)
    choices = (correspondence.back_choice(desk, language, "host"),)
    say.say(uow, desk, conversation.id, "desk", text, choices=choices, key=JOINING)
    correspondence.await_user(uow, conversation.id, user, None)


def _role(user: User) -> Role | None:
    return next((role for role in user.roles if role.name in TAKE_OVER_ROLES), None)


def _choice(choice: str | None) -> tuple[str, str] | None:
    """The name and the rest of a button that the desk's people made: prompt number 0, with or without it."""
    if choice is None:
        return None
    name, _, rest = choice.removeprefix("0.").partition(".")
    return (name, rest) if name in ("back", "answer") and rest else None
