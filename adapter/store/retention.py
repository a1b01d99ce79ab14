"""What is old enough to go? Small transactions with pauses, so that whoever writes never waits for long."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, exists, select

from adapter.store.rows import milliseconds
from adapter.store.tables import DELIVERIES, EVENTS, MESSAGES, PROBLEMS, REFUSED, REQUESTS

BATCH = 1000

SILENCE = timedelta(days=7)
"""A store in which nothing happened for so long, and for as long as a row is kept, may be one whose clock is wrong."""


def _days(number: int) -> timedelta:
    return timedelta(days=number)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each is kept. `problems` go with their requests where nothing is said."""

    requests: timedelta = field(default_factory=lambda: _days(30))
    events: timedelta = field(default_factory=lambda: _days(90))
    problems: timedelta | None = None
    refused: timedelta = field(default_factory=lambda: _days(7))
    deliveries: timedelta = field(default_factory=lambda: _days(7))
    messages: timedelta = field(default_factory=lambda: _days(90))


@dataclass(frozen=True, slots=True)
class Sort:
    """A table whose old rows go: `age` is the column that tells, `also` what must hold besides."""

    name: str
    table: Table
    age: Any
    also: ColumnElement[bool] | None = None
    life: Table = REQUESTS

    @property
    def key(self) -> Any:
        return next(iter(self.table.primary_key.columns))


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went, or would, and the name of each sort that was left alone because the clock may be wrong."""

    counts: dict[str, int]
    doubted: tuple[str, ...]


_DUE = exists().where(DELIVERIES.c.event_id == EVENTS.c.id, DELIVERIES.c.state.in_(("due", "dead")))
_REQUEST = exists().where(REQUESTS.c.id == EVENTS.c.request_id)
"""Without its event a request that is replayed would be news once more."""

SORTS = (
    Sort("requests", REQUESTS, REQUESTS.c.received_at),
    Sort("events", EVENTS, EVENTS.c.received_at, ~_DUE & ~_REQUEST, EVENTS),
    Sort("refused", REFUSED, REFUSED.c.received_at),
    Sort("deliveries", DELIVERIES, DELIVERIES.c.created_at, DELIVERIES.c.state == "delivered"),
    Sort("messages", MESSAGES, MESSAGES.c.received_at, life=EVENTS),
)


@dataclass(frozen=True, slots=True)
class Work:
    """What pruning does: `remove` gets keys and says how many went; between two batches it may `pause`, or stop."""

    reads: Engine
    writes: Engine | None
    pause: Callable[[], bool]


def never() -> bool:
    """Neither pause nor stop."""
    return False


def prune(work: Work, retention: Retention, now: datetime, trusted: bool = False) -> Pruned:
    """Delete what is old, or count it where nothing may be written.

    What seems to be old after a long silence is left alone unless the clock is `trusted`: rows that came before the
    silence cannot be told from rows that a clock which jumped ahead makes old.
    """
    counts: dict[str, int] = {}
    doubted: list[str] = []
    for sort in SORTS:
        kept = getattr(retention, sort.name)
        if not trusted and _silent(work.reads, sort.life, now, kept):
            doubted.append(sort.name)
        else:
            counts[sort.name] = _prune(work, sort, _as_stored(sort, now - kept))
    older = None if retention.problems is None else (now - retention.problems).isoformat()
    counts["problems"] = _problems(work, older)
    return Pruned(counts, tuple(doubted))


def _silent(reads: Engine, life: Table, now: datetime, kept: timedelta) -> bool:
    """Was there no sign of life between what is old and what is not, or now, for suspiciously long?"""
    cutoff = (now - kept).isoformat()
    query = select(life.c.seq, life.c.received_at).limit(1)
    with reads.connect() as connection:
        young = connection.execute(query.where(life.c.received_at >= cutoff).order_by(life.c.seq)).first()
        old = query.where(life.c.received_at < cutoff).order_by(life.c.seq.desc())
        last = connection.execute(old.where(life.c.seq < young.seq) if young else old).first()
    if last is None:
        return False
    until = datetime.fromisoformat(young.received_at) if young else now
    return until - datetime.fromisoformat(last.received_at) > max(kept, SILENCE)


def _as_stored(sort: Sort, moment: datetime) -> Any:
    return milliseconds(moment) if sort.table is DELIVERIES else moment.isoformat()


def _prune(work: Work, sort: Sort, cutoff: Any) -> int:
    """Page by page in the order of keys; messages have no order of time, so all of theirs."""
    count = 0
    for page in _pages(work, select(sort.key, sort.age), sort.key):
        old = [key for key, age in page if age < cutoff]
        if not old and sort.table is not MESSAGES:
            return count
        conditions = [sort.key.in_(old), sort.age < cutoff, *([] if sort.also is None else [sort.also])]
        count += _remove(work, sort.table, conditions) if old else 0
    return count


def _problems(work: Work, cutoff: str | None) -> int:
    """Of requests that are gone, and those that are older than problems are to be."""
    query = select(PROBLEMS.c.seq, REQUESTS.c.received_at).outerjoin(REQUESTS, REQUESTS.c.id == PROBLEMS.c.request_id)
    count = 0
    for page in _pages(work, query, PROBLEMS.c.seq):
        old = [key for key, age in page if age is None or (cutoff is not None and age < cutoff)]
        if not old:
            return count
        count += _remove(work, PROBLEMS, [PROBLEMS.c.seq.in_(old)])
    return count


def _pages(work: Work, query: Any, key: Any) -> Iterator[Sequence[Any]]:
    """Behind each page the caller's batch is done, so there may be a pause."""
    page: Sequence[Any] = ()
    while not page or not work.pause():
        behind = query.where(key > page[-1][0]) if page else query
        with work.reads.connect() as connection:
            page = connection.execute(behind.order_by(key).limit(BATCH)).all()
        if not page:
            return
        yield page


def _remove(work: Work, table: Table, conditions: Sequence[ColumnElement[bool]]) -> int:
    if work.writes is None:
        with work.reads.connect() as connection:
            return len(connection.execute(select(next(iter(table.primary_key.columns))).where(*conditions)).all())
    with work.writes.begin() as connection:
        return _delete(connection, table, conditions)


def _delete(connection: Connection, table: Table, conditions: Sequence[ColumnElement[bool]]) -> int:
    return connection.execute(delete(table).where(*conditions)).rowcount
