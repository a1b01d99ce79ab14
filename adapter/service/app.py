"""Which application is served? Everything put together, in one place."""

from asyncio import create_task, to_thread
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Lifespan

from adapter.model import Json, Secrets
from adapter.service import open_mode
from adapter.service.body import Patience
from adapter.service.deployment import Deployment
from adapter.service.gate import Admit, admission
from adapter.service.held import Room
from adapter.service.intake import Announce, Intake, Process
from adapter.service.numbers import Told
from adapter.service.readiness import OK, state
from adapter.service.rotation import SECONDS, Live
from adapter.service.scraped import Seen, entrance
from adapter.service.secrets import Wanted, faults, wanted
from adapter.service.serving import Current, Serving
from adapter.service.settings import Settings
from adapter.service.watching import Watching
from adapter.spec.language import Registry
from adapter.store.store import Store


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
    told: Told | None = None,
) -> ASGIApp:
    """The store is the application's from here: it is closed when the server ends.

    `clock` gives aware times in UTC; `held_back` names vendors whose files could not be loaded; `reread` looks for
    the secrets anew, every so many seconds; `told` asks other parts for their numbers. Raises ValueError where nobody
    has said who may post, and open mode was not asked for.
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
    patience = Patience(settings.body_seconds)
    current = Current(Serving(registry, admit, live))
    watching, room = Watching(), Room(max(settings.memory, settings.body_limit))
    seen = Seen(watching, store, room, current, tuple(held_back), clock, told or Told())
    routes = [Route("/healthz", _health), Route("/readyz", ready), *seen.routes(entrance(deployment, live))]
    starlette = Starlette(routes=routes, lifespan=_open(store, live, watching, registry.channels or ()))
    return Intake(current, process, store, settings, clock, announce, patience, starlette, watching=watching, room=room)


async def _health(_: HttpRequest) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _readiness(
    store: Store, spares: bool, held_back: list[str], those: tuple[Wanted, ...], live: Live
) -> Callable[[HttpRequest], object]:
    """Open mode spares the others when a vendor is held back; a deployment wants all it has asked for."""

    async def ready(_: HttpRequest) -> JSONResponse:
        found = await state(store)
        facts = _facts(held_back, those, live())
        fit = found == OK and (spares or not any(facts.values()))
        words = {"status": "ready" if fit else "not ready", **facts, "store": found}
        return JSONResponse(words, status_code=200 if fit else 503)

    return ready


def _facts(held_back: list[str], those: tuple[Wanted, ...], secrets: Secrets) -> dict[str, Json]:
    """Names only: of vendors, of secrets, of channels that nothing can come through."""
    closed = [fault for fault in faults(those, secrets) if fault.closes]
    vendors = {*held_back, *(fault.wanted.vendor for fault in closed if not fault.wanted.channel)} - {""}
    return {
        "held_back": sorted(vendors),
        "closed_channels": sorted({fault.wanted.channel for fault in closed} - {""}),
        "missing_secrets": sorted({fault.wanted.name for fault in closed if fault.missing}),
        "unusable_secrets": sorted({fault.wanted.name for fault in closed if not fault.missing}),
    }


def _open(store: Store, live: Live, watching: Watching, channels: Collection[str]) -> Lifespan[Starlette]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tasks = [create_task(live.watch()), create_task(watching.remember(store, channels))]
        yield
        for task in tasks:
            task.cancel()
        await to_thread(store.close)

    return lifespan
