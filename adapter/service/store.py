"""Where does what arrived stay? One small interface, and SQLite behind it."""

import sqlite3
from asyncio import AbstractEventLoop, Future, get_running_loop, to_thread
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Protocol

import orjson
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from adapter.model import Outcome, Request
from adapter.service.settings import Settings
from adapter.service.tables import CREATE, SCHEMA_VERSION, UPGRADES, event_page, one_request
from adapter.service.writer import Job, Result, StoreFailed, Writer, transaction

PRAGMAS = ("synchronous = FULL", "fullfsync = ON", "wal_autocheckpoint = 4000")
"""A log of 16 MB: ids are hashes, so a page of their index is written once for many events instead of for few."""

PAGE = 500


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as it was written: `envelope` is its JSON text, every digit kept; `seq` grows in order of storing."""

    seq: int
    envelope: str


class Store(Protocol):
    """What the service asks of a store."""

    def save(self, request: Request, outcome: Outcome) -> Awaitable[bool]:
        """Durable when it returns; True when every event was there already. Raises StoreFailed at once or later."""

    def events(
        self, since: int = 0, kind: str | None = None, vendor: str | None = None, limit: int | None = None
    ) -> Iterator[Stored]:
        """In order of storing, those behind `since`."""

    async def check(self) -> None:
        """Raises StoreFailed when nothing can be written now."""

    def close(self) -> None:
        """Write what is waiting, then let go. May be called twice."""


class SqliteStore:
    """One file, one process, one writer thread."""

    def __init__(self, path: Path, queue_limit: int, busy_seconds: float) -> None:
        self._path = path
        self._limit = queue_limit
        self._waiting = 0
        self._failure = ""
        self._closed = False
        self._writer = Writer(connect(path, busy_seconds), self._deliver)

    def save(self, request: Request, outcome: Outcome) -> Future[bool]:
        if self._waiting >= self._limit:
            raise StoreFailed(f"{self._waiting} requests wait for the disk already")
        if self._closed or not self._writer.alive:
            raise StoreFailed("the store is closed")
        future: Future[bool] = get_running_loop().create_future()
        self._waiting += 1
        self._writer.put((future, request, outcome))
        return future

    def events(
        self, since: int = 0, kind: str | None = None, vendor: str | None = None, limit: int | None = None
    ) -> Iterator[Stored]:
        return read_events(str(self._path), since, kind, vendor, limit)

    async def check(self) -> None:
        if self._closed or not self._writer.alive:
            raise StoreFailed("the store is closed")
        if self._failure:  # nobody may post until we are ready again, so the disk is asked
            await to_thread(_probe, self._path)
            self._failure = ""

    def close(self) -> None:
        self._closed = True
        self._writer.close()

    def _deliver(self, group: Sequence[Job], results: Sequence[Result]) -> None:
        """On the writer's thread: one call across for the whole group. A loop that has ended hears nothing."""
        if group:
            loop: AbstractEventLoop = group[0][0].get_loop()
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._settle, group, results)

    def _settle(self, group: Sequence[Job], results: Sequence[Result]) -> None:
        self._waiting -= len(group)
        failures = [str(result) for result in results if isinstance(result, StoreFailed)]
        self._failure = failures[0] if len(failures) == len(results) else ""
        for (future, _, _), result in zip(group, results, strict=True):
            if future.done():
                continue
            if isinstance(result, StoreFailed):
                future.set_exception(result)
            else:
                future.set_result(result)


def open_store(settings: Settings) -> Store:
    """Open, or create, what `settings.store` names. Raises ValueError for no name of a store, StoreFailed otherwise."""
    scheme, path = location(settings.store)
    return STORES[scheme](path, settings.queue_limit, settings.busy_seconds)


def read_events(
    url: str, since: int = 0, kind: str | None = None, vendor: str | None = None, limit: int | None = None
) -> Iterator[Stored]:
    """The events of a store that another process may be writing. Raises ValueError and StoreFailed before the first."""
    connection = _reader(location(url)[1])
    return _pages(connection, since, kind, vendor, limit)


def read_request(url: str, request_id: str) -> Request | None:
    """A stored request as it arrived, without its token. Raises ValueError and StoreFailed."""
    with closing(_reader(location(url)[1])) as connection:
        found = connection.execute(one_request(), {"id": request_id}).fetchone()
    if found is None:
        return None
    method, channel, path, query, headers, body, received_at = found
    pairs = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in orjson.loads(headers))
    moment = datetime.fromisoformat(received_at)
    return Request(method, channel, path, query.encode("latin-1"), pairs, body, moment, request_id)


def location(url: str) -> tuple[str, Path]:
    """A store's scheme and place: a plain path, `sqlite:///relative.db` or `sqlite:////absolute.db`."""
    if "://" not in url:
        return "sqlite", Path(url)
    scheme, _, _ = url.partition("://")
    if scheme not in STORES:
        raise ValueError(f"--store: {scheme!r} is not one of {sorted(STORES)}; write sqlite:///adapter.db or a path")
    return scheme, Path(_database(url))


def connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """The writing connection, its tables there. Raises StoreFailed for a file that cannot serve."""
    if not path.absolute().parent.is_dir():
        raise StoreFailed(f"{path}: there is no folder {path.absolute().parent}")
    try:
        connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
        _prepare(connection, path)
    except sqlite3.Error as error:
        raise StoreFailed(f"{path}: {error}") from error
    return connection


def _database(url: str) -> str:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError(f"--store: {error}") from error
    if not parsed.database or parsed.host or parsed.query:
        raise ValueError("--store: write sqlite:///here.db or, for a path from the root, sqlite:////data/there.db")
    return parsed.database


def _probe(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection, transaction(connection):
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")  # writes a page, whatever stood there
    except sqlite3.Error as error:
        raise StoreFailed(str(error)) from error


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version = _check_version(connection, path)
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StoreFailed(f"{path}: this file system cannot hold a write-ahead log; choose a local disk")
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    with transaction(connection):
        for statement in chain(
            CREATE, *(UPGRADES.get(old, ()) for old in range(version or SCHEMA_VERSION, SCHEMA_VERSION))
        ):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _check_version(connection: sqlite3.Connection, path: Path) -> int:
    version: int
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise StoreFailed(
            f"{path}: written by a newer adapter (schema {version}, this one knows {SCHEMA_VERSION}); "
            "install that version or choose another --store"
        )
    return version


def _reader(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        _check_version(connection, path)
    except sqlite3.Error as error:
        raise StoreFailed(f"{path}: {error}") from error
    return connection


def _pages(
    connection: sqlite3.Connection, since: int, kind: str | None, vendor: str | None, limit: int | None
) -> Iterator[Stored]:
    """Page by page, so that a slow reader does not keep the writer's log from being folded back."""
    left = limit
    with closing(connection):
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            rows = connection.execute(*event_page(since, kind, vendor, size)).fetchall()
            yield from (Stored(*row) for row in rows)
            if len(rows) < size:
                return
            since, left = rows[-1][0], None if left is None else left - size


STORES: dict[str, Callable[[Path, int, float], Store]] = {"sqlite": SqliteStore}
