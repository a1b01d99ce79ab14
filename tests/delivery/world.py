"""A store with events in it, and a dispatcher that delivers them quickly."""

import base64
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

from adapter.delivery.addresses import resolve
from adapter.delivery.backoff import Backoff
from adapter.delivery.breaker import Breaker
from adapter.delivery.dispatcher import Dispatcher
from adapter.delivery.pump import Pace
from adapter.delivery.route import route
from adapter.delivery.sink import Means, Sink
from adapter.model import Event
from adapter.store.store import Queued
from tests.service.tiny import event, outcome, request
from tests.store.place import Place, save_all

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
KEY, OLD_KEY = (b"whsec_" + base64.b64encode(letter * 24) for letter in (b"a", b"b"))
QUICK = Pace(Backoff(lambda: 1.0, 0.02, 0.1), 60.0, 0.02, 0.002, 0.05, 2.0, Breaker(1000))


@dataclass
class Clock:
    """The real time, moved."""

    by: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


def sink(url: str, **changed: Any) -> Sink:
    plain = Sink("in", "webhook", url, unsigned="a test", networks=LOOPBACK, timeout=10.0)
    return replace(plain, **changed)


def means(secrets: Mapping[str, tuple[bytes, ...]] | None = None, **changed: Any) -> Means:
    plain = Means(lambda: secrets or {}, Clock(), resolve, ssl.create_default_context())
    return replace(plain, **changed)


@asynccontextmanager
async def delivering(
    place: Place, *sinks: Sink, pace: Pace = QUICK, means: Means | None = None, grace: float = 1.0
) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(sinks, place.where, means or _MEANS, pace)
    dispatcher.start(grace)
    try:
        yield dispatcher
    finally:
        await dispatcher.stop()


_MEANS = means()


def news(message: str, number: int = 0) -> Event:
    """An event about a message: several differ and speak of the same."""
    made = event(f"{message}{number}")
    return replace(made, envelope={**made.envelope, "subject": message, "number": number})


async def put(store: Queued, sinks: Sequence[Sink], *events: Event) -> None:
    """Each event as a request of its own, in this order."""
    now = datetime.now(UTC)
    pairs = [(request(one.id[:20], received_at=now), outcome(one)) for one in events]
    assert await save_all(store, *pairs, route=route(sinks)) == [False] * len(pairs)


def states(place: Place) -> list[tuple[Any, ...]]:
    return place.rows("SELECT state, attempts, answer FROM deliveries ORDER BY seq")
