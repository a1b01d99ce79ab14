"""How is a body taken in? Whole or not at all, within a size and a time."""

from asyncio import AbstractEventLoop, CancelledError, Task, current_task, timeout
from collections.abc import Mapping
from typing import Any

from starlette.types import Receive

from adapter.model import Refused
from adapter.service.held import Share

TOO_SLOW = "the body took too long"
LINGER = 1.0


class Gone(Exception):
    """The caller hung up before the end of the body."""


class Patience:
    """Cancels whoever reads for too long. One timer looks after all: one for each would be a fifth of a request."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._pause = min(seconds / 10, 1.0)
        self._until: dict[Task[object], float] = {}
        self._watching = False

    def begin(self, task: Task[object]) -> None:
        loop = task.get_loop()
        self._until[task] = loop.time() + self.seconds
        if not self._watching:
            self._watch(loop)

    def end(self, task: Task[object]) -> None:
        self._until.pop(task, None)

    def _watch(self, loop: AbstractEventLoop) -> None:
        now = loop.time()
        overdue = [task for task, until in self._until.items() if until <= now]
        for task in overdue:
            self.end(task)
            task.cancel(TOO_SLOW)
        self._watching = bool(self._until)
        if self._watching:
            loop.call_later(self._pause, self._watch, loop)


async def read_body(
    receive: Receive, headers: Mapping[bytes, bytes], limit: int, patience: Patience, share: Share
) -> bytes:
    """Raises Refused 413 and 408, Crowded, and Gone."""
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > limit:
        raise _too_large(limit)
    share.ask(int(length) if length.isdigit() else 0)
    task = current_task()
    assert task is not None
    patience.begin(task)
    try:
        return await _collect(receive, limit, share)
    except CancelledError as error:
        if error.args != (TOO_SLOW,):
            raise
        task.uncancel()
        raise Refused("too_slow", f"no whole body within {patience.seconds:g} s", 408) from error
    finally:
        patience.end(task)


async def linger(receive: Receive) -> None:
    """Let the caller finish what it is sending: closing on unread bytes would reset the answer away."""
    try:
        async with timeout(LINGER):
            while _more(await receive()):
                pass
    except (TimeoutError, Gone):
        return


async def _collect(receive: Receive, limit: int, share: Share) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    share.take(len(body))
    if not _more(message):
        return _within(body, limit)
    chunks = [body]
    size = len(body)
    while _more(message) and size <= limit:
        message = await receive()
        chunks.append(message.get("body", b""))
        share.take(len(chunks[-1]))
        size += len(chunks[-1])
    if size > limit:
        raise _too_large(limit)
    return b"".join(chunks)


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _more(message: Mapping[str, Any]) -> bool:
    if message["type"] == "http.disconnect":
        raise Gone
    return bool(message.get("more_body", False))


def _too_large(limit: int) -> Refused:
    return Refused("too_large", f"a body above {limit} bytes", 413)
