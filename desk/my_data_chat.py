"""The own data in the conversation: what the desk keeps, in short sentences, and the file as each channel has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desk import duty_words, my_data, who_looked, withdraw
from desk.moments import day, day_and_time
from desk.my_data_file import Kind
from desk.say import say
from flows.model import Session
from storage.records import Contact, Directory
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from desk.bootstrap import Desk

FETCHED = frozenset({"web"})  # the page fetches the file with the conversation's token
SENT = frozenset({"telegram"})  # it is delivered as a message
LINK = "data.file_here"
DOCUMENTS: dict[str, Kind] = {"data.file.html": "html", "data.file.json": "json"}
"""The key of a message that is delivered as a file → which file."""
SHOWN_TIMES = 3
NOT_LOOKED = frozenset({who_looked.SAW_NOTHING, withdraw.WITHDRAWN})


def overview(uow: UnitOfWork, desk: Desk, conversation_id: str, session: Session) -> None:
    """Says what is in the database now, in the resident's language."""
    contact_id = uow.conversations.contact_id(conversation_id)
    directory, language = uow.directory.load(), session.language
    place = session.slots.get("place")
    requests = [one for one in my_data.requests(uow, desk, directory, contact_id) if not one["erased"]]
    consents = my_data.consents(uow, contact_id)
    words = _Words(desk, language)
    values = {
        "place_name": next((one.name for one in directory.neighbourhoods if one.id == place), ""),
        "first_name": session.slots.get("first_name"),
        "phone": session.slots.get("phone"),
        "requests": [words.request(one, consents) for one in requests],
        "refused": [words.time(one["at"]) for one in consents if one["answer"] == "no"],
        "looked": words.looked(_who_read(uow, directory, uow.contacts.get(contact_id))),
        "unfinished_days": desk.settings.retention.unfinished,
    }
    say(uow, desk, conversation_id, "desk", words.render("data.overview", **values), key="data.overview")


def give_file(uow: UnitOfWork, desk: Desk, conversation_id: str, channel: str, language: str) -> None:
    """Where the file can be had, or the file itself: then its content is made when it is sent."""
    key = LINK if channel in FETCHED else "data.file_sent" if channel in SENT else "data.file_elsewhere"
    say(uow, desk, conversation_id, "desk", desk.texts.render(key, language), key=key)
    if channel in SENT:
        for document in DOCUMENTS:
            say(uow, desk, conversation_id, "desk", desk.texts.render(document, language), key=document)


def _who_read(uow: UnitOfWork, directory: Directory, contact: Contact) -> list[my_data.Kept]:
    """Who read the conversation, on duty too. That there was danger, and the reason that was typed then, stand in the
    file only: somebody else may hold the phone."""
    read = [look.plain() for look in who_looked.looks(uow, directory, contact.id, contact.conversation_id)]
    on_duty = [look for alert in my_data.alerts(uow, directory, contact) for look in alert["looked"]]
    return read + [look for look in on_duty if look["what"] == duty_words.READ]


class _Words:
    """What is kept, in the resident's words."""

    def __init__(self, desk: Desk, language: str) -> None:
        self._desk = desk
        self._language = language

    def render(self, key: str, **values: Any) -> str:
        return self._desk.texts.render(key, self._language, **values)

    def time(self, moment: Any) -> str:
        return day_and_time(self._desk.texts, self._language, moment)

    def request(self, request: my_data.Kept, consents: list[my_data.Kept]) -> dict[str, Any]:
        referral = request["referrals"][-1]
        until = request["kept_until"]
        given = [one for one in consents if one["request"] == request["code"]]
        return {
            "code": request["code"],
            "theme": self.theme(request["theme"]),
            "to": referral["service_name"] or referral["service"],
            "organisation": referral["organisation_name"],
            "status": self.render(f"data.status.{referral['status']}"),
            "lines": [self.render(f"data.line.{line['category']}") for line in request["lines"]],
            "consents": [self.time(one["at"]) for one in given],
            "withdrawn": [self.time(one["withdrawn_at"]) for one in given if one["withdrawn_at"]],
            "looked": self.looked(request["looked"]),
            "kept_until": day(self._desk.texts, self._language, until) if until else "",
            "closed_days": self._desk.settings.retention.closed,
        }

    def looked(self, looks: list[my_data.Kept]) -> list[dict[str, Any]]:
        """By role and organisation; of each the last moments, and how many there were before. Who was refused saw
        nothing and stands in the file only."""
        moments: dict[str, list[str]] = {}
        for look in looks:
            if look["what"] in NOT_LOOKED:
                continue
            times = moments.setdefault(self.who(look), [])
            if self.time(look["at"]) not in times:
                times.append(self.time(look["at"]))
        return [
            {"who": name, "times": times[-SHOWN_TIMES:], "before": len(times[:-SHOWN_TIMES])}
            for name, times in moments.items()
        ]

    def who(self, who: my_data.Kept) -> str:
        by_code = who.get("what") == withdraw.BY_CODE
        role = self.render("data.role.by_code" if by_code else f"data.role.{who['role']}")
        route_only = who.get("what") == who_looked.SAW_THE_ROUTE
        return self.render(
            "data.who", role=role, organisation=who["organisation"], team=who["team"], route_only=route_only
        )

    def theme(self, theme: str) -> str:
        """An operator's own theme has no text."""
        key = f"theme.{theme}"
        return self.render(key) if self._desk.texts.has(key, self._language) else theme
