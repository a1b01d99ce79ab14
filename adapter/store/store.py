"""Where does what arrived stay? One small interface over whatever database is named."""

from asyncio import AbstractEventLoop, Future, get_running_loop, to_thread
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from adapter.model import Outcome, Request
from adapter.store.databases import Connector, connector, reader
from adapter.store.durations import Durations
from adapter.store.location import Location, location
from adapter.store.migrate import HEAD, reason, upgrade
from adapter.store.quarantine import Bounds
from adapter.store.reading import Stored, read_events
from adapter.store.rows import Arrival, Route
from adapter.store.transaction import Result, StoreFailed
from adapter.store.writer import Job, Writer

REFUSED_SHARE = 8
"""The refused are dropped as soon as this part of the queue is full: an eighth."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`waiting` counts requests before the writer; sizes in bytes and for each channel, times in seconds.

    `busy_seconds` is for one lock; one group that takes `stuck_seconds` makes the store unfit until it is done.
    """

    waiting: int = 4096
    busy_seconds: float = 5.0
    stuck_seconds: float = 30.0
    quarantine_bytes: int = 256 << 20
    refused_bytes: int = 16 << 20
    packed: bool = False


def unheard() -> None:
    """Nobody waits for what is stored."""


def nowhere(_: object) -> Sequence[str]:
    """No sink is asked for."""
    return ()


class Store(Protocol):
    """What the service asks of a store."""

    location: Location
    waiting: int
    """How many requests are before the writer."""
    dropped: int
    """How many refused requests found no room."""
    stored: Callable[[], None]
    """Called on the loop after each group of which something was stored."""
    commits: Durations
    """How long each group took."""

    @property
    def busy(self) -> float:
        """For how many seconds the group of now is being written."""

    def save(self, request: Request, outcome: Outcome, route: Route = nowhere) -> Awaitable[bool]:
        """Durable when it is done; True when every event was there already. Raises StoreFailed at once or later."""

    def refuse(self, request: Request, outcome: Outcome) -> None:
        """Keep one that could not prove itself, off the answer's path, where there is room: else it is `dropped`."""

    def events(
        self, since: int = 0, kind: str | None = None, vendor: str | None = None, limit: int | None = None
    ) -> Iterator[Stored]:
        """In order of storing, those behind `since`."""

    async def check(self) -> None:
        """Raises StoreFailed when nothing can be written now."""

    def close(self) -> None:
        """Write what is waiting, then let go. May be called twice."""


class Queued:
    """One writer thread before one connection."""

    def __init__(self, where: Location, connect: Connector, limits: Limits) -> None:
        self.location = where
        self.dropped = 0
        self.waiting = 0
        self.stored: Callable[[], None] = unheard
        self._limit = limits.waiting
        self._failure = ""
        self._closed = False
        opened = partial(connect, where, limits.busy_seconds, limits.packed)
        self._writer = Writer(opened, Bounds(limits.quarantine_bytes, limits.refused_bytes), self._deliver)
        self._stuck_seconds = limits.stuck_seconds
        self.commits = self._writer.commits

    @property
    def busy(self) -> float:
        return self._writer.busy

    def save(self, request: Request, outcome: Outcome, route: Route = nowhere) -> Future[bool]:
        if self.waiting >= self._limit:
            raise StoreFailed(f"{self.waiting} requests wait for the disk already", "queue_full")
        if self._closed or not self._writer.alive:
            raise StoreFailed("the store is closed", "store_closed")
        future: Future[bool] = get_running_loop().create_future()
        self.waiting += 1
        self._writer.put((future, Arrival(request, outcome, route)))
        return future

    def refuse(self, request: Request, outcome: Outcome) -> None:
        if self._closed or self.waiting * REFUSED_SHARE >= self._limit:
            self.dropped += 1
            return
        future: Future[bool] = get_running_loop().create_future()
        future.add_done_callback(self._unheard)
        self.waiting += 1
        self._writer.put((future, Arrival(request, outcome, nowhere)))

    def events(
        self, since: int = 0, kind: str | None = None, vendor: str | None = None, limit: int | None = None
    ) -> Iterator[Stored]:
        return read_events(self.location, since, kind, vendor, limit)

    async def check(self) -> None:
        if self._closed or not self._writer.alive:
            raise StoreFailed("the store is closed", "store_closed")
        if self.busy > self._stuck_seconds:
            raise StoreFailed(f"the writer has been busy with one group for {self.busy:.0f} s")
        if self._failure:  # nobody may post until we are ready again, so the database is asked
            await to_thread(probe, self.location)
            self._failure = ""

    def close(self) -> None:
        self._closed = True
        self._writer.close()

    def _unheard(self, future: Future[bool]) -> None:
        self.dropped += 0 if future.cancelled() or future.exception() is None else 1

    def _deliver(self, group: Sequence[Job], results: Sequence[Result]) -> None:
        """On the writer's thread: one call across for the whole group. A loop that has ended hears nothing."""
        if group:
            loop: AbstractEventLoop = group[0][0].get_loop()
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._settle, group, results)

    def _settle(self, group: Sequence[Job], results: Sequence[Result]) -> None:
        self.waiting -= len(group)
        failures = [str(result) for result in results if isinstance(result, StoreFailed)]
        self._failure = failures[0] if len(failures) == len(results) else ""
        for (future, _), result in zip(group, results, strict=True):
            if future.done():
                continue
            if isinstance(result, StoreFailed):
                future.set_exception(result)
            else:
                future.set_result(result)
        if len(failures) < len(results):
            self.stored()


def open_store(url: str, limits: Limits | None = None) -> Store:
    """Open, or create, what is named. Raises ValueError for no name of a store, StoreFailed otherwise."""
    where = location(url)
    connect = connector(where)
    prepare(where)
    return Queued(where, connect, limits or Limits())


def prepare(where: Location) -> None:
    """Today's tables are there afterwards. Raises StoreFailed."""
    engine = reader(where, writes=True)
    try:
        upgrade(engine, where)
    finally:
        engine.dispose()


def probe(where: Location) -> None:
    """Raises StoreFailed where nothing can be written: a page is, whatever stood there."""
    engine = reader(where, writes=True, busy_seconds=1)
    try:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})
    except SQLAlchemyError as error:
        raise StoreFailed(reason(error)) from error
    finally:
        engine.dispose()
