"""The routing policy: ordered rules that say which kinds of destination come first for which need.

A policy orders; it cannot move the borders (medical needs, people under 16), which decide.py holds."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec
from msgspec import Struct
from ruamel.yaml.nodes import Node

from routing.conditions import When, contradiction, covers
from routing.model import TEAM_FORMS, Kind
from routing.themes import DOMAINS, MEDICAL_THEMES, THEMES, UNDER_AGE
from routing.yaml_reader import Reader, Unreadable, value_of

KINDS: tuple[Kind, ...] = ("own_steps", "own_network", "initiative", "volunteers", "team", "elsewhere")
OWN: frozenset[Kind] = frozenset({"own_steps", "own_network"})
HELPING: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind not in OWN)
PROFESSIONAL: frozenset[Kind] = frozenset({"team", "elsewhere"})


class PolicyError(Unreadable):
    """The policy cannot be used; `problems` says where and why."""


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
    rules = [_rule(reader, node) for node in nodes]
    if "rules" in fields and reader.is_empty(fields["rules"]):
        reader.complain(fields["rules"], "there is no rule, add at least one")
    if rules and not reader.problems:  # what cannot be read might hold for anyone
        _check_order(reader, nodes, rules)
    return Policy(name=name, rules=tuple(rules), hash=policy_hash(tuple(rules)))


def _check_order(reader: Reader, nodes: list[Node], rules: list[Rule]) -> None:
    """Every rule can be reached, and the last takes everyone."""
    for number, (node, rule) in enumerate(zip(nodes, rules, strict=True)):
        before = rules[:number]
        if any(rule.id == earlier.id for earlier in before):
            reader.complain(node, f"there are two rules `{rule.id}`, give one another name")
        cover = next((earlier for earlier in before if covers(earlier.when, rule.when)), None)
        if cover is not None:
            reader.complain(
                node, f"rule `{rule.id}` is never reached: `{cover.id}` always comes first, put this rule before it"
            )
        elif found := contradiction(rule.when):
            reader.complain(node, f"rule `{rule.id}` never holds: {found}, correct its `when` or remove the rule")
    for number, (node, rule) in enumerate(zip(nodes, rules, strict=True)):
        medical = msgspec.structs.replace(rule.when, medical=True)
        taken = rule.when.medical is False or any(covers(earlier.when, medical) for earlier in rules[:number])
        if not taken and not PROFESSIONAL.issuperset(rule.order):
            reader.complain(
                node,
                f"medical acts would reach rule `{rule.id}` and are for professionals only, put a rule with "
                "`when: {medical: true}` and `order: [team]` before it",
            )
            break
    if rules[-1].when != When():
        reader.complain(
            nodes[-1], f"the last rule `{rules[-1].id}` does not hold for everyone, end with a rule without `when`"
        )


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
    for item in reader.items(node, "`order`"):
        kind = _kind(reader, item, KINDS)
        if kind is None:
            continue
        if kind in found:
            reader.complain(item, f"`{kind}` stands in `order` twice, keep one")
        if kind in OWN and any(earlier not in OWN for earlier in found):
            reader.complain(item, f"own strength comes first, move `{kind}` to the front of `order`")
        _check_border(reader, item, kind, when)
        found.append(kind)
    if reader.is_empty(node):
        reader.complain(node, "`order` names no destination, add `team` at least")
    return tuple(found)


def _kind(reader: Reader, node: Node, known: tuple[Kind, ...]) -> Kind | None:
    value = reader.one_of(node, known)
    return next((kind for kind in known if kind == value), None)


def _check_border(reader: Reader, node: Node, kind: Kind | None, when: When) -> None:
    """A rule that sends over a border is refused where it stands; decide.py holds the borders all the same."""
    if kind is None or kind in PROFESSIONAL:
        return
    if when.medical or (when.medical is None and MEDICAL_THEMES.intersection(when.themes)):
        border = "medical acts are for professionals only"
    elif when.age_under is not None and when.age_under <= UNDER_AGE:
        border = f"under {UNDER_AGE} a professional is offered and no volunteers"
    else:
        return
    reader.complain(node, f"{border}, remove `{kind}`: no setting changes that")


def _when(reader: Reader, node: Node) -> When:
    fields = reader.fields(node, "`when`", (), tuple(When.__struct_fields__))
    for_whom = reader.one_of(fields["for_whom"], ("self", "other")) if "for_whom" in fields else None

    def names(key: str, known: tuple[str, ...] | None = None) -> tuple[str, ...]:
        if key not in fields:
            return ()
        if reader.is_empty(fields[key]):
            reader.complain(fields[key], f"`{key}` is empty, name one or remove it")
        return reader.names(fields[key], f"`{key}`", known)

    if "urgent" in fields and not reader.yes_no(fields["urgent"]):
        reader.complain(fields["urgent"], "who did not say that it cannot wait may not be able to, write `true`")
    when = When(
        themes=names("themes", THEMES),
        domains=names("domains", tuple(DOMAINS)),
        domains_at_least=reader.number(fields["domains_at_least"], least=2) if "domains_at_least" in fields else None,
        domains_at_most=reader.number(fields["domains_at_most"], least=1) if "domains_at_most" in fields else None,
        medical=reader.yes_no(fields["medical"]) if "medical" in fields else None,
        urgent="urgent" in fields,
        age_under=reader.number(fields["age_under"], least=1) if "age_under" in fields else None,
        for_whom="self" if for_whom == "self" else "other" if for_whom == "other" else None,
        neighbourhoods=names("neighbourhoods"),
        languages=names("languages"),
        team_forms=tuple(form for form in TEAM_FORMS if form in names("team_forms", TEAM_FORMS)),
        room=tuple(kind for kind in HELPING if kind in names("room", HELPING)),
    )
    for item in reader.items(fields["room"], "`room`") if "room" in fields else ():
        _check_border(reader, item, _kind(reader, item, HELPING), when)
    return when
