"""By what is a request treated? Everything that may be changed while the server runs, swapped at once."""

from collections.abc import Callable
from dataclasses import dataclass

from adapter.model import Secrets
from adapter.service.gate import Admit
from adapter.spec.language import Registry
from adapter.store.rows import Route
from adapter.store.store import nowhere


@dataclass(frozen=True, slots=True)
class Serving:
    """A request keeps the one that it began with. `secrets` are asked for at each request, `route` for each event."""

    registry: Registry
    admit: Admit
    secrets: Callable[[], Secrets]
    route: Route = nowhere


class Current:
    """Holds what is served now."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def __call__(self) -> Serving:
        return self._serving

    def swap(self, serving: Serving) -> None:
        self._serving = serving
