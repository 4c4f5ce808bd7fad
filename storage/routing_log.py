"""The routing log: what went where and why, as codes. Append-only, each row signed over itself and the row before.

The request's id stands beside the log, so that erasing a request takes the id away and leaves the chain whole."""

from __future__ import annotations

import hmac
import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from storage.prepared import Prepared, Row
from storage.records import Broken, Head, LogRow
from storage.tables import routing_log, routing_log_head, routing_log_request
from storage.transaction import Transaction

_PAGE = 500
_SIGNED = (
    routing_log.c.seq,
    routing_log.c.at_month,
    routing_log.c.theme,
    routing_log.c.neighbourhood,
    routing_log.c.destination,
    routing_log.c.kind,
    routing_log.c.rule,
    routing_log.c.policy,
    routing_log.c.reasons,
    routing_log.c.request_mark,
    routing_log.c.key_id,
    routing_log.c.previous,
)
_WITH_REQUEST = routing_log.outerjoin(routing_log_request, routing_log_request.c.seq == routing_log.c.seq)
_ROWS = Prepared(
    select(*_SIGNED[:9], routing_log_request.c.request_id)
    .select_from(_WITH_REQUEST)
    .order_by(routing_log.c.seq.desc())
    .limit(bindparam("count"))
    .offset(bindparam("skip"))
)
_OF_REQUEST = Prepared(
    select(*_SIGNED[:9], routing_log_request.c.request_id)
    .select_from(_WITH_REQUEST)
    .where(routing_log_request.c.request_id == bindparam("request_id"))
    .order_by(routing_log.c.seq)
)
_SEQS = Prepared(
    select(routing_log.c.seq)
    .where(routing_log.c.seq > bindparam("after"))
    .order_by(routing_log.c.seq)
    .limit(bindparam("count"))
)
_TO_VERIFY = Prepared(
    select(*_SIGNED, routing_log.c.mac, routing_log_request.c.request_id)
    .select_from(_WITH_REQUEST)
    .where(routing_log.c.seq.between(bindparam("first"), bindparam("last")))
    .order_by(routing_log.c.seq)
)
_MAC_OF = Prepared(select(routing_log.c.mac).where(routing_log.c.seq == bindparam("number")))
_ADD = Prepared(insert(routing_log))
_ADD_REQUEST = Prepared(insert(routing_log_request))
_HEAD = Prepared(
    select(routing_log_head.c.seq, routing_log_head.c.mac, routing_log_head.c.key_id, routing_log_head.c.seal)
    .where(routing_log_head.c.id == 1)
    .with_for_update()
)
_ADD_HEAD = Prepared(insert(routing_log_head))
_MOVE_HEAD = Prepared(
    update(routing_log_head)
    .where(routing_log_head.c.id == 1)
    .values(seq=bindparam("number"), mac=bindparam("new_mac"), key_id=bindparam("new_key"), seal=bindparam("new_seal"))
)


def _canonical(row: Iterable[Any]) -> bytes:
    """The signed columns in their order, as JSON without spaces. What can only be there by tampering (bytes in a text
    column) is signed as its repr, which no honest row has."""
    return json.dumps(list(row), ensure_ascii=True, separators=(",", ":"), default=repr).encode()


class RoutingLog:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def append(
        self,
        month: str,
        theme: str,
        neighbourhood: str | None,
        destination: str,
        kind: str,
        rule: str,
        policy: str,
        reasons: list[str],
        request_id: str | None = None,
    ) -> int:
        """Gives the row's number, from 1 without gaps. `month` is "2026-03"; the rest are ids and codes, never names or
        free text."""
        tx = self._tx
        head = tx.one(_HEAD)
        seq: int = head[0] + 1 if head else 1
        columns = {
            "seq": seq,
            "at_month": month,
            "theme": theme,
            "neighbourhood": neighbourhood,
            "destination": destination,
            "kind": kind,
            "rule": rule,
            "policy": policy,
            "reasons": json.dumps(reasons, separators=(",", ":")),
            "request_mark": self._mark(request_id),
            "key_id": tx.keys.log_id,
            "previous": head[1] if head else "",
        }
        mac = tx.keys.log_mac(_canonical(columns[column.name] for column in _SIGNED))
        tx.do(_ADD, **columns, mac=mac)
        if request_id:
            tx.do(_ADD_REQUEST, seq=seq, request_id=request_id)
        seal = self._seal(seq, mac)
        if head:
            tx.do(_MOVE_HEAD, number=seq, new_mac=mac, new_key=tx.keys.log_id, new_seal=seal)
        else:
            tx.do(_ADD_HEAD, id=1, seq=seq, mac=mac, key_id=tx.keys.log_id, seal=seal)
        tx.notify("board")
        return seq

    def rows(self, limit: int = 50, offset: int = 0) -> list[LogRow]:
        """Newest first."""
        return [_record(row) for row in self._tx.all(_ROWS, count=limit, skip=offset)]

    def of_request(self, request_id: str) -> list[LogRow]:
        """Oldest first; empty once the request was erased."""
        return [_record(row) for row in self._tx.all(_OF_REQUEST, request_id=request_id)]

    def heads(self) -> list[Head]:
        """The end of the log now, empty before the first row; to be kept elsewhere."""
        head = self._tx.one(_HEAD)
        return [Head(seq=head[0], mac=head[1], key_id=head[2])] if head else []

    def verify(self, kept: Iterable[Head] = ()) -> list[Broken]:
        """Everything that is not as it was written, in order; empty when the log is intact. With heads that were
        `kept` elsewhere it also finds a log that was cut and signed anew from a backup."""
        broken: list[Broken] = []
        expected, previous = 1, ""
        trust_previous = True
        for seq, row in self._each():
            broken += [Broken(seq=gone, what="missing") for gone in range(expected, min(seq, expected + 1000))]
            what = self._what_is_wrong(row, previous if trust_previous and seq == expected else None)
            if what:
                broken.append(Broken(seq=seq, what=what))
            # A row that is wrong says nothing about the row after it: each is judged by its own signature.
            trust_previous = what is None
            previous = row[12] if row else ""
            expected = seq + 1
        broken += self._check_end(expected - 1, previous if trust_previous else None)
        for head in kept:
            row = self._tx.one(_MAC_OF, number=head.seq)
            if (row is None or row[0] != head.mac) and not any(found.seq == head.seq for found in broken):
                broken.append(Broken(seq=head.seq, what="missing" if row is None else "changed"))
        return sorted(broken, key=lambda found: found.seq)

    def _each(self) -> Iterator[tuple[int, Row | None]]:
        """Every row by number; None for one that cannot even be read as text any more."""
        after = 0
        while seqs := [row[0] for row in self._tx.all(_SEQS, after=after, count=_PAGE)]:
            try:
                for row in self._tx.all(_TO_VERIFY, first=seqs[0], last=seqs[-1]):
                    yield row[0], row
            except sqlite3.DatabaseError:
                for seq in seqs:
                    yield seq, self._read_alone(seq)
            after = seqs[-1]

    def _read_alone(self, seq: int) -> Row | None:
        try:
            return self._tx.one(_TO_VERIFY, first=seq, last=seq)
        except sqlite3.DatabaseError:
            return None

    def _what_is_wrong(self, row: Row | None, previous: str | None) -> Any:
        if row is None:
            return "changed"
        signed, mac, request_id = row[:12], row[12], row[13]
        if row[10] != self._tx.keys.log_id:
            return "unknown_key"
        if not _same(mac, self._tx.keys.log_mac(_canonical(signed))):
            return "changed"
        if previous is not None and row[11] != previous:
            return "out_of_chain"
        if request_id is not None and not _same(row[9], self._mark(request_id)):
            return "other_request"
        return None

    def _check_end(self, last: int, last_mac: str | None) -> list[Broken]:
        head = self._tx.one(_HEAD)
        if head is None:
            return [Broken(seq=last, what="head")] if last else []
        seq, mac, _, seal = head
        if not _same(seal, self._seal(seq, mac)):
            return [Broken(seq=last, what="head")]
        if seq > last:
            return [Broken(seq=gone, what="missing") for gone in range(last + 1, min(seq, last + 1000) + 1)]
        if seq < last or (last_mac is not None and mac != last_mac):
            return [Broken(seq=last, what="head")]
        return []

    def _mark(self, request_id: str | None) -> str:
        return self._tx.keys.log_mac(f"request:{request_id}".encode()) if request_id else ""

    def _seal(self, seq: int, mac: str) -> str:
        """The head's own signature: whoever cuts the end off cannot sign the new end."""
        return self._tx.keys.log_mac(f"head:{seq}:{mac}".encode())


def _same(found: Any, computed: str) -> bool:
    return isinstance(found, str) and hmac.compare_digest(found.encode(), computed.encode())


def _record(row: Row) -> LogRow:
    return LogRow(
        seq=row[0],
        month=row[1],
        theme=row[2],
        neighbourhood=row[3],
        destination=row[4],
        kind=row[5],
        rule=row[6],
        policy=row[7],
        reasons=tuple(json.loads(row[8])),
        request_id=row[9],
    )
