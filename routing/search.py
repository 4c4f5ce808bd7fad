"""Looking around in the directory: the services of a theme, or those that answer to typed words, best first.

Pure. The borders are those of a decision (fit.py); what is full or closed is shown all the same, last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter

from msgspec import Struct

from routing.fit import is_medical, is_under_age, known_place, left_out, suits, themes_of
from routing.model import Kind, Need, Roster, Service

SHORTEST_STEM = 4  # letters
SHORTEST_IN_NAME = 4  # letters; a shorter word is not looked for inside another one ("cafe" in "taalcafe")
SHORTEST_INSIDE = 5  # elsewhere ("eten" is in "ontmoeten")
SHORTEST_SLIP = 5  # letters; of a shorter word a slip makes another word
IN_NAME, IN_ORGANISATION, IN_WORDS = 3, 2, 1  # how much it counts where a word was found

_SHOWN_ALL_THE_SAME = (None, "closed", "full")
_NEAREST_FIRST: tuple[Kind, ...] = ("own_steps", "initiative", "volunteers", "elsewhere", "own_network", "team")


class Shelved(Struct, frozen=True):
    """A service with its words made plain: no capitals, accents or marks, a space before and after each word."""

    service: Service
    name: str
    organisation: str
    does: str
    every: str  # the three together


class Shelf(Struct, frozen=True, dict=True):
    """The directory as it is looked through. `labels` says in plain words what each theme is called."""

    roster: Roster
    services: tuple[Shelved, ...]
    labels: Mapping[str, str]

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word that could have been meant."""
        return frozenset(" ".join((*self.labels.values(), *(one.every for one in self.services))).split())


def search(shelf: Shelf, need: Need, words: Sequence[str]) -> list[Service]:
    """Every service that may be shown, best first. `need.theme` is "" when there are only words; `words` are plain.

    What holds every word comes first, then what is about the theme. When nothing holds them all, the theme is what
    was meant; without a theme it is whatever holds most of them."""
    roster = shelf.roster
    about = [one for one in roster.about(themes_of(need)) if suits(one, need) and may_be_shown(one, need, roster.today)]
    about.sort(key=_order(roster, need))
    named, all_held = _by_words(shelf, need, words)
    if about and not all_held:
        return about
    known = {one.id for one in named}
    return [*named, *(one for one in about if one.id not in known)]


def may_be_shown(service: Service, need: Need, today: str) -> bool:
    """Within the borders: no volunteers for a child or for medical acts, nothing for children to who is none."""
    if service.for_children and not is_under_age(need):
        return False
    return left_out(service, need, today) in _SHOWN_ALL_THE_SAME


def _order(roster: Roster, need: Need) -> Callable[[Service], tuple[bool | int | str, ...]]:
    """What one can simply go to before the team; near before far; what has room before what has none."""
    place = known_place(roster, need)

    def order(service: Service) -> tuple[bool | int | str, ...]:
        return (
            is_medical(need) and not service.medical,
            service.kind == "team",
            _distance(service, place),
            left_out(service, need, roster.today) is not None,
            service.themes.index(need.theme) if need.theme in service.themes else len(service.themes),
            _NEAREST_FIRST.index(service.kind),
            need.language not in service.languages,
            service.id,
        )

    return order


def _distance(service: Service, place: str | None) -> int:
    """0 in the neighbourhood itself, 1 for the whole municipality, 2 for other neighbourhoods."""
    if place is None:
        return 0
    if not service.neighbourhoods:
        return 1
    return 0 if place in service.neighbourhoods else 2


# Words ---------------------------------------------------------------------------------------------------------------


def _by_words(shelf: Shelf, need: Need, words: Sequence[str]) -> tuple[list[Service], bool]:
    """The services that hold most of the words, best first, and whether that is all of them."""
    found: dict[int, tuple[int, int]] = {}  # position → how many words, how well
    for word in words:
        points = _points(shelf, word)
        if not points and len(word) >= SHORTEST_SLIP:
            points = _most(_points(shelf, meant) for meant in _one_slip_away(shelf.vocabulary, word))
        for position, well in points.items():
            held, before = found.get(position, (0, 0))
            found[position] = (held + 1, before + well)
    for most in range(len(words), 0, -1):
        best_first = sorted(
            ((well, position) for position, (held, well) in found.items() if held == most), reverse=True
        )
        shown = list(_shown(shelf, need, best_first))
        if shown:
            return [service for _, service in sorted(shown, key=itemgetter(0))], most == len(words)
    return [], False


def _shown(
    shelf: Shelf, need: Need, best_first: Sequence[tuple[int, int]]
) -> Iterator[tuple[tuple[int | bool | str, ...], Service]]:
    """Those that may be shown, each behind what it is sorted by. What holds a word only in passing does not stand
    beside what is called by it."""
    place, best = known_place(shelf.roster, need), 0
    for well, position in best_first:
        if 2 * well < best:
            return
        service = shelf.services[position].service
        if may_be_shown(service, need, shelf.roster.today):
            best = best or well
            gone = left_out(service, need, shelf.roster.today) is not None
            yield (-well, gone, _distance(service, place), _NEAREST_FIRST.index(service.kind), service.id), service


def _points(shelf: Shelf, word: str) -> dict[int, int]:
    """Position on the shelf → how well that service answers to `word`; only those that do."""
    stem = _stem(word)
    themes = {theme: well for theme, label in shelf.labels.items() if (well := _holds(label, word, stem))}
    points: dict[int, int] = {}
    for position, one in enumerate(shelf.services):
        if stem in one.every:
            well = max(
                IN_NAME * _holds(one.name, word, stem, SHORTEST_IN_NAME),
                IN_ORGANISATION * _holds(one.organisation, word, stem, SHORTEST_IN_NAME),
                IN_WORDS * _holds(one.does, word, stem),
            )
            if well:
                points[position] = well
    for theme, holds in themes.items():
        for position in shelf.roster.by_theme.get(theme, ()):
            service = shelf.services[position].service
            well = holds if service.themes[0] == theme else holds - 1  # what it does most
            if well > points.get(position, 0) and service.kind != "team":  # a team is about every theme
                points[position] = well
    return points


def _holds(text: str, word: str, stem: str, shortest_inside: int = SHORTEST_INSIDE) -> int:
    """How well a plain text holds a word: 4 as it is, 3 as the beginning of a longer one, 2 inside one, 1 a word that
    begins alike ("wandelen" in "wandelgroep"), 0 not."""
    if stem not in text:
        return 0
    if f" {word} " in text:
        return 4
    if f" {word}" in text:
        return 3
    if len(word) >= shortest_inside and word in text:
        return 2
    return 1 if len(stem) >= SHORTEST_STEM and f" {stem}" in text else 0


def _stem(word: str) -> str:
    return word[: max(SHORTEST_STEM, (len(word) + 1) // 2)]


def _one_slip_away(vocabulary: Iterable[str], word: str) -> list[str]:
    """The words that `word` may be a slip of the pen for; of a longer word its beginning counts."""
    half = len(word) // 2
    first, last = word[: half - 1], word[half + 1 :]
    meant = set()
    for known in vocabulary:
        if known.startswith(first) or last in known:  # one slip leaves one end as it is
            beginnings = {known, *(known[: len(word) + more] for more in (-1, 0, 1))}
            meant |= {one for one in beginnings if _is_one_slip(word, one)}
    kept: list[str] = []
    for one in sorted(meant):
        if not kept or not one.startswith(kept[-1]):  # whoever looks for the beginning finds the whole
            kept.append(one)
    return kept


def _is_one_slip(one: str, other: str) -> bool:
    """One letter more, less, other, or two that changed places."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return True
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _most(each: Iterable[dict[int, int]]) -> dict[int, int]:
    together: dict[int, int] = {}
    for points in each:
        for position, well in points.items():
            together[position] = max(well, together.get(position, 0))
    return together
