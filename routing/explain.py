"""A decision in lines that a professional can follow, as `balie route explain` prints them."""

from __future__ import annotations

from collections.abc import Callable

from routing.model import Decision, Need, Option, Roster


def explain(decision: Decision, words: Callable[[str], str] | None = None) -> tuple[str, ...]:
    """Rule, policy, every option with its reasons, who follows, the rights beside it, and who was left out and why.

    `words` turns a text key (`route.rule.<id>`, `route.kind.<kind>`, `route.left_out.<code>`) into a sentence that is
    put after the code; without it there are codes only. Reasons stay codes: their sentences address the resident."""
    lines = [
        f"rule      {_worded(decision.rule, 'route.rule', words)}",
        f"policy    {decision.policy}",
    ]
    for number, option in enumerate(decision.options, start=1):
        lines.append(f"option {number}  {_option(option, words)}")
    lines.append(f"follower  {decision.follower.user_id if decision.follower else 'none'}")
    if decision.rights:
        lines.append(f"rights    {', '.join(right.code for right in decision.rights)}")
    lines += [f"left out  {service}: {_worded(code, 'route.left_out', words)}" for service, code in decision.left_out]
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


def _option(option: Option, words: Callable[[str], str] | None) -> str:
    sent = "can be sent" if option.sendable else "nothing is sent"
    kind = _worded(option.service.kind, "route.kind", words)
    return f"{option.service.id} [{kind}] {sent}: {', '.join(option.reasons)}"


def _worded(code: str, prefix: str, words: Callable[[str], str] | None) -> str:
    return code if words is None else f"{code} ({words(f'{prefix}.{code}')})"
