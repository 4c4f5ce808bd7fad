"""A small town on a real desk: two organisations and the team, an account per role, and residents with requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec

from desk.bootstrap import Desk, load_policy
from desk.content import load_flows, load_texts
from desk.due import run_due
from desk.settings import Settings
from flows.definition import Flow, Menu
from flows.model import AlertState, Session
from flows.model import Referral as OwnReferral
from flows.texts import Texts
from routing.model import Agreement, Follower, Neighbourhood, Service
from routing.policy import Policy
from storage.first_start import open_storage
from storage.records import Directory, Organisation, Referral, Role, StoredMessage, User
from storage.unit_of_work import UnitOfWork
from tests.servers.desk_server import desk_settings

PASSWORD = "vier kleine eenden zwemmen"
LINES = (
    {"category": "request", "text": "Ik zit veel alleen en wil graag wandelen."},
    {"category": "neighbourhood", "text": "Noord"},
    {"category": "first_name", "text": "Greet"},
    {"category": "phone", "text": "06 1234 5678"},
)
AGREEMENT = Agreement("1", "bestuur", "2026-01-01", "2027-12-31", ("request", "neighbourhood", "first_name", "phone"))


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **parts: float) -> None:
        self.moment += timedelta(**parts)


def _service(service_id: str, organisation_id: str, kind: str, name: str, **more: object) -> Service:
    return msgspec.convert(
        {"id": service_id, "organisation_id": organisation_id, "organisation": "", "kind": kind, "name": name}
        | {"themes": ["company"], "capacity": 5, **more},
        Service,
    )


DIRECTORY = Directory(
    organisations=(
        Organisation("maatjes", "Maatjes Noord", True, AGREEMENT, True),
        Organisation("klusdienst", "Klusdienst Zuid", True, AGREEMENT, True),
        Organisation("team", "Wijkteam", True, AGREEMENT, True),
    ),
    services=(
        _service("wandelmaatje", "maatjes", "volunteers", "Wandelmaatje"),
        _service("klussen", "klusdienst", "volunteers", "Klussen in huis"),
        _service("wijkteam", "team", "team", "Wijkteam Noord", own_team=True),
        _service("wijkzorg", "team", "team", "Wijkverpleging", medical=True),
    ),
    neighbourhoods=(Neighbourhood("noord", "Noord", ("7511",)), Neighbourhood("zuid", "Zuid", ("7512",))),
)

ACCOUNTS: dict[str, tuple[str, Role]] = {
    "vera": ("Vera", Role("volunteer", "maatjes")),
    "cor": ("Cor", Role("coordinator", "maatjes")),
    "bas": ("Bas", Role("coordinator", "klusdienst")),
    "hanna": ("Hanna", Role("host", None, "noord")),
    "hugo": ("Hugo", Role("host", None, "zuid")),
    "petra": ("Petra", Role("professional", "team")),
    "vrijwilliger-in-team": ("Wim", Role("volunteer", "team")),
    "tessa": ("Tessa", Role("team_lead", "team")),
    "raad": ("Rob", Role("council")),
    "beheer": ("Olga", Role("operator")),
}


class Town:
    """`users` by login name; who must log in gets `PASSWORD` first (a hash is slow on purpose)."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self.desk = desk
        self.clock = clock
        self.users: dict[str, User] = {}
        self._residents = 0

        def fill(uow: UnitOfWork) -> None:
            for login, (first_name, role) in ACCOUNTS.items():
                self.users[login] = uow.people.add_user(login, first_name, None, [role])
            follower = Follower(self.users["petra"].id, "Petra")
            uow.directory.replace(msgspec.structs.replace(DIRECTORY, followers={"noord": follower}))

        desk.database.run(fill)

    def resident(self, channel: str = "web", session: Session | None = None) -> str:
        """A new resident; gives the conversation's id."""
        self._residents += 1
        address = f"resident-{self._residents}"

        def add(uow: UnitOfWork) -> str:
            conversation_id = uow.contacts.find_or_add(channel, "voorbeeld", address).conversation_id
            uow.conversations.save(conversation_id, msgspec.json.encode(session or Session(welcomed=True)))
            return conversation_id

        return self.desk.database.run(add)

    def referral(
        self,
        service_id: str = "wandelmaatje",
        theme: str = "company",
        neighbourhood: str = "noord",
        *,
        conversation_id: str | None = None,
        lines: Sequence[dict[str, str]] = LINES,
        reasons: Sequence[str] = (),
        language: str = "nl",
        alert: str | None = None,
        volunteers: str = "outside",
    ) -> Referral:
        """A request of a new resident, sent to a service. `alert` is an alert that was shown before; `volunteers` is
        where the card said that they stand."""
        conversation_id = conversation_id or self.resident()
        service = next(one for one in DIRECTORY.services if one.id == service_id)

        def add(uow: UnitOfWork) -> Referral:
            contact_id = uow.conversations.contact_id(conversation_id)
            option = {
                "id": service_id,
                "kind": service.kind,
                "name": service.name,
                "reasons": list(reasons),
                "facts": {"volunteers": volunteers},
            }
            request = uow.requests.add(
                contact_id, conversation_id, theme, neighbourhood, list(lines), option, self.users["petra"].id
            )
            referral = uow.referrals.add(
                request.id, service_id, service.organisation_id, service.kind, theme, neighbourhood
            )
            uow.directory.reserve(service_id)
            own = OwnReferral(referral.id, request.code, service_id, service.name)
            state = AlertState(alert, "now", 1) if alert else None
            session = msgspec.convert({"language": language, "welcomed": True}, Session)
            session.referrals.append(own)
            session.alert = state
            uow.conversations.save(conversation_id, msgspec.json.encode(session))
            return referral

        return self.desk.database.run(add)

    def asks_for_person(self, *, share_before: bool, place: str | None = "noord", language: str = "nl") -> str:
        """A resident who said one thing and then asked for a person."""
        session = msgspec.convert({"language": language, "welcomed": True}, Session)
        if place:
            session.slots["place"] = place
        conversation_id = self.resident(session=session)
        self.resident_writes(conversation_id, "Dit is tussen mij en de balie.")

        def ask(uow: UnitOfWork) -> None:
            uow.conversations.waiting(conversation_id, "person_asked", share_before)

        self.desk.database.run(ask)
        return conversation_id

    def resident_writes(self, conversation_id: str, text: str) -> int:
        def add(uow: UnitOfWork) -> int:
            uow.notify("board")  # as the turn that hands it on does
            return uow.messages.add(conversation_id, "resident", text)

        return self.desk.database.run(add)

    def messages(self, conversation_id: str) -> list[StoredMessage]:
        return self.desk.database.read(lambda uow: uow.messages.after(conversation_id, 0))

    def said(self, referral: Referral) -> list[str | None]:
        """The keys of what the desk said to this resident."""
        return [one.key for one in self.messages(self.conversation_of(referral)) if one.sender == "desk"]

    def conversation_of(self, referral: Referral) -> str:
        return self.desk.database.read(lambda uow: uow.requests.get(referral.request_id).conversation_id)

    def owner(self, conversation_id: str) -> str:
        return self.desk.database.read(lambda uow: uow.conversations.get(conversation_id).owner)

    def status(self, referral: Referral) -> str:
        return self.desk.database.read(lambda uow: uow.referrals.get(referral.id).status)

    def accesses(self, referral: Referral) -> list[tuple[str, str]]:
        """(user id, what) of everyone who looked."""
        found = self.desk.database.read(lambda uow: uow.people.accesses(referral.request_id))
        return [(one.user_id, one.what) for one in found]

    def due(self, **later: float) -> int:
        """Moves the clock and carries out what is due by then."""
        self.clock.move(**later)
        return run_due(self.desk, "tests")

    def give_password(self, login: str, password: str = PASSWORD) -> None:
        self.desk.database.run(lambda uow: uow.people.set_password(self.users[login].id, password))

    def token(self, login: str) -> str:
        return self.desk.database.run(lambda uow: uow.people.open_session(self.users[login].id))


@contextmanager
def town_in(folder: Path) -> Iterator[Town]:
    clock = Clock()
    settings = desk_settings(folder)
    database = open_storage(settings.database.url, settings.keys.path, clock)
    desk = Desk(settings, *_content(), database)
    try:
        yield Town(desk, clock)
    finally:
        desk.close()


@cache
def _content() -> tuple[Texts, dict[str, Flow], Menu, Policy]:
    """Texts, flows and policy are the same for every test; reading them takes longer than most tests."""
    return load_texts(), *load_flows(), load_policy(Settings())
