"""Is this a handshake? Some vendors ask who we are before, or between, their callbacks."""

from collections.abc import Callable, Iterable

from adapter.engine.conditions import holds
from adapter.expressions.view import View
from adapter.model import Json, Refused, Request
from adapter.spec.language import Challenge, Spec


def challenged(
    known: Iterable[tuple[Spec, Challenge]], request: Request, tree: Callable[[Spec], Json]
) -> tuple[Spec, Challenge] | None:
    """The one spec that knows this handshake, and its entry for it; None where none or several do."""
    found = [(spec, entry) for spec, entry in known if _asks(entry, spec, request, tree)]
    return found[0] if len({spec.vendor for spec, _ in found}) == 1 else None


def _asks(entry: Challenge, spec: Spec, request: Request, tree: Callable[[Spec], Json]) -> bool:
    if entry.methods and request.method not in entry.methods:
        return False
    if any(request.header(name.encode("latin-1")) is None for name in entry.headers):
        return False
    if request.method in ("GET", "HEAD"):
        view = View(request, spec.vendor, None, spec.settings, spec.manner.fold_keys)
        return holds(entry.condition, view["query"], lambda: view)
    try:
        body = tree(spec)
    except Refused:
        return False
    return holds(entry.condition, body, lambda: View(request, spec.vendor, body, spec.settings, spec.manner.fold_keys))
