"""A consumer that is down now and then: what has reached it?"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Consumer:
    """Counts events by their id, and `keep`s their texts. With `faults` it fails in one of four ways, that part of the
    time."""

    chance: random.Random
    faults: float = 0.02
    keep: bool = False
    kept: list[bytes] = field(default_factory=list)
    got: Counter[str] = field(default_factory=Counter)
    failed: int = 0

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        answer = self.chance.choice(FAULTS) if self.chance.random() < self.faults else FINE
        if answer is FINE:
            self.got[headers["webhook-id"]] += 1
            self.kept += [body] if self.keep else []
        else:
            self.failed += 1
        writer.write(answer)
        await writer.drain()
        return bool(answer)


FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
FAULTS = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    b"",  # hangs up
)
