"""Our services in the words of Open Referral HSDS 3.0, as plain dicts, both ways.

Only what the public may know goes in: accounts, agreements and places taken are ours and stay out. What HSDS has no
field for (kind, themes, capacity, the English sentences, …) travels as `attributes`, one per fact, with our name for
it in `taxonomy_term_id`; ids are our own short names. Names from the HSDS 3.0 schemas, https://docs.openreferral.org."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from routing.areas import Area
from routing.model import FLAGS, GROUPS, RIGHTS, Schedule, Service, Words
from routing.policy import KINDS
from routing.schedule import NotASchedule, fields_of, schedule_of
from routing.themes import THEMES

TERM = "buurtbalie:"
CLOSED = "temporarily closed"
NO_TERMS: Mapping[str, str] = MappingProxyType({})
Facts = dict[str, list[str]]


class NotAService(ValueError):
    """A record that cannot become a service; the message names the field and what to do."""


def to_hsds(service: Service) -> dict[str, Any]:
    """An HSDS service with its organisation, location, schedule, phone, areas and languages nested in it."""
    facts: Facts = {
        "kind": [service.kind],
        "theme": list(service.themes),
        "group": list(service.groups),
        "right": [service.right] if service.right else [],
        "capacity": [] if service.capacity is None else [str(service.capacity)],
        **{name: ["true"] for name in FLAGS if getattr(service, name)},
        **{name: [day] for name in ("full_until", "closed_until") if (day := getattr(service, name))},
        **{name: [words["nl"]] for name in ("does_not", "who") if (words := getattr(service, name))},
        **{
            f"{name}:{language}": [sentence]
            for name in ("does", "does_not", "who", "when", "how")
            for language, sentence in getattr(service, name).items()
            if language != "nl"
        },
    }
    areas = (*service.neighbourhoods, *service.postcodes)
    record: dict[str, Any] = {
        "id": service.id,
        "name": service.name,
        "status": CLOSED if service.closed_until else "active",
        "organization": {
            "id": service.organisation_id,
            "name": service.organisation,
            "description": service.organisation,
        },
        "description": service.does.get("nl", ""),
        "application_process": service.how.get("nl", ""),
        "email": service.email,
        "url": service.url,
        "minimum_age": service.minimum_age,
        "maximum_age": service.maximum_age,
        "assured_date": service.last_checked,
        "assurer_email": service.checked_by,
        "languages": [{"id": f"{service.id}:{code}", "code": code} for code in service.languages],
        "service_areas": [{"id": f"{service.id}:{area}", "name": area} for area in areas],
        "attributes": [
            {"id": f"{service.id}:{name}:{number}", "taxonomy_term_id": f"{TERM}{name}", "value": value}
            for name, values in facts.items()
            for number, value in enumerate(values)
        ],
    }
    if service.phone:
        record["phones"] = [{"id": f"{service.id}:phone", "number": service.phone}]
    lines = [fields_of(schedule) for schedule in service.schedules] or ([{}] if service.when else [])
    record["schedules"] = [
        {"id": f"{service.id}:schedule:{number}", "description": service.when.get("nl", ""), **line}
        for number, line in enumerate(lines)
    ]
    if service.where:
        location = {"id": f"{service.id}:location", "location_type": "physical", "name": service.where}
        record["service_at_locations"] = [{"id": f"{service.id}:at", "location": location}]
    return {name: value for name, value in record.items() if value not in ("", [], None)}


def from_hsds(
    record: Mapping[str, Any], area: Area, themes_of_terms: Mapping[str, str] = MappingProxyType({})
) -> Service:
    """The service in an HSDS record that keeps the standard's field rules. A record without our attributes becomes
    something `elsewhere`; `themes_of_terms` (a term's id, code or name in another taxonomy → theme) says what it is
    about.

    Raises NotAService when its organisation is missing, or when the kind, a theme, a right or a timetable is none of
    ours."""
    organisation = record.get("organization")
    if not isinstance(organisation, Mapping) or not organisation.get("id"):
        raise NotAService("`organization` has no `id`, add the organisation that runs this service")
    facts = _facts(record)
    kind = _one_of(KINDS, _first(facts, "kind") or "elsewhere", "kind of destination")
    themes = [_one_of(THEMES, theme, "theme") for theme in facts.get("theme", ())]
    themes += [themes_of_terms[term] for term in _terms(record) if term in themes_of_terms]
    right = _first(facts, "right")
    when = next((str(part.get("description", "")) for part in record.get("schedules") or ()), "")
    return Service(
        id=str(record["id"]),
        organisation_id=str(organisation["id"]),
        organisation=str(organisation.get("name") or ""),
        kind=next(known for known in KINDS if known == kind),
        name=str(record["name"]),
        themes=tuple(dict.fromkeys(themes)),
        neighbourhoods=area.neighbourhoods,
        postcodes=area.postcodes,
        does=_words(facts, "does", str(record.get("description") or "")),
        does_not=_words(facts, "does_not", _first(facts, "does_not")),
        who=_words(facts, "who", _first(facts, "who")),
        when=_words(facts, "when", when),
        schedules=tuple(_schedules(record)),
        how=_words(facts, "how", str(record.get("application_process") or "")),
        where=_where(record),
        phone=phone_of(record) or phone_of(organisation),
        email=str(record.get("email") or organisation.get("email") or ""),
        url=str(record.get("url") or organisation.get("website") or ""),
        languages=tuple(str(part["code"]) for part in record.get("languages") or () if part.get("code")) or ("nl",),
        minimum_age=_whole(record.get("minimum_age")) or 0,
        maximum_age=_whole(record.get("maximum_age")),
        capacity=_whole(_first(facts, "capacity")),
        full_until=_first(facts, "full_until") or None,
        closed_until=_first(facts, "closed_until") or None,
        medical=_first(facts, "medical") == "true",
        experts_by_experience=_first(facts, "experts_by_experience") == "true",
        for_children=_first(facts, "for_children") == "true",
        specialist=_first(facts, "specialist") == "true",
        groups=tuple(group for group in GROUPS if group in facts.get("group", ())),
        right=_one_of(RIGHTS, right, "right") if right else "",
        last_checked=str(record.get("assured_date") or ""),
        checked_by=str(record.get("assurer_email") or ""),
    )


def is_there(record: Mapping[str, Any]) -> bool:
    """Residents can go there now or from a day that is known."""
    closed_for_now = record.get("status") == CLOSED and "closed_until" in _facts(record)
    return record.get("status") == "active" or closed_for_now


def area_names(record: Mapping[str, Any]) -> list[str]:
    """What the record calls the areas it is there for."""
    return [str(area.get("name") or "") for area in record.get("service_areas") or () if area.get("name")]


def phone_of(record: Mapping[str, Any]) -> str:
    """The first phone number of a service or an organisation."""
    return next((str(part.get("number", "")) for part in record.get("phones") or ()), "")


def _one_of(known: Collection[str], value: str, what: str) -> str:
    if value not in known:
        raise NotAService(f"`{value}` is no {what}, use one of: {', '.join(known)}")
    return value


def _terms(record: Mapping[str, Any]) -> Iterator[str]:
    """Every way in which the record's terms of other taxonomies can be named."""
    for attribute in record.get("attributes") or ():
        term = attribute.get("taxonomy_term") or {}
        yield from (
            str(name) for name in (attribute.get("taxonomy_term_id"), term.get("code"), term.get("name")) if name
        )


def _schedules(record: Mapping[str, Any]) -> Iterator[Schedule]:
    for number, part in enumerate(record.get("schedules") or (), start=1):
        if part.get("opens_at"):  # without it there is a description only
            try:
                yield schedule_of(part)
            except NotASchedule as error:
                raise NotAService(f"schedule {number}: {error}") from None


def _where(record: Mapping[str, Any]) -> str:
    """The first place: its name, or its address."""
    for part in record.get("service_at_locations") or ():
        location = part.get("location") or {}
        address: Mapping[str, Any] = next(iter(location.get("addresses") or ()), {})
        street = ", ".join(str(address[name]) for name in ("address_1", "city") if address.get(name))
        if found := ", ".join(filter(None, (str(location.get("name") or ""), street))):
            return found
    return ""


def _whole(value: object) -> int | None:
    return None if value in (None, "") else int(float(str(value)))


def _facts(record: Mapping[str, Any]) -> Facts:
    found: Facts = {}
    for attribute in record.get("attributes") or ():
        term = str(attribute.get("taxonomy_term_id", ""))
        if term.startswith(TERM):
            found.setdefault(term.removeprefix(TERM), []).append(str(attribute.get("value", "")))
    return found


def _first(facts: Facts, name: str) -> str:
    return facts.get(name, [""])[0]


def _words(facts: Facts, name: str, dutch: str) -> Words:
    others = {term.removeprefix(f"{name}:"): values[0] for term, values in facts.items() if term.startswith(f"{name}:")}
    return {**({"nl": dutch} if dutch else {}), **others}
