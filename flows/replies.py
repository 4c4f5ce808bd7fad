"""What a resident says to what the desk asked last: a reader for each kind of prompt."""

from __future__ import annotations

from flows import intents, ladder, my_data, understanding
from flows.also import read_others
from flows.answers import pick, read_answer
from flows.borders import border_told
from flows.card import change, give, hear_correction, offer_changes, read_consent, read_detail, refuse, show_card
from flows.conversation import Talk
from flows.definition import Step
from flows.full_answers import hear_full_answer
from flows.model import Choice
from flows.search import read_search, start_search
from flows.steps import go_to, next_step, pointed, prefer_experts, run
from flows.topics import correct_place, digress, hear_more, start_theme
from flows.withdrawal import withdraw


def read_reply(talk: Talk, choice: Choice | None) -> bool:
    """Reads the message as an answer to the prompt; False when it is none and something else must be tried."""
    prompt = talk.session.prompt
    assert prompt is not None
    if choice is None and border_told(talk):
        return True
    reader = _READERS.get(prompt.kind)
    return reader is not None and reader(talk, choice)


def _collect(talk: Talk, choice: Choice | None) -> bool:
    session = talk.session
    frame = session.stack[-1]
    step = talk.content.flows[frame.flow].steps[frame.step]
    assert session.prompt is not None
    if choice is None:
        if not step.once and intents.act_in_answer(talk, step):
            return True
        choice = pick(talk.message.text, session.prompt.choices, talk.content.texts)
    answer = hear_full_answer(talk, step) if choice is None else None
    if answer is None:
        answer = read_answer(step, talk.message, choice, talk.content.texts, talk.content.places)
    if answer is None:
        return _asked_once(talk, step) if step.once else _not_an_answer(talk, step)
    session.misses = 0
    if answer.value is None:
        session.skipped.append(step.value)
    else:
        talk.set(step.value, answer.value)
    hear_more(talk, step)
    session.prompt = None
    next_step(talk)
    run(talk)
    return True


def _not_an_answer(talk: Talk, step: Step) -> bool:
    """Asks again once, in other words; then leaves the question, unless everything hangs on it."""
    if intents.read_act(talk):
        return True
    talk.session.misses += 1
    decides = step.required and step.type == "yes_no"
    if talk.session.misses == 1 or (step.required and not decides):
        again = f"{step.utter}.again"
        prompt = talk.session.prompt
        assert prompt is not None
        key = again if talk.content.texts.has(again, talk.language) else step.utter
        talk.ask("collect", key, prompt.choices, about=prompt.about)
        return True
    talk.session.misses = 0
    if decides:  # nothing may hang on a guess, and nobody is asked the same for ever: it counts as a no
        talk.utter("desk.taken_as_no")
        talk.set(step.value, False)
    else:
        talk.utter("desk.leave_question")
        talk.session.skipped.append(step.value)
    next_step(talk)
    run(talk)
    return True


def _asked_once(talk: Talk, step: Step) -> bool:
    """A light question is left at once, unanswered; the message is read for what it says itself."""
    talk.session.skipped.append(step.value)
    if intents.start_need(talk):
        return True
    talk.session.prompt = None
    next_step(talk)
    if not intents.read_act(talk):
        run(talk)
    return True


def _choose(talk: Talk, choice: Choice | None) -> bool:
    prompt, offer = talk.session.prompt, talk.session.offer
    assert prompt is not None and offer is not None
    texts = talk.content.texts
    if choice is None:
        if texts.says("words.why", talk.message.text):
            talk.utter("route.why")
            ladder.ask_again(talk)
            return True
        choice = pick(talk.message.text, prompt.choices, texts)
        if choice is None and offer.experts and texts.says("words.experts", talk.message.text):
            choice = next(one for one in prompt.choices if one.id == "experts")
        if choice is None and len(offer.options) == 1 and texts.says("words.consent_yes", talk.message.text):
            choice = prompt.choices[0]
        if choice is None and texts.says("words.consent_no", talk.message.text):
            choice = next(one for one in prompt.choices if one.id == "none")
    if choice is None:
        if intents.read_act(talk) or correct_place(talk):
            return True
        talk.session.misses += 1
        if talk.session.misses == 1:
            talk.ask("choose", "route.choose_again", prompt.choices, about=prompt.about)
            return True
        choice = next(one for one in prompt.choices if one.id == "none")
    talk.session.misses = 0
    if choice.id == "human":
        digress(talk, "human")
        return True
    if choice.id == "search":
        start_search(talk)
        return True
    if choice.id == "experts":
        prefer_experts(talk)
        return True
    if choice.id == "none":
        go_to(talk, "none_fits")
        run(talk)
        return True
    talk.set(prompt.about, choice.id)
    talk.session.prompt = None
    option = talk.option
    assert option is not None
    pointed(talk, option)
    next_step(talk)
    run(talk)
    return True


def _consent(talk: Talk, choice: Choice | None) -> bool:
    session = talk.session
    frame = session.stack[-1]
    step = talk.content.flows[frame.flow].steps[frame.step]
    answer = read_consent(talk, choice)
    if answer == "agree":
        give(talk)
        session.prompt = None
        next_step(talk)
        run(talk)
    elif answer in ("refuse", "call_myself"):
        refuse(talk, calls_self=answer == "call_myself")
        session.prompt = None
        go_to(talk, step.refused)
        run(talk)
    elif answer == "change":
        offer_changes(talk)
    elif talk.content.texts.says("words.why", talk.message.text):
        talk.utter("route.why_this")
        ladder.ask_again(talk)
    elif not (intents.read_act(talk) or correct_place(talk) or hear_correction(talk)):
        _unclear_consent(talk)
        return True
    session.misses = 0
    return True


def _unclear_consent(talk: Talk) -> None:
    """Nothing is guessed and nothing is sent. The card once more, then what can be said, then a person."""
    session, prompt, option = talk.session, talk.session.prompt, talk.option
    assert prompt is not None and option is not None
    session.misses += 1
    if session.misses == 1:
        talk.utter("consent.again")
        show_card(talk, option)
    elif session.misses == 2:
        talk.ask("consent", "consent.unclear", prompt.choices, about=prompt.about)
    else:
        session.misses = 0
        digress(talk, "human")


def _card_line(talk: Talk, choice: Choice | None) -> bool:
    prompt = talk.session.prompt
    assert prompt is not None
    if choice is None:
        choice = pick(talk.message.text, prompt.choices, talk.content.texts)
    if choice is None and (intents.read_act(talk) or hear_correction(talk)):
        return True
    change(talk, choice.id if choice else "ready")
    return True


def _detail(talk: Talk, choice: Choice | None) -> bool:
    read_detail(talk, choice)
    return True


def _subject(talk: Talk, choice: Choice | None) -> bool:
    """What it is about: one of the three themes that were offered, or the menu."""
    prompt = talk.session.prompt
    assert prompt is not None
    if choice is None:
        choice = pick(talk.message.text, prompt.choices, talk.content.texts)
    if choice is None:
        return False
    if choice.id == "human":
        digress(talk, "human")
    elif choice.id == "search":
        start_search(talk)
    elif choice.id == "none":
        ladder.rephrase(talk)
    elif choice.id == "back":
        ladder.menu(talk)
    elif choice.id in talk.content.menu.domains:
        ladder.themes_of(talk, choice.id)
    else:
        understanding.chosen(talk, choice.id)
        start_theme(talk, choice.id, request=talk.session.slots.get("request"))
    return True


def _also(talk: Talk, choice: Choice | None) -> bool:
    """Whether to look at what else the same message asked. Asked once: another message lets it rest."""
    waiting = talk.session.slots.get("also") or []
    answer = read_others(talk, choice)
    if answer is None:
        if intents.read_act(talk):
            return True
        talk.forget_intake()
        return False
    words = next((one["words"] for one in waiting if one["theme"] == answer), None)
    if words is None:
        talk.forget_intake()
        talk.utter("also.left")
    else:
        understanding.began(talk, answer)
        start_theme(talk, answer, request=words, goes_on=True)
    return True


def _confirm(talk: Talk, choice: Choice | None) -> bool:
    """Yes or no to something that cannot be undone: withdrawal (when only guessed) and erasure."""
    prompt, texts = talk.session.prompt, talk.content.texts
    assert prompt is not None
    choice = choice or pick(talk.message.text, prompt.choices, texts, exact=True)
    yes = choice.id != "no" if choice else texts.says("words.yes", talk.message.text)
    talk.session.prompt = None
    if yes and prompt.about == "withdraw":
        withdraw(talk)
    elif yes:
        my_data.erase(talk, messages_too=choice is not None and choice.id == my_data.WITH_MESSAGES)
    else:
        talk.utter("desk.nothing_changed")
        run(talk)
    return True


def _data(talk: Talk, choice: Choice | None) -> bool:
    """What to do with the own data. Anything else lets that rest: what waited is put again, nothing is read into it."""
    prompt, texts = talk.session.prompt, talk.content.texts
    assert prompt is not None
    if choice is None:
        choice = pick(talk.message.text, prompt.choices, texts)
    if choice is not None:
        my_data.choose(talk, choice.id)
    elif not intents.read_act(talk):
        talk.session.prompt = None
        if not talk.session.stack:
            return False
        run(talk)
    return True


_READERS = {
    "collect": _collect,
    "choose": _choose,
    "consent": _consent,
    "card_line": _card_line,
    "detail": _detail,
    "theme": _subject,
    "menu": _subject,
    "confirm": _confirm,
    "also": _also,
    "data": _data,
    "search": read_search,
}
