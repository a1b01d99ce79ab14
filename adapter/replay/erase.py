"""How is somebody forgotten? Events, deliveries, states, problems, and the requests that they came with."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from sqlite3 import OperationalError
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table, delete, func, select, text, update

from adapter.replay.found import COLUMNS, chunks, version
from adapter.replay.needle import Needle
from adapter.replay.selection import ERASED
from adapter.replay.states import of_stored
from adapter.store.rows import unpacked
from adapter.store.tables import DELIVERIES, EVENTS, MESSAGES, PROBLEMS, REFUSED, REQUESTS

BATCH = 500

ERASED_ROW = {"query": "", "body": b"", "body_encoding": "", "outcome": ERASED}


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what is to go, by its keys; of `emptied` requests only what they carried."""

    events: tuple[bytes, ...] = ()
    messages: tuple[bytes, ...] = ()
    problems: tuple[int, ...] = ()
    requests: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Erasure:
    """`writes` is None where it is only looked."""

    reads: Engine
    writes: Engine | None
    needle: Needle
    vendor: str = ""


def erase(work: Erasure) -> Counter[str]:
    """How much went, or would. Requests first, as long as their events tell which they are. May be repeated."""
    counts: Counter[str] = Counter()
    about = set(_about(work))
    gone: set[str] = set()
    for found in _requests(work, about):
        gone.update(found.requests)
        counts += _carry_out(work, found)
    for found in chain(_events(work), _problems(work, gone), _refused(work)):
        counts += _carry_out(work, found)
    return counts


def _about(work: Erasure) -> Iterator[str]:
    """Requests that an event or a problem tells to be about it, whatever their bytes look like."""
    for rows in _pages(work, EVENTS, COLUMNS):
        yield from (row.request_id for row in rows if _names(work, row))
    for rows in _pages(work, PROBLEMS, (PROBLEMS.c.request_id, PROBLEMS.c.content)):
        yield from (row.request_id for row in rows if row.content and work.needle.inside(row.content.encode()))


def _names(work: Erasure, row: Any) -> bool:
    envelope = orjson.loads(row.envelope)
    data = {name: value for name, value in envelope["data"].items() if name not in ("spec", "warnings")}
    return work.needle.names(data, envelope.get("subject"))


def _requests(work: Erasure, about: set[str]) -> Iterator[Found]:
    names = ("id", "path", "query", "headers", "body", "body_encoding", "outcome")
    for rows in _pages(work, REQUESTS, tuple(REQUESTS.c[name] for name in names)):
        those = [row.id for row in rows if row.outcome != ERASED and (row.id in about or _inside(work, row))]
        with work.reads.connect() as connection:
            shared = _shared(connection, work, those)
        if those:
            alone = tuple(one for one in those if one not in shared)
            yield Found(requests=alone, emptied=tuple(one for one in those if one in shared))


def _inside(work: Erasure, row: Any) -> bool:
    """In anything that it carried."""
    head = "\n".join((row.path, row.query, row.headers)).encode("latin-1", "replace")
    return work.needle.inside(head) or work.needle.inside(unpacked(row.body, row.body_encoding))


def _shared(connection: Connection, work: Erasure, ids: Sequence[str]) -> set[str]:
    """Those of which something else stays: another's event, or a record that waits for a person."""
    found: set[str] = set()
    for part in chunks(ids):
        events = connection.execute(select(*COLUMNS).where(EVENTS.c.request_id.in_(part)))
        found |= {row.request_id for row in events if not _names(work, row)}
        problems = select(PROBLEMS.c.request_id, PROBLEMS.c.content).where(PROBLEMS.c.request_id.in_(part))
        found |= {
            one for one, content in connection.execute(problems) if content and not work.needle.inside(content.encode())
        }
    return found


def _events(work: Erasure) -> Iterator[Found]:
    for rows in _pages(work, EVENTS, COLUMNS):
        those = [version(row[1:]) for row in rows if _names(work, row)]
        if those:
            yield Found(tuple(row.id for row in those), tuple({of_stored(row, {}).message for row in those}))


def _problems(work: Erasure, gone: set[str]) -> Iterator[Found]:
    """Those of requests that stay; the others go with theirs."""
    for rows in _pages(work, PROBLEMS, (PROBLEMS.c.request_id, PROBLEMS.c.content, PROBLEMS.c.message)):
        stay = [row for row in rows if row.request_id not in gone]
        ours = [row.seq for row in stay if work.needle.inside(f"{row.content} {row.message}".encode())]
        if ours:
            yield Found(problems=tuple(ours))


def _refused(work: Erasure) -> Iterator[Found]:
    names = ("id", "path", "query", "headers", "body", "body_encoding")
    for rows in _pages(work, REFUSED, tuple(REFUSED.c[name] for name in names)):
        ours = tuple(row.id for row in rows if _inside(work, row))
        if ours:
            yield Found(refused=ours)


def _pages(work: Erasure, table: Table, columns: Iterable[Any]) -> Iterator[Sequence[Any]]:
    last = 0
    query = select(table.c.seq, *columns).order_by(table.c.seq).limit(BATCH)
    if work.vendor and table is PROBLEMS:
        query = query.join(REQUESTS, REQUESTS.c.id == PROBLEMS.c.request_id).where(REQUESTS.c.vendor == work.vendor)
    elif work.vendor:
        query = query.where(table.c.vendor == work.vendor)
    while True:
        with work.reads.connect() as connection:
            rows = connection.execute(query.where(table.c.seq > last)).all()
        if not rows:
            return
        last = rows[-1].seq
        yield rows


def _carry_out(work: Erasure, found: Found) -> Counter[str]:
    if work.writes is None:
        return _would(work.reads, found)
    with work.writes.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA secure_delete = ON"))
        return _write(connection, found)


def _columns(found: Found) -> tuple[tuple[str, Any, Sequence[Any]], ...]:
    return (
        ("requests", REQUESTS.c.id, found.requests),
        ("problems", PROBLEMS.c.request_id, found.requests),
        ("problems", PROBLEMS.c.seq, found.problems),
        ("events", EVENTS.c.id, found.events),
        ("deliveries", DELIVERIES.c.event_id, found.events),
        ("messages", MESSAGES.c.id, found.messages),
        ("refused", REFUSED.c.id, found.refused),
    )


def _write(connection: Connection, found: Found) -> Counter[str]:
    counts: Counter[str] = Counter()
    for name, column, values in _columns(found):
        for part in chunks(values):
            counts[name] += connection.execute(delete(column.table).where(column.in_(part))).rowcount
    for part in chunks(found.emptied):
        row = update(REQUESTS).where(REQUESTS.c.id.in_(part)).values(**ERASED_ROW, path="", headers="[]")
        counts["emptied"] += connection.execute(row).rowcount
    return counts


def _would(reads: Engine, found: Found) -> Counter[str]:
    counts: Counter[str] = Counter(emptied=len(found.emptied))
    with reads.connect() as connection:
        for name, column, values in _columns(found):
            for part in chunks(values):
                query = select(func.count()).select_from(column.table).where(column.in_(part))
                counts[name] += connection.execute(query).scalar_one()
    return counts


def sweep(writes: Engine) -> bool:
    """What was deleted is to leave the log and the free places too. False while others are in the way: then try again.

    When SQLite moves rows from page to page it leaves copies behind, so its file is written anew: whoever writes
    waits for so long.
    """
    raw = writes.raw_connection()
    try:
        return SWEEPS[writes.dialect.name](raw.driver_connection)
    finally:
        raw.close()


def _sweep_sqlite(connection: Any) -> bool:
    try:
        connection.execute("VACUUM")
    except OperationalError:
        return False
    return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]


def _sweep_postgresql(connection: Any) -> bool:
    connection.autocommit = True
    for table in (REQUESTS, EVENTS, PROBLEMS, DELIVERIES, MESSAGES, REFUSED):
        connection.execute(f"VACUUM {table.name}")
    connection.autocommit = False
    return True


SWEEPS: dict[str, Callable[[Any], bool]] = {"sqlite": _sweep_sqlite, "postgresql": _sweep_postgresql}
