"""Withdrawing consent: one word at any time, for every open request or for the one whose code stands beside it.

It is read before anything else the desk waits for, a question about danger included: that question is then put again.
"""

from __future__ import annotations

from flows import ladder
from flows.alerts import leave_card
from flows.conversation import Talk
from flows.events import CodeWithdrawn, ConsentWithdrawn, LinksEnded
from flows.texts import LANGUAGES, Texts, plain

# No I/1/L, O/0, S/5, B/8, U/V, Z/2: look-alikes and sound-alikes are left out of codes; so are most vowels.
CODE_LETTERS = "34679ACDEFGHJKMNPQRTVWXY"
CODE_LENGTH = 5
LONGEST_TRY = 8  # letters; what holds a figure and is no longer than this is a code that was typed wrong


def read_withdrawal(talk: Talk) -> bool:
    """True when the message was such a word and has been answered."""
    asked = withdrawal_in(talk.content.texts, talk.message.text)
    if asked is None:
        return False
    leave_card(talk)
    if not asked:
        withdraw(talk)
        return True
    own = [referral for referral in talk.session.referrals if bare_code(referral.code) == asked]
    if own:
        talk.events.append(ConsentWithdrawn(own[0].code))
        talk.utter("withdraw.done_one", code=own[0].code)
        talk.session.referrals = [referral for referral in talk.session.referrals if referral not in own]
    else:
        talk.events.append(CodeWithdrawn(asked))
    ladder.ask_again(talk)
    return True


def withdraw(talk: Talk) -> None:
    """Every request of this conversation is withdrawn at once, those that were declined or done too, and every link;
    nothing else is asked."""
    session = talk.session
    if not session.referrals and not session.linked:
        talk.utter("withdraw.nothing")
    if session.referrals:
        talk.events.append(ConsentWithdrawn())
        talk.utter("withdraw.done")
        session.referrals = []
    if session.linked:
        talk.events.append(LinksEnded())
        talk.utter("link.withdrawn")
        session.linked = False
    ladder.ask_again(talk)


def withdrawal_in(texts: Texts, text: str) -> str | None:
    """The code beside the word, bare ("7K3QF"); "" for the word alone; None when neither was said. Only words from
    the list count, before the code or after it; capitals, spaces and hyphens do not."""
    if texts.says("words.withdraw", text):
        return ""
    said = plain(text)
    for word in (plain(word) for language in LANGUAGES for word in texts.words("words.withdraw", language)):
        if said.startswith(f"{word} "):
            beside = said.removeprefix(f"{word} ")
        elif said.endswith(f" {word}"):
            beside = said.removesuffix(f" {word}")
        else:
            continue
        code = _code_in(texts, beside.split())
        if code is not None:
            return code
    return None


def _code_in(texts: Texts, words: list[str]) -> str | None:
    """ "7k3 qf" is a code; "met code 7k3qf" holds one."""
    small = {plain(word) for language in LANGUAGES for word in texts.words("words.beside_code", language)}
    while True:  # word by word: "met 34" may be a code that begins with a small word
        code = bare_code("".join(words))
        if len(code) == CODE_LENGTH and set(code) <= set(CODE_LETTERS):
            return code
        if not words or words[0] not in small:
            break
        words = words[1:]
    typed_wrong = len(code) <= LONGEST_TRY and any(letter.isdecimal() for letter in code)
    return code if typed_wrong else None


def bare_code(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())
