"""Which application is served? Everything put together, in one place."""

from asyncio import create_task, to_thread
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
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
from adapter.delivery.route import route
from adapter.delivery.sink import Means
from adapter.model import Json, Secrets
from adapter.service import keeping, open_mode
from adapter.service.body import Patience
from adapter.service.deployment import Deployment
from adapter.service.gate import Admit, admission
from adapter.service.intake import Announce, Intake, Process
from adapter.service.rotation import SECONDS, Live
from adapter.service.secrets import Wanted, faults, wanted
from adapter.service.serving import Current, Serving
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
) -> ASGIApp:
    """The store is the application's from here: it is closed when the server ends.

    `clock` gives aware times in UTC; `held_back` names vendors whose files could not be loaded; `reread` looks for
    the secrets anew, every so many seconds. Raises ValueError where nobody has said who may post, and open mode was
    not asked for.
    """
    if deployment is None and not settings.open_mode:
        raise ValueError("outside open mode there must be channels: a deployment")
    live = Live(secrets, reread, every)
    admit: Admit = open_mode.admit
    those = wanted(registry)
    if deployment is not None:
        registry, those = deployment.registry(registry), deployment.wanted(registry)
        admit = admission(deployment.gates, deployment.trusted_proxies, registry, live)
        held_back = deployment.vendors & {*held_back}
    ready = _readiness(store, deployment is None, sorted(held_back), those, live)
    routes = [Route("/healthz", _health), Route("/readyz", ready)]
    sinks = deployment.sinks.values() if deployment else ()
    dispatcher = Dispatcher(sinks, store.location, Means(live, clock), Pace(Backoff(random)))
    beside = (live.watch, lambda: keeping.hourly(store.location, settings.retention, clock))
    starlette = Starlette(routes=routes, lifespan=_open(store, dispatcher, settings.grace_seconds, beside))
    patience = Patience(settings.body_seconds)
    current = Current(Serving(registry, admit, live, route(sinks)))
    return Intake(current, process, store, settings, clock, announce, patience, starlette)


async def _health(_: HttpRequest) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _readiness(
    store: Store, spares: bool, held_back: list[str], those: tuple[Wanted, ...], live: Live
) -> Callable[[HttpRequest], object]:
    """Open mode spares the others when a vendor is held back; a deployment wants all it has asked for."""

    async def ready(_: HttpRequest) -> JSONResponse:
        state = await _state(store)
        facts = _facts(held_back, those, live())
        fit = state == "ok" and (spares or not any(facts.values()))
        words = {"status": "ready" if fit else "not ready", **facts, "store": state}
        return JSONResponse(words, status_code=200 if fit else 503)

    return ready


def _facts(held_back: list[str], those: tuple[Wanted, ...], secrets: Secrets) -> dict[str, Json]:
    """Names only: of vendors, of secrets, of channels that nothing can come through."""
    closed = [fault for fault in faults(those, secrets) if fault.closes]
    vendors = {*held_back, *(fault.wanted.vendor for fault in closed if not fault.wanted.channel)}
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


def _open(store: Store, dispatcher: Dispatcher, grace: float, beside: Sequence[Beside]) -> Lifespan[Starlette]:
    """What runs `beside` the requests ends when they do; what is stored by then is written, and no lease stays."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tasks = [create_task(work()) for work in beside]
        store.stored = dispatcher.wake
        dispatcher.start(grace)
        yield
        for task in tasks:
            task.cancel()
        await dispatcher.stop()
        await to_thread(store.close)

    return lifespan
