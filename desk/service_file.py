"""One service as it stands in services.yml."""

from __future__ import annotations

from collections.abc import Mapping

from ruamel.yaml.nodes import Node

from routing.areas import having
from routing.model import FLAGS, GROUPS, RIGHTS, Kind, Neighbourhood, Schedule, Service
from routing.policy import KINDS
from routing.schedule import FIELDS as SCHEDULE_FIELDS
from routing.schedule import NotASchedule, schedule_of
from routing.service_rules import FRAME, faults
from routing.themes import THEMES
from routing.yaml_reader import Reader
from storage.records import Organisation

SERVICE_KINDS = tuple(kind for kind in KINDS if kind != "own_network")
TEXTS = ("where", "phone", "email", "url", "checked_by")
DAYS = ("full_until", "closed_until", "last_checked")
OTHERS = (
    "neighbourhoods",
    "postcodes",
    "schedules",
    "languages",
    "groups",
    "minimum_age",
    "maximum_age",
    "capacity",
    "right",
)


def read_service(
    reader: Reader,
    name: str,
    node: Node,
    organisations: Mapping[str, Organisation],
    own_teams: set[str],
    neighbourhoods: Mapping[str, Neighbourhood],
) -> Service:
    """The service under one name in services.yml; what is wrong is noted by the reader."""
    required = ("organisation", "kind", "name", "themes", "does")
    fields = reader.fields(node, "a service", required, (*FRAME[1:], *TEXTS, *DAYS, *FLAGS, *OTHERS))
    text = {key: reader.text(fields[key]) for key in TEXTS if key in fields}
    day = {key: reader.day(fields[key]) for key in DAYS if key in fields}
    flag = {key: reader.yes_no(fields[key]) for key in FLAGS if key in fields}
    words = {key: reader.words(fields[key], f"`{key}`") if key in fields else {} for key in FRAME}
    organisation_id = reader.one_of(fields["organisation"], organisations) if "organisation" in fields else ""
    organisation = organisations.get(organisation_id) or Organisation(id="", name="")
    right = reader.one_of(fields["right"], RIGHTS) if "right" in fields else ""
    postcodes = _postcodes(reader, fields["postcodes"], neighbourhoods) if "postcodes" in fields else ()
    places = _names(reader, fields, "neighbourhoods", tuple(neighbourhoods), ())
    service = Service(
        id=name,
        organisation_id=organisation_id,
        organisation=organisation.name,
        kind=_kind(reader, fields),
        name=reader.text(fields["name"]) if "name" in fields else "",
        themes=_themes(reader, fields["themes"], right) if "themes" in fields else (),
        neighbourhoods=tuple(dict.fromkeys((*places, *having(postcodes, neighbourhoods.values())))),
        postcodes=postcodes,
        does=words["does"],
        does_not=words["does_not"],
        who=words["who"],
        when=words["when"],
        schedules=_schedules(reader, fields["schedules"]) if "schedules" in fields else (),
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
        checked_by=text.get("checked_by", ""),
    )
    for field, what in faults(service):
        reader.complain(fields.get(field, node), what)
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


def _postcodes(reader: Reader, node: Node, neighbourhoods: Mapping[str, Neighbourhood]) -> tuple[str, ...]:
    known = [postcode for place in neighbourhoods.values() for postcode in place.postcodes]
    return reader.names(node, "`postcodes`", known)


def _schedules(reader: Reader, node: Node) -> tuple[Schedule, ...]:
    found = []
    for item in reader.items(node, "`schedules`"):
        fields = reader.fields(item, "a line of a timetable", ("opens_at", "closes_at"), SCHEDULE_FIELDS)
        if not {"opens_at", "closes_at"} <= fields.keys():
            continue
        try:
            found.append(schedule_of({name: reader.text(field) for name, field in fields.items()}))
        except NotASchedule as error:
            reader.complain(fields.get(error.field, item), str(error))
    return tuple(found)
