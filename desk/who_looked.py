"""The access log as a resident may read it: by role and organisation, never by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from desk.cases import OPERATOR
from desk.visibility import PROFESSIONAL_ROLES, team_organisations
from storage.records import Directory, Role, User
from storage.unit_of_work import UnitOfWork

SAW_NOTHING = "refused"
SAW_THE_ROUTE = "opened_route"  # theme, destination and status, none of the lines


class Who(Struct, frozen=True):
    """`role` is a role's name (an operator's too, at the command line), "resident" or "desk", or "unknown" for who has
    no role any more. `organisation` is its
    name, None for the team and for hosts."""

    role: str
    organisation: str | None = None
    team: bool = False


class Look(Struct, frozen=True):
    """Who looked or ended the access, the access log's code for what was done, and the reason where one was asked."""

    who: Who
    what: str
    at: datetime
    reason: str | None = None

    def plain(self) -> dict[str, Any]:
        return {**plain(self.who), "what": self.what, "at": self.at, "reason": self.reason}


def plain(who: Who) -> dict[str, Any]:
    return {"role": who.role, "organisation": who.organisation, "team": who.team}


def looks(
    uow: UnitOfWork, directory: Directory, contact_id: str, subject_id: str, organisation_id: str | None = None
) -> list[Look]:
    """Who looked at a request, a conversation or an alert of this contact, oldest first. `organisation_id`: whose
    referral it is, for whoever has more than one role."""
    return [
        Look(who(uow, directory, access.user_id, organisation_id), access.what, access.at, access.reason)
        for access in uow.people.accesses_of(contact_id)
        if access.request_id == subject_id
    ]


def who(uow: UnitOfWork, directory: Directory, actor: str, organisation_id: str | None = None) -> Who:
    """`actor` is a user id, "resident", "desk" or "operator"."""
    if actor in ("resident", "desk", OPERATOR):
        return Who(actor)
    role = _role(uow.people.get(actor), organisation_id)
    if role is None:
        return Who("unknown")
    own_team = role.organisation_id is None and role.name in PROFESSIONAL_ROLES
    if own_team or role.organisation_id in team_organisations(directory):
        return Who(role.name, team=True)
    names = {one.id: one.name for one in directory.organisations}
    return Who(role.name, names.get(role.organisation_id or ""))


def _role(user: User, organisation_id: str | None) -> Role | None:
    """The one in which they looked, as far as that can be told."""
    there = [role for role in user.roles if organisation_id is not None and role.organisation_id == organisation_id]
    return next(iter([*there, *user.roles]), None)
