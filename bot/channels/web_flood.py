"""The flood limit of the web chat: many messages wait, an alert among them never does."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from bot.channels.web_limits import Throttle
from flows.crisis import assess

MESSAGES_A_MINUTE = 120
ALERTS_A_MINUTE = 30
"""Above these many in one minute the resident has had the card; more of them wait like any other message."""

_BEFORE = 3
_CONVERSATIONS_LIMIT = 5_000


class Flood:
    """Decides per contact whether a message is taken now. Lives in the event loop of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._messages = Throttle(MESSAGES_A_MINUTE, 60.0, clock)
        self._alerts = Throttle(ALERTS_A_MINUTE, 60.0, clock)
        self._texts: OrderedDict[str, deque[str]] = OrderedDict()

    async def seconds_to_wait(self, contact_id: str, text: str) -> int:
        """0: take it (it has been counted). Else whole seconds after which to send it again; nothing is stored.

        The guard sees every message above the limit, with the ones before it, taken or not.
        """
        before = self._remember(contact_id, text)
        seconds = self._messages.take(contact_id)
        if not seconds:
            return 0
        alert = await asyncio.to_thread(assess, text, before)
        if alert is not None and not self._alerts.take(contact_id):
            return 0
        return max(1, math.ceil(seconds))

    def _remember(self, contact_id: str, text: str) -> tuple[str, ...]:
        texts = self._texts.setdefault(contact_id, deque(maxlen=_BEFORE))
        self._texts.move_to_end(contact_id)
        before = tuple(texts)
        texts.append(text)
        if len(self._texts) > _CONVERSATIONS_LIMIT:
            self._texts.popitem(last=False)
        return before
