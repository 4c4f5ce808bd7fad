"""What a conversation is made of: messages in, a session kept. What comes out is in events.py. Plain data.

Every type is a msgspec Struct, so a session survives a round trip through JSON at every turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct, field

Language = Literal["nl", "en"]
Value = Any  # a JSON value: text, number, yes/no, list or mapping of these


# What comes in -------------------------------------------------------------------------------------------------------


class Intent(Struct, frozen=True):
    """One line of the NLU's ranking; `confidence` runs from 0 to 1."""

    name: str
    confidence: float


class Entity(Struct, frozen=True):
    """A detail the NLU found, e.g. `entity="person", value="daughter"`."""

    entity: str
    value: str


class Part(Struct, frozen=True):
    """One clause of a long message, in the resident's words, with the NLU's ranking for it alone."""

    text: str
    intents: tuple[Intent, ...]


class Message(Struct, frozen=True):
    """What a resident sent, with what was understood of it. Either `text` or `choice` is filled; `attachment` names
    what cannot be read (`voice`, `photo`, `sticker`, `document`, `video`, `location`, `contact`)."""

    n: int
    text: str = ""
    choice: str | None = None
    attachment: str | None = None
    intents: tuple[Intent, ...] = ()
    entities: tuple[Entity, ...] = ()
    parts: tuple[Part, ...] = ()  # a long message, read clause by clause as well
    spoken: str | None = None  # the language it is clearly written in: "nl", "en", "" for another one, None: unclear
    understood: bool = True  # False when the NLU could not be asked
    masked: bool = False  # a number that does not belong in a chat was blocked out before storing
    settled: bool = False  # it raised an alert before, the resident answered, now it is read for what else it says


# What is kept --------------------------------------------------------------------------------------------------------


class Choice(Struct, frozen=True):
    """A quick reply. `id` is the bare name ("agree"); what travels over a channel is `"<prompt number>.<id>"`."""

    id: str
    label: str


class Prompt(Struct, frozen=True):
    """What the desk asked last and still waits for."""

    number: int
    kind: str  # collect, choose, consent, card_line, detail, theme, menu, confirm, also, language, data, search
    key: str
    choices: tuple[Choice, ...] = ()
    about: str = ""  # the slot, the alert's category, the card's line, ...


class Frame(Struct, frozen=True):
    """Where the conversation stands in one flow; frames stack when a flow calls another. One that `interrupts` is a
    digression: when it is done, the conversation goes on below it."""

    flow: str
    step: int = 0
    interrupts: bool = False


class Asked(Struct, frozen=True):
    """A question that was asked, with the stack and the chosen option as they stood, so that "back" can return."""

    slot: str
    stack: tuple[Frame, ...]
    option: str | None = None


class Option(Struct, frozen=True):
    """A destination that routing proposes. `reasons` are codes with a text `route.reason.<code>`; `facts` are values
    for the texts (`does`, `does_not`, `who`, `when`, `where`, `phone`, `email`, `url`, `follower`, `how`, and
    `volunteers`, "inside" the team or "outside")."""

    id: str
    kind: Literal["own_steps", "own_network", "initiative", "volunteers", "team", "elsewhere"]
    name: str
    organisation: str = ""
    reasons: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    sendable: bool = False  # a request may be sent there: account, valid agreement
    may_receive: tuple[str, ...] = ()  # the data categories its agreement allows on the card


class Offer(Struct, frozen=True):
    """A routing decision as the conversation sees it. `team` stands beside every contact card; `rights` are sentences
    that stand beside the options; `decision` is all of it in codes, to be kept with a request."""

    rule: str
    policy: str
    options: tuple[Option, ...]
    team: Option | None = None
    rights: tuple[str, ...] = ()
    experts: bool = False  # experts by experience are there too, for who would rather speak to them
    decision: dict[str, Value] = field(default_factory=dict)


class Sought(Struct, frozen=True):
    """What a resident looks for in the directory. `words` are plain; `place` is the neighbourhood to be near to, `age`
    the one that was told; `medical`: medical acts were mentioned; `skip` is how many were shown before."""

    theme: str | None = None
    words: tuple[str, ...] = ()
    place: str | None = None
    age: int | None = None
    medical: bool = False
    skip: int = 0


class Found(Struct, frozen=True):
    """A service in the directory. `theme` is what help with it would be about, "" when that is nothing; `facts` as
    those of an option, and `places` (the neighbourhoods it is for), `age` and `room`, each a few words or empty."""

    id: str
    name: str
    organisation: str
    theme: str
    facts: dict[str, str]


class Listed(Struct, frozen=True):
    """A few of the `total` services that were found."""

    found: tuple[Found, ...] = ()
    total: int = 0


class Looking(Struct, frozen=True):
    """Where a resident is who looks around in the directory: the page in front of them, what was sought and found.
    `said` are their words when these told of a need of their own; `waiting` is the question of no flow that was open
    before."""

    page: Literal["ask", "themes", "where", "list", "one"] = "ask"
    domain: str = ""
    sought: Sought = Sought()
    listed: Listed = Listed()
    one: Found | None = None
    said: str = ""
    waiting: Prompt | None = None


class Line(Struct, frozen=True):
    """One line of the disclosure card: exactly what will be sent when `on`."""

    category: str
    text: str
    on: bool = True
    fixed: bool = False  # cannot be left out


class Card(Struct, frozen=True):
    """The disclosure card as shown: version, recipient, lines, and the rendered words."""

    version: int
    option: Option
    lines: tuple[Line, ...]
    text: str = ""
    follow_up: bool = False


class Referral(Struct):
    """What the resident may be told about an own request (kept true by the desk when a host acts)."""

    id: str
    code: str
    option: str
    name: str
    status: str = "referred"


class AlertState(Struct, frozen=True):
    """An alert that was shown. `waiting`: its question has no answer yet and comes before everything else. `held` are
    the numbers of messages that were written before it and are read after it. `other`: its message was clearly about
    somebody else. `denied`: the resident said that it is not so."""

    category: str
    level: str  # now, concern
    n: int  # the message that raised it
    waiting: bool = False
    interrupted: Prompt | None = None  # what the desk waited for when it was raised
    held: tuple[int, ...] = ()
    other: bool = False
    denied: bool = False


class Guess(Struct, frozen=True):
    """What the model took the question to be about. `theme` is "none" when it saw no theme; `began`: it was sure
    enough to begin the intake."""

    theme: str
    began: bool = False


class LanguageOffered(Struct, frozen=True):
    """The other language was offered; message `n` waits for the answer, and so does what the desk asked before."""

    n: int
    interrupted: Prompt | None = None


class Session(Struct):
    """All that the conversation remembers of one resident on one channel."""

    language: Language = "nl"
    language_heard: bool = False  # a message was long enough to tell the language by
    language_offered: LanguageOffered | None = None
    language_settled: bool = False  # the resident chose; the other one is not offered any more
    welcomed: bool = False
    stack: list[Frame] = field(default_factory=list)
    slots: dict[str, Value] = field(default_factory=dict)
    prompt: Prompt | None = None
    prompts: int = 0  # how many prompts were made; numbers them
    asked: list[Asked] = field(default_factory=list)  # questions of this intake, in order
    skipped: list[str] = field(default_factory=list)
    misses: int = 0  # how often in a row the desk did not understand
    offer: Offer | None = None
    card: Card | None = None
    cards: int = 0
    looking: Looking | None = None
    alert: AlertState | None = None
    referrals: list[Referral] = field(default_factory=list)
    linked: bool = False  # a link was made; it may have run out since
    asked_by: str = ""  # the conversation of who sent this person the link, until the card has its answer
    over: int = 0  # the last message that belongs to what is over
    guess: Guess | None = None  # not settled yet; outlives "start again", so that another choice counts as a correction

    @property
    def alert_is_open(self) -> bool:
        """Whether an alert's card or question is what the resident has in front of them."""
        return self.prompt is not None and self.prompt.kind == "alert"


Route = Callable[[dict[str, Value], Language], Offer]
"""Called with the slots (`theme`, `place`, `who`, `age`, `own_network`, ...) and the language; pure."""

Search = Callable[[Sought, Language], Listed]
"""Looks in the directory; pure, and nothing is kept of it."""
