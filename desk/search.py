"""Between conversation and directory: what a resident looks for becomes a search, what it finds becomes words."""

from __future__ import annotations

from desk.route import facts_about
from flows.model import Found, Language, Listed, Search, Sought
from flows.texts import LANGUAGES, Texts, plain
from routing.model import Need, Neighbourhood, Roster, Service
from routing.search import Shelf, Shelved, search
from routing.themes import THEMES

AT_ONCE = 3  # services that are shown
MOST_NAMED = 4  # neighbourhoods; where a service is for more of them, their names tell nothing


class Searcher:
    """Searches one snapshot of the directory after another; the words of a service are made plain once."""

    def __init__(self, texts: Texts):
        self._texts = texts
        self._labels = {
            theme: _spaced(" ".join(texts.render(f"theme.{theme}", language) for language in LANGUAGES))
            for theme in THEMES
        }
        self._shelf = Shelf(Roster((), (), {}, ""), (), self._labels)

    def over(self, roster: Roster) -> Search:
        """The search that the engine is given. Pure: the same question, the same answer."""

        def find(sought: Sought, language: Language) -> Listed:
            need = Need(
                theme=sought.theme or "",
                neighbourhood=sought.place,
                age=sought.age,
                language=language,
                medical=sought.medical,
            )
            found = search(self._shelf_of(roster), need, sought.words)
            page = found[sought.skip : sought.skip + AT_ONCE]
            return Listed(tuple(self._found(one, sought, roster, language) for one in page), len(found))

        return find

    def _shelf_of(self, roster: Roster) -> Shelf:
        if roster is not self._shelf.roster:
            before = {id(one.service): one for one in self._shelf.services}  # a seat taken renews one service only
            services = tuple(before.get(id(one)) or _shelved(one) for one in roster.services)
            self._shelf = Shelf(roster, services, self._labels)
        return self._shelf

    def _found(self, service: Service, sought: Sought, roster: Roster, language: Language) -> Found:
        theme = sought.theme if sought.theme in service.themes else next(iter(service.themes), "")
        return Found(
            id=service.id,
            name=service.name,
            organisation="" if plain(service.name) in plain(service.organisation) else service.organisation,
            theme=str(theme),
            facts={
                **facts_about(service, language),
                "places": _places(service, roster.neighbourhoods),
                "age": self._texts.render("search.from_age", language, age=service.minimum_age)
                if service.minimum_age
                else "",
                "room": self._room(service, roster.today, language),
            },
        )

    def _room(self, service: Service, today: str, language: Language) -> str:
        """In plain words whether there is room; empty where nothing limits it."""
        if service.closed_until is not None and today < service.closed_until:
            return self._until("search.closed", service.closed_until, today, language)
        if service.full_until is not None and today < service.full_until:
            return self._until("search.full", service.full_until, today, language)
        if service.capacity is None:
            return ""
        left = max(service.capacity - service.reserved, 0)
        return self._texts.render("search.room" if left else "search.full_now", language, left=left)

    def _until(self, key: str, day: str, today: str, language: Language) -> str:
        year, month, number = day.split("-")
        named = self._texts.render(f"open.month.{int(month)}", language)
        until = f"{int(number)} {named}" + ("" if year == today[:4] else f" {year}")
        return self._texts.render(key, language, until=until)


def _shelved(service: Service) -> Shelved:
    name, organisation = _spaced(service.name), _spaced(service.organisation)
    does = _spaced(" ".join(service.does.values()))
    return Shelved(service, name, organisation, does, every=name + organisation + does)


def _spaced(text: str) -> str:
    return f" {plain(text)} "


def _places(service: Service, neighbourhoods: tuple[Neighbourhood, ...]) -> str:
    if len(service.neighbourhoods) > MOST_NAMED:
        return ""
    return ", ".join(one.name for one in neighbourhoods if one.id in service.neighbourhoods)
