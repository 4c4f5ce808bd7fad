"""The routing policy: ordered rules that say which kinds of destination come first for which need.

A policy orders; it cannot move the borders (medical needs, people under 16), which decide.py holds."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec
from msgspec import Struct
from ruamel.yaml.nodes import Node

from routing.model import TEAM_FORMS, Kind, TeamForm
from routing.themes import DOMAINS, MEDICAL_THEMES, THEMES, UNDER_AGE
from routing.yaml_reader import Reader, Unreadable, value_of

KINDS: tuple[Kind, ...] = ("own_steps", "own_network", "initiative", "volunteers", "team", "elsewhere")
OWN: frozenset[Kind] = frozenset({"own_steps", "own_network"})
PROFESSIONAL: frozenset[Kind] = frozenset({"team", "elsewhere"})


class PolicyError(Unreadable):
    """The policy cannot be used; `problems` says where and why."""


class When(Struct, frozen=True):
    """The conditions of a rule; all that are given must hold. Nothing given: the rule always holds."""

    themes: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()  # life domain of the theme
    domains_at_least: int | None = None  # life domains touched by the theme and the other themes heard
    domains_at_most: int | None = None
    medical: bool | None = None
    age_under: int | None = None  # holds only when the age was told
    for_whom: Literal["self", "other"] | None = None
    neighbourhoods: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    team_forms: tuple[TeamForm, ...] = ()  # the form of the team where the resident lives


class Rule(Struct, frozen=True):
    """`order`: the kinds to offer, first kind first. `of_each`: how many of one kind at most. `network`: whom the
    resident must have named before own network is offered, anyone or somebody who is nearby."""

    id: str
    order: tuple[Kind, ...]
    when: When = When()
    of_each: int = 1
    network: Literal["named", "nearby"] = "named"


class Policy(Struct, frozen=True):
    """The first rule that holds decides; the last always holds. `hash`: 12 hexadecimal digits over the rules."""

    name: str
    rules: tuple[Rule, ...]
    hash: str


def read_policy(text: str, file: str) -> Policy:
    """The policy in this YAML text; `file` is its name in messages. Raises PolicyError with every problem found."""
    reader = Reader(text, file)
    policy = None if reader.root is None else _policy(reader, reader.root)
    if policy is None or reader.problems:
        raise PolicyError(reader.problems)
    return policy


def policy_hash(rules: tuple[Rule, ...]) -> str:
    """The first 12 hexadecimal digits of the SHA-256 over the rules as canonical JSON: layout and comments of the
    file do not change it."""
    return hashlib.sha256(msgspec.json.encode(rules, order="deterministic")).hexdigest()[:12]


def _policy(reader: Reader, root: Node) -> Policy:
    fields = reader.fields(root, "a policy", ("policy", "rules"), ())
    name = reader.name(fields["policy"]) if "policy" in fields else ""
    nodes = reader.items(fields["rules"], "`rules`") if "rules" in fields else []
    rules: list[Rule] = []
    for node in nodes:
        rule = _rule(reader, node)
        if rule.id and any(rule.id == earlier.id for earlier in rules):
            reader.complain(node, f"there are two rules `{rule.id}`, give one another name")
        cover = next((earlier for earlier in rules if _covers(earlier.when, rule.when)), None)
        if cover is not None and not reader.problems:
            reader.complain(
                node, f"rule `{rule.id}` is never reached: `{cover.id}` always comes first, put this rule before it"
            )
        rules.append(rule)
    if "rules" in fields and reader.is_empty(fields["rules"]):
        reader.complain(fields["rules"], "there is no rule, add at least one")
    elif rules and rules[-1].when != When():
        reader.complain(
            nodes[-1], f"the last rule `{rules[-1].id}` does not hold for everyone, end with a rule without `when`"
        )
    return Policy(name=name, rules=tuple(rules), hash=policy_hash(tuple(rules)))


def _rule(reader: Reader, node: Node) -> Rule:
    fields = reader.fields(node, "a rule", ("rule", "order"), ("when", "of_each", "network"))
    when_node = value_of(fields, "when")
    when = _when(reader, when_node) if when_node is not None else When()
    order = _order(reader, fields["order"], when) if "order" in fields else ()
    of_each = reader.number(fields["of_each"], least=1) if "of_each" in fields else 1
    network = reader.one_of(fields["network"], ("named", "nearby")) if "network" in fields else "named"
    if "network" in fields and "own_network" not in order:
        reader.complain(fields["network"], "`network` does nothing without `own_network`, add that to `order`")
    return Rule(
        id=reader.name(fields["rule"]) if "rule" in fields else "",
        order=order,
        when=when,
        of_each=of_each,
        network="nearby" if network == "nearby" else "named",
    )


def _order(reader: Reader, node: Node, when: When) -> tuple[Kind, ...]:
    found: list[Kind] = []
    border = _border(when)
    for item in reader.items(node, "`order`"):
        kind = next((known for known in KINDS if known == reader.one_of(item, KINDS)), None)
        if kind is None:
            continue
        if kind in found:
            reader.complain(item, f"`{kind}` stands in `order` twice, keep one")
        if kind in OWN and any(earlier not in OWN for earlier in found):
            reader.complain(item, f"own strength comes first, move `{kind}` to the front of `order`")
        if border and kind not in PROFESSIONAL:
            reader.complain(item, f"{border}, remove `{kind}`: no setting changes that")
        found.append(kind)
    if reader.is_empty(node):
        reader.complain(node, "`order` names no destination, add `team` at least")
    return tuple(found)


def _border(when: When) -> str:
    if when.medical or MEDICAL_THEMES.intersection(when.themes):
        return "medical acts are for professionals only"
    if when.age_under is not None and when.age_under <= UNDER_AGE:
        return f"under {UNDER_AGE} a professional is offered and no volunteers"
    return ""


def _when(reader: Reader, node: Node) -> When:
    fields = reader.fields(node, "`when`", (), tuple(When.__struct_fields__))
    for_whom = reader.one_of(fields["for_whom"], ("self", "other")) if "for_whom" in fields else None

    def names(key: str, known: tuple[str, ...] | None = None) -> tuple[str, ...]:
        if key not in fields:
            return ()
        if reader.is_empty(fields[key]):
            reader.complain(fields[key], f"`{key}` is empty, name one or remove it")
        return reader.names(fields[key], f"`{key}`", known)

    return When(
        themes=names("themes", THEMES),
        domains=names("domains", tuple(DOMAINS)),
        domains_at_least=reader.number(fields["domains_at_least"], least=2) if "domains_at_least" in fields else None,
        domains_at_most=reader.number(fields["domains_at_most"], least=1) if "domains_at_most" in fields else None,
        medical=reader.yes_no(fields["medical"]) if "medical" in fields else None,
        age_under=reader.number(fields["age_under"], least=1) if "age_under" in fields else None,
        for_whom="self" if for_whom == "self" else "other" if for_whom == "other" else None,
        neighbourhoods=names("neighbourhoods"),
        languages=names("languages"),
        team_forms=tuple(form for form in TEAM_FORMS if form in names("team_forms", TEAM_FORMS)),
    )


def _covers(earlier: When, later: When) -> bool:
    """Whether `earlier` holds for every need that `later` holds for."""
    lists = ("themes", "domains", "neighbourhoods", "languages", "team_forms")
    for name in lists:
        wide, narrow = getattr(earlier, name), getattr(later, name)
        if wide and (not narrow or not set(narrow) <= set(wide)):
            return False
    if earlier.domains_at_least is not None and (later.domains_at_least or 0) < earlier.domains_at_least:
        return False
    if earlier.domains_at_most is not None and (
        later.domains_at_most is None or later.domains_at_most > earlier.domains_at_most
    ):
        return False
    if earlier.age_under is not None and (later.age_under is None or later.age_under > earlier.age_under):
        return False
    return earlier.medical in (None, later.medical) and earlier.for_whom in (None, later.for_whom)
