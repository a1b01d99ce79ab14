"""How quickly does a backlog leave, and in how much memory? `python -m tests.bench.drain`

Events are queued through the store's own writer, then drained through the webhook sink to a server of another process
that answers 200. Printed are events a second and the resident memory when each quarter has left: flat is the point.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from random import random
from typing import cast

import uvloop

from adapter.delivery.backoff import Backoff
from adapter.delivery.dispatcher import Dispatcher
from adapter.delivery.pump import Pace
from adapter.delivery.route import route
from adapter.delivery.sink import Means, Sink
from adapter.store.store import Limits, open_store
from tests.service.tiny import event, outcome, request

GROUP = 1000

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


class Taker(asyncio.Protocol):
    """The least that can be posted to: it counts lengths and answers."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.buffer = cast(asyncio.WriteTransport, transport), b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            head, end, rest = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            self.transport.write(ANSWER)


async def take() -> None:
    server = await asyncio.get_running_loop().create_server(Taker, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def queue(url: str, sink: Sink, number: int) -> None:
    """Each event as a callback of its own, of the size of a delivery report."""
    store, names = open_store(url, Limits()), route([sink])
    now, padding = datetime.now(UTC), "x" * 600
    try:
        for start in range(0, number, GROUP):
            events = [event(f"message-{place}", text=padding) for place in range(start, min(start + GROUP, number))]
            pairs = [(request(f"{one.id[:32]}", received_at=now), outcome(one)) for one in events]
            await asyncio.gather(*(store.save(*pair, names) for pair in pairs))
    finally:
        store.close()


async def drain(url: str, sink: Sink, number: int) -> None:
    store = open_store(url, Limits())
    pace = replace(Pace(Backoff(random)), survey=3600.0)
    means = Means(dict, lambda: datetime.now(UTC))
    dispatcher = Dispatcher([sink], store.location, means, pace)
    print(f"{'left':>5} {'events/s':>9} {'RSS MiB':>8}\n{'0 %':>5} {'':9} {memory():8.1f}", flush=True)
    dispatcher.start(5)
    await asyncio.sleep(0)
    began = last = time.monotonic()
    for quarter in range(1, 5):
        while dispatcher.snapshot()[sink.name].delivered < number * quarter // 4:
            await asyncio.sleep(0.05)
        now = time.monotonic()
        print(f"{quarter * 25:3} % {number / 4 / (now - last):9.0f} {memory():8.1f}", flush=True)
        last = now
    print(f"all of {number}: {number / (last - began):.0f} events/s; failed {dispatcher.snapshot()[sink.name].failed}")
    await dispatcher.stop()
    store.close()


def memory() -> float:
    """Of now, where the system tells; else the most there ever was."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--store", help="a database of its own; a new SQLite file if not given")
    parser.add_argument("--folder", help="where that file lies; a disk, not a tmpfs")
    options = parser.parse_args(arguments)
    command = [sys.executable, "-c", "import uvloop; from tests.bench.drain import take; uvloop.run(take())"]
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder) as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as taker,
    ):
        try:
            assert taker.stdout
            target = f"http://127.0.0.1:{int(taker.stdout.readline())}/"
            networks = (ip_network("127.0.0.0/8"),)
            sink = Sink("bench", "webhook", target, networks=networks, concurrency=options.concurrency)
            url = options.store or f"sqlite:///{folder}/adapter.db"
            uvloop.run(queue(url, sink, options.events))
            uvloop.run(drain(url, sink, options.events))
        finally:
            taker.kill()


if __name__ == "__main__":
    main(sys.argv[1:])
