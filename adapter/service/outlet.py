"""How is a slow reader kept from holding everybody up? Its own thread writes to it, behind a bounded queue."""

import os
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Protocol

LIMIT = 4 << 20
"""Bytes that may wait for the reader."""

PATIENCE = 2.0
"""Seconds that it is given at the end."""


class Sink(Protocol):
    """Where bytes go: whatever blocks, blocks there alone."""

    def write(self, data: bytes, /) -> object: ...

    def flush(self) -> object: ...


class Descriptor:
    """A file of the process, by its number: nothing of it is buffered, so no lock of Python's waits for its reader."""

    def __init__(self, number: int) -> None:
        self._number = number

    def write(self, data: bytes, /) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(self._number, left) :]

    def flush(self) -> None:
        """Nothing is held."""


class Outlet:
    """Takes what is to be written and never waits. `waiting` counts bytes, `dropped` lines that found no room; `full`
    is called when that begins, and again only after the reader had caught up."""

    def __init__(self, sink: Sink, full: Callable[[], None], limit: int = LIMIT) -> None:
        self._sink: Sink | None = sink
        self._full = full
        self._limit = limit
        self.waiting = 0
        self._stalled = False
        self._lock = Lock()
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._done = Event()
        self.dropped = 0
        Thread(target=self._run, name="outlet", daemon=True).start()

    def put(self, data: bytes, lines: int = 1) -> None:
        """`lines` is how many are lost where there is no room. A reader that left is not written to again."""
        if self._sink is None:
            return
        with self._lock:
            room = self.waiting + len(data) <= self._limit
            self.waiting += len(data) if room else 0
            first, self._stalled = not room and not self._stalled, self._stalled or not room
        if room:
            self._queue.put(data)
            return
        self.dropped += lines
        if first:
            self._full()

    def close(self) -> bool:
        """Waits a moment for what is on its way; False where the reader did not take it."""
        self._queue.put(None)
        return self._done.wait(PATIENCE)

    def _run(self) -> None:
        while (data := self._queue.get()) is not None:
            self._write(data)
            with self._lock:
                self.waiting -= len(data)
                self._stalled = self._stalled and self.waiting > 0
        self._done.set()

    def _write(self, data: bytes) -> None:
        try:
            if self._sink is not None:
                self._sink.write(data)
                self._sink.flush()
        except (OSError, ValueError):  # the pipe is closed, or the stream
            self._sink = None
