"""How is an event written to a file? A line of JSON each, on the disk before it counts; `-` is stdout."""

import os
import stat
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from adapter.delivery.aside import aside
from adapter.delivery.sink import Answer, Means, Parcel, Send, Sink

STDOUT = "-"
FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


@asynccontextmanager
async def lines(sink: Sink, _: Means) -> AsyncIterator[Send]:
    """Parcels that come together become lines together. Whatever the disk says, they are tried again."""
    paper = Paper(None if sink.target == STDOUT else Path(sink.target))

    async def send(parcels: Sequence[Parcel]) -> Sequence[Answer]:
        text = b"".join(parcel.body + b"\n" for parcel in parcels)
        answer = await aside(partial(_answered, paper, text))
        return [answer] * len(parcels)

    try:
        yield send
    finally:
        paper.close()


def _answered(paper: "Paper", text: bytes) -> Answer:
    try:
        paper.write(text)
    except OSError as error:
        paper.close()
        return Answer("failed", f"not written: {error.strerror or type(error).__name__}")
    return Answer("delivered", "written")


@dataclass(slots=True)
class Paper:
    """A file that is held open as long as it is the one of that name: another program may have moved it away."""

    path: Path | None
    number: int = -1

    def write(self, text: bytes) -> None:
        """All of it, on the disk. Raises OSError; then nothing of it is left in a regular file."""
        self._open()
        state = os.fstat(self.number)
        if not stat.S_ISREG(state.st_mode):
            _whole(self.number, text)
            return
        before = state.st_size
        healed = text if _ends_a_line(self.number, before) else b"\n" + text
        try:
            _whole(self.number, healed)
            os.fsync(self.number)
        except OSError:
            self._take_back(before, len(healed))
            raise

    def close(self) -> None:
        if self.number >= 0 and self.path:
            with suppress(OSError):
                os.close(self.number)
        self.number = -1

    def _open(self) -> None:
        if self.path is None:
            self.number = sys.__stdout__.fileno() if sys.__stdout__ else 1
            return
        if self.number >= 0 and not _same(self.number, self.path):
            self.close()
        if self.number < 0:
            new = not self.path.exists()
            self.number = _opened(self.path)
            if new:
                _keep_name(self.path.parent)

    def _take_back(self, before: int, written: int) -> None:
        """Unless somebody else has written too: then the half line is ended by the next write."""
        with suppress(OSError):
            if before < os.fstat(self.number).st_size <= before + written:
                os.ftruncate(self.number, before)


def _opened(path: Path) -> int:
    """A pipe is opened for writing alone, and not waited for: one that nobody reads is an OSError."""
    if path.exists() and not path.is_file():
        number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(number, True)
        return number
    return os.open(path, FLAGS, 0o640)


def _same(number: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(number), path.stat())
    except FileNotFoundError:
        return False


def _ends_a_line(number: int, size: int) -> bool:
    """A crash may have left half a line."""
    return size == 0 or os.pread(number, 1, size - 1) == b"\n"


def _whole(number: int, text: bytes) -> None:
    rest = memoryview(text)
    while rest:
        rest = rest[os.write(number, rest) :]


def _keep_name(folder: Path) -> None:
    """A new file's name is on the disk only with its folder."""
    number = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)
