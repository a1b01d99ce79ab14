"""How do requests reach the database? One thread commits whatever is waiting as one group."""

import time
from asyncio import Future
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import TypeAlias

from adapter.store.durations import Durations
from adapter.store.quarantine import Bounds
from adapter.store.rows import Arrival
from adapter.store.transaction import Connected, Result, StoreFailed, write

Job: TypeAlias = tuple[Future[bool], Arrival]

Deliver: TypeAlias = Callable[[Sequence[Job], Sequence[Result]], None]

GROUP = 1024
"""The most requests in one commit: bounds how long the first of them waits for the last."""

PAUSE_SECONDS = 1.0
"""How long a database that could not be reached is left alone."""


class Writer:
    """Owns the connection. `deliver` is called on this thread once a group, with every job and its result."""

    def __init__(self, connect: Callable[[], Connected], bounds: Bounds, deliver: Deliver) -> None:
        self._connect = connect
        self._session: Connected | None = connect()
        self._bounds = bounds
        self._retry_at = 0.0
        self._deliver = deliver
        self.commits = Durations()
        self._began: float | None = None
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self.put = self._jobs.put
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def busy(self) -> float:
        """For how many seconds the group of now is being written."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def close(self) -> None:
        """Write what is waiting, then end. May be called twice."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        more = True
        try:
            while more:
                group, more = self._take()
                if group:
                    self._write(group)
        finally:
            self._abandon()
            self._hang_up()

    def _take(self) -> tuple[list[Job], bool]:
        """Sleeps until something waits. `None` stands for the end."""
        group = [self._jobs.get()]
        group += [self._jobs.get() for _ in range(min(self._jobs.qsize(), GROUP - 1))]
        jobs = [job for job in group if job is not None]
        return jobs, len(jobs) == len(group)

    def _write(self, group: list[Job]) -> None:
        results: Sequence[Result] = [StoreFailed("the writer stopped", "store_closed")] * len(group)
        self._began = time.monotonic()
        try:
            results = self._written([arrival for _, arrival in group])
        finally:
            self.commits.add(self.busy)
            self._began = None
            self._deliver(group, results)

    def _written(self, arrivals: Sequence[Arrival]) -> Sequence[Result]:
        try:
            session = self._connected()
        except StoreFailed as failure:
            return [failure] * len(arrivals)
        results = self._bounds.write(session, arrivals, write)
        if session.database.gone(session.connection):
            self._hang_up()
        return results

    def _connected(self) -> Connected:
        """Raises StoreFailed. Whoever waits hears so at once while the database is left alone."""
        if self._session is None:
            if time.monotonic() < self._retry_at:
                raise StoreFailed("the database cannot be reached", "unreachable")
            self._retry_at = time.monotonic() + PAUSE_SECONDS
            self._session = self._connect()
        return self._session

    def _hang_up(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _abandon(self) -> None:
        late = [job for job in (self._jobs.get() for _ in range(self._jobs.qsize())) if job is not None]
        self._deliver(late, [StoreFailed("the store is closed", "store_closed")] * len(late))
