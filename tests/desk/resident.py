"""A resident who writes to a real desk, and is answered when the test says so."""

from __future__ import annotations

import uuid

from desk.bootstrap import Desk
from desk.receive import Incoming, Receipt, store
from desk.sessions import session_of
from desk.turns import Understood, Waiting, next_turns, take_turn
from flows.model import Intent, Prompt, Session
from storage.records import StoredMessage

COMPANY = Understood((Intent("company", 0.97),))
AWAY = Understood(asked=False)


class Resident:
    """`says` and `taps` only store; `is_answered` lets the desk take the turns that wait."""

    def __init__(self, desk: Desk, address: str = "anna", channel: str = "web") -> None:
        self.desk = desk
        self.address = address
        self.channel = channel
        self.conversation_id = ""

    def sends(self, text: str = "", provider_id: str | None = None, **more: str) -> Receipt:
        provider_id = provider_id or str(uuid.uuid4())
        incoming = Incoming(self.channel, "test", provider_id, self.address, text.encode(), text=text, **more)
        receipt = store(self.desk, incoming).result(timeout=20)
        self.conversation_id = receipt.conversation_id
        return receipt

    def is_answered(self, understood: Understood = AWAY) -> int:
        """How many turns were taken."""
        count = 0
        while turns := next_turns(self.desk, "test"):
            for waiting in turns:
                take_turn(self.desk, waiting, understood)
            count += len(turns)
        return count

    def says(self, text: str, understood: Understood = AWAY) -> list[StoredMessage]:
        """Sends it and gives what the desk answered."""
        n = self.sends(text).n
        self.is_answered(understood)
        return self.heard(n)

    def taps(self, choice: str) -> list[StoredMessage]:
        """A quick reply of what the desk asked last."""
        prompt = self.prompt
        assert prompt is not None and choice in {one.id for one in prompt.choices}, (choice, prompt)
        n = self.sends(choice=f"{prompt.number}.{choice}").n
        self.is_answered()
        return self.heard(n)

    def heard(self, after: int = 0) -> list[StoredMessage]:
        """What the desk said after message `after`."""
        return [one for one in self.messages() if one.n > after and one.sender == "desk"]

    def messages(self) -> list[StoredMessage]:
        return self.desk.database.read(lambda uow: uow.messages.after(self.conversation_id, 0))

    @property
    def session(self) -> Session:
        return self.desk.database.read(lambda uow: session_of(uow.conversations.get(self.conversation_id)))

    @property
    def prompt(self) -> Prompt | None:
        return self.session.prompt

    def reaches(self, kind: str, option: str = "koffie_noord") -> None:
        """Answers what the desk asks until it asks this: `collect`, `choose` or `consent`."""
        if not self.conversation_id:
            self.says("ik zit de hele dag alleen thuis", COMPANY)
        for _ in range(12):
            prompt = self.prompt
            assert prompt is not None, self.messages()[-1].text
            if prompt.kind == kind:
                return
            if prompt.kind == "choose":
                self.taps(option)
            elif prompt.about == "place":
                self.says("1234 AB")
            else:
                offered = {one.id for one in prompt.choices}
                self.taps("self" if "self" in offered else "skip")
        raise AssertionError(f"the desk never asked {kind}")


def waiting_turns(desk: Desk) -> list[Waiting]:
    """Claims what waits, as a worker does."""
    return next_turns(desk, "test")
