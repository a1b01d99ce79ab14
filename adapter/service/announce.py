"""How does a person watch events go by? One JSON line each on a stream."""

from asyncio import get_running_loop
from collections.abc import Sequence
from typing import BinaryIO

from adapter.model import Event, dumps


class Lines:
    """Gathers what one turn of the loop stored and writes it at once. A reader that left is not written to again."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream: BinaryIO | None = stream
        self._lines: list[bytes] = []

    def __call__(self, events: Sequence[Event]) -> None:
        if self._stream is None:
            return
        if not self._lines:
            get_running_loop().call_soon(self._flush)
        self._lines += [dumps(event.envelope) + b"\n" for event in events]

    def _flush(self) -> None:
        text = b"".join(self._lines)
        self._lines.clear()
        try:
            if self._stream is not None:
                self._stream.write(text)
                self._stream.flush()
        except OSError:  # the pipe is closed: events stay in the store
            self._stream = None


def silence(_: Sequence[Event]) -> None:
    """Nobody watches."""
