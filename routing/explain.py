"""A decision as codes, to be kept with a request, and in lines that a professional can follow."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from routing.model import Decision, Need, Option, Roster

Words = Callable[[str, str], str]
"""The sentence of a text key, about a service id ("" for none)."""


class OptionCodes(Struct, frozen=True):
    service: str
    kind: str
    reasons: tuple[str, ...]
    sendable: bool


class DecisionCodes(Struct, frozen=True):
    """What was decided, without anything that was said: ids and codes. `left_out`: (service id, code of why)."""

    rule: str
    policy: str
    options: tuple[OptionCodes, ...]
    left_out: tuple[tuple[str, str], ...] = ()


def codes_of(decision: Decision) -> DecisionCodes:
    return DecisionCodes(
        rule=decision.rule,
        policy=decision.policy,
        options=tuple(
            OptionCodes(option.service.id, option.service.kind, option.reasons, option.sendable)
            for option in decision.options
        ),
        left_out=decision.left_out,
    )


def explain(codes: DecisionCodes, present_policy: str, words: Words) -> tuple[str, ...]:
    """Rule, policy, every option with its reasons, and who was left out and why, as `balie route explain` prints them.

    A reason's sentence is the one that the resident read. `present_policy` is the hash of the policy of today."""
    same = "the present policy" if codes.policy == present_policy else f"another one than today's {present_policy}"
    lines = [
        f"rule         {_worded(codes.rule, 'route.rule', words)}",
        f"policy       {codes.policy} ({same})",
    ]
    for number, option in enumerate(codes.options, start=1):
        sent = "can be sent" if option.sendable else "nothing is sent"
        kind = _worded(option.kind, "route.kind", words)
        lines.append(f"option {number}     {option.service}, {kind}; {sent}")
        lines += [f"  because    {_worded(reason, 'route.reason', words, option.service)}" for reason in option.reasons]
    lines += [f"left out     {service}: {_worded(code, 'route.left_out', words)}" for service, code in codes.left_out]
    return tuple(lines)


def reason_values(option: Option, need: Need, roster: Roster) -> dict[str, str]:
    """The values for every `route.reason.<code>` of this option: `name`, `organisation`, `neighbourhood`; a value that
    is not known is an empty text."""
    named = {neighbourhood.id: neighbourhood.name for neighbourhood in roster.neighbourhoods}
    return {
        "name": option.service.name,
        "organisation": option.service.organisation,
        "neighbourhood": named.get(need.neighbourhood or "", ""),
    }


def _worded(code: str, prefix: str, words: Words, service: str = "") -> str:
    said = words(f"{prefix}.{code}", service)
    return f"{code}: {said}" if said else code
