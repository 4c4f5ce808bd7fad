"""The one place where the parts of the desk are constructed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from desk import opening
from desk.chat_removal import REMOVES
from desk.content import load_flows, load_texts, places_of
from desk.route import offer
from desk.search import Searcher
from desk.settings import Settings
from flows.crisis_numbers import numbers
from flows.definition import Content, Flow, Menu
from flows.model import Language, Listed, Offer, Route, Search, Sought
from flows.texts import LANGUAGES, Texts
from routing.model import Roster
from routing.policy import Policy, PolicyError, read_policy
from storage.database import Database
from storage.first_start import open_storage
from storage.unit_of_work import UnitOfWork

Clock = Callable[[], datetime]


def now() -> datetime:
    return datetime.now(UTC)


class Desk:
    """Settings, content, policy and database together, as every use case gets them."""

    def __init__(
        self, settings: Settings, texts: Texts, flows: dict[str, Flow], menu: Menu, policy: Policy, database: Database
    ):
        self.settings = settings
        self.texts = texts
        self.policy = policy
        self.database = database
        self._flows = flows
        self._menu = menu
        self._read: tuple[int, int, str] = (-1, -1, "")  # the directory's version, its seats, the day
        self._roster = Roster((), (), {}, "")
        self._content: dict[str, Content] = {}
        self._searcher = Searcher(texts)

    def content(self, uow: UnitOfWork, channel: str) -> Content:
        """What the engine runs on, for a conversation on `channel`; cached while the directory stays."""
        self.roster(uow)
        content = self._content.get(channel)
        if content is None:
            places = places_of(self._roster.neighbourhoods)
            content = Content(self._flows, self._menu, self.texts, places, facts_in_chat(self.settings, channel))
            self._content[channel] = content
        return content

    def roster(self, uow: UnitOfWork) -> Roster:
        """The snapshot of the directory; read anew only when it, its seats or the day changed."""
        read = (*uow.directory.version(), uow.now.date().isoformat())
        if read != self._read:
            directory = uow.directory.load()
            if (read[0], read[2]) == (self._read[0], self._read[2]):
                self._roster = self._roster.with_seats(directory.services)
            else:
                self._roster = directory.roster(read[2])
                self._content.clear()
            self._read = read
        return self._roster

    def route(self, uow: UnitOfWork) -> Route:
        roster = self.roster(uow)

        def route(slots: dict[str, Any], language: Language) -> Offer:
            found = offer(self.texts, self.policy, roster, slots, language)
            return opening.Clock(self.texts, roster, uow.now, language).offer(found)

        return route

    def search(self, uow: UnitOfWork) -> Search:
        roster = self.roster(uow)
        find = self._searcher.over(roster)

        def search(sought: Sought, language: Language) -> Listed:
            return opening.Clock(self.texts, roster, uow.now, language).listed(find(sought, language))

        return search

    def close(self) -> None:
        self.database.close()


def facts_of(settings: Settings) -> dict[str, dict[str, Any]]:
    """Per language the values that every text may name."""
    hours = settings.team.hours
    return {
        language: {
            "municipality": settings.municipality,
            "team": {**settings.team.model_dump(), "hours": hours.get(language) or hours.get("nl", "")},
            "complaints": settings.complaints.model_dump(),
            "retention": {
                "unfinished_days": settings.retention.unfinished,
                "closed_days": settings.retention.closed,
                "link_days": settings.retention.links,
            },
            "web_chat_url": settings.http.public_url,
            "numbers": dict(numbers()),
        }
        for language in LANGUAGES
    }


def facts_in_chat(settings: Settings, channel: str = "web") -> dict[str, dict[str, Any]]:
    """The same for a conversation on `channel`. `links`: a page for somebody else can be opened elsewhere; in the web
    chat on one machine it can be tried out there."""
    here = {
        "channel": channel,
        "links": channel == "web" or settings.http.opens_elsewhere,
        "removes_messages": channel in REMOVES,
    }
    return {language: {**known, **here} for language, known in facts_of(settings).items()}


def load_policy(settings: Settings) -> Policy:
    """The operator's policy file, or the one that comes with the desk. Raises PolicyError."""
    own = settings.paths.policy
    if own:
        try:
            return read_policy(Path(own).read_text("utf-8"), own)
        except OSError as error:
            what = f"{own}:1:1: cannot be read ({error.strerror}), mend `paths: policy` in config.yml"
        except UnicodeDecodeError:
            what = f"{own}:1:1: holds characters that are not UTF-8, save the file as UTF-8"
        raise PolicyError([what])
    name = "routing/policies/standard.yml"
    return read_policy((files("routing") / "policies" / "standard.yml").read_text("utf-8"), name)


def bootstrap(settings: Settings, clock: Clock = now) -> Desk:
    """Builds the desk; creates keys, database and schema on a first start. Raises one of ContentError, PolicyError,
    StorageError, each with a sentence fit for a terminal."""
    texts = load_texts()
    flows, menu = load_flows()
    policy = load_policy(settings)
    database = open_storage(settings.database.url, settings.keys.path, clock)
    return Desk(settings, texts, flows, menu, policy, database)
