"""What routing decides about and what it answers. Plain data; the decision itself is in decide.py."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

Kind = Literal["own_steps", "own_network", "initiative", "volunteers", "team", "elsewhere"]
TeamForm = Literal["broad", "broad_with_specialists", "complex_only", "per_domain"]
"""The four forms of a neighbourhood team: one for all questions; the same with a specialist team behind it for what is
complex; one for what is complex only; a team for each domain or group. Source: Movisie on forms of teams, 2017."""
TEAM_FORMS: tuple[TeamForm, ...] = ("broad", "broad_with_specialists", "complex_only", "per_domain")
Ring = Literal["inside", "outside"]
"""Volunteers are members of the team, or stand around it in a second ring. It changes who sees a request that goes to
the team, and the card says which; the medical border stays."""
RINGS: tuple[Ring, ...] = ("outside", "inside")
Group = Literal["children", "young", "elderly"]
GROUPS: tuple[Group, ...] = ("children", "young", "elderly")
"""Whom a service can be there for most, and of whom many can live in a neighbourhood."""
Words = dict[str, str]  # language → sentence; `nl` is always there


class Neighbourhood(Struct, frozen=True):
    """`postcodes` are the four digits of Dutch postcodes ("7511")."""

    id: str
    name: str
    postcodes: tuple[str, ...] = ()
    also_called: tuple[str, ...] = ()
    team_form: TeamForm = "broad"
    volunteers: Ring = "outside"
    weights: dict[Group, int] = field(default_factory=dict)  # the heavier, the more the neighbourhood asks for it


CATEGORIES = (
    "request",
    "neighbourhood",
    "for_whom",
    "age",
    "language",
    "help_form",
    "own_network",
    "own_capacity",
    "first_name",
    "phone",
    "time",
)
"""Every data category that a line of the disclosure card can have, and that an agreement can name."""

RIGHTS = ("wmo_report", "client_support", "complaint")
"""What a resident may always do, whatever their own strength; each has a text `route.right.<code>`."""


class Agreement(Struct, frozen=True):
    """The letter in which an organisation and the team settled what is shared. Dates are ISO 8601 days, inclusive."""

    version: str
    signatory: str
    valid_from: str
    valid_until: str
    categories: tuple[str, ...]  # data categories it may receive: request, neighbourhood, first_name, phone, ...
    themes: tuple[str, ...] = ()  # empty: all themes of its services


DAYS_OF_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("WEEKLY", "MONTHLY")


class Schedule(Struct, frozen=True):
    """One line of a timetable, a rule of RFC 5545 in HSDS's words. Times are the clock on the wall there ("10:00"),
    days ISO 8601, inclusive.

    `byday`: "TU", monthly also "1TU" (the first) and "-1FR" (the last). `interval`: every so many weeks or months,
    counted from `dtstart`."""

    opens_at: str
    closes_at: str
    byday: tuple[str, ...] = ()
    bymonthday: tuple[int, ...] = ()
    freq: Literal["WEEKLY", "MONTHLY"] = "WEEKLY"
    interval: int = 1
    dtstart: str = ""
    valid_from: str = ""
    valid_to: str = ""


class Service(Struct, frozen=True):
    """One thing an organisation does, in HSDS terms a service at a location with a schedule."""

    id: str
    organisation_id: str
    organisation: str
    kind: Kind
    name: str
    themes: tuple[str, ...]  # what it does most comes first
    neighbourhoods: tuple[str, ...] = ()  # empty: the whole municipality
    postcodes: tuple[str, ...] = ()  # four digits each; the neighbourhoods they lie in stand in `neighbourhoods`
    does: Words = field(default_factory=dict)
    does_not: Words = field(default_factory=dict)
    who: Words = field(default_factory=dict)  # who runs it
    when: Words = field(default_factory=dict)
    schedules: tuple[Schedule, ...] = ()  # the same as `when`, for "open now"
    how: Words = field(default_factory=dict)  # how to join
    where: str = ""
    phone: str = ""
    email: str = ""
    url: str = ""
    languages: tuple[str, ...] = ("nl",)
    minimum_age: int = 0
    maximum_age: int | None = None  # years, inclusive
    capacity: int | None = None  # requests it can take at once; None: no limit
    reserved: int = 0  # of which taken now
    full_until: str | None = None  # ISO 8601 day on which there is room again
    closed_until: str | None = None  # ISO 8601 day on which it opens again
    medical: bool = False  # run by professionals who may do medical acts
    experts_by_experience: bool = False
    groups: tuple[Group, ...] = ()  # whom it is there for most; nobody is kept out by it
    for_children: bool = False  # for those under 16, and offered to them only
    right: str = ""  # one of RIGHTS when this is where a resident uses it
    specialist: bool = False  # a team for what is complex, behind one for all questions
    own_team: bool = False  # done by the municipality's own team, which needs no agreement with itself
    has_account: bool = False  # someone there reads the board
    agreement: Agreement | None = None
    last_checked: str = ""  # ISO 8601 day
    checked_by: str = ""  # the address of who did


FLAGS = ("medical", "experts_by_experience", "for_children", "specialist")
"""What is true or not of a service, as its directory says."""


class Follower(Struct, frozen=True):
    """The professional who follows a referral at a distance and stays responsible."""

    user_id: str
    name: str


class Roster(Struct, frozen=True, dict=True):
    """A snapshot of the directory that a decision is made on. It is looked through once and found in by theme then: a
    region's directory has 20,000 services."""

    services: tuple[Service, ...]
    neighbourhoods: tuple[Neighbourhood, ...]
    followers: dict[str, Follower]  # neighbourhood id → professional; "" for the whole municipality
    today: str  # ISO 8601 day

    def with_seats(self, services: tuple[Service, ...]) -> Roster:
        """The same services in the same order, with other seats taken; what was looked through stays known."""
        renewed = replace(self, services=services)
        renewed.__dict__["by_theme"] = self.by_theme
        return renewed

    def about(self, themes: Iterable[str]) -> list[Service]:
        """The services that name one of these themes, in the directory's order."""
        each = [self.by_theme.get(theme, []) for theme in themes]
        found = each[0] if len(each) == 1 else sorted({position for positions in each for position in positions})
        return [self.services[position] for position in found]

    @cached_property
    def by_id(self) -> dict[str, Service]:
        return {service.id: service for service in self.services}

    @cached_property
    def teams(self) -> tuple[Service, ...]:
        return tuple(service for service in self.services if service.kind == "team")

    @cached_property
    def rights(self) -> tuple[Service, ...]:
        """Where one of RIGHTS is used."""
        return tuple(service for service in self.services if service.right)

    @cached_property
    def by_theme(self) -> dict[str, list[int]]:
        """Theme → the positions of its services."""
        positions: dict[str, list[int]] = {}
        for position, service in enumerate(self.services):
            for theme in service.themes:
                positions.setdefault(theme, []).append(position)
        return positions


class Need(Struct, frozen=True):
    """What is known of the question when it is routed; everything but the theme may be unknown."""

    theme: str
    neighbourhood: str | None = None
    for_whom: Literal["self", "other"] | None = None
    age: int | None = None
    language: str = "nl"
    own_network: tuple[str, ...] = ()
    own_capacity: str | None = None
    medical: bool = False  # medical acts were mentioned, whatever the theme
    urgent: bool = False  # it was heard that this cannot wait; not heard is not known
    also: tuple[str, ...] = ()  # other themes that were heard
    prefer_experts: bool = False  # would rather talk with an expert by experience


class Right(Struct, frozen=True):
    """A right that stands next to every option; `service` is where to use it, when the directory knows one."""

    code: str
    service: Service | None = None


class Option(Struct, frozen=True):
    """One destination with the codes of the reasons for it, in order of weight."""

    service: Service
    reasons: tuple[str, ...]
    sendable: bool
    may_receive: tuple[str, ...]


class Decision(Struct, frozen=True):
    """Same need, same roster, same policy: same decision. `policy` is the hash of the policy that was read.

    `team` is the team's option, among the options or not: it stands beside every contact card ("of zal het team u
    bellen?"). `left_out` names per service why it was not offered, or why nothing can be sent there.
    """

    rule: str
    policy: str
    options: tuple[Option, ...]
    follower: Follower | None
    left_out: tuple[tuple[str, str], ...] = ()  # (service id, reason code), for the team's explanation
    rights: tuple[Right, ...] = ()
    team: Option | None = None
