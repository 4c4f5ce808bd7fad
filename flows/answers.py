"""Reads an answer to a question: buttons, numbers, labels (misspelt too), words, and the slot's type."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from flows.definition import Step
from flows.model import Choice, Message
from flows.places import Places
from flows.texts import LANGUAGES, Texts, plain, resembles

ALIKE = 0.8  # a label counts as misspelt from here; "noort" ~ "Noord" is 0.8, "ja" ~ "nee" 0.4
LONGEST_LABEL = 60  # characters; a longer message is a sentence, not a misspelt label
LONGEST_NAME = 40
LONGEST_PHONE = 40
OLDEST = 120  # years

_NUMBER = re.compile(r"(?<![0-9])[0-9]{1,3}(?![0-9])")
_PHONE = re.compile(r"(?:\+|00|\(?0)[0-9 \-()./]{6,24}[0-9]")
_COUNTRY_OF_HERE = "NL"
_COUNTRIES = (31, 32, 49)  # the Netherlands, Belgium, Germany; who lives near the border has a number from there


class Answer(Struct, frozen=True):
    """`value` None means: the resident would rather not say, or does not know."""

    value: Any


def pick(text: str, choices: tuple[Choice, ...], texts: Texts, *, exact: bool = False) -> Choice | None:
    """The quick reply that a typed text means: its label, its number ("2", "de tweede") or, unless `exact`, a label
    misspelt. None when it means none of them or could mean two."""
    said = plain(text)
    if not said or len(said) > LONGEST_LABEL:
        return None
    labels = [(plain(choice.label), choice) for choice in choices]
    for label, choice in labels:
        if said == label:
            return choice
    if exact:
        return None
    for number, choice in enumerate(choices, start=1):
        if texts.says(f"words.ordinal_{number}", text):
            return choice
    alike = sorted(((resembles(said, label), index) for index, (label, _) in enumerate(labels)), reverse=True)
    if alike and alike[0][0] >= ALIKE and (len(alike) == 1 or alike[1][0] < alike[0][0]):
        return labels[alike[0][1]][1]
    starting = [choice for label, choice in labels if len(said) >= 4 and f" {label} ".find(f" {said} ") >= 0]
    return starting[0] if len(starting) == 1 else None


def declines(text: str, texts: Texts) -> bool:
    """ "Dat zeg ik liever niet", "weet ik niet", "sla maar over"."""
    return texts.says("words.skip", text) or texts.says("words.unsure", text)


def read_answer(step: Step, message: Message, chosen: Choice | None, texts: Texts, places: Places) -> Answer | None:
    """The value for the slot of a collect step, or None when the message is no answer to it.

    `chosen` is the quick reply that was tapped or typed. Values: text → str, people → list of roles, place → id,
    yes_no → bool, choice → id, time → str, phone → str of digits, age → int (years), name → str.
    """
    if chosen is not None:
        return _chosen(step, chosen)
    text = message.text.strip()
    if declines(text, texts) and not step.required:
        return Answer(None)
    if step.type == "choice":
        value: Any = _said_choice(step, text, texts)
    else:
        value = _READERS[step.type](text, message, texts, places)
    return None if value is None else Answer(value)


def _said_choice(step: Step, text: str, texts: Texts) -> str | None:
    """ "voor mijn moeder" → other: by the words that belong to a choice (`words.choice.<slot>.<choice>`), when they
    belong to one choice only. The longest count first: "niet leuk" holds no "leuk"."""
    if len(text) > LONGEST_LABEL:
        return None
    known = (
        (plain(word), choice)
        for choice in step.choices
        for language in LANGUAGES
        for word in texts.words(f"words.choice.{step.value}.{choice}", language)
    )
    words, said = f" {plain(text)} ", set()
    for word, choice in sorted(known, key=lambda one: -len(one[0])):
        if f" {word} " in words:
            words = words.replace(f" {word} ", " ~ ")
            said.add(choice)
    return said.pop() if len(said) == 1 else None


def _chosen(step: Step, chosen: Choice) -> Answer:
    if chosen.id == "skip":
        return Answer(None)
    if step.type == "text":
        return Answer(chosen.label)
    if step.type == "people":
        return Answer([] if chosen.id == "nobody" else [chosen.id])
    if step.type == "yes_no":
        return Answer(chosen.id == "yes")
    return Answer(chosen.id)


def _entity(message: Message, name: str) -> list[str]:
    return [entity.value for entity in message.entities if entity.entity == name]


def _text(text: str, message: Message, texts: Texts, places: Places) -> str | None:
    return text or None


def _people(text: str, message: Message, texts: Texts, places: Places) -> list[str] | None:
    roles = list(dict.fromkeys(_entity(message, "person")))
    if texts.says("words.nobody", text) or (roles == ["nobody"]):
        return []
    roles = [role for role in roles if role != "nobody"]
    return roles or (["someone"] if text else None)


def _place(text: str, message: Message, texts: Texts, places: Places) -> str | None:
    for said in (*_entity(message, "postcode"), text):
        found = places.find(said)
        if found:
            return found
    return None


def _yes_no(text: str, message: Message, texts: Texts, places: Places) -> bool | None:
    if texts.says("words.yes", text):
        return True
    return False if texts.says("words.no", text) else None


def _phone(text: str, message: Message, texts: Texts, places: Places) -> str | None:
    for said in (*_PHONE.findall(text), *_entity(message, "phone")):
        number = phone_number(said)
        if number is not None:
            return number
    return None


def phone_number(said: str) -> str | None:
    """A number that can be called: a Dutch one as "0612345678", one from Belgium or Germany as "+32470123456". None
    when no such number exists."""
    import phonenumbers  # half a second the first time; most residents give no number

    try:
        number = phonenumbers.parse(said[:LONGEST_PHONE], _COUNTRY_OF_HERE)
    except phonenumbers.NumberParseException:
        return None
    if number.country_code not in _COUNTRIES or not phonenumbers.is_valid_number(number):
        return None
    if number.country_code == _COUNTRIES[0]:
        national: str = phonenumbers.national_significant_number(number)
        return f"0{national}"
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _age(text: str, message: Message, texts: Texts, places: Places) -> int | None:
    for said in (*_entity(message, "age"), *_NUMBER.findall(text)):
        years = years_in(said)
        if years is not None:
            return years
    return None


def years_in(said: str) -> int | None:
    """An age in years, 1 to 120; None for anything else ("²" is a digit to Python, and no number)."""
    if not _NUMBER.fullmatch(said) or not 0 < int(said) <= OLDEST:
        return None
    return int(said)


def _name(text: str, message: Message, texts: Texts, places: Places) -> str | None:
    for said in _entity(message, "first_name"):
        return said.strip()[:LONGEST_NAME]
    words = text.split()
    if 0 < len(words) <= 3 and len(text) <= LONGEST_NAME and not any(character.isdigit() for character in text):
        return text
    return None


_READERS = {
    "text": _text,
    "people": _people,
    "place": _place,
    "yes_no": _yes_no,
    "time": _text,
    "phone": _phone,
    "age": _age,
    "name": _name,
}
