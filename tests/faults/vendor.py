"""Vendors that post until they are answered, and then sometimes once more."""

import asyncio
import random
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count

PAUSE_SECONDS = 0.05
ANSWER_SECONDS = 20.0


@dataclass
class Ledger:
    """What the vendors heard: `acked` messages, and how often something was not taken."""

    acked: set[str] = field(default_factory=set)
    repeated: int = 0
    turned_away: int = 0
    broken: int = 0

    def __str__(self) -> str:
        return (
            f"acked {len(self.acked)}, posted again although acked {self.repeated}, "
            f"told to come again {self.turned_away}, connections broken {self.broken}"
        )


@dataclass
class Vendor:
    """Posts one report after the other, to whichever of `ports` chance picks."""

    name: str
    ports: list[int]
    ledger: Ledger
    chance: random.Random
    going: Callable[[], bool]

    async def run(self) -> None:
        for turn in count():
            if not self.going():
                return
            message = f"{self.name}-{turn}"
            await self._until_acked(message)
            self.ledger.acked.add(message)
            if self.chance.random() < 0.05:
                self.ledger.repeated += 1
                await self._until_acked(message)

    async def _until_acked(self, message: str) -> None:
        while True:
            try:
                status = await asyncio.wait_for(post(self.chance.choice(self.ports), message), ANSWER_SECONDS)
            except (OSError, EOFError, TimeoutError):
                self.ledger.broken += 1
            else:
                if status == 200:
                    return
                self.ledger.turned_away += 1
            await asyncio.sleep(PAUSE_SECONDS)


async def post(port: int, message: str) -> int:
    """One delivery report of huawei's form; the answer's status."""
    body = f"status=DELIVRD&smsMsgId={message}&updateTime=2018-04-13T06:31:46Z"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with closing(writer):
        writer.write(f"POST /notify/sms/1/t HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                     f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
                     .encode())  # fmt: skip
        head = await reader.readuntil(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1])
