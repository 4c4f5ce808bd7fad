"""Reads municipality.yml: the neighbourhoods, who follows where, and the accounts of a demonstration."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast, get_args

from msgspec import Struct, field
from ruamel.yaml.nodes import Node

from routing.model import GROUPS, RINGS, TEAM_FORMS, Follower, Group, Neighbourhood, Ring, TeamForm
from routing.yaml_reader import Reader
from storage.records import RoleName

WITH_ORGANISATION = frozenset({"volunteer", "coordinator"})
FOLLOWING_ROLES = frozenset({"professional", "team_lead"})


class DemoAccount(Struct, frozen=True):
    """An account to make at the start of a demonstration; its password is made then."""

    login: str
    first_name: str
    role: RoleName
    organisation_id: str | None = None
    neighbourhood: str | None = None


class Municipality(Struct, frozen=True):
    """`followers` goes by neighbourhood id, "" for the whole municipality; their `user_id` is a login here."""

    name: str
    neighbourhoods: dict[str, Neighbourhood] = field(default_factory=dict)
    followers: dict[str, Follower] = field(default_factory=dict)
    accounts: tuple[DemoAccount, ...] = ()


def read_municipality(reader: Reader, organisations: Collection[str]) -> Municipality:
    """The municipality in this file; problems are noted in `reader`. `organisations` are the ids that exist."""
    required, allowed = ("municipality", "team", "neighbourhoods"), ("volunteers", "follower", "accounts")
    fields = {} if reader.root is None else reader.fields(reader.root, "this file", required, allowed)
    form = _team_form(reader, fields["team"]) if "team" in fields else "broad"
    ring = _ring(reader, fields["volunteers"]) if "volunteers" in fields else "outside"
    neighbourhoods: dict[str, Neighbourhood] = {}
    followed: list[tuple[str, Node]] = [("", fields["follower"])] if "follower" in fields else []
    if "neighbourhoods" in fields:
        for name, _, node in reader.entries(fields["neighbourhoods"], "`neighbourhoods`"):
            taken = {code for other in neighbourhoods.values() for code in other.postcodes}
            neighbourhoods[name], follower = _neighbourhood(reader, name, node, taken, form, ring)
            if follower is not None:
                followed.append((name, follower))
        if not neighbourhoods:
            reader.complain(fields["neighbourhoods"], "there is no neighbourhood, add one at least")
    accounts: dict[str, DemoAccount] = {}
    if "accounts" in fields:
        for login, _, node in reader.entries(fields["accounts"], "`accounts`"):
            accounts[login] = _account(reader, login, node, organisations, neighbourhoods)
    return Municipality(
        name=reader.text(fields["municipality"]) if "municipality" in fields else "",
        neighbourhoods=neighbourhoods,
        followers=_followers(reader, followed, accounts),
        accounts=tuple(accounts.values()),
    )


def _team_form(reader: Reader, node: Node) -> TeamForm:
    fields = reader.fields(node, "`team`", ("form",), ())
    form = reader.one_of(fields["form"], TEAM_FORMS) if "form" in fields else ""
    return next((known for known in TEAM_FORMS if known == form), "broad")


def _ring(reader: Reader, node: Node) -> Ring:
    ring = reader.one_of(node, RINGS)
    return next((known for known in RINGS if known == ring), "outside")


def _weights(reader: Reader, node: Node) -> dict[Group, int]:
    fields = reader.fields(node, "`weights`", (), GROUPS)
    return {group: reader.number(fields[group], least=1) for group in GROUPS if group in fields}


def _neighbourhood(
    reader: Reader, name: str, node: Node, taken: set[str], form: TeamForm, ring: Ring
) -> tuple[Neighbourhood, Node | None]:
    allowed = ("also_called", "follower", "team", "volunteers", "weights")
    fields = reader.fields(node, "a neighbourhood", ("name", "postcodes"), allowed)
    postcodes: list[str] = []
    for item in reader.items(fields["postcodes"], "`postcodes`") if "postcodes" in fields else []:
        code = reader.text(item)
        if not (len(code) == 4 and code.isdecimal()):
            reader.complain(item, f"`{code}` is not the four digits of a postcode, write them as in 1234")
        elif code in taken or code in postcodes:
            reader.complain(item, f"postcode {code} stands in this file twice, keep it in one neighbourhood")
        postcodes.append(code)
    neighbourhood = Neighbourhood(
        id=name,
        name=reader.text(fields["name"]) if "name" in fields else "",
        postcodes=tuple(postcodes),
        also_called=reader.names(fields["also_called"], "`also_called`") if "also_called" in fields else (),
        team_form=_team_form(reader, fields["team"]) if "team" in fields else form,
        volunteers=_ring(reader, fields["volunteers"]) if "volunteers" in fields else ring,
        weights=_weights(reader, fields["weights"]) if "weights" in fields else {},
    )
    return neighbourhood, fields.get("follower")


def _account(
    reader: Reader,
    login: str,
    node: Node,
    organisations: Collection[str],
    neighbourhoods: Mapping[str, Neighbourhood],
) -> DemoAccount:
    fields = reader.fields(node, "an account", ("first_name", "role"), ("organisation", "neighbourhood"))
    role = reader.one_of(fields["role"], get_args(RoleName)) if "role" in fields else ""
    if role in WITH_ORGANISATION and "organisation" not in fields:
        reader.complain(node, f"a {role} belongs to an organisation, add `organisation`")
    organisation = reader.one_of(fields["organisation"], organisations) if "organisation" in fields else None
    neighbourhood = reader.one_of(fields["neighbourhood"], neighbourhoods) if "neighbourhood" in fields else None
    return DemoAccount(
        login=login,
        first_name=reader.text(fields["first_name"]) if "first_name" in fields else "",
        role=cast(RoleName, role),
        organisation_id=organisation,
        neighbourhood=neighbourhood,
    )


def _followers(
    reader: Reader, followed: list[tuple[str, Node]], accounts: Mapping[str, DemoAccount]
) -> dict[str, Follower]:
    found: dict[str, Follower] = {}
    for place, node in followed:
        login = reader.text(node)
        account = accounts.get(login)
        if account is None or account.role not in FOLLOWING_ROLES:
            reader.complain(node, f"`{login}` is no professional or team lead in `accounts`, name one who is")
        else:
            found[place] = Follower(user_id=login, name=account.first_name)
    return found
