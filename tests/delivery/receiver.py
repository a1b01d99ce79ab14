"""Somebody who is posted to: a real server whose behaviour is a table, and what it heard."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Answer: TypeAlias = str | Callable[[asyncio.StreamWriter], Awaitable[None]]

OK = "200 OK"


async def hang(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def slow(seconds: float) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

    return answer


async def endless(writer: asyncio.StreamWriter) -> None:
    """Success, said with a body that never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
    with suppress(ConnectionError):
        for _ in range(10_000):
            writer.write(b"x" * 10_000)
            await writer.drain()


@dataclass(frozen=True)
class Heard:
    """One request, its body's bytes as they came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)

    @property
    def subject(self) -> str:
        subject: str = self.event["subject"]
        return subject


@dataclass
class Receiver:
    """Gives the answers one after the other, then `OK` for ever; or for a subject those under its name."""

    answers: list[Answer] = field(default_factory=list)
    of: dict[str, Sequence[Answer]] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"

    @property
    def subjects(self) -> list[str]:
        return [one.subject for one in self.heard]

    async def until(self, number: int, seconds: float = 60.0) -> None:
        async with asyncio.timeout(seconds):
            while len(self.heard) < number:
                await asyncio.sleep(0.005)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                await self._answer(await _request(reader), writer)
        writer.close()

    def _next(self, subject: str) -> Answer:
        answer, *left = self.of.get(subject, self.answers) or [OK]
        if subject in self.of:
            self.of[subject] = left
        else:
            self.answers = left
        return answer

    async def _answer(self, heard: Heard, writer: asyncio.StreamWriter) -> None:
        self.heard.append(heard)
        answer = self._next(heard.event.get("subject", ""))
        if isinstance(answer, str):
            head, _, more = answer.partition("\n")
            text = f"HTTP/1.1 {head}\r\n{more}{more and chr(13) + chr(10)}content-length: 6\r\n\r\nsecret"
            writer.write(text.encode())
        else:
            await answer(writer)
        await writer.drain()


async def _request(reader: asyncio.StreamReader) -> Heard:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    return Heard(head[0].split()[1], headers, await reader.readexactly(int(headers["content-length"])))


@asynccontextmanager
async def receiving(*answers: Answer, host: str = "127.0.0.1", tls: Any = None) -> AsyncIterator[Receiver]:
    receiver = Receiver([*answers])
    server = await asyncio.start_server(receiver.serve, host, 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
