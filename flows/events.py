"""What a turn decides, event by event: what the desk says, and what `desk/apply.py` turns into rows."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from flows.model import Card, Choice, Language, Offer, Option, Session, Value


class Uttered(Struct, frozen=True, tag="uttered"):
    """The desk says `text` (rendered from `key` in the resident's language), with quick replies."""

    key: str
    text: str
    choices: tuple[Choice, ...] = ()
    prompt: int | None = None


class SlotSet(Struct, frozen=True, tag="slot_set"):
    slot: str
    value: Value


class LanguageSet(Struct, frozen=True, tag="language_set"):
    language: Language


class AlertShown(Struct, frozen=True, tag="alert_shown"):
    category: str
    level: str
    source: Literal["guard", "nlu", "answer"]


class Reread(Struct, frozen=True, tag="reread"):
    """Message `n` raised an alert that is settled now: read it again for the question it also holds."""

    n: int


class Routed(Struct, frozen=True, tag="routed"):
    theme: str
    neighbourhood: str | None
    offer: Offer


class PointedElsewhere(Struct, frozen=True, tag="pointed_elsewhere"):
    """The resident goes there themself (own steps, own network, contact card, another desk): nothing is sent."""

    theme: str
    neighbourhood: str | None
    option: Option
    rule: str
    policy: str


class GuessSettled(Struct, frozen=True, tag="guess_settled"):
    """What the model guessed, beside what the resident made of it. `chosen`: the model was unsure."""

    guessed: str
    chosen: str
    how: Literal["corrected", "chosen", "confirmed"]


class CardShown(Struct, frozen=True, tag="card_shown"):
    card: Card


class ConsentGiven(Struct, frozen=True, tag="consent_given"):
    card: Card


class ConsentRefused(Struct, frozen=True, tag="consent_refused"):
    """`by_link`: on a link that somebody sent who asked for this person; so with Referred."""

    card: Card
    by_link: bool = False


class ConsentWithdrawn(Struct, frozen=True, tag="consent_withdrawn"):
    """The request with this code is withdrawn; without one, every request of this conversation."""

    code: str | None = None


class CodeWithdrawn(Struct, frozen=True, tag="code_withdrawn"):
    """A code that is of no request in this conversation, bare ("7K3QF"): the desk looks it up and answers itself."""

    code: str


class Referred(Struct, frozen=True, tag="referred"):
    """The card's lines that are on go to the option's organisation; the desk creates the request."""

    theme: str
    neighbourhood: str | None
    option: Option
    card: Card
    rule: str
    policy: str
    medical: bool = False  # medical acts were mentioned: no volunteer may accept it
    by_link: bool = False
    decision: dict[str, Value] = field(default_factory=dict)  # in codes, as routing made it


class Invited(Struct, frozen=True, tag="invited"):
    """The resident wants a link on which somebody they know reads `words` and answers. `first_name` is empty unless
    the resident gave it for this; `slots` hold the intake, to go on with when the answer is no."""

    words: str
    first_name: str
    slots: dict[str, Value]


class CardLinked(Struct, frozen=True, tag="card_linked"):
    """Who asks for somebody else wants a link on which that person answers a card themself. `slots` are what the card
    needs: theme, place, medical."""

    option: Option
    team: Option | None
    rule: str
    policy: str
    slots: dict[str, Value]
    decision: dict[str, Value]  # in codes, as routing made it


class AskerMayHear(Struct, frozen=True, tag="asker_may_hear"):
    """The person a card was for lets who asked for them hear that there was an answer; not which."""

    conversation_id: str


class LinksEnded(Struct, frozen=True, tag="links_ended"):
    """Every link of this resident ends."""


class FollowUpAsked(Struct, frozen=True, tag="follow_up_asked"):
    """`asks` is the flow that asks then, with these `slots`; without one it is a sentence about an own request."""

    after: str  # "2 weeks"
    asks: str = ""
    slots: dict[str, Value] = field(default_factory=dict)


class HandedToHost(Struct, frozen=True, tag="handed_to_host"):
    """The resident asked for a person. `share_before`: what was said before may be read."""

    share_before: bool


class OtherForgotten(Struct, frozen=True, tag="other_forgotten"):
    """A conversation about somebody else is over: what the resident wrote in it, in the messages after number `after`
    until `until`, is not kept."""

    after: int
    until: int


class DataAsked(Struct, frozen=True, tag="data_asked"):
    """ "What do you know of me?": the desk says at this place what it keeps, from the database."""


class DataFileAsked(Struct, frozen=True, tag="data_file_asked"):
    """The desk gives the same as a file, or says where it can be had."""


class RemovalAsked(Struct, frozen=True, tag="removal_asked"):
    """What the desk said so far is taken out of the resident's chat; only where the channel can do that. `erasing`: its
    own copies go as well."""

    erasing: bool = False


class ErasureAsked(Struct, frozen=True, tag="erasure_asked"):
    """ "Forget me", confirmed."""


class Ended(Struct, frozen=True, tag="ended"):
    reason: Literal["done", "stopped", "restarted"]


Event = (
    Uttered
    | SlotSet
    | LanguageSet
    | AlertShown
    | Reread
    | Routed
    | PointedElsewhere
    | GuessSettled
    | CardShown
    | ConsentGiven
    | ConsentRefused
    | ConsentWithdrawn
    | CodeWithdrawn
    | Referred
    | Invited
    | CardLinked
    | AskerMayHear
    | LinksEnded
    | OtherForgotten
    | FollowUpAsked
    | HandedToHost
    | DataAsked
    | DataFileAsked
    | RemovalAsked
    | ErasureAsked
    | Ended
)


class Turn(Struct, frozen=True):
    session: Session
    events: tuple[Event, ...]
