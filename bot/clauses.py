"""Cuts a message into the clauses in which people tell one thing after the other, to be understood one by one."""

from __future__ import annotations

import re

LONGER_THAN = 8  # words; a shorter message tells one thing
SHORTEST = 3  # words; less than that says nothing alone and stays with what stands before it
MOST = 5

# Two languages in one list and not in the locale files: a message is cut before its language is known.
_JOINING = "en ook|en dan|en verder|en|ook nog|daarnaast|bovendien|verder|and also|and then|and|besides"
_CUT = re.compile(rf"[.!?;\n]+|,|\b(?:{_JOINING})\b", re.IGNORECASE)


def clauses(text: str) -> tuple[str, ...]:
    """The two to five clauses of a long message, in order and in the resident's own words; none when it is short or
    tells one thing. What comes after the fifth is left out."""
    if len(text.split()) <= LONGER_THAN:
        return ()
    spans: list[tuple[int, int]] = []
    start = 0
    for cut, after in [*(match.span() for match in _CUT.finditer(text)), (len(text), len(text))]:
        words = len(text[start:cut].split())
        if words >= SHORTEST:
            spans.append((start, cut))
        elif words and spans:
            spans[-1] = (spans[-1][0], cut)
        start = after
    found = tuple(text[start:end].strip() for start, end in spans[:MOST])
    return found if len(found) > 1 else ()
