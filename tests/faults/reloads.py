"""Is anybody answered by a half-loaded registry? Files are reloaded again and again while vendors post.

python -m tests.faults.reloads [--count 1000] [--files 0]

One vendor's file toggles between two mappings. Every request must be answered with 200, and every event must have the
status of the mapping whose hash it carries.
"""

import logging
import resource
import sqlite3
import statistics
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import click
import httpx
import orjson

from tests.bench.loading import SPEC
from tests.service.reloading import Reloading, folder, reloading, until, vendor

POSTERS = 4
PATIENCE = 120.0
"""Seconds for one reload: on a machine that has much else to do the posters leave it little."""

STATUSES = ("delivered", "expired")


@dataclass
class Found:
    """`mixed` are events whose status is not that of the spec whose hash they carry; times in seconds."""

    reloads: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    failed: int = 0
    events: int = 0
    by_hash: dict[str, Counter[str]] = field(default_factory=dict)
    mixed: int = 0
    calm: list[float] = field(default_factory=list)
    loading: list[float] = field(default_factory=list)
    grown_kib: int = 0
    slowest: float = 0.0

    @property
    def good(self) -> bool:
        return not self.failed and not self.mixed and set(self.answers) == {200} and len(self.by_hash) == 2


def post(url: str, found: Found, lock: threading.Lock, stop: threading.Event, number: int, times: list[float]) -> None:
    """A vendor that is never still."""
    with httpx.Client(base_url=url, timeout=30) as client:
        for count in range(1 << 62):
            if stop.is_set():
                return
            start = time.perf_counter()
            try:
                status = client.post("/notify/sms/1/t", json={"acme": f"{number}-{count}", "code": "0"}).status_code
            except httpx.HTTPError:
                status = 0
            times.append(time.perf_counter() - start)
            with lock:
                found.answers[status] += 1
                found.failed += status != 200


def toggle(one: Reloading, count: int, found: Found) -> dict[str, str]:
    """Status by hash, as the loader sees the two mappings."""
    known = {one.hash(): STATUSES[0]}
    for turn in range(1, count + 1):
        before = one.reload.state
        status = STATUSES[turn % 2]
        one.write("acme.yaml", vendor(status=status))
        start = time.monotonic()
        until(lambda before=before: one.reload.state is not before, PATIENCE)  # type: ignore[misc]
        found.slowest = max(found.slowest, time.monotonic() - start)
        known.setdefault(one.hash(), status)
        found.reloads += 1
    return known


def check(path: Path, known: dict[str, str], found: Found) -> None:
    connection = sqlite3.connect(path / "adapter.db")
    for (text,) in connection.execute("SELECT envelope FROM events"):
        data = orjson.loads(text)["data"]
        found.events += 1
        found.by_hash.setdefault(data["spec"], Counter())[data["status"]] += 1
        found.mixed += known.get(data["spec"]) != data["status"]
    connection.close()


def reloads(path: Path, count: int, files: int = 0, calm_seconds: float = 0.0) -> Found:
    found, lock, stop = Found(), threading.Lock(), threading.Event()
    more = {f"v{n}": SPEC.format(n=n) for n in range(files)}
    times: list[list[float]] = [[] for _ in range(POSTERS)]
    with reloading(path, folder(path / "own", **more)) as one:
        arguments = [(str(one.client.base_url), found, lock, stop, number, times[number]) for number in range(POSTERS)]
        posters = [threading.Thread(target=post, args=each) for each in arguments]
        for poster in posters:
            poster.start()
        time.sleep(calm_seconds)
        marks = [len(each) for each in times]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        known = toggle(one, count, found)
        found.grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        stop.set()
        for poster in posters:
            poster.join()
    for each, mark in zip(times, marks, strict=True):
        found.calm += each[:mark]
        found.loading += each[mark:]
    check(path, known, found)
    return found


def told(times: list[float]) -> str:
    if len(times) < 100:
        return "too few"
    cuts = statistics.quantiles(times, n=100)
    return f"median {cuts[49] * 1e3:.1f} ms, 99 % {cuts[98] * 1e3:.1f} ms, longest {max(times) * 1e3:.1f} ms"


@click.command(help=__doc__)
@click.option("--count", default=1000, show_default=True, help="How many reloads.")
@click.option("--files", default=0, show_default=True, help="So many more vendor files, as people write them.")
def main(count: int, files: int) -> None:
    logging.disable()
    with tempfile.TemporaryDirectory() as name:
        start = time.monotonic()
        found = reloads(Path(name), count, files, calm_seconds=3.0)
        seconds = time.monotonic() - start
    print(f"{found.reloads} reloads in {seconds:.0f} s, {sum(found.answers.values())} requests by {POSTERS} posters")
    print(f"answers {dict(found.answers)}, failed {found.failed}")
    print(f"{found.events} events, by hash { ({name: dict(one) for name, one in found.by_hash.items()}) }")
    print(f"events that are not as their spec says: {found.mixed}")
    print(f"an answer while nothing is loaded: {told(found.calm)}")
    print(f"an answer while files are loaded:  {told(found.loading)}")
    print(f"the slowest reload: {found.slowest:.2f} s from its save")
    print(f"memory grew by {found.grown_kib / 1024:.0f} MiB")
    raise SystemExit(0 if found.good else 1)


if __name__ == "__main__":
    main()
