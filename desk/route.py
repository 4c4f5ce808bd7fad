"""Between conversation and routing: what the resident said becomes a need, the decision becomes an offer in words."""

from __future__ import annotations

from typing import Any

import msgspec

from flows.model import Card, Language, Offer, Option
from flows.texts import Texts
from routing import model as routing
from routing.decide import decide
from routing.explain import codes_of, reason_values
from routing.fit import is_medical, known_place, left_out, may_receive, not_sent, volunteers_ring
from routing.policy import Policy

DECLINED = "declined"  # the slot with services that said no to this resident; they are not asked again
NOBODY_TO_ASK = ("someone", "carer")  # no role was recognised; and who is paid to help is nobody's own network


def need_of(slots: dict[str, Any], language: str) -> routing.Need:
    """The slots as routing knows them. A skipped question is an unknown, never a no."""
    return routing.Need(
        theme=str(slots["theme"]),
        neighbourhood=slots.get("place"),
        for_whom=slots.get("who"),
        age=slots.get("age"),
        language=language,
        own_network=tuple(role for role in slots.get("own_network") or () if role not in NOBODY_TO_ASK),
        own_capacity=slots.get("own_capacity"),
        medical=bool(slots.get("medical")),
        urgent=bool(slots.get("urgent")),
        also=tuple(one["theme"] for one in slots.get("also") or ()),
        prefer_experts=bool(slots.get("prefer_experts")),
    )


def offer(texts: Texts, policy: Policy, roster: routing.Roster, slots: dict[str, Any], language: Language) -> Offer:
    """The decision for these slots, in the resident's language."""
    need = need_of(slots, language)
    declined = frozenset(slots.get(DECLINED) or ())
    if declined:  # the team stays: someone must be there
        left = tuple(one for one in roster.services if one.kind == "team" or one.id not in declined)
        roster = msgspec.structs.replace(roster, services=left)
    decision = decide(policy, roster, need)

    def worded(option: routing.Option) -> Option:
        values = reason_values(option, need, roster)
        why = " ".join(texts.render(f"route.reason.{code}", language, **values) for code in option.reasons)
        follower = decision.follower.name if decision.follower else ""
        ring = _ring(roster, need, option.service)
        return _option(texts, option, language, why=why, follower=follower, volunteers=ring)

    return Offer(
        decision.rule,
        decision.policy,
        options=tuple(map(worded, decision.options)),
        team=worded(decision.team) if decision.team else None,
        rights=tuple(_right(texts, right, language) for right in decision.rights),
        experts=not need.prefer_experts and _experts_instead(policy, roster, need, decision),
        decision=msgspec.json.decode(msgspec.json.encode(codes_of(decision))),  # lists, as the session keeps it
    )


def _ring(roster: routing.Roster, need: routing.Need, service: routing.Service) -> routing.Ring:
    """Where the volunteers stand who may see what is sent there: at the team they can be members, except where it is
    medical; other professionals have none."""
    professionals = service.kind == "team" and (not service.own_team or service.medical or is_medical(need))
    return "outside" if professionals else volunteers_ring(roster, known_place(roster, need))


def still_possible(roster: routing.Roster, slots: dict[str, Any], language: str, card: Card) -> bool:
    """Whether this card may still be sent: the service exists, has room, is open, and has a valid agreement that names
    every category of its lines."""
    need = need_of(slots, language)
    service = roster.by_id.get(card.option.id)
    if service is None or not {line.category for line in card.lines if line.on} <= set(may_receive(service)):
        return False
    return left_out(service, need, roster.today) is None and not_sent(service, need, roster.today) is None


def _experts_instead(policy: Policy, roster: routing.Roster, need: routing.Need, decision: routing.Decision) -> bool:
    """Whether experts by experience would be among the options for who prefers them, and are not now."""
    preferred = decide(policy, roster, msgspec.structs.replace(need, prefer_experts=True))
    offered = {option.service.id for option in decision.options}
    return any(one.service.experts_by_experience and one.service.id not in offered for one in preferred.options)


def _right(texts: Texts, right: routing.Right, language: str) -> str:
    service = right.service
    return texts.render(
        f"route.right.{right.code}",
        language,
        name=service.name if service else "",
        phone=service.phone if service else "",
        where=service.where if service else "",
    )


def _option(texts: Texts, option: routing.Option, language: str, **facts: str) -> Option:
    service = option.service
    known = facts_about(service, language)
    for what in ("does", "how"):
        known[what] = known[what] or _own(texts, service, what, language)
    return Option(
        id=service.id,
        kind=service.kind,
        name=service.name or texts.render(f"route.{service.id}.name", language),
        organisation=service.organisation,
        reasons=option.reasons,
        facts={**known, **facts},
        sendable=option.sendable,
        may_receive=option.may_receive,
    )


def facts_about(service: routing.Service, language: str) -> dict[str, str]:
    """What a resident may read about a service, by the names that texts use; empty where the directory is silent."""
    return {
        "does": _words(service.does, language),
        "does_not": _words(service.does_not, language),
        "who": _words(service.who, language),
        "when": _words(service.when, language).rstrip("."),
        "open": "",  # told at each turn, see opening.py
        "how": _words(service.how, language),
        "where": service.where,
        "phone": service.phone,
        "email": service.email,
        "url": service.url,
    }


def _words(words: routing.Words, language: str) -> str:
    return words.get(language) or words.get("nl", "")


def _own(texts: Texts, service: routing.Service, what: str, language: str) -> str:
    """The words of the two options that are in no directory: own network, and a person in this conversation."""
    key = f"route.{service.id}.{what}"
    return texts.render(key, language) if texts.has(key, language) else ""
