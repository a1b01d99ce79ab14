"""How does a person watch events go by? One JSON line each on a stream."""

import logging
from asyncio import get_running_loop
from collections.abc import Sequence

from adapter.model import Event, dumps
from adapter.service.outlet import LIMIT, Outlet, Sink

log = logging.getLogger(__name__)


class Lines:
    """Gathers what one turn of the loop stored and writes it at once. A reader that is too slow misses lines, one
    that left is not written to again: events stay in the store."""

    def __init__(self, stream: Sink, limit: int = LIMIT) -> None:
        self._outlet = Outlet(stream, _say, limit)
        self._lines: list[bytes] = []

    def __call__(self, events: Sequence[Event]) -> None:
        if not self._lines:
            get_running_loop().call_soon(self._flush)
        self._lines += [dumps(event.envelope) + b"\n" for event in events]

    def dropped(self) -> int:
        return self._outlet.dropped

    def close(self) -> None:
        """Waits a moment for the reader."""
        self._outlet.close()

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        self._outlet.put(b"".join(lines), len(lines))


def _say() -> None:
    log.warning("events.not_printed", extra={"reason": "stdout is not read fast enough; they are in the store"})


def silence(_: Sequence[Event]) -> None:
    """Nobody watches."""
