"""What a scripted dialogue expects: each kind of step that says what must be so, by its name."""

from __future__ import annotations

from typing import Any

from balie.dialogue_file import Step
from balie.dialogue_happened import ADDRESS, Happened
from desk.hand_off_views import look
from storage.unit_of_work import UnitOfWork


class Expected(Happened):
    """A step `utter: …` is read by `_utter`, and so on; each raises DialogueFailed where it is otherwise."""

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
