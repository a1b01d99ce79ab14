"""What does a server answer to many callbacks a second? Each is sent at its time, however slow the one before was."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection

from rich.console import RenderableType

from adapter.cli import show
from adapter.model import Ack

WORKERS = 32


@dataclass(frozen=True, slots=True)
class Pace:
    rate: int
    seconds: int

    @property
    def count(self) -> int:
        return self.rate * self.seconds


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer, whether it was as promised, and how many seconds it took."""

    answer: Ack | None
    good: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Loaded:
    heard: tuple[Heard, ...]
    seconds: float

    @property
    def good(self) -> bool:
        return all(one.good for one in self.heard)


def load(pace: Pace, connect: Callable[[], HTTPConnection], play: Callable[[HTTPConnection, int], Heard]) -> Loaded:
    """Play every number from 1 on connections that are kept, as many at once as it takes."""
    own = threading.local()
    opened: list[HTTPConnection] = []

    def one(number: int, due: float) -> Heard:
        time.sleep(max(0.0, due - time.monotonic()))
        if not hasattr(own, "connection"):
            own.connection = connect()
            opened.append(own.connection)
        return play(own.connection, number)

    began = time.monotonic()
    with ThreadPoolExecutor(WORKERS) as pool:
        dues = [began + number / pace.rate for number in range(pace.count)]
        heard = tuple(pool.map(one, range(1, pace.count + 1), dues))
    for connection in opened:
        connection.close()
    return Loaded(heard, time.monotonic() - began)


def told(loaded: Loaded) -> list[tuple[str, RenderableType]]:
    """In rows: how many, what was answered, how long it took."""
    statuses = Counter(str(one.answer.status) if one.answer else "no answer" for one in loaded.heard)
    times = sorted(one.seconds * 1000 for one in loaded.heard)
    wrong = sum(not one.good for one in loaded.heard)
    return [
        ("sent", show.plain(f"{len(times)} in {loaded.seconds:.1f} s, {len(times) / loaded.seconds:.0f} a second")),
        ("answered", show.plain(", ".join(f"{count} × {status}" for status, count in sorted(statuses.items())))),
        (
            "took",
            show.plain(f"median {_at(times, 0.5):.1f} ms, 99 % {_at(times, 0.99):.1f} ms, most {times[-1]:.1f} ms"),
        ),
        ("verdict", show.verdict(not wrong, f"{wrong} not as the file promises" if wrong else "as its file promises")),
    ]


def _at(times: Sequence[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]
