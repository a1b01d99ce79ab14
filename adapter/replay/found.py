"""What is stored of these requests? Their events and problems, and every version of the keys that they have today."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, select

from adapter.model import Outcome
from adapter.replay.plan import Known, Place, Version, revised
from adapter.replay.selection import Stored
from adapter.store.tables import EVENTS, PROBLEMS

T = TypeVar("T")

CHUNK = 500
"""Values in one statement."""

COLUMNS = tuple(
    EVENTS.c[name]
    for name in (
        "id", "request_id", "record", "kind", "envelope", "revision", "superseded_by", "vendor", "channel",
        "received_at",
    )
)  # fmt: skip


def found(connection: Connection, judged: Iterable[tuple[Stored, Outcome]]) -> Known:
    """Everything that a plan for them asks for."""
    pairs = list(judged)
    ids = [stored.request.id for stored, _ in pairs]
    events: dict[str, list[Version]] = defaultdict(list)
    for row in _rows(connection, EVENTS.c.request_id, ids):
        events[row.request_id].append(row)
    problems: dict[str, Counter[Place]] = defaultdict(Counter)
    for part in chunks(ids):
        columns = PROBLEMS.c.request_id, PROBLEMS.c.record, PROBLEMS.c.stage, PROBLEMS.c.code
        for request_id, *place in connection.execute(select(*columns).where(columns[0].in_(part))):
            problems[request_id][tuple(place)] += 1
    keys = {bytes.fromhex(event.id) for _, outcome in pairs for event in outcome.events}
    return Known(events, versions(connection, keys), problems)


def versions(connection: Connection, keys: Iterable[bytes]) -> dict[bytes, list[Version]]:
    """By key, the first one first. Only what stands no more may have a later one."""
    known: dict[bytes, list[Version]] = defaultdict(list)
    asked = {key: key for key in keys}
    while asked:
        rows = list(_rows(connection, EVENTS.c.id, sorted(asked)))
        for row in rows:
            known[asked[row.id]].append(row)
        asked = {revised(asked[row.id], row.revision + 1): asked[row.id] for row in rows if row.successor is not None}
    return known


def version(row: Sequence[Any]) -> Version:
    identity, request_id, record, kind, text, revision, successor, *where = row
    after = None if successor is None else bytes(successor)
    return Version(bytes(identity), request_id, record, kind, text, revision, after, *where)


def _rows(connection: Connection, column: ColumnElement[Any], values: Sequence[Any]) -> Iterator[Version]:
    for part in chunks(values):
        query = select(*COLUMNS).where(column.in_(part)).order_by(EVENTS.c.seq)
        yield from map(version, connection.execute(query).all())


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
