"""What do other parts say of themselves in figures? Each gives a snapshot whenever it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeliveryNumbers:
    """Of one sink. `delivered` and `failed` count attempts since the process began; `dead` and `due` are how many lie
    there now, `oldest_due_seconds` how long the first of these has waited."""

    delivered: int
    failed: int
    dead: int
    due: int
    oldest_due_seconds: float
    breaker_open: bool


@dataclass(frozen=True, slots=True)
class SpecState:
    """Of one vendor's file: the content hash of what is live, whether the newest is what is live, and when that was
    looked at, in seconds since 1970. A vendor of whom nothing is live has no hash."""

    hash: str
    ok: bool
    timestamp: float


@dataclass(frozen=True, slots=True)
class Told:
    """Asked at each scrape, on a thread of its own. Deliveries are by sink, specs by vendor (None: those of the start);
    `lines_dropped` is what a reader of events was too slow for."""

    deliveries: Callable[[], Mapping[str, DeliveryNumbers]] = dict
    specs: Callable[[], Mapping[str, SpecState]] | None = None
    lines_dropped: Callable[[], int] = int
