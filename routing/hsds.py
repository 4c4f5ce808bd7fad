"""Our services in the words of Open Referral HSDS 3.0, as plain dicts, both ways.

Only what the public may know goes in: accounts, agreements and places taken are ours and stay out. What HSDS has no
field for (kind, themes, capacity, the English sentences, …) travels as `attributes`, one per fact, with our name for
it in `taxonomy_term_id`; ids are our own short names. Names from the HSDS 3.0 schemas, https://docs.openreferral.org."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from routing.model import FLAGS, GROUPS, Service, Words
from routing.policy import KINDS

TERM = "buurtbalie:"
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
    record: dict[str, Any] = {
        "id": service.id,
        "name": service.name,
        "status": "temporarily closed" if service.closed_until else "active",
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
        "languages": [{"id": f"{service.id}:{code}", "code": code} for code in service.languages],
        "service_areas": [{"id": f"{service.id}:{area}", "name": area} for area in service.neighbourhoods],
        "attributes": [
            {"id": f"{service.id}:{name}:{number}", "taxonomy_term_id": f"{TERM}{name}", "value": value}
            for name, values in facts.items()
            for number, value in enumerate(values)
        ],
    }
    if service.phone:
        record["phones"] = [{"id": f"{service.id}:phone", "number": service.phone}]
    if service.when:
        record["schedules"] = [{"id": f"{service.id}:schedule", "description": service.when.get("nl", "")}]
    if service.where:
        location = {"id": f"{service.id}:location", "location_type": "physical", "name": service.where}
        record["service_at_locations"] = [{"id": f"{service.id}:at", "location": location}]
    return {name: value for name, value in record.items() if value not in ("", [], None)}


def from_hsds(record: Mapping[str, Any]) -> Service:
    """The service in an HSDS record; a record without our attributes becomes something `elsewhere` without themes.

    Raises NotAService when id, name or organization is missing, or when the kind is none of ours."""
    organisation = record.get("organization")
    if not isinstance(organisation, Mapping) or not organisation.get("id"):
        raise NotAService("`organization` has no `id`, add the organisation that runs this service")
    for name in ("id", "name"):
        if not record.get(name):
            raise NotAService(f"`{name}` is missing, every service needs one")
    facts = _facts(record)
    kind = _first(facts, "kind") or "elsewhere"
    if kind not in KINDS:
        raise NotAService(f"`{kind}` is no kind of destination, use one of: {', '.join(KINDS)}")
    when = next((str(part.get("description", "")) for part in record.get("schedules", ())), "")
    return Service(
        id=str(record["id"]),
        organisation_id=str(organisation["id"]),
        organisation=str(organisation.get("name", "")),
        kind=kind,
        name=str(record["name"]),
        themes=tuple(facts.get("theme", ())),
        neighbourhoods=tuple(str(area.get("name", "")) for area in record.get("service_areas", ())),
        does=_words(facts, "does", str(record.get("description", ""))),
        does_not=_words(facts, "does_not", _first(facts, "does_not")),
        who=_words(facts, "who", _first(facts, "who")),
        when=_words(facts, "when", when),
        how=_words(facts, "how", str(record.get("application_process", ""))),
        where=next((str(part["location"].get("name", "")) for part in record.get("service_at_locations", ())), ""),
        phone=next((str(part.get("number", "")) for part in record.get("phones", ())), ""),
        email=str(record.get("email", "")),
        url=str(record.get("url", "")),
        languages=tuple(str(part.get("code", "")) for part in record.get("languages", ())) or ("nl",),
        minimum_age=int(record.get("minimum_age", 0)),
        maximum_age=None if record.get("maximum_age") is None else int(record["maximum_age"]),
        capacity=int(_first(facts, "capacity")) if "capacity" in facts else None,
        full_until=_first(facts, "full_until") or None,
        closed_until=_first(facts, "closed_until") or None,
        medical=_first(facts, "medical") == "true",
        experts_by_experience=_first(facts, "experts_by_experience") == "true",
        for_children=_first(facts, "for_children") == "true",
        specialist=_first(facts, "specialist") == "true",
        groups=tuple(group for group in GROUPS if group in facts.get("group", ())),
        right=_first(facts, "right"),
        last_checked=str(record.get("assured_date", "")),
    )


def _facts(record: Mapping[str, Any]) -> Facts:
    found: Facts = {}
    for attribute in record.get("attributes", ()):
        term = str(attribute.get("taxonomy_term_id", ""))
        if term.startswith(TERM):
            found.setdefault(term.removeprefix(TERM), []).append(str(attribute.get("value", "")))
    return found


def _first(facts: Facts, name: str) -> str:
    return facts.get(name, [""])[0]


def _words(facts: Facts, name: str, dutch: str) -> Words:
    others = {term.removeprefix(f"{name}:"): values[0] for term, values in facts.items() if term.startswith(f"{name}:")}
    return {**({"nl": dutch} if dutch else {}), **others}
