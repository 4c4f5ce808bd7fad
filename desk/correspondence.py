"""Volunteer or professional and resident write to each other through the desk, each in their own channel."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from desk import say, sessions
from desk.hand_off_views import NotFound, find
from desk.sessions import session_of
from desk.talk import open_with
from desk.tell import must_wait_for_resident, tell
from desk.visibility import PROFESSIONAL_ROLES, may_accept
from flows.mask import mask
from storage.records import Conversation, Referral, Request, Sender, User
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

RETURN = "return_to_desk"
IDLE = timedelta(minutes=30)
LONGEST = 4000  # characters; as much as one Telegram message holds, names included
AUTHOR_LENGTH = 32


class CannotWrite(Exception):
    """`why`: `empty`, `long`, `status` (not accepted or closed), `busy` (someone else writes with this resident now)
    or `resident_first` (the resident must write first)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Written(Struct, frozen=True):
    """`masked`: a number that does not belong in a chat was blocked out."""

    n: int
    masked: bool


def write_to_resident(uow: UnitOfWork, desk: Desk, user: User, referral_id: str, text: str) -> Written:
    """Opens the correspondence when needed. Raises `NotFound` and `CannotWrite`."""
    referral, request, directory, _ = find(uow, user, referral_id)
    if not may_accept(user, referral, request, directory):
        raise NotFound(referral_id)
    if referral.status not in ("accepted", "in_contact"):
        raise CannotWrite("status")
    conversation = uow.conversations.lock(request.conversation_id)
    if conversation.owner not in ("desk", user.id):
        raise CannotWrite("busy")
    if conversation.owner == "desk" and must_wait_for_resident(session_of(conversation)):
        raise CannotWrite("resident_first")
    _clean(text)
    if conversation.owner == "desk" or open_with(uow, conversation.id) != referral_id:
        _open(uow, desk, conversation, user, referral, "referral.writes")
    if referral.status == "accepted":
        uow.referrals.set_status(referral_id, "in_contact", actor=user.id)
        uow.requests.set_status(request.id, "in_contact")
        sessions.update_referral(uow, conversation.id, referral_id, "in_contact")
    sender: Sender = "professional" if _is_professional(user, referral) else "volunteer"
    return speak(uow, desk, conversation.id, user, sender, text, referral_id)


def speak(
    uow: UnitOfWork, desk: Desk, conversation_id: str, user: User, sender: Sender, text: str, referral_id: str | None
) -> Written:
    """One message of a person to the resident; the due time at which the desk takes over again starts anew."""
    masked, taken = mask(_clean(text))
    n = say.say(uow, desk, conversation_id, sender, masked, author=user.first_name[:AUTHOR_LENGTH])
    await_user(uow, conversation_id, user, referral_id)
    uow.notify("board")
    return Written(n, bool(taken))


def await_user(uow: UnitOfWork, conversation_id: str, user: User, referral_id: str | None) -> None:
    """Without a message from this user in time, the conversation goes back to the desk."""
    uow.jobs.cancel(RETURN, conversation_id)
    payload = {"conversation_id": conversation_id, "user_id": user.id, "referral_id": referral_id}
    uow.jobs.add(RETURN, payload, run_at=uow.now + IDLE, key=conversation_id)


def hand_back(uow: UnitOfWork, desk: Desk, conversation: Conversation, key: str, name: str, **more: Any) -> None:
    """The desk speaks again; the resident is told so with `key`. `more` may hold `choices`."""
    _release(uow, conversation)
    language = session_of(conversation).language
    say.say(uow, desk, conversation.id, "desk", desk.texts.render(key, language, name=name), key=key, **more)


def _release(uow: UnitOfWork, conversation: Conversation) -> None:
    uow.conversations.set_owner(conversation.id, "desk")
    if conversation.waiting is not None:
        uow.conversations.waiting(conversation.id, None)
    uow.jobs.cancel(RETURN, conversation.id)
    uow.notify("board")


def give_back(uow: UnitOfWork, desk: Desk, user: User, referral_id: str) -> bool:
    """The writer gives the conversation back; False when they did not have it. Raises `NotFound`."""
    _, request, _, _ = find(uow, user, referral_id)
    conversation = uow.conversations.lock(request.conversation_id)
    if conversation.owner != user.id or open_with(uow, conversation.id) != referral_id:
        return False
    hand_back(uow, desk, conversation, "referral.returned", user.first_name)
    return True


def close(uow: UnitOfWork, desk: Desk, request: Request, referral_id: str) -> None:
    """The referral ended: a correspondence about it that is still open goes back to the desk. The resident did not just
    write, so this is news, which may have to wait."""
    conversation = uow.conversations.lock(request.conversation_id)
    if conversation.owner != "desk" and open_with(uow, conversation.id) == referral_id:
        _release(uow, conversation)
        name = uow.people.get(conversation.owner).first_name
        tell(uow, desk, conversation.id, "referral.returned", name=name)


def reopen(uow: UnitOfWork, desk: Desk, conversation: Conversation, referral_id: str, user_id: str) -> None:
    """The resident chose to answer someone who wrote earlier."""
    language = session_of(conversation).language
    user = uow.people.get(user_id)
    try:
        referral, request, directory, _ = find(uow, user, referral_id)
        possible = (
            request.conversation_id == conversation.id
            and referral.status in ("accepted", "in_contact")
            and may_accept(user, referral, request, directory)
        )
    except NotFound:
        possible = False
    if not possible:
        key = "referral.answer_not_possible"
        say.say(uow, desk, conversation.id, "desk", desk.texts.render(key, language, name=user.first_name), key=key)
        return
    _open(uow, desk, conversation, user, referral, "referral.answer_goes_to")
    await_user(uow, conversation.id, user, referral_id)


def back_choice(desk: Desk, language: str, about: str) -> dict[str, str]:
    """Prompt number 0 is never one of the engine's, so these buttons cannot answer its questions."""
    return {"id": f"0.back.{about}", "label": desk.texts.render("referral.choice.back", language)}


def _open(uow: UnitOfWork, desk: Desk, conversation: Conversation, user: User, referral: Referral, key: str) -> None:
    language = session_of(conversation).language
    directory = uow.directory.load()
    organisation = next((one.name for one in directory.organisations if one.id == referral.organisation_id), "")
    uow.conversations.set_owner(conversation.id, user.id)
    text = desk.texts.render(key, language, name=user.first_name, organisation=organisation, code=referral.code)
    choices = (back_choice(desk, language, referral.id),)
    say.say(uow, desk, conversation.id, "desk", text, choices=choices, key=key)


def _is_professional(user: User, referral: Referral) -> bool:
    return any(
        role.name in PROFESSIONAL_ROLES and role.organisation_id in (None, referral.organisation_id)
        for role in user.roles
    )


def _clean(text: str) -> str:
    clean = text.replace("\r\n", "\n").strip()
    if not clean:
        raise CannotWrite("empty")
    if len(clean) > LONGEST:
        raise CannotWrite("long")
    return clean
