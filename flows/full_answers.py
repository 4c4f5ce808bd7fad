"""What people really say when asked whom they know or what they can do: a loss, a refusal, pride, a dog.

Each is a full answer, gets a human sentence, and is not asked again. Told by the words in `words.heard.*`."""

from __future__ import annotations

from flows.answers import Answer
from flows.conversation import Talk
from flows.definition import Step

_WORDS = "the words themselves"
# What may be heard, in this order, and the answer it is: None (rather not said), a list of roles, or the words.
_ANY: dict[str, object] = {"refusal": None, "hurry": None, "rather_not": None}
_NETWORK: dict[str, object] = {"loss": [], "alone": [], **_ANY, "carers": ["carer"], "pet": [], "pride": None}
_CAPACITY: dict[str, object] = {**_ANY, "cannot": _WORDS, "pride": _WORDS}

ABLE = ("company.ask_capacity", "everyday.ask_capacity")  # questions for what somebody could do themselves
ENOUGH = ("refusal", "hurry")  # whoever says so is asked neither of the two


def hear_full_answer(talk: Talk, step: Step) -> Answer | None:
    """The answer in a typed message, with its human sentence said; None when it is none of these."""
    texts, text = talk.content.texts, talk.message.text
    if step.utter in ABLE and texts.says("words.heard.nothing", text):
        talk.utter("heard.cannot")
        return Answer(None)
    for name, answer in _may_be_heard(step).items():
        if not texts.holds(f"words.heard.{name}", text):
            continue
        talk.utter(f"heard.{name}")
        if name in ENOUGH:
            talk.session.skipped += [slot for slot in ("own_network", "own_capacity") if slot != step.value]
        if isinstance(answer, list):
            return Answer([] if name == "loss" else [*answer, *_named(talk, besides=answer)])
        return Answer(text if answer is _WORDS else None)
    return None


def _may_be_heard(step: Step) -> dict[str, object]:
    if step.value == "own_network":
        return _NETWORK
    if step.value == "own_capacity":
        return _CAPACITY if step.utter in ABLE else _ANY
    return {}


def _named(talk: Talk, besides: list[str]) -> list[str]:
    """Who else was named: "alleen de thuiszorg, en mijn dochter belt soms". Who was lost cannot be asked anything."""
    named = dict.fromkeys(entity.value for entity in talk.message.entities if entity.entity == "person")
    return [role for role in named if role not in ("nobody", *besides)]
