"""How do answers leave? Head and body in one packet: each write of its own costs as much as reading a callback."""

from asyncio import AbstractEventLoop, BaseProtocol, Transport, get_running_loop
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64 << 10
"""Request line and headers: more than any vendor's, and what most servers take at most."""

HEAD_SECONDS = 10.0
"""For a head, from a connection's beginning or from its first byte."""

TOO_MUCH = "Too many or too large headers."


class Gathered(Transport):
    """A transport whose writes of one turn of the loop leave together."""

    def __init__(self, transport: Transport, loop: AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []

    def write(self, data: Any) -> None:
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        self._held.clear()
        self._transport.abort()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def set_protocol(self, protocol: BaseProtocol) -> None:
        self._transport.set_protocol(protocol)

    def _flush(self) -> None:
        if self._held:
            held = b"".join(self._held)
            self._held.clear()
            self._transport.write(held)


class Protocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with bounds on heads and on the number of connections.

    Up to `limit_concurrency` connections are served. Those behind it are marked `crowded`, answered and closed; beyond
    twice as many, a connection is dropped before anything is read.
    """

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        self._most = self.limit_concurrency or len(self.connections) + 1
        self.limit_concurrency = None  # uvicorn's own answer is a 503 that says nothing of when to come again
        self._crowded = len(self.connections) >= self._most
        self._in_head, self._head = True, 0
        super().connection_made(Gathered(transport, get_running_loop()))
        self._late = self.loop.call_later(HEAD_SECONDS, self._give_up)
        if len(self.connections) > self._most * 2:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._late.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head += len(data)
        super().data_received(data)
        if self._in_head and self._head:
            self._wait_for_the_rest()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._crowded:
            self.scope["state"]["crowded"] = True

    def on_headers_complete(self) -> None:
        """Raises ValueError, which is answered 400."""
        self._in_head = False
        self._late.cancel()
        if self._head > HEAD_BYTES and len(self.url) + sum(len(n) + len(v) for n, v in self.headers) > HEAD_BYTES:
            raise ValueError(TOO_MUCH)
        super().on_headers_complete()
        self.cycle.keep_alive = self.cycle.keep_alive and not self._crowded

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head, self._head = True, 0

    def _wait_for_the_rest(self) -> None:
        """Of a head; most come in one piece."""
        if self._head > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response(TOO_MUCH)
        if self._late.cancelled():
            self._late = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        """No whole head in all this time; who still waits for an answer to the one before is spared."""
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
