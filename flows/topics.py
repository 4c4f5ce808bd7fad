"""Starts what a conversation is about: a need with its intake, or a digression on top of one."""

from __future__ import annotations

import re

import msgspec

from flows.also import keep_others, others_heard
from flows.answers import read_answer, years_in
from flows.conversation import FROM_BEFORE, Talk
from flows.definition import Content, Step
from flows.events import Turn
from flows.model import Frame, Message, Route, Session
from flows.places import POSTCODE
from flows.steps import run
from flows.texts import plain
from flows.urgency import hear_urgency

_TAKEN_FROM_FIRST_MESSAGE = {"phone": "phone", "first_name": "name"}  # entity → type; the slot has its name
SHORT_ACT = 4  # letters; a medical word so short is only known whole
SHORT_CORRECTION = 4  # words; "sorry, ik bedoel Zuid"
LONGEST_CORRECTION = 10  # words; a longer sentence with a postcode in it is a story, not a correction


def welcome(talk: Talk) -> None:
    """Once in a conversation: a computer, a person can be asked for, what happens with what is told."""
    if not talk.session.welcomed:
        talk.session.welcomed = True
        talk.utter("desk.welcome")


def start_theme(talk: Talk, theme: str, request: str | None, *, goes_on: bool = False) -> None:
    """Starts the intake for `theme`. A human sentence comes first, then the welcome, then a question.

    `request` holds the resident's own words, when there are any yet; what they already say is not asked. `goes_on`:
    an earlier intake from the same message is just over, and what was answered there still holds.
    """
    flow = talk.content.triggered_by(theme)
    assert flow is not None, f"no flow is triggered by {theme}; balie check refuses such a menu"
    also = others_heard(talk, theme)
    talk.forget_intake(goes_on=goes_on, begins=True)
    talk.set("theme", theme)
    keep_others(talk, also)
    if request:
        talk.set("request", request)
        _take_what_was_said(talk, request)
    talk.utter(human_sentence(talk, theme, request or ""))
    welcome(talk)
    if talk.session.slots.get("urgent"):
        talk.utter("urgency.heard")
    talk.session.stack = [Frame(flow.name)]
    run(talk)


def human_sentence(talk: Talk, theme: str, request: str) -> str:
    """Who comes in angry is first heard in that; else the sentence that goes with the theme."""
    texts = talk.content.texts
    upset = [plain(word) for word in texts.words("words.upset", talk.language)]
    if "!!" in request or any(f" {word} " in f" {plain(request)} " for word in upset):
        return "ack.upset"
    own = f"ack.{theme}"
    return own if texts.has(own, talk.language) else "desk.understood"


def digress(talk: Talk, name: str) -> None:
    """Runs a digression on top of what was going on, then goes on with that."""
    welcome(talk)
    if not any(frame.flow == name for frame in talk.session.stack):
        talk.session.stack.append(Frame(name, 0, interrupts=True))
    run(talk)


def correct_place(talk: Talk) -> bool:
    """ "O nee, mijn postcode is 1235 AB": takes over the new place; when a destination was proposed already, routing
    is done again. False when the message corrects nothing."""
    text, slots = talk.message.text, talk.session.slots
    if not slots.get("place") or len(text.split()) > LONGEST_CORRECTION:
        return False
    if not POSTCODE.search(text) and not _says_where(talk, text):
        return False
    place = talk.content.places.find(text)
    if place is None or place == slots["place"]:
        return False
    talk.set("place", place)
    talk.utter("desk.place_corrected")
    route_again(talk)
    run(talk)
    return True


def no_longer_possible(content: Content, session: Session, message: Message, route: Route) -> Turn:
    """The turn when what the card is for filled up or closed meanwhile: says so and proposes anew. Nothing was sent."""
    talk = Talk(content, session, message, route)
    talk.utter("consent.no_longer")
    route_again(talk)
    run(talk)
    return talk.turn()


def route_again(talk: Talk) -> None:
    """Back to where the destination was decided, with what is known now."""
    session = talk.session
    for index, frame in enumerate(session.stack):
        steps = talk.content.flows[frame.flow].steps
        routes = [number for number, step in enumerate(steps[: frame.step]) if step.kind == "route"]
        if routes:
            session.stack = [*session.stack[:index], msgspec.structs.replace(frame, step=routes[-1])]
            session.slots.pop("option", None)
            session.offer = session.card = None
            return


def _take_what_was_said(talk: Talk, request: str) -> None:
    slots, message, content = talk.session.slots, talk.message, talk.content
    place = content.places.find(request)
    if place and (slots.get("place") != place or "place" in slots.get(FROM_BEFORE, ())):
        talk.set("place", place)
    said = {entity.entity for entity in message.entities}
    for entity, kind in _TAKEN_FROM_FIRST_MESSAGE.items():
        if entity in said or kind == "phone":  # a number is told by its digits, whoever reads it
            step = Step("collect", entity, 0, 0, type=kind)
            answer = read_answer(step, message, None, content.texts, content.places)
            if answer is not None and answer.value is not None:
                talk.set(entity, answer.value)
    hear_age(talk)
    _hear_medical(talk, request)
    hear_urgency(talk, request)
    # "Ik zit de hele dag alleen" is about oneself. "Mijn moeder" may be who it is about: ask. "Geen vrienden" is not.
    names_own = any(word in content.texts.words("words.possessive", talk.language) for word in plain(request).split())
    if speaks_of_self(talk, request) and not ("person" in said and names_own):
        talk.set("who", "self")
    elif "person" in said and slots.get("other_person") is None:
        talk.set("other_person", _persons(talk))


def hear_more(talk: Talk, step: Step) -> None:
    """What an answer tells besides the answer: an age under sixteen, a medical act, about whom it is, and that it
    cannot wait."""
    slots = talk.session.slots
    if step.type in ("text", "people") and hear_urgency(talk, talk.message.text):
        talk.utter("urgency.heard")
    if step.value == "request" and slots.get("request"):
        _take_what_was_said(talk, slots["request"])
        keep_others(talk, others_heard(talk, slots.get("theme")))
    elif step.value == "who" and slots.get("who") == "other":
        if _persons(talk):
            talk.set("other_person", _persons(talk))
    elif step.value == "who":
        slots.pop("other_person", None)
        slots.pop("other_age", None)
    elif step.type in ("text", "people"):
        hear_age(talk)
        _hear_medical(talk, talk.message.text)


def _persons(talk: Talk) -> list[str]:
    said = dict.fromkeys(entity.value for entity in talk.message.entities if entity.entity == "person")
    return [role for role in said if role != "nobody"]


def hear_age(talk: Talk) -> None:
    """ "Ik ben 14" is the resident's age; "mijn dochter van 12" is somebody else's."""
    said_ages = (years_in(entity.value) for entity in talk.message.entities if entity.entity == "age")
    ages = [age for age in said_ages if age is not None]
    said = f" {plain(talk.message.text)} "
    openings = [plain(word) for word in talk.content.texts.words("words.i_am", talk.language)]
    own = [age for age in ages if any(f" {opening} {age} " in said for opening in openings)]
    if not own and not _persons(talk):
        own = ages
    if not ages:
        own = _told_outright(talk)
    others = [age for age in ages if age not in own]
    for slot, found in (("age", own), ("other_age", others)):
        if found and talk.session.slots.get(slot) is None:
            talk.set(slot, found[0])


def _told_outright(talk: Talk) -> list[int]:
    """ "Ik ben 13 en …": an age even when nobody read the message. "Ik ben 13 jaar weduwe" is none."""
    openings, years, after = (
        "|".join(plain(word) for word in talk.content.texts.words(name, talk.language))
        for name in ("words.i_am", "words.years", "words.after_age")
    )
    age = re.compile(rf" (?:{openings}) ([0-9]{{1,3}})(?=(?: (?:{years}))?(?: (?:{after}) | $))")
    clauses = (f" {plain(clause)} " for clause in re.split(r"[,.;:!?\n]", talk.message.text))
    found = (years_in(number) for clause in clauses for number in age.findall(clause))
    return [told for told in found if told is not None]


def _hear_medical(talk: Talk, text: str) -> None:
    """Medical acts go to professionals only, whatever else the question is about."""
    if names_medical_act(talk, text):
        talk.set("medical", True)


def names_medical_act(talk: Talk, text: str) -> bool:
    acts = [plain(word) for word in talk.content.texts.words("words.medical", talk.language)]
    said = plain(text).split()
    # "wond" is a whole word, not the beginning of "wonder"; longer ones are beginnings.
    return any(word == act or (len(act) > SHORT_ACT and word.startswith(act)) for word in said for act in acts)


def speaks_of_self(talk: Talk, text: str) -> bool:
    """ "Ik", "mij": whoever writes so tells of themself."""
    own = talk.content.texts.words("words.self", talk.language)
    return any(word in own for word in plain(text).split())


def _says_where(talk: Talk, text: str) -> bool:
    """ "Nee, ik woon in Zuid" and "sorry, Zuid"; "alleen mijn zus in Zuid" answers something else."""
    said, texts = f" {plain(text)} ", talk.content.texts
    if any(f" {plain(word)} " in said for word in texts.words("words.i_live", talk.language)):
        return True
    short = len(said.split()) <= SHORT_CORRECTION
    return short and any(said.startswith(f" {plain(word)} ") for word in texts.words("words.correcting", talk.language))
