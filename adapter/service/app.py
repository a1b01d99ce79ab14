"""Which application is served? Everything put together, in one place."""

from asyncio import create_task, to_thread
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
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
from adapter.service.intake import Announce, Intake, Process
from adapter.service.reload import Reload
from adapter.service.rotation import SECONDS, Live
from adapter.service.secrets import faults
from adapter.service.serving import Current, Serving, serve_by
from adapter.service.settings import Settings
from adapter.spec.language import Registry
from adapter.store.store import Store
from adapter.store.transaction import StoreFailed

Beside: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
"""Work that goes on until it is cancelled."""


def create_app(  # noqa: PLR0913  (composed in one place)
    registry: Registry,
    process: Process,
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
) -> ASGIApp:
    """The store is the application's from here: it is closed when the server ends.

    `clock` gives aware times in UTC; `held_back` names vendors whose files could not be loaded; `reread` looks for
    the secrets anew, every so many seconds; `reload` watches files for what is to be served. Raises ValueError where
    nobody has said who may post, and open mode was not asked for.
    """
    if deployment is None and not settings.open_mode:
        raise ValueError("outside open mode there must be channels: a deployment")
    live = Live(secrets, reread, every)
    current = Current(serve_by(registry, deployment, live, held_back))
    if reload is not None:
        reload.begin(current, live)
    dispatcher = Dispatcher(current().sinks, store.location, Means(live, clock), Pace(Backoff(random)))
    beside: list[Beside] = [live.watch, partial(keeping.hourly, store.location, settings.retention, clock)]
    beside += [reload.watch] if reload else []
    routes = [Route("/healthz", _health), Route("/readyz", _readiness(store, deployment is None, current))]
    starlette = Starlette(routes=routes, lifespan=_open(store, current, dispatcher, settings.grace_seconds, beside))
    patience = Patience(settings.body_seconds)
    return Intake(current, process, store, settings, clock, announce, patience, starlette)


async def _health(_: HttpRequest) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _readiness(store: Store, spares: bool, current: Current) -> Callable[[HttpRequest], object]:
    """Open mode spares the others when a vendor is held back; a deployment wants all it has asked for.

    What an older version serves is served: it is told, and fails nobody.
    """

    async def ready(_: HttpRequest) -> JSONResponse:
        state, serving = await _state(store), current()
        facts = _facts(serving)
        fit = state == "ok" and (spares or not any(facts.values()))
        told = {**facts, "last_good": dict(serving.last_good), "store": state}
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


async def _state(store: Store) -> str:
    try:
        await store.check()
    except StoreFailed as failure:
        return str(failure)
    return "ok"


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
