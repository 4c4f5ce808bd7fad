"""Reads a municipality's directory from a folder of YAML files: municipality.yml, services.yml, agreements.yml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
from ruamel.yaml.nodes import Node

from desk.municipality_file import DemoAccount, Municipality, read_municipality
from routing.model import CATEGORIES, FLAGS, GROUPS, RIGHTS, Agreement, Follower, Kind, Neighbourhood, Service
from routing.policy import KINDS
from routing.themes import MEDICAL_THEMES, THEMES
from routing.yaml_reader import LANGUAGES, Reader, Unreadable
from storage.records import Directory, Organisation

SERVICE_KINDS = tuple(kind for kind in KINDS if kind != "own_network")
FRAME = ("does", "does_not", "who", "when", "how")
TEXTS = ("where", "phone", "email", "url")
DAYS = ("full_until", "closed_until", "last_checked")
OTHERS = ("neighbourhoods", "languages", "groups", "minimum_age", "maximum_age", "capacity", "right")
FRAMED_KINDS = frozenset({"own_steps", "initiative", "volunteers"})
DIRECTORY_FILES = ("municipality.yml", "services.yml", "agreements.yml")


class DirectoryError(Unreadable):
    """The directory cannot be used; `problems` are lines `file:line:column: what is wrong, what to do`."""


def towns_in(folder: Path) -> tuple[Path, ...]:
    """The folders in it that hold a directory, by name: the example municipalities in `balie/demo/`."""
    return tuple(sorted(town for town in folder.iterdir() if (town / DIRECTORY_FILES[0]).exists()))


def read_directory(folder: Path) -> Directory:
    """The directory in `folder`; a follower's `user_id` is the login in the file until `with_user_ids`.

    Raises DirectoryError with the problems of all three files."""
    municipality, organisations, services = _read(folder)
    return Directory(
        organisations=tuple(organisations.values()),
        services=services,
        neighbourhoods=tuple(municipality.neighbourhoods.values()),
        followers=municipality.followers,
    )


def read_accounts(folder: Path) -> tuple[DemoAccount, ...]:
    """The demonstration's accounts in the order of municipality.yml. Raises DirectoryError."""
    return _read(folder)[0].accounts


def with_user_ids(directory: Directory, user_ids: Mapping[str, str]) -> Directory:
    """The directory with followers by user id; `user_ids` goes from login to user id. A follower without an account
    is left out, for nobody would read along."""
    followers = {
        place: Follower(user_id=user_ids[follower.user_id], name=follower.name)
        for place, follower in directory.followers.items()
        if follower.user_id in user_ids
    }
    return msgspec.structs.replace(directory, followers=followers)


def _read(folder: Path) -> tuple[Municipality, dict[str, Organisation], tuple[Service, ...]]:
    problems: list[str] = []
    readers: list[Reader] = []
    for name in DIRECTORY_FILES:
        path = folder / name
        try:
            readers.append(Reader(path.read_text(encoding="utf-8"), str(path)))
        except OSError as error:
            problems.append(f"{path}:1:1: cannot be read ({error.strerror}), put the file there")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            problems.append(f"{path}:{line}:1: holds characters that are not UTF-8, save the file as UTF-8")
    if problems:
        raise DirectoryError(problems)

    municipality_reader, services_reader, agreements_reader = readers
    parts = _top(services_reader, ("organisations", "services"))
    entries = services_reader.entries(parts["organisations"], "`organisations`") if "organisations" in parts else []
    agreements = _agreements(agreements_reader, {name for name, _, _ in entries})
    own_teams: set[str] = set()
    organisations = {
        name: _organisation(services_reader, name, node, agreements.get(name), own_teams) for name, _, node in entries
    }
    municipality = read_municipality(municipality_reader, organisations)
    services: tuple[Service, ...] = ()
    if "services" in parts:
        services = tuple(
            _service(services_reader, name, node, organisations, own_teams, municipality.neighbourhoods)
            for name, _, node in services_reader.entries(parts["services"], "`services`")
        )
        _check_teams(services_reader, parts["services"], services, municipality.neighbourhoods)
    problems = [problem for reader in readers for problem in reader.problems]
    if problems:
        raise DirectoryError(problems)
    return municipality, organisations, services


def _top(reader: Reader, required: tuple[str, ...]) -> dict[str, Node]:
    return {} if reader.root is None else reader.fields(reader.root, "this file", required, ())


def _agreements(reader: Reader, organisations: set[str]) -> dict[str, Agreement]:
    parts = _top(reader, ("agreements",))
    found: dict[str, Agreement] = {}
    for name, key, node in reader.entries(parts["agreements"], "`agreements`") if parts else []:
        if name not in organisations:
            reader.complain(key, f"services.yml has no organisation `{name}`, add it there or remove this agreement")
        found[name] = _agreement(reader, node)
    return found


def _agreement(reader: Reader, node: Node) -> Agreement:
    required = ("version", "signatory", "valid_from", "valid_until", "categories")
    fields = reader.fields(node, "an agreement", required, ("themes",))
    days = {key: reader.day(fields[key]) if key in fields else "" for key in ("valid_from", "valid_until")}
    categories = reader.names(fields["categories"], "`categories`", CATEGORIES) if "categories" in fields else ()
    if all(days.values()) and days["valid_until"] < days["valid_from"]:
        reader.complain(fields["valid_until"], "the agreement ends before it begins, correct one of the two days")
    if "categories" in fields and "request" not in categories:
        reader.complain(fields["categories"], "nothing can be sent without the request itself, add `request`")
    return Agreement(
        version=reader.text(fields["version"]) if "version" in fields else "",
        signatory=reader.text(fields["signatory"]) if "signatory" in fields else "",
        valid_from=days["valid_from"],
        valid_until=days["valid_until"],
        categories=categories,
        themes=reader.names(fields["themes"], "`themes`", THEMES) if "themes" in fields else (),
    )


def _organisation(
    reader: Reader, name: str, node: Node, agreement: Agreement | None, own_teams: set[str]
) -> Organisation:
    fields = reader.fields(node, "an organisation", ("name",), ("phone", "email", "url", "account", "met", "own_team"))
    flags = {key: reader.yes_no(fields[key]) for key in ("account", "met", "own_team") if key in fields}
    texts = {key: reader.text(fields[key]) for key in ("name", "phone", "email", "url") if key in fields}
    if flags.get("own_team"):
        own_teams.add(name)
    return Organisation(
        id=name,
        name=texts.get("name", ""),
        has_account=flags.get("account", False),
        agreement=agreement,
        met=flags.get("met", False),
        phone=texts.get("phone", ""),
        email=texts.get("email", ""),
        url=texts.get("url", ""),
    )


def _service(
    reader: Reader,
    name: str,
    node: Node,
    organisations: Mapping[str, Organisation],
    own_teams: set[str],
    neighbourhoods: Mapping[str, Neighbourhood],
) -> Service:
    required = ("organisation", "kind", "name", "themes", "does")
    fields = reader.fields(node, "a service", required, (*FRAME[1:], *TEXTS, *DAYS, *FLAGS, *OTHERS))
    text = {key: reader.text(fields[key]) for key in TEXTS if key in fields}
    day = {key: reader.day(fields[key]) for key in DAYS if key in fields}
    flag = {key: reader.yes_no(fields[key]) for key in FLAGS if key in fields}
    words = {key: reader.words(fields[key], f"`{key}`") if key in fields else {} for key in FRAME}
    organisation_id = reader.one_of(fields["organisation"], organisations) if "organisation" in fields else ""
    organisation = organisations.get(organisation_id) or Organisation(id="", name="")
    right = reader.one_of(fields["right"], RIGHTS) if "right" in fields else ""
    service = Service(
        id=name,
        organisation_id=organisation_id,
        organisation=organisation.name,
        kind=_kind(reader, fields),
        name=reader.text(fields["name"]) if "name" in fields else "",
        themes=_themes(reader, fields["themes"], right) if "themes" in fields else (),
        neighbourhoods=_names(reader, fields, "neighbourhoods", tuple(neighbourhoods), ()),
        does=words["does"],
        does_not=words["does_not"],
        who=words["who"],
        when=words["when"],
        how=words["how"],
        where=text.get("where", ""),
        phone=text.get("phone", organisation.phone),
        email=text.get("email", organisation.email),
        url=text.get("url", organisation.url),
        languages=_names(reader, fields, "languages", None, ("nl",)),
        groups=tuple(group for group in GROUPS if group in _names(reader, fields, "groups", GROUPS, ())),
        minimum_age=reader.number(fields["minimum_age"]) if "minimum_age" in fields else 0,
        maximum_age=reader.number(fields["maximum_age"]) if "maximum_age" in fields else None,
        capacity=reader.number(fields["capacity"], least=1) if "capacity" in fields else None,
        full_until=day.get("full_until"),
        closed_until=day.get("closed_until"),
        medical=flag.get("medical", False),
        experts_by_experience=flag.get("experts_by_experience", False),
        for_children=flag.get("for_children", False),
        specialist=flag.get("specialist", False),
        right=right,
        own_team=organisation_id in own_teams,
        has_account=organisation.has_account,
        agreement=organisation.agreement,
        last_checked=day.get("last_checked", ""),
    )
    _check_service(reader, node, fields, service)
    return service


def _kind(reader: Reader, fields: Mapping[str, Node]) -> Kind:
    value = reader.one_of(fields["kind"], SERVICE_KINDS) if "kind" in fields else ""
    return next((kind for kind in SERVICE_KINDS if kind == value), "elsewhere")


def _themes(reader: Reader, node: Node, right: str) -> tuple[str, ...]:
    if getattr(node, "value", None) == "all":
        return THEMES
    themes = reader.names(node, "`themes`", THEMES)
    if not themes and not right:
        reader.complain(node, "a service without a theme is never found, name one theme at least or write `all`")
    return themes


def _names(
    reader: Reader, fields: Mapping[str, Node], key: str, known: tuple[str, ...] | None, otherwise: tuple[str, ...]
) -> tuple[str, ...]:
    return reader.names(fields[key], f"`{key}`", known) if key in fields else otherwise


def _check_service(reader: Reader, node: Node, fields: Mapping[str, Node], service: Service) -> None:
    """What a single service must be; the frame is what residents are told to expect of it."""
    if service.kind in FRAMED_KINDS:
        for key in FRAME:
            if key not in fields:
                reader.complain(node, f"`{service.id}` needs its frame, add `{key}` in {' and '.join(LANGUAGES)}")
    border = service.medical or not MEDICAL_THEMES.isdisjoint(service.themes)
    if border and service.kind not in ("team", "elsewhere"):
        where = fields["medical"] if "medical" in fields else fields["themes"]
        reader.complain(where, "medical acts are for professionals only, remove it here or correct `kind`")
    if service.specialist and service.kind != "team":
        reader.complain(fields["specialist"], "only a team can be the specialist one, correct `kind`")
    if service.maximum_age is not None and service.maximum_age < service.minimum_age:
        reader.complain(fields["maximum_age"], "`maximum_age` is below `minimum_age`, correct one of the two")
    if service.for_children and service.kind != "elsewhere":
        reader.complain(fields["for_children"], "only a place elsewhere can be for children, correct `kind`")
    if service.own_team and service.capacity is not None:
        reader.complain(fields["capacity"], "the team is the last resort and is never full, remove `capacity`")


def _check_teams(
    reader: Reader, node: Node, services: tuple[Service, ...], neighbourhoods: Mapping[str, Neighbourhood]
) -> None:
    for name in neighbourhoods:
        if not any(
            service.own_team
            and service.kind == "team"
            and (not service.neighbourhoods or name in service.neighbourhoods)
            for service in services
        ):
            reader.complain(node, f"no team works in `{name}`, add a service of kind `team` by the own team")
