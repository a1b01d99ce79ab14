"""Which application is served? Everything put together, in one place."""

from asyncio import create_task, to_thread
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from random import random
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Lifespan

from adapter.delivery.backoff import Backoff
from adapter.delivery.dispatcher import Dispatcher
from adapter.delivery.pump import Pace
from adapter.delivery.sink import Means
from adapter.model import Json, Secrets
from adapter.service import keeping
from adapter.service.body import Patience
from adapter.service.deployment import Deployment
from adapter.service.held import Room
from adapter.service.intake import Announce, Intake, Steps
from adapter.service.numbers import SpecState, Told, specs
from adapter.service.readiness import OK, state
from adapter.service.reload import Reload
from adapter.service.rotation import SECONDS, Live
from adapter.service.scraped import Seen, entrance
from adapter.service.secrets import faults
from adapter.service.serving import Current, Serving, serve_by
from adapter.service.settings import Settings
from adapter.service.watching import Watching
from adapter.spec.language import Registry
from adapter.store.store import Store

Beside: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
"""Work that goes on until it is cancelled."""


def create_app(  # noqa: PLR0913  (composed in one place)
    registry: Registry,
    steps: Steps,
    store: Store,
    secrets: Secrets,
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    announce: Announce,
    held_back: Collection[str] = (),
    deployment: Deployment | None = None,
    reread: Callable[[], Secrets] | None = None,
    every: float = SECONDS,
    reload: Reload | None = None,
    lines_dropped: Callable[[], int] = int,
    told: Told | None = None,
) -> ASGIApp:
    """The store is the application's from here: it is closed when the server ends.

    `clock` gives aware times in UTC; `held_back` names vendors whose files could not be loaded; `reread` looks for
    the secrets anew, every so many seconds; `reload` watches files for what is to be served; `lines_dropped` counts
    what `announce` left out; `told` gives figures other than this application's own. Raises
    ValueError where nobody has said who may post, and open mode was not asked for.
    """
    if deployment is None and not settings.open_mode:
        raise ValueError("outside open mode there must be channels: a deployment")
    live = Live(secrets, reread, every)
    current, watching = Current(serve_by(registry, deployment, live, held_back)), Watching()
    if reload is not None:
        reload.begin(current, live)
    dispatcher = Dispatcher(current().sinks, store.location, Means(live, clock), Pace(Backoff(random)))
    beside: list[Beside] = [
        live.watch,
        partial(keeping.hourly, store.location, settings.retention, clock),
        partial(watching.remember, store, current().registry.channels or ()),
    ]
    beside += [reload.watch] if reload else []
    patience, room = Patience(settings.body_seconds), Room(max(settings.memory, settings.body_limit))
    own = Told(dispatcher.snapshot, partial(_specs, current, clock().timestamp()), lines_dropped)
    seen = Seen(watching, store, room, clock, told or own)
    ready = Route("/readyz", _readiness(store, deployment is None, current))
    routes = [Route("/healthz", _health), ready, *seen.routes(entrance(deployment, live))]
    starlette = Starlette(routes=routes, lifespan=_open(store, current, dispatcher, settings.grace_seconds, beside))
    return Intake(current, steps, store, settings, clock, announce, patience, starlette, watching=watching, room=room)


def _specs(current: Current, since: float) -> Mapping[str, SpecState]:
    return specs(current(), since)


async def _health(_: HttpRequest) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _readiness(store: Store, spares: bool, current: Current) -> Callable[[HttpRequest], object]:
    """Open mode spares the others when a vendor is held back; a deployment wants all it has asked for.

    What an older version serves is served: it is told, and fails nobody.
    """

    async def ready(_: HttpRequest) -> JSONResponse:
        found, serving = await state(store), current()
        facts = _facts(serving)
        fit = found == OK and (spares or not any(facts.values()))
        told = {**facts, "last_good": dict(serving.last_good), "store": found}
        return JSONResponse({"status": "ready" if fit else "not ready", **told}, status_code=200 if fit else 503)

    return ready


def _facts(serving: Serving) -> dict[str, Json]:
    """Names only: of vendors, of secrets, of channels that nothing can come through."""
    closed = [fault for fault in faults(serving.wanted, serving.secrets()) if fault.closes]
    vendors = {*serving.held_back, *(fault.wanted.vendor for fault in closed if not fault.wanted.channel)}
    return {
        "held_back": sorted(vendors - {""}),
        "closed_channels": sorted({fault.wanted.channel for fault in closed} - {""}),
        "missing_secrets": sorted({fault.wanted.name for fault in closed if fault.missing}),
        "unusable_secrets": sorted({fault.wanted.name for fault in closed if not fault.missing}),
    }


def _open(
    store: Store, current: Current, dispatcher: Dispatcher, grace: float, beside: Sequence[Beside]
) -> Lifespan[Starlette]:
    """What runs `beside` the requests ends when they do; what is stored by then is written, and no lease stays."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tasks = [create_task(work()) for work in beside]
        store.stored = dispatcher.wake
        dispatcher.start(grace)
        current.swapped = lambda serving: dispatcher.change(serving.sinks)
        yield
        for task in tasks:
            task.cancel()
        await dispatcher.stop()
        await to_thread(store.close)

    return lifespan
