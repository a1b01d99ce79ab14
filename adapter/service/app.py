"""Which application is served? Everything put together, in one place."""

from asyncio import to_thread
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Lifespan

from adapter.model import Secrets
from adapter.service.body import Patience
from adapter.service.intake import Announce, Intake, Process
from adapter.service.secrets import missing
from adapter.service.settings import Settings
from adapter.service.store import Store
from adapter.service.writer import StoreFailed
from adapter.spec.language import Registry


def create_app(
    registry: Registry,
    process: Process,
    store: Store,
    secrets: Secrets,
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    announce: Announce,
    held_back: Collection[str] = (),
) -> ASGIApp:
    """The store is the application's from here: it is closed when the server ends.

    `clock` gives aware times in UTC; `held_back` names vendors whose files could not be loaded. Raises ValueError
    for a registry that takes everything where that is not what was asked for.
    """
    if registry.channels is None and not settings.open_mode:
        raise ValueError("outside open mode there must be channels")
    unset = missing(registry, secrets)
    ready = _readiness(store, settings, sorted({*held_back, *(vendor for vendor, _ in unset)}), unset)
    routes = [Route("/healthz", _health), Route("/readyz", ready)]
    starlette = Starlette(routes=routes, lifespan=_closing(store))
    patience = Patience(settings.body_seconds)
    return Intake(registry, process, store, secrets, settings, clock, announce, patience, starlette)


async def _health(_: HttpRequest) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _readiness(
    store: Store, settings: Settings, held_back: list[str], unset: tuple[tuple[str, str], ...]
) -> Callable[[HttpRequest], object]:
    """In open mode a vendor that is held back spares the others; a deployment wants all it has asked for."""
    whole = settings.open_mode or not held_back
    facts = {"held_back": held_back, "missing_secrets": [f"{vendor}.{name}" for vendor, name in unset]}

    async def ready(_: HttpRequest) -> JSONResponse:
        state = await _state(store)
        fit = whole and state == "ok"
        words = {"status": "ready" if fit else "not ready", **facts, "store": state}
        return JSONResponse(words, status_code=200 if fit else 503)

    return ready


async def _state(store: Store) -> str:
    try:
        await store.check()
    except StoreFailed as failure:
        return str(failure)
    return "ok"


def _closing(store: Store) -> Lifespan[Starlette]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await to_thread(store.close)

    return lifespan
