"""One turn under way: the session being changed and the events it gives. The engine's files all work on a `Talk`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from flows.definition import Content
from flows.events import Event, OtherForgotten, SlotSet, Turn, Uttered
from flows.model import Choice, Listed, Message, Option, Prompt, Route, Search, Session, Sought, Value

TEAM = "team"  # the choice of the team that stands beside every contact card
KEPT_AFTER_INTAKE = ("place", "first_name", "phone", "age")  # what is said once is not asked again
TRUE_FOR_THE_NEXT = ("who", "other_person", "other_age", "own_network")  # for what else the same message asked
FROM_BEFORE = "from_before"  # the names of slots that were said in an earlier intake and depend on whom it is about


class Talk:
    """`session` is a copy of its own; the caller's session stays as it was."""

    def __init__(
        self, content: Content, session: Session, message: Message, route: Route | None, search: Search | None = None
    ):
        self.content = content
        self.session = copy_of(session)
        self.message = message
        self.events: list[Event] = []
        self._route = route
        self._search = search

    def turn(self) -> Turn:
        return Turn(self.session, tuple(self.events))

    @property
    def language(self) -> str:
        return self.session.language

    @property
    def option(self) -> Option | None:
        """The destination the resident chose, if any."""
        chosen, offer = self.session.slots.get("option"), self.session.offer
        if chosen is None or offer is None:
            return None
        if chosen == TEAM:
            return offer.team
        return next((option for option in offer.options if option.id == chosen), None)

    @property
    def removes_messages(self) -> bool:
        """Whether the desk can take its own messages out of the resident's chat."""
        return bool(self.content.facts[self.language]["removes_messages"])

    def offer(self) -> None:
        """Routes what is known. The route function is pure: same slots, same offer."""
        assert self._route is not None, "this turn has no way to route"
        slots = dict(self.session.slots)
        if slots.get("who") == "other":
            slots["age"] = slots.get("other_age")  # of whom it is about
        alert = self.session.alert
        slots["urgent"] = bool(slots.get("urgent")) or (alert is not None and not alert.denied)
        declined = [referral.option for referral in self.session.referrals if referral.status == "declined"]
        if slots.get("been_to"):
            declined.append(slots["been_to"]["id"])  # it was not for them
        slots["declined"] = declined
        self.session.offer = self._route(slots, self.session.language)

    def look_up(self, sought: Sought) -> Listed:
        assert self._search is not None, "this turn has no way to search"
        return self._search(sought, self.session.language)

    # Speaking ---------------------------------------------------------------------------------------------------------

    def render(self, key: str, **values: Any) -> str:
        return self.content.texts.render(key, self.language, **{**self.values(), **values})

    def utter(self, key: str, **values: Any) -> None:
        self.events.append(Uttered(key, self.render(key, **values)))

    def ask(self, kind: str, key: str, choices: Iterable[Choice] = (), about: str = "", **values: Any) -> None:
        """Utters `key` and waits for the answer; earlier buttons no longer count."""
        choices = tuple(choices)
        self.session.prompts += 1
        self.session.prompt = Prompt(self.session.prompts, kind, key, choices, about)
        self.events.append(Uttered(key, self.render(key, **values), choices, self.session.prompts))

    def choice(self, choice_id: str, key: str, **values: Any) -> Choice:
        return Choice(choice_id, self.render(key, **values))

    def label(self, key: str) -> str:
        """The text of `key`, or the key's last part when there is none (a theme an operator added)."""
        return self.render(key) if self.content.texts.has(key, self.language) else key.rpartition(".")[2]

    # Remembering ------------------------------------------------------------------------------------------------------

    def set(self, slot: str, value: Value) -> None:
        slots = self.session.slots
        before = slots.get(slot)
        slots[slot] = value
        self.events.append(SlotSet(slot, value))
        from_before = slots.get(FROM_BEFORE, ())
        if slot in from_before:
            slots[FROM_BEFORE] = [name for name in from_before if name != slot]
        elif slot == "who" and value != (before or "self"):
            for name in slots.pop(FROM_BEFORE, ()):  # where one lives and whom one knows, the other may not
                slots.pop(name, None)
            self.session.skipped = []

    def forget_intake(self, *, goes_on: bool = False, begins: bool = False) -> None:
        """Drops what belonged to the intake that is over; what holds for the person stays. `goes_on`: the next one
        comes from the same message, so it is about the same person too. `begins`: this message begins the next one."""
        session = self.session
        if not goes_on:
            self._forget_other(self.message.n - 1 if begins else self.message.n)
            session.asked_by = ""
        kept = (*KEPT_AFTER_INTAKE, *TRUE_FOR_THE_NEXT) if goes_on else KEPT_AFTER_INTAKE
        slots = {slot: value for slot, value in session.slots.items() if slot in kept}
        if session.slots.get("who") == "other" and not goes_on:
            slots.pop("place", None)  # where the other lives
        slots[FROM_BEFORE] = [slot for slot in ("place", *TRUE_FOR_THE_NEXT) if slot in slots and slot != "who"]
        session.slots = slots
        session.skipped = [slot for slot in session.skipped if slot in kept] if goes_on else []
        session.stack, session.asked = [], []
        session.prompt = session.offer = session.card = session.looking = None
        session.misses = 0

    def _forget_other(self, until: int) -> None:
        """What was told about somebody else is not kept once that is over. It began after what was over before: who
        was not understood at first told it then already."""
        session = self.session
        slots = session.slots
        if slots.get("theme") is None:
            return
        who = slots.get("who")
        if who == "other" or (who is None and slots.get("other_person")):
            self.events.append(OtherForgotten(session.over, until))
        session.over = until

    def values(self) -> dict[str, Any]:
        """What texts and conditions may name: the facts, every slot (None when unknown), option, referrals."""
        session = self.session
        theme = session.slots.get("theme")
        names: dict[str, Any] = dict.fromkeys(self.content.slot_names)
        names.update(self.content.facts[self.language])
        names.update(session.slots)
        names.update(
            option=self.option,
            offer=session.offer,
            card=session.card,
            looking=session.looking,
            referrals=session.referrals,
            place_name=self.content.places.name(session.slots.get("place")),
            theme_label=self._theme_label(theme),
            also_labels=[self._theme_label(one["theme"]) for one in session.slots.get("also") or ()],
        )
        return names

    def _theme_label(self, theme: str | None) -> str:
        key = f"theme.{theme}"
        own = f"theme.own.{theme}"  # as who it is about reads it
        if self.session.slots.get("who") == "self" and self.content.texts.has(own, self.language):
            key = own
        return self.content.texts.render(key, self.language) if self.content.texts.has(key, self.language) else ""


def copy_of(session: Session) -> Session:
    """A copy by way of JSON, as it will be stored: whatever does not survive that shows at once."""
    return msgspec.json.decode(msgspec.json.encode(session), type=Session)
