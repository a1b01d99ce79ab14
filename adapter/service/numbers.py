"""What do other parts say of themselves in figures? Each gives a snapshot whenever it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from adapter.delivery.pump import Numbers
from adapter.service.serving import Serving


@dataclass(frozen=True, slots=True)
class SpecState:
    """Of one vendor's file: the content hash of what is live, whether the newest is what is live, and when that was
    looked at, in seconds since 1970. A vendor of whom nothing is live has no hash."""

    hash: str
    ok: bool
    timestamp: float


@dataclass(frozen=True, slots=True)
class Told:
    """Asked at each scrape, on a thread of its own. Deliveries are by sink, specs by vendor; `lines_dropped` is what a
    reader of events was too slow for."""

    deliveries: Callable[[], Mapping[str, Numbers]] = dict
    specs: Callable[[], Mapping[str, SpecState]] = dict
    lines_dropped: Callable[[], int] = int


def specs(serving: Serving, since: float) -> Mapping[str, SpecState]:
    """By what was last taken or turned down; where nothing is loaded again, the files of the start."""
    if serving.reports:
        return {
            name: SpecState(one.hash, one.ok, datetime.fromisoformat(one.at).timestamp() if one.at else since)
            for name, one in serving.reports.items()
        }
    held_back = {name: SpecState("", False, since) for name in serving.held_back}
    return {**held_back, **{name: SpecState(one.hash, True, since) for name, one in serving.registry.specs.items()}}
