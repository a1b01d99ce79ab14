"""What does Prometheus get at /metrics? The page, for whom the door opens."""

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapter.service.admin import Door, door, local
from adapter.service.deployment import Deployment
from adapter.service.exposition import Exposition, registry, writable
from adapter.service.held import Room
from adapter.service.numbers import Told
from adapter.service.readiness import OK, state
from adapter.service.rotation import Live
from adapter.service.watching import Watching
from adapter.store.store import Store

REFUSALS = {401: ("unauthorized", {"www-authenticate": "Bearer"}), 403: ("forbidden", {})}


def entrance(deployment: Deployment | None, live: Live) -> Door | None:
    """None where nobody has said who may enter."""
    if deployment is None:
        return local
    return door(deployment.admin, live) if deployment.admin else None


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the numbers are."""

    watching: Watching
    store: Store
    room: Room
    clock: Callable[[], datetime]
    told: Told

    def routes(self, enter: Door | None) -> list[Route]:
        """Without a door there is no such page, as for any other path."""
        return [Route("/metrics", page(self._registry(), self.store, enter))] if enter else []

    def _registry(self) -> CollectorRegistry:
        known = self.watching
        return registry(Exposition(known.counts, known.keys, known.rhythms, self.store, self.room, self.told,
                                   lambda: self.clock().timestamp()))  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Tried(Collector):
    """The numbers, with what was found of the store at this scrape."""

    numbers: CollectorRegistry
    fit: bool

    def collect(self) -> Iterator[Metric]:
        yield writable(self.fit)
        yield from self.numbers.collect()


def page(numbers: CollectorRegistry, store: Store, enter: Door) -> Callable[[HttpRequest], Awaitable[Response]]:
    async def metrics(request: HttpRequest) -> Response:
        status = enter(dict(request.headers.raw))
        if status != 200:
            word, headers = REFUSALS[status]
            return PlainTextResponse(word, status, headers)
        tried = _Tried(numbers, await state(store) == OK)
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(await to_thread(encode, tried), media_type=media_type)

    return metrics
