"""Plays a scripted dialogue against a real desk on a database of its own, and compares both ways.

What the desk says must be exactly what stands there: a text that was not expected fails as much as one that did not
come. A referral, an alert, a consent or a hand-over that no step names fails too.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from balie.dialogue_expected import Expected
from balie.dialogue_file import EXPECTED, Dialogue, Step
from balie.dialogue_happened import ADDRESS, DialogueFailed
from desk import correspondence, hand_offs, invitation_page
from desk.due import run_due
from desk.duration import duration
from desk.links import INVITATION
from desk.receive import Incoming, store
from desk.turns import Understood, next_turns, take_turn
from flows.model import Entity, Intent, Part
from storage.records import Referral
from storage.unit_of_work import UnitOfWork

__all__ = ["DialogueFailed", "DialogueRun", "Understand", "play"]

STUBBED_CONFIDENCE = 0.95
TYPING = timedelta(seconds=1)  # between two messages, so that what came first is older
AFTER_UNDO = timedelta(seconds=11)  # a tap takes effect after ten seconds
Understand = Callable[[str], Understood]


class DialogueRun(Expected):
    """One dialogue under way. `understand` asks the model where a step gives no intent."""

    def __init__(self, dialogue: Dialogue, folder: Path, understand: Understand):
        super().__init__(dialogue, folder)
        self._understand = understand

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


def play(dialogue: Dialogue, folder: Path, understand: Understand) -> None:
    """Plays `dialogue` with its database in `folder` (empty, of its own). Raises DialogueFailed."""
    DialogueRun(dialogue, folder, understand).play()
