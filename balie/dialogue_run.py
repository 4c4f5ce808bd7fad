"""Plays a scripted dialogue against a real desk on a database of its own, and compares both ways.

What the desk says must be exactly what stands there: a text that was not expected fails as much as one that did not
come. A referral, an alert, a consent or a hand-over that no step names fails too.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from balie.dialogue_file import EXPECTED, Dialogue, Step
from balie.dialogue_town import desk_in_town
from desk import correspondence, hand_offs, invitation_page
from desk.due import run_due
from desk.duration import duration
from desk.hand_off_views import look
from desk.links import INVITATION
from desk.receive import Incoming, store
from desk.sessions import session_of
from desk.turns import Understood, next_turns, take_turn
from flows.model import Entity, Intent, Part, Session
from storage.records import (
    Consent,
    Conversation,
    GuessCount,
    LogRow,
    Referral,
    Request,
    Role,
    RoleName,
    StoredMessage,
    User,
)
from storage.unit_of_work import UnitOfWork

ADDRESS = "resident"
MADE_UP_NAME = "Bo"
STUBBED_CONFIDENCE = 0.95
TYPING = timedelta(seconds=1)  # between two messages, so that what came first is older
AFTER_UNDO = timedelta(seconds=11)  # a tap takes effect after ten seconds
Understand = Callable[[str], Understood]


class DialogueFailed(AssertionError):
    """`file:line: what was expected, what came`."""


class _Clock:
    def __init__(self, start: datetime):
        self.now = start

    def __call__(self) -> datetime:
        return self.now


class Counts:
    """What happened in the database so far; the difference with before is what a step must name."""

    def __init__(self, uow: UnitOfWork, contact_id: str | None, conversation: Conversation | None, session: Session):
        self.consents: list[Consent] = uow.consents.of_contact(contact_id) if contact_id else []
        self.requests: list[Request] = uow.requests.of_contact(contact_id) if contact_id else []
        self.referrals: list[Referral] = [
            referral for request in reversed(self.requests) for referral in uow.referrals.of_request(request.id)
        ]
        self.links = uow.links.open_of(contact_id) if contact_id else 0
        self.guesses: list[GuessCount] = uow.understanding.since()
        self.log: list[LogRow] = uow.routing_log.rows(limit=500)
        self.alert = session.alert
        self.waiting = conversation.waiting if conversation else None
        self.share_before = conversation.share_before if conversation else False
        self.language = session.language
        self.session = session


class DialogueRun:
    """One dialogue under way. `understand` asks the model where a step gives no intent."""

    def __init__(self, dialogue: Dialogue, folder: Path, understand: Understand):
        self._dialogue = dialogue
        self._understand = understand
        self._clock = _Clock(dialogue.now)
        self._desk = desk_in_town(dialogue.fixture, folder, self._clock)
        self._seen = 0  # the last message of the conversation that was compared
        self._heard: list[StoredMessage] = []
        self._known = self._count()
        self._open: dict[str, str] = {}  # what happened and no step has named yet: kind → what

    def play(self) -> None:
        """Raises DialogueFailed at the first difference."""
        try:
            for step in self._dialogue.steps:
                if step.kind not in EXPECTED:
                    self._nothing_left(step.line)
                getattr(self, f"_{step.kind}")(step)
            self._nothing_left(self._dialogue.steps[-1].line + 1)
        finally:
            self._desk.close()

    def _fail(self, line: int, what: str) -> DialogueFailed:
        return DialogueFailed(f"{self._dialogue.file}:{line}: {self._dialogue.name}: {what}")

    # What people do ---------------------------------------------------------------------------------------------------

    def _resident(self, step: Step) -> None:
        self._send(step, text=str(step.value), attachment=step.beside.get("attachment"))

    def _choice(self, step: Step) -> None:
        prompt = self._known.session.prompt
        offered = [choice.id for choice in prompt.choices] if prompt else []
        if prompt is None or str(step.value) not in offered:
            raise self._fail(step.line, f"there is no choice {step.value!r}; offered: {', '.join(offered) or 'none'}")
        self._send(step, choice=f"{prompt.number}.{step.value}")

    def _old_choice(self, step: Step) -> None:
        """A button of an earlier question."""
        prompt = self._known.session.prompt
        self._send(step, choice=f"{(prompt.number if prompt else 1) - 1}.{step.value}")

    def _send(self, step: Step, **what: Any) -> None:
        self._clock.now += TYPING
        incoming = Incoming(self._dialogue.channel, "test", str(uuid.uuid4()), ADDRESS, b"{}", **what)
        store(self._desk, incoming).result()
        self._work(step)

    def _work(self, step: Step | None) -> None:
        for _ in range(20):
            turns = next_turns(self._desk, "dialogue")
            for waiting in turns:
                understood = self._understood(step, waiting.text) if waiting.ask_model else Understood()
                take_turn(self._desk, waiting, understood)
            if not turns and not run_due(self._desk, "dialogue"):
                break
        self._compare()

    def _understood(self, step: Step | None, text: str) -> Understood:
        beside = step.beside if step is not None else {}
        if beside.get("nlu") == "away":
            return Understood(asked=False)
        if not {"intent", "intents", "entities"} & beside.keys():
            return self._understand(text)
        intents = beside.get("intents") or {}
        if "intent" in beside:
            intents = {beside["intent"]: beside.get("confidence", STUBBED_CONFIDENCE)}
        entities = [
            Entity(str(name), str(value))
            for name, values in (beside.get("entities") or {}).items()
            for value in (values if isinstance(values, list) else [values])
        ]
        ranking = sorted(((float(sure), str(name)) for name, sure in intents.items()), reverse=True)
        return Understood(
            tuple(Intent(name, sure) for sure, name in ranking),
            tuple(entities),
            parts=tuple(
                Part(str(words), (Intent(str(name), STUBBED_CONFIDENCE),))
                for name, words in (beside.get("also") or {}).items()
            ),
            spoken=beside.get("spoken"),
        )

    def _host(self, step: Step) -> None:
        """`{service: accept}`, `{service: {decline: no_room}}`, `{service: {done: helped}}`."""
        for service, action in dict(step.value).items():
            name, detail = next(iter(action.items())) if isinstance(action, dict) else (action, None)
            referral = self._referral(step, str(service))
            self._desk.database.run(lambda uow, r=referral, a=name, d=detail: self._tap(uow, step, r, a, d))  # type: ignore[misc]
        self._clock.now += AFTER_UNDO
        self._work(None)

    def _tap(self, uow: UnitOfWork, step: Step, referral: Referral, action: str, detail: str | None) -> None:
        user = self._user_of(uow, referral)
        taps: dict[str, Callable[..., Any]] = {
            "accept": hand_offs.accept,
            "decline": hand_offs.decline,
            "in_contact": hand_offs.in_contact,
            "done": hand_offs.done,
        }
        if action not in taps:
            raise self._fail(step.line, f"a host cannot {action!r}; use {', '.join(taps)}")
        arguments = (uow, self._desk, user, referral.id)
        taps[action](*arguments, detail) if detail is not None else taps[action](*arguments)

    def _writes(self, step: Step) -> None:
        """`{service: words}`: who accepted writes to the resident."""
        for service, words in dict(step.value).items():
            referral = self._referral(step, str(service))
            self._desk.database.run(
                lambda uow, r=referral, w=str(words): correspondence.write_to_resident(  # type: ignore[misc]
                    uow, self._desk, self._user_of(uow, r), r.id, w
                )
            )
        self._work(None)

    def _on_link(self, step: Step) -> None:
        """`{answer: "yes", line: words}`: somebody opens the newest link and answers."""
        addresses = [message.text for message in self._messages(after=0) if message.key == "link.made"]
        token = addresses[-1].partition(INVITATION)[2].split()[0] if addresses else ""
        said, line = step.value["answer"], str(step.value.get("line", ""))

        def answer(uow: UnitOfWork) -> bool:
            page = invitation_page.look(uow, token)
            if page is None:
                return False
            invitation_page.answer(uow, self._desk, token, page.form, said, line, page.language)
            return True

        if not self._desk.database.run(answer):
            raise self._fail(step.line, "the link opens nothing")
        self._work(None)

    def _wait(self, step: Step) -> None:
        try:
            self._clock.now += duration(str(step.value))
        except ValueError as error:
            raise self._fail(step.line, str(error)) from None
        self._work(None)

    # What is expected -------------------------------------------------------------------------------------------------

    def _utter(self, step: Step) -> None:
        for key in step.value if isinstance(step.value, list) else [step.value]:
            said = self._heard.pop(0) if self._heard else None
            if said is None or said.key != key:
                came = f"{said.key or said.sender} ({said.text!r})" if said else "nothing"
                raise self._fail(step.line, f"expected the desk to say {key}; came {came}")

    def _hears(self, step: Step) -> None:
        """Words of a person: `{volunteer: "…"}`."""
        for sender, words in dict(step.value).items():
            said = self._heard.pop(0) if self._heard else None
            if said is None or (said.sender, said.text) != (sender, words):
                came = f"{said.sender}: {said.text!r}" if said else "nothing"
                raise self._fail(step.line, f"expected {sender} to say {words!r}; came {came}")

    def _slot_was_set(self, step: Step) -> None:
        for slot, value in dict(step.value).items():
            found = self._known.session.slots.get(slot)
            if found != value:
                raise self._fail(step.line, f"expected {slot} to be {value!r}; it is {found!r}")

    def _routed(self, step: Step) -> None:
        offer = self._known.session.offer
        if offer is None:
            raise self._fail(step.line, "expected a routing; there was none")
        wanted = dict(step.value)
        if "rule" in wanted and offer.rule != wanted["rule"]:
            raise self._fail(step.line, f"expected rule {wanted['rule']}; it was {offer.rule}")
        options = [option.id for option in offer.options]
        if "options" in wanted and options != list(wanted["options"]):
            raise self._fail(
                step.line, f"expected the options {', '.join(wanted['options'])}; came {', '.join(options)}"
            )

        for option in offer.options:
            codes = (wanted.get("reasons") or {}).get(option.id)
            if codes is not None and list(option.reasons) != list(codes):
                raise self._fail(
                    step.line, f"expected {option.id} because {', '.join(codes)}; it was {', '.join(option.reasons)}"
                )

    def _card_says(self, step: Step) -> None:
        """These words stand on the card: who sees it is a promise, so it is held to the letter."""
        card = self._known.session.card
        if card is None or str(step.value) not in card.text:
            raise self._fail(
                step.line, f"expected the card to say {step.value!r}; it says {card.text if card else ''!r}"
            )

    def _found(self, step: Step) -> None:
        """The services that a resident who looks around has in front of them."""
        looking = self._known.session.looking
        found = [one.id for one in looking.listed.found] if looking else []
        if found != list(step.value):
            raise self._fail(step.line, f"expected to find {', '.join(step.value)}; found {', '.join(found) or 'none'}")

    def _nothing_kept(self, step: Step) -> None:
        """Whether no request, consent, log row or count came of it: nothing beside the conversation itself."""
        known = self._known
        kept = known.requests or known.consents or known.log or known.guesses or known.waiting
        if bool(kept) == bool(step.value):
            raise self._fail(step.line, f"expected nothing_kept to be {step.value}; kept {kept!r}")

    def _named(self, step: Step, kind: str, found: Any, expected: Any) -> None:
        if kind not in self._open:
            raise self._fail(step.line, f"expected {kind} {expected!r}; it did not happen")
        del self._open[kind]
        if found != expected:
            raise self._fail(step.line, f"expected {kind} {expected!r}; it was {found!r}")

    def _alert(self, step: Step) -> None:
        state = self._known.alert
        found = {"category": state.category, "level": state.level} if state else None
        self._named(step, "alert", found, dict(step.value))

    def _consent_given(self, step: Step) -> None:
        self._named(step, "consent_given", sorted(self._known.consents[-1].lines_on), sorted(step.value))

    def _consent_refused(self, step: Step) -> None:
        self._named(step, "consent_refused", True, step.value)

    def _referred(self, step: Step) -> None:
        found = self._known.referrals[-1].service_id if self._known.referrals else None
        self._named(step, "referred", found, step.value)

    def _pointed_elsewhere(self, step: Step) -> None:
        found = next((row.destination for row in self._known.log if row.request_id is None), None)
        self._named(step, "pointed_elsewhere", found, step.value)

    def _handed_to_host(self, step: Step) -> None:
        found: Any = {"share_before": self._known.share_before} if isinstance(step.value, dict) else True
        self._named(step, "handed_to_host", found, dict(step.value) if isinstance(step.value, dict) else step.value)

    def _withdrawn(self, step: Step) -> None:
        found = [referral.service_id for referral in self._known.referrals if referral.status == "withdrawn"]
        self._named(step, "withdrawn", found, list(step.value))

    def _link_made(self, step: Step) -> None:
        self._named(step, "link_made", True, step.value)

    def _link_ended(self, step: Step) -> None:
        self._named(step, "link_ended", True, step.value)

    def _language(self, step: Step) -> None:
        if self._known.language != step.value:
            raise self._fail(step.line, f"expected the language {step.value}; it is {self._known.language}")

    def _erased(self, step: Step) -> None:
        found = self._desk.database.read(lambda uow: uow.contacts.find(self._dialogue.channel, "test", ADDRESS) is None)
        if found != step.value:
            raise self._fail(step.line, f"expected erased to be {step.value}; it is {found}")

    def _visible_to(self, step: Step) -> None:
        """Exact for the roles it names: an organisation sees card lines, a host the theme, the team the route, a
        `volunteer` of where it was sent what volunteers there see."""
        for who, expected in dict(step.value).items():
            found = self._desk.database.run(lambda uow, who=str(who): self._sees(uow, step, who))  # type: ignore[misc]
            if sorted(found) != sorted(expected):
                raise self._fail(step.line, f"expected {who} to see {sorted(expected)}; sees {sorted(found)}")

    def _sees(self, uow: UnitOfWork, step: Step, who: str) -> list[str]:
        newest = self._known.referrals[-1] if self._known.referrals else None
        if who == "team":
            return ["route"] if newest and any(row.request_id == newest.request_id for row in self._known.log) else []
        if newest is None:
            return []
        if who == "host":
            user = next(one for one in uow.people.everyone() if any(role.name == "host" for role in one.roles))
        elif who == "volunteer":
            user = self._made_up(uow, "volunteer", newest)
        else:
            user = self._user_of(uow, self._referral(step, who))
            newest = self._referral(step, who)
        try:
            view = look(uow, self._desk, user, newest.id)
        except LookupError:
            return []
        theme = ["theme"] if who == "host" and view.theme is not None else []
        return [*theme, *(line.category for line in view.lines)]

    # Comparing --------------------------------------------------------------------------------------------------------

    def _compare(self) -> None:
        before, self._known = self._known, self._count()
        after = self._known
        self._heard += self._new_messages()
        new_consents = after.consents[len(before.consents) :]
        for consent in new_consents:
            self._open["consent_given" if consent.answer == "yes" else "consent_refused"] = str(consent.lines_on)
        if len(after.referrals) > len(before.referrals):
            self._open["referred"] = after.referrals[-1].service_id
        written = after.log[: len(after.log) - len(before.log)]  # newest first
        if any(row.request_id is None for row in written):
            self._open["pointed_elsewhere"] = "a destination"
        if after.alert and (before.alert is None or _alert_key(before) != _alert_key(after)):
            self._open["alert"] = f"{after.alert.category} {after.alert.level}"
        if after.waiting and not before.waiting:
            self._open["handed_to_host"] = "a person was asked for"
        if after.links != before.links:
            self._open["link_made" if after.links > before.links else "link_ended"] = f"{after.links} can be opened"
        if _withdrawn(after) > _withdrawn(before):
            self._open["withdrawn"] = "a request was withdrawn"

    def _nothing_left(self, line: int) -> None:
        if self._heard:
            said = self._heard[0]
            raise self._fail(line, f"the desk also said {said.key or said.sender} ({said.text!r}); name it or mend it")
        if self._open:
            kind, what = next(iter(self._open.items()))
            raise self._fail(line, f"{kind} happened ({what}) and no step names it")

    def _new_messages(self) -> list[StoredMessage]:
        found = self._messages(after=self._seen)
        self._seen = max((message.n for message in found), default=self._seen)
        return [message for message in found if message.sender != "resident"]

    def _messages(self, after: int) -> list[StoredMessage]:
        def read(uow: UnitOfWork) -> list[StoredMessage]:
            contact = uow.contacts.find(self._dialogue.channel, "test", ADDRESS)
            return uow.messages.after(contact.conversation_id, after) if contact else []

        return self._desk.database.read(read)

    def _count(self) -> Counts:
        def read(uow: UnitOfWork) -> Counts:
            contact = uow.contacts.find(self._dialogue.channel, "test", ADDRESS)
            conversation = uow.conversations.get(contact.conversation_id) if contact else None
            session = session_of(conversation) if conversation else Session()
            return Counts(uow, contact.id if contact else None, conversation, session)

        return self._desk.database.read(read)

    def _referral(self, step: Step, service: str) -> Referral:
        for referral in reversed(self._known.referrals):
            if referral.service_id == service:
                return referral
        raise self._fail(step.line, f"nothing was referred to {service}")

    def _user_of(self, uow: UnitOfWork, referral: Referral) -> User:
        """Someone who may act for the organisation of `referral`; made up where the town names nobody."""
        names = ("professional", "coordinator", "volunteer")
        for name in names:
            for user in uow.people.everyone():
                if any(role.name == name and role.organisation_id == referral.organisation_id for role in user.roles):
                    return user
        return self._made_up(uow, "professional" if referral.kind == "team" else "coordinator", referral)

    def _made_up(self, uow: UnitOfWork, role: RoleName, referral: Referral) -> User:
        login = f"{referral.organisation_id}-{role}"
        roles = [Role(role, referral.organisation_id, None)]
        return uow.people.by_login(login) or uow.people.add_user(login, MADE_UP_NAME, None, roles)


def _alert_key(counts: Counts) -> tuple[str, str, int]:
    assert counts.alert is not None
    return counts.alert.category, counts.alert.level, counts.alert.n


def _withdrawn(counts: Counts) -> int:
    return sum(referral.status == "withdrawn" for referral in counts.referrals)


def play(dialogue: Dialogue, folder: Path, understand: Understand) -> None:
    """Plays `dialogue` with its database in `folder` (empty, of its own). Raises DialogueFailed."""
    DialogueRun(dialogue, folder, understand).play()
