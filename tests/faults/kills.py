"""Is every acked request stored once, and has every event reached its sink, whoever was killed meanwhile?

    python -m tests.faults.kills                                one server, SQLite, a minute
    python -m tests.faults.kills --postgresql --seconds 600     two servers and a database, each killed again and again

Vendors post until they are answered 200; servers (and with --postgresql the database, of the tests' own) are killed
with SIGKILL at random moments; the consumer fails one delivery in fifty. Then the ledger is read.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from adapter.store.databases import reader
from adapter.store.location import location
from tests.faults.cluster import Cluster, cluster
from tests.faults.consumer import Consumer
from tests.faults.deployment import Deployment, Server, listening
from tests.faults.vendor import Ledger, Vendor

VENDORS = 16
DRAIN_SECONDS = 300.0


@dataclass(frozen=True)
class Plan:
    seconds: float
    postgresql: bool
    seed: int

    @property
    def processes(self) -> int:
        return 2 if self.postgresql else 1


@dataclass(frozen=True)
class Result:
    """What was seen. `lost` were acked and are not stored, `twice` are stored more than once, `missing` are stored and
    never reached the sink."""

    ledger: Ledger
    stored: int
    lost: frozenset[str]
    twice: frozenset[str]
    missing: frozenset[str]
    delivered: int
    again: int
    failed: int
    kills: int
    database_kills: int
    due: int

    @property
    def fine(self) -> bool:
        return not (self.lost or self.twice or self.missing or self.due)

    def __str__(self) -> str:
        return "\n".join(
            (
                f"vendors   {self.ledger}",
                f"killed    servers {self.kills}, database {self.database_kills}",
                f"stored    {self.stored} events; acked but lost {len(self.lost)}, stored twice {len(self.twice)}",
                f"consumer  {self.delivered} events, {self.again} sent more than once, {self.failed} failed by it",
                f"missing   never delivered {len(self.missing)}, still due {self.due}",
            )
        )


async def play(plan: Plan, folder: Path, made: Cluster | None) -> Result:
    chance = random.Random(plan.seed)
    consumer = Consumer(chance)
    sink = await consumer.listen()
    store = made.url if made else f"sqlite:///{folder / 'adapter.db'}"
    deployment = Deployment(folder, store, sink.sockets[0].getsockname()[1], plan.processes)
    await deployment.start()
    ledger, until = Ledger(), time.monotonic() + plan.seconds
    ports = [server.port for server in deployment.servers]
    vendors = [Vendor(f"m{n}", ports, ledger, chance, lambda: time.monotonic() < until) for n in range(VENDORS)]
    posting = asyncio.gather(*(vendor.run() for vendor in vendors))
    killed = await kill_until(until, deployment, made, chance)
    await posting
    consumer.faults = 0
    due = await drained(store)
    for server in deployment.servers:
        server.stop()
    sink.close()
    return counted(store, ledger, consumer, sum(server.kills for server in deployment.servers), killed, due)


async def kill_until(until: float, deployment: Deployment, made: Cluster | None, chance: random.Random) -> int:
    """How often the database was killed; afterwards everything runs."""
    database = 0
    while time.monotonic() < until:
        await asyncio.sleep(chance.uniform(0.5, 3))
        if made and chance.random() < 0.35:
            await asyncio.to_thread(restart, made, chance.uniform(0, 2))
            database += 1
        else:
            await again(chance.choice(deployment.servers))
    for server in deployment.servers:
        if not server.alive:
            await again(server)
    return database


def restart(made: Cluster, pause: float) -> None:
    made.kill()
    time.sleep(pause)
    made.start()


async def again(server: Server) -> None:
    if server.alive:
        server.kill()
    server.start()
    await listening(server)


async def drained(store: str) -> int:
    """How many deliveries are still due after a while: none, if all is well."""
    until = time.monotonic() + DRAIN_SECONDS
    while (due := rows(store, "SELECT count(*) FROM deliveries WHERE state <> 'delivered'")[0][0]) and (
        time.monotonic() < until
    ):
        await asyncio.sleep(0.25)
    return int(due)


def counted(
    store: str, ledger: Ledger, consumer: Consumer, kills: int, database_kills: int, due: int
) -> Result:  # fmt: skip
    envelopes = [json.loads(envelope) for (envelope,) in rows(store, "SELECT envelope FROM events")]
    subjects = Counter(envelope["subject"] for envelope in envelopes)
    ids = {envelope["id"] for envelope in envelopes}
    return Result(
        ledger, len(envelopes),
        frozenset(ledger.acked - subjects.keys()), frozenset(name for name, times in subjects.items() if times > 1),
        frozenset(ids - consumer.got.keys()), len(consumer.got), sum(consumer.got.values()) - len(consumer.got),
        consumer.failed, kills, database_kills, due,
    )  # fmt: skip


def rows(store: str, query: str) -> list[tuple[str, ...]]:
    engine = reader(location(store))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def run(plan: Plan, folder: Path) -> Result:
    with ExitStack() as stack:
        made = stack.enter_context(cluster(folder / "postgresql")) if plan.postgresql else None
        return asyncio.run(play(plan, folder, made))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--seed", type=int, default=None, help="repeats the same choices")
    chosen = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if chosen.seed is None else chosen.seed
    with tempfile.TemporaryDirectory() as folder:
        result = run(Plan(chosen.seconds, chosen.postgresql, seed), Path(folder))
    print(f"seed      {seed}\n{result}\n{'nothing lost' if result.fine else 'SOMETHING IS WRONG'}")
    return 0 if result.fine else 1


if __name__ == "__main__":
    sys.exit(main())
