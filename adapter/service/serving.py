"""By what is a request treated? Everything that may be changed while the server runs, swapped at once."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from adapter.delivery.route import route
from adapter.delivery.sink import Sink
from adapter.model import Secrets
from adapter.service import open_mode
from adapter.service.deployment import Deployment
from adapter.service.gate import Admit, admission
from adapter.service.good import Report
from adapter.service.secrets import Wanted, wanted
from adapter.spec.language import Registry
from adapter.store.rows import Route
from adapter.store.store import nowhere


@dataclass(frozen=True, slots=True)
class Serving:
    """A request keeps the one that it began with. `secrets` are asked for at each request, `route` for each event.

    `held_back` are vendors without a good file; `last_good` says of each that an older version serves, why.
    """

    registry: Registry
    admit: Admit
    secrets: Callable[[], Secrets]
    route: Route = nowhere
    sinks: tuple[Sink, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    held_back: tuple[str, ...] = ()
    last_good: Mapping[str, str] = field(default_factory=dict)
    reports: Mapping[str, Report] = field(default_factory=dict)
    body_limit: int | None = None
    """Bytes, where a deployment file says so; else what the server was started with."""


def serve_by(
    registry: Registry, deployment: Deployment | None, secrets: Callable[[], Secrets], held_back: Collection[str] = ()
) -> Serving:
    """By a deployment's channels, or in open mode."""
    if deployment is None:
        return Serving(registry, open_mode.admit, secrets, wanted=wanted(registry), held_back=(*sorted(held_back),))
    own = deployment.registry(registry)
    return Serving(
        own,
        admission(deployment.gates, deployment.trusted_proxies, own, secrets),
        secrets,
        route(deployment.sinks.values()),
        tuple(deployment.sinks.values()),
        wanted=deployment.wanted(registry),
        held_back=(*sorted(deployment.vendors & {*held_back}),),
        body_limit=deployment.settings.body_limit,
    )


class Current:
    """Holds what is served now."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self.swapped: Callable[[Serving], None] = _unheard
        """Told of each that comes after the first."""

    def __call__(self) -> Serving:
        return self._serving

    def swap(self, serving: Serving) -> None:
        self._serving = serving
        self.swapped(serving)


def _unheard(_: Serving) -> None:
    """Nobody listens."""
