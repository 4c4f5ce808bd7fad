"""Talking to the engine without a desk: the real flows, texts, policy and demonstration town, and no database."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import Any

from msgspec import Struct, field, structs

from desk.bootstrap import facts_in_chat, load_policy
from desk.content import load_flows, load_texts, places_of
from desk.directory_file import read_directory
from desk.route import offer
from desk.search import Searcher
from desk.settings import Settings
from flows.alerts import alert_turn
from flows.crisis import assess
from flows.definition import Content
from flows.engine import advance
from flows.events import Event, Reread, Turn, Uttered
from flows.model import Entity, Intent, Language, Message, Offer, Search, Session
from routing.model import Roster
from routing.policy import Policy

TODAY = "2026-03-02"


@cache
def content() -> Content:
    flows, menu = load_flows()
    return Content(flows, menu, load_texts(), places_of(_roster().neighbourhoods), facts_in_chat(Settings()))


@cache
def _roster() -> Roster:
    with as_file(files("balie.demo") / "voorbeeldstad") as town:
        return read_directory(town).roster(TODAY)


@cache
def _policy() -> Policy:
    return load_policy(Settings())


def route(slots: dict[str, Any], language: Language) -> Offer:
    return offer(load_texts(), _policy(), _roster(), slots, language)


@cache
def search() -> Search:
    return Searcher(load_texts()).over(_roster())


class Talk(Struct):
    """One resident: what they said, the session as it is after each turn, the events of the last turn."""

    session: Session = field(default_factory=Session)
    events: tuple[Event, ...] = ()
    n: int = 0
    texts: dict[int, str] = field(default_factory=dict)
    sent: dict[int, Message] = field(default_factory=dict)
    way: Any = route

    def says(self, text: str, intent: str = "", sure: float = 0.95, **entities: str) -> tuple[str, ...]:
        """Types `text`; gives the keys of what the desk says to it."""
        intents = (Intent(intent, sure),) if intent else ()
        found = tuple(Entity(name, value) for name, value in entities.items())
        return self.sends(text=text, intents=intents, entities=found)

    def taps(self, choice: str) -> tuple[str, ...]:
        """Taps the quick reply `choice` of what the desk asked last."""
        prompt = self.session.prompt
        assert prompt is not None and choice in {one.id for one in prompt.choices}, f"no choice {choice} here"
        return self.sends(choice=f"{prompt.number}.{choice}")

    def sends(self, **what: Any) -> tuple[str, ...]:
        """One message of any kind, through the crisis guard; what an alert held back is read again when it asks so."""
        self.n += 1
        message = Message(self.n, **what)
        self.texts[self.n], self.sent[self.n] = message.text, message
        alert = assess(message.text) if message.text else None
        if alert is not None:
            self._keep(alert_turn(content(), self.session, message, alert))
        else:
            self._keep(advance(content(), self.session, message, self.way, search()))
        events = self.events
        for event in events:
            if isinstance(event, Reread):
                intents = message.intents or self.sent[event.n].intents
                again = structs.replace(self.sent[event.n], intents=intents, settled=True)
                self._keep(advance(content(), self.session, again, self.way, search()))
                events = self.events = (*events, *self.events)
        return self.heard()

    def heard(self) -> tuple[str, ...]:
        return tuple(event.key for event in self.events if isinstance(event, Uttered))

    def happened(self, kind: type) -> bool:
        return any(isinstance(event, kind) for event in self.events)

    def _keep(self, turn: Turn) -> None:
        self.session, self.events = turn.session, turn.events


def at_card(service: str = "koffie_noord", request: str = "ik voel me zo alleen hier in Noord") -> Talk:
    """A conversation that waits for the answer to a disclosure card."""
    talk = Talk()
    talk.says(request, "company")
    while talk.session.prompt is not None and talk.session.prompt.kind == "collect":
        talk.taps("skip")
    talk.taps(service)
    assert talk.session.prompt is not None and talk.session.prompt.kind == "consent"
    return talk
