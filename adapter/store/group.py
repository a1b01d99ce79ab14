"""What is new in a group of callbacks, and what was there? One transaction's work, the same for every database."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import Any, Protocol, TypeVar

import orjson
from sqlalchemy import Table

from adapter.model import Event, Json, Problem, dumps
from adapter.store.rows import (
    Arrival,
    Manner,
    Row,
    delivery_rows,
    event_row,
    message_id,
    message_row,
    problem_row,
    refused_row,
    request_row,
    unpacked,
)
from adapter.store.statements import Statements
from adapter.store.tables import DELIVERIES, EVENTS, PROBLEMS, REFUSED, REQUESTS

T = TypeVar("T")

SIZES = (64, 16, 4, 1)

OURS = frozenset({"spec", "warnings"})
"""Members of an event's data that say how it was read, not what the vendor said."""


ORDER: tuple[Table, ...] = (EVENTS, REQUESTS, PROBLEMS, DELIVERIES, REFUSED)
"""Where rows are written to, one table after the other."""


class Raced(Exception):
    """Another process wrote the same at the same moment: look again."""


class Session(Protocol):
    """A connection inside a transaction."""

    @property
    def statements(self) -> Statements: ...

    @property
    def manner(self) -> Manner: ...

    def run(self, statement: str, parameters: Sequence[Any]) -> Any:
        """A cursor."""


@dataclass(frozen=True, slots=True)
class Known:
    """An event that is there: the request it came with, its text as it stands today."""

    request_id: str
    text: str


@dataclass(slots=True)
class Group:
    """Rows in the order in which they will be written, and the state of each message that they speak of."""

    session: Session
    known: dict[bytes, Known]
    ranks: dict[bytes, int]
    rows: dict[Table, list[Row]] = field(default_factory=lambda: {table: [] for table in ORDER})
    states: dict[bytes, Row] = field(default_factory=dict)

    def take(self, arrival: Arrival, keyed: Sequence["Keyed"]) -> bool:
        """True for a duplicate: it had events and every one of them was there.

        Of one that says nothing new only what it changed is kept, and its request only if its bytes are new: a spec
        that is mended later may find two messages where today's sees one.
        """
        if not arrival.kept:
            self.rows[REFUSED].append(refused_row(arrival, self.session.manner))
            return False
        fresh = len(self.rows[EVENTS])
        wrong = list(arrival.outcome.problems)
        for one in keyed:
            first = self.known.get(one.key)
            if first is None:
                self._add(arrival, one)
            else:
                wrong += changes(one.event, first.text, one.text)
        duplicate = bool(keyed) and len(self.rows[EVENTS]) == fresh
        if wrong or not duplicate or not self._seen(arrival, keyed):
            name = arrival.outcome.name if wrong or not duplicate else "duplicate"
            self.rows[REQUESTS].append(request_row(arrival, self.session.manner, name))
            self.rows[PROBLEMS] += [problem_row(arrival.request, one, self.session.manner) for one in wrong]
        return duplicate

    def _add(self, arrival: Arrival, one: "Keyed") -> None:
        self.known[one.key] = Known(arrival.request.id, one.text)
        known, text = self.ranks.get(one.message, 0), one.text
        stale = one.event.rank < known
        if stale:
            text = dumps({**one.event.envelope, "stale": True}).decode()
        elif one.event.rank > known:
            self.ranks[one.message] = one.event.rank
            self.states[one.message] = message_row(one.event, arrival, self.session.manner, one.message, one.key)
        self.rows[EVENTS].append(event_row(one.event, arrival, self.session.manner, one.key, text, stale))
        self.rows[DELIVERIES] += delivery_rows(one.event, arrival, one.message, one.key)

    def _seen(self, arrival: Arrival, keyed: Sequence["Keyed"]) -> bool:
        """Did the request that its first event came with hold the same bytes?"""
        first = self.known[keyed[0].key].request_id
        request = arrival.request
        raw = request.query.decode("latin-1"), request.body
        for row in self.rows[REQUESTS]:
            if row[0] == first:
                return raw == _raw(row)
        found = self.session.run(self.session.statements.body(), (first,)).fetchone()
        return found is not None and raw == (found[0], unpacked(found[1], found[2]))

    def _number(self) -> None:
        """Two writers that sort their events never wait for each other; the numbers keep the order of arrival."""
        events = self.rows[EVENTS]
        numbers = sorted(number for (number,) in self.session.run(self.session.statements.numbers(), (len(events),)))
        events[:] = sorted(((number, *row) for row, number in zip(events, numbers, strict=True)), key=itemgetter(1))

    def write(self) -> None:
        """Raises Raced."""
        statements, shared = self.session.statements, self.session.statements.shared
        if shared and self.rows[EVENTS]:
            self._number()
        for table, rows in self.rows.items():
            for part in parts(rows):
                done = self.session.run(statements.insert(table, len(part)), tuple(chain.from_iterable(part)))
                if shared and table is EVENTS and done.rowcount != len(part):
                    raise Raced
        for part in parts([self.states[key] for key in sorted(self.states)]):
            done = self.session.run(statements.advance(len(part)), tuple(chain.from_iterable(part)))
            if shared and done.rowcount != len(part):
                raise Raced


@dataclass(frozen=True, slots=True)
class Keyed:
    """An event with its id, its text, and the message that it speaks of."""

    event: Event
    key: bytes
    text: str
    message: bytes


def insert(session: Session, arrivals: Sequence[Arrival]) -> list[bool]:
    """For each arrival, was it a duplicate? Raises Raced, and what the driver raises."""
    keyed = [[_keyed(event, one) for event in one.outcome.events] for one in arrivals]
    group = Group(session, _known(session, [one.key for each in keyed for one in each]), _ranks(session, keyed))
    duplicates = [group.take(*pair) for pair in zip(arrivals, keyed, strict=True)]
    group.write()
    return duplicates


def _keyed(event: Event, arrival: Arrival) -> Keyed:
    message = message_id(event, arrival.outcome.vendor, arrival.request.channel)
    return Keyed(event, bytes.fromhex(event.id), dumps(event.envelope).decode(), message)


def _known(session: Session, keys: Sequence[bytes]) -> dict[bytes, Known]:
    """What is there under these keys; of an event that was corrected, what it says since."""
    found: dict[bytes, Known] = {}
    for part in parts(keys):
        for key, request_id, text, successor in session.run(session.statements.known(len(part)), part).fetchall():
            found[bytes(key)] = Known(request_id, _latest(session, bytes(successor)) or text if successor else text)
    return found


def _latest(session: Session, key: bytes) -> str:
    text = ""
    while key:
        row = session.run(session.statements.known(1), (key,)).fetchone()
        if row is None:
            return text
        _, _, text, successor = row
        key = bytes(successor) if successor else b""
    return text


def _ranks(session: Session, keyed: Sequence[Sequence[Keyed]]) -> dict[bytes, int]:
    wanted = sorted({one.message for each in keyed for one in each if one.event.rank})
    rows = (session.run(session.statements.states(len(part)), part).fetchall() for part in parts(wanted))
    return {bytes(message): rank for message, rank in chain.from_iterable(rows)}


def parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """As few statements as can be, of a few sizes: each one gives the interpreter away and must win it back."""
    start = 0
    for size in SIZES:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


def _raw(row: Row) -> tuple[str, bytes]:
    _, _, _, _, _, _, _, query, _, body, encoding, *_ = row
    return query, unpacked(body, encoding)


def changes(event: Event, stored: str, text: str) -> Iterable[Problem]:
    """What a later one says otherwise, as a problem of its request."""
    before, now = said(stored), said(text)
    if before != now:
        names = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
        message = f"event {event.id} is stored with other values of {', '.join(names)}; the first stands"
        yield Problem("store", "changed_duplicate", message, event.record, {name: now.get(name) for name in names})


def said(envelope: str) -> dict[str, Json]:
    """What the vendor said, of an event's text."""
    data = orjson.loads(envelope).get("data") or {}
    return {name: value for name, value in data.items() if name not in OURS}
