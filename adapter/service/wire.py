"""How do answers leave? Head and body in one packet: each write of its own costs as much as reading a callback."""

from asyncio import AbstractEventLoop, BaseProtocol, Transport, get_running_loop
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


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
    """HTTP as uvicorn speaks it."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(Gathered(transport, get_running_loop()))
