"""Where the model errs, out of the monthly counts, in figures that nobody can be found back in.

A pair that occurred less than five times is shown as "<5" and is part of no share and no total. What is shown is
rounded down to fives: so neither two reports over different months nor two of different days differ by less, and totals
and shares are made of what is shown, so nothing can be got back by subtraction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct

from storage.records import GuessCount

LEAST = 5
FEW = f"<{LEAST}"
NOTHING = "Nothing has been counted yet in these months."


class Pair(Struct, frozen=True):
    """`count` is a multiple of five, or "<5". `share` is the part of all shown counts with this guess, from 0 to 1;
    None for "<5"."""

    guessed: str
    chosen: str
    count: int | str
    share: float | None


class Part(Struct, frozen=True):
    """`confirmed` holds the pairs of a theme with itself, where the guess held. `total` is over all counts that are
    shown, so a "<5" is not in it."""

    title: str
    pairs: tuple[Pair, ...]
    confirmed: tuple[Pair, ...]
    total: int

    def lines(self) -> Iterator[str]:
        if not self.pairs and not self.confirmed:
            return
        yield f"{self.title} ({self.total} shown)"
        if self.pairs:
            yield f"  {'guessed':<20} {'turned out to be':<20} {'times':>6} {'share':>6}"
        for pair in self.pairs:
            yield f"  {pair.guessed:<20} {pair.chosen:<20} {pair.count:>6} {_percent(pair.share):>6}"
        if self.confirmed:
            yield f"  {'guessed and right':<41} {'times':>6} {'share':>6}"
        for pair in self.confirmed:
            yield f"  {pair.guessed:<41} {pair.count:>6} {_percent(pair.share):>6}"
        yield ""


class Report(Struct, frozen=True):
    """`since` is the first month ("2026-03"), empty for all. `sure`: the model began the intake. `unsure`: the resident
    picked from the three themes or the menu. `rerouted`: whoever received the request said that it is another matter;
    these are about any request, whoever named its theme."""

    since: str
    sure: Part
    unsure: Part
    rerouted: Part

    def lines(self) -> list[str]:
        found = [line for part in (self.sure, self.unsure, self.rerouted) for line in part.lines()]
        if not found:
            return [NOTHING]
        return [
            *found,
            f'Counts are rounded down to fives. "{FEW}" is less than five, and part of no share and no total.',
        ]


def make(counts: Iterable[GuessCount], since: str = "") -> Report:
    """`counts` are those of `since` and later."""
    sure: Counter[tuple[str, str]] = Counter()
    unsure: Counter[tuple[str, str]] = Counter()
    rerouted: Counter[tuple[str, str]] = Counter()
    into = {"corrected": sure, "confirmed": sure, "chosen": unsure, "rerouted": rerouted}
    for one in counts:
        into[one.how][one.guessed, one.chosen] += one.count
    return Report(
        since,
        _part("The model was sure of the theme", sure),
        _part("The model was unsure and the resident chose", unsure),
        _part("Handed on by whoever received the request", rerouted),
    )


def _part(title: str, exact: Counter[tuple[str, str]]) -> Part:
    shown = {pair: count // LEAST * LEAST for pair, count in exact.items() if count >= LEAST}
    of_guess: Counter[str] = Counter()
    for (guessed, _), count in shown.items():
        of_guess[guessed] += count
    pairs = []
    for guessed, chosen in sorted(exact, key=lambda pair: (-shown.get(pair, 0), pair)):
        times = shown.get((guessed, chosen))
        share = None if times is None else round(times / of_guess[guessed], 2)
        pairs.append(Pair(guessed, chosen, times or FEW, share))
    return Part(
        title,
        tuple(pair for pair in pairs if pair.guessed != pair.chosen),
        tuple(pair for pair in pairs if pair.guessed == pair.chosen),
        sum(shown.values()),
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
