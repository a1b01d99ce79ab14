"""How do requests reach the disk? One thread commits whatever is waiting as one group."""

import sqlite3
from asyncio import Future
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeAlias, TypeVar

import orjson

from adapter.model import Event, Json, Outcome, Problem, Request, dumps
from adapter.service.tables import EVENTS, PROBLEMS, REQUESTS, insert, known

Job: TypeAlias = tuple[Future[bool], Request, Outcome]
Result: TypeAlias = "bool | StoreFailed"
Row: TypeAlias = tuple[Any, ...]

T = TypeVar("T")

SIZES = (64, 16, 4, 1)

GROUP = 1024
"""The most requests in one commit: bounds how long the first of them waits for the last."""

BAD_ROW = (sqlite3.Error, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What one request's own content may raise: its neighbours are written without it."""

OURS = frozenset({"spec", "warnings"})
"""Members of an event's data that say how it was read, not what the vendor said."""


class StoreFailed(Exception):
    """Not stored, for the reason it carries: the vendor must come again."""


class Writer:
    """Owns the connection. `deliver` is called on this thread once a group, with every job and its result."""

    def __init__(
        self, connection: sqlite3.Connection, deliver: Callable[[Sequence[Job], Sequence[Result]], None]
    ) -> None:
        self._connection = connection
        self._deliver = deliver
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self.put = self._jobs.put
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def close(self) -> None:
        """Write what is waiting, then end. May be called twice."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        more = True
        try:
            while more:
                group, more = self._take()
                self._write(group)
        finally:
            self._abandon()
            self._connection.close()

    def _take(self) -> tuple[list[Job], bool]:
        """Sleeps until something waits. `None` stands for the end."""
        group = [self._jobs.get()]
        group += [self._jobs.get() for _ in range(min(self._jobs.qsize(), GROUP - 1))]
        jobs = [job for job in group if job is not None]
        return jobs, len(jobs) == len(group)

    def _write(self, group: list[Job]) -> None:
        results: Sequence[Result] = [StoreFailed("the writer stopped")] * len(group)
        try:
            results = write(self._connection, group) if group else ()
        finally:
            self._deliver(group, results)

    def _abandon(self) -> None:
        late = [job for job in (self._jobs.get() for _ in range(self._jobs.qsize())) if job is not None]
        self._deliver(late, [StoreFailed("the store is closed")] * len(late))


def write(connection: sqlite3.Connection, group: Sequence[Job]) -> Sequence[Result]:
    """One transaction for the whole group; never raises for what a request holds or the disk refuses."""
    try:
        with transaction(connection):
            return _insert(connection, group)
    except sqlite3.OperationalError as error:
        return [StoreFailed(str(error))] * len(group)
    except BAD_ROW:
        return _write_apart(connection, group)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:  # a full disk rolls back by itself
            with suppress(sqlite3.OperationalError):
                connection.execute("ROLLBACK")


def _write_apart(connection: sqlite3.Connection, group: Sequence[Job]) -> Sequence[Result]:
    """The same group, each request under its own savepoint: a bad one must not fail its neighbours."""
    try:
        with transaction(connection):
            return [_insert_alone(connection, job) for job in group]
    except sqlite3.Error as error:
        return [StoreFailed(str(error))] * len(group)


def _insert_alone(connection: sqlite3.Connection, job: Job) -> Result:
    connection.execute("SAVEPOINT alone")
    try:
        return _insert(connection, [job])[0]
    except sqlite3.OperationalError:
        raise
    except BAD_ROW as error:
        connection.execute("ROLLBACK TO alone")
        return StoreFailed(f"this request cannot be written: {type(error).__name__}")
    finally:
        if connection.in_transaction:
            connection.execute("RELEASE alone")


def _insert(connection: sqlite3.Connection, group: Sequence[Job]) -> list[bool]:
    """True for a duplicate: it had events and every one of them was there. Only what it changed is kept of it."""
    texts = [[(bytes.fromhex(event.id), dumps(event.envelope).decode()) for event in job[2].events] for job in group]
    stored = _stored(connection, [key for keyed in texts for key, _ in keyed])
    events: list[Row] = []
    requests: list[Row] = []
    problems: list[Row] = []
    duplicates: list[bool] = []
    for (_, request, outcome), keyed in zip(group, texts, strict=True):
        fresh = len(events)
        wrong = list(outcome.problems)
        for event, (key, text) in zip(outcome.events, keyed, strict=True):
            if (first := stored.setdefault(key, text)) is text:
                events.append(_event_row(event, request, outcome, key, text))
            else:
                wrong += _changes(event, first, text)
        duplicate = bool(keyed) and len(events) == fresh
        if wrong or not duplicate:
            requests.append(_request_row(request, outcome))
            problems += [_problem_row(request, problem) for problem in wrong]
        duplicates.append(duplicate)
    for table, rows in ((EVENTS, events), (REQUESTS, requests), (PROBLEMS, problems)):
        for part in _parts(rows):
            connection.execute(insert(table, len(part)), tuple(chain.from_iterable(part)))
    return duplicates


def _stored(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, str]:
    """What is there already under these keys. Nobody else writes: the transaction holds the lock."""
    return {key: text for part in _parts(keys) for key, text in connection.execute(known(len(part)), part)}


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """As few statements as can be, of a few sizes: each one gives the interpreter away and must win it back."""
    start = 0
    for size in SIZES:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


def _changes(event: Event, stored: str, text: str) -> Iterable[Problem]:
    before, now = _said(stored), _said(text)
    if before != now:
        names = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
        message = f"event {event.id} is stored with other values of {', '.join(names)}; the first stands"
        yield Problem("store", "changed_duplicate", message, event.record, {name: now.get(name) for name in names})


def _said(envelope: str) -> dict[str, Json]:
    data = orjson.loads(envelope).get("data") or {}
    return {name: value for name, value in data.items() if name not in OURS}


def _event_row(event: Event, request: Request, outcome: Outcome, key: bytes, text: str) -> Row:
    envelope = event.envelope
    return (
        key,
        request.id,
        event.kind,
        outcome.vendor,
        request.channel,
        envelope["time"],
        envelope.get("subject"),
        text,
    )


def _request_row(request: Request, outcome: Outcome) -> Row:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers]
    return (
        request.id,
        request.received_at.isoformat(),
        request.channel,
        outcome.vendor,
        outcome.spec,
        request.method,
        request.path,
        request.query.decode("latin-1"),
        orjson.dumps(headers).decode(),
        request.body,
        outcome.name,
        outcome.code,
        outcome.ack.status,
        orjson.dumps(outcome.notes).decode(),
    )


def _problem_row(request: Request, problem: Problem) -> Row:
    content = None if problem.content is None else dumps(problem.content).decode()
    return (request.id, problem.record, problem.stage, problem.code, problem.message, content)
