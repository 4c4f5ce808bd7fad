"""Alerts for the person on duty: a code, a category and when. Nothing that anybody wrote."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from storage.errors import Missing
from storage.ids import new_alert_code, new_id
from storage.prepared import Prepared, Row
from storage.records import Alert, AlertSource
from storage.tables import alert
from storage.times import from_text, from_text_or_none, to_text
from storage.transaction import Transaction

_SELECT = select(
    alert.c.id,
    alert.c.code,
    alert.c.conversation_id,
    alert.c.category,
    alert.c.level,
    alert.c.source,
    alert.c.at,
    alert.c.acknowledged_by,
    alert.c.acknowledged_at,
    alert.c.step,
)
_IS_OPEN = alert.c.acknowledged_at.is_(None), alert.c.code.is_not(None)
_OF_CONVERSATION = alert.c.conversation_id == bindparam("conversation")
_GET = Prepared(_SELECT.where(alert.c.id == bindparam("alert_id")))
_BY_CODE = Prepared(_SELECT.where(alert.c.code == bindparam("its_code")))
_OPEN = Prepared(_SELECT.where(*_IS_OPEN).order_by(alert.c.at, alert.c.id))
_OPEN_OF = Prepared(
    _SELECT.where(_OF_CONVERSATION, alert.c.category == bindparam("of"), *_IS_OPEN).order_by(alert.c.at.desc()).limit(1)
)
_OF = Prepared(select(alert.c.id, alert.c.at).where(_OF_CONVERSATION))
_OF_WHOLE = Prepared(_SELECT.where(_OF_CONVERSATION).order_by(alert.c.at, alert.c.id))
_ADD = Prepared(insert(alert))
_ACKNOWLEDGE = Prepared(
    update(alert)
    .where(alert.c.id == bindparam("alert_id"), *_IS_OPEN)
    .values(acknowledged_by=bindparam("user_id"), acknowledged_at=bindparam("now"))
)
_TOLD = Prepared(
    update(alert)
    .where(alert.c.id == bindparam("alert_id"), alert.c.step < bindparam("told"))
    .values(step=bindparam("told"))
)
_FORGET = Prepared(
    update(alert)
    .where(alert.c.id == bindparam("alert_id"))
    .values(
        code=None,
        conversation_id=None,
        source=None,
        at=bindparam("month"),
        acknowledged_by=None,
        acknowledged_at=None,
        step=0,
    )
)


class Alerts:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, conversation_id: str, category: str, level: str, source: AlertSource) -> Alert:
        """A new one, with a code of its own."""
        tx = self._tx
        code = new_alert_code()
        while tx.one(_BY_CODE, its_code=code) is not None:
            code = new_alert_code()
        added = Alert(new_id(), code, conversation_id, category, level, source, tx.now)
        tx.do(
            _ADD,
            id=added.id,
            code=code,
            conversation_id=conversation_id,
            category=category,
            level=level,
            source=source,
            at=tx.now_text,
            acknowledged_by=None,
            acknowledged_at=None,
            step=0,
        )
        tx.notify("board")
        return added

    def get(self, alert_id: str) -> Alert:
        """Raises `Missing`."""
        row = self._tx.one(_GET, alert_id=alert_id)
        if row is None:
            raise Missing(f"There is no alert {alert_id}.")
        return _record(row)

    def by_code(self, code: str) -> Alert | None:
        """None too when its contact was erased: the code went with it."""
        row = self._tx.one(_BY_CODE, its_code=code)
        return _record(row) if row else None

    def open(self) -> list[Alert]:
        """What nobody has acknowledged, oldest first."""
        return [_record(row) for row in self._tx.all(_OPEN)]

    def open_of(self, conversation_id: str, category: str) -> Alert | None:
        """The latest that nobody has acknowledged."""
        row = self._tx.one(_OPEN_OF, conversation=conversation_id, of=category)
        return _record(row) if row else None

    def of_conversation(self, conversation_id: str) -> list[Alert]:
        """Oldest first, whether or not somebody took them up."""
        return [_record(row) for row in self._tx.all(_OF_WHOLE, conversation=conversation_id)]

    def acknowledge(self, alert_id: str, user_id: str) -> bool:
        """False when it is not open any more: the first one stays."""
        changed = self._tx.do(_ACKNOWLEDGE, alert_id=alert_id, user_id=user_id, now=self._tx.now_text)
        self._tx.notify("board")
        return changed == 1

    def told(self, alert_id: str, step: int) -> None:
        """Step number `step`, counted from 1, was delivered."""
        self._tx.do(_TOLD, alert_id=alert_id, told=step)

    def forget(self, conversation_id: str) -> None:
        """For an erased contact: category, level and month stay, and nothing that leads to anybody."""
        for alert_id, at in self._tx.all(_OF, conversation=conversation_id):
            month = from_text(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            self._tx.do(_FORGET, alert_id=alert_id, month=to_text(month))


def _record(row: Row) -> Alert:
    return Alert(
        id=row[0],
        code=row[1] or "",
        conversation_id=row[2],
        category=row[3],
        level=row[4],
        source=row[5],
        at=from_text(row[6]),
        acknowledged_by=row[7],
        acknowledged_at=from_text_or_none(row[8]),
        step=row[9],
    )
