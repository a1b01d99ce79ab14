"""What does a record cost in a batch of a hundred and of a thousand, against one alone? `python -m tests.bench.batches`

The engine alone, over one shipped vendor's receipts: from bytes to sealed events and the answer. The sizes take turns.
"""

import json
import platform
import statistics
import time
from datetime import UTC, datetime

import click

from adapter.engine.flow import process, steps
from adapter.model import Request
from adapter.rehearsal import bound
from adapter.spec.language import Registry
from adapter.spec.loader import load
from adapter.spec.packaged import schemas, vendors

SIZES = (1, 100, 1000)
GOALS = {(1000, 100): 1.25, (100, 1): 0.15}


def request(size: int, number: int) -> Request:
    """A body that nobody sent before."""
    records = [
        {"mobile": "13800000000", "nationcode": "86", "sid": f"{number}-{place}", "report_status": "SUCCESS",
         "errmsg": "DELIVRD", "description": "ok", "user_receive_time": "2024-05-01 10:00:00"}
        for place in range(size)
    ]  # fmt: skip
    return Request("POST", "sms/1", "", b"", (), json.dumps(records).encode(), datetime(2024, 5, 1, 2, tzinfo=UTC))


def cost(registry: Registry, size: int, records: int, number: int) -> float:
    """CPU microseconds a record: other processes of the machine do not count."""
    asked = [request(size, number + place) for place in range(max(records // size, 1))]
    start = time.process_time()
    for one in asked:
        outcome = process(registry, one, {})
    used = time.process_time() - start
    assert len(outcome.events) == size
    return used / len(asked) / size * 1e6


def longest_step(registry: Registry, size: int) -> float:
    """CPU milliseconds between two moments when others may be served."""
    work, longest = steps(registry, request(size, 0), {}), 0.0
    while True:
        start = time.process_time()
        done = next(work, work) is work
        longest = max(longest, time.process_time() - start)
        if done:
            return longest * 1e3


@click.command(help=__doc__)
@click.option("--rounds", default=9, show_default=True)
@click.option("--records", default=4000, show_default=True, help="Records of each size in a round.")
def main(rounds: int, records: int) -> None:
    loaded = load([vendors()], [schemas()]).registry
    registry = bound(loaded.specs["tencent"], loaded.kinds, "sms/1")
    found: dict[int, list[float]] = {size: [] for size in SIZES}
    for number in range(rounds + 1):
        for size in SIZES if number % 2 else SIZES[::-1]:
            found[size].append(cost(registry, size, records, number * records))
    print(f"{platform.machine()}, Python {platform.python_version()}, {rounds} rounds of {records} records, CPU time")
    for size, costs in found.items():
        print(f"{size:5} a request   {statistics.median(costs[1:]):6.2f} µs a record")
    for (size, other), goal in GOALS.items():
        ratio = statistics.median(a / b for a, b in zip(found[size][1:], found[other][1:], strict=True))
        print(f"{size} / {other}   {ratio:.2f}   goal {goal}   {'reached' if ratio <= goal else 'not reached'}")
    longest = statistics.median(longest_step(registry, 1000) for _ in range(rounds))
    print(f"the longest step of a request of 1000 records: {longest:.1f} ms")


if __name__ == "__main__":
    main()
