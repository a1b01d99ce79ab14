"""Whose callback is it? The channel's one vendor, or the one spec whose `match` claims the request."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from adapter.engine.conditions import holds
from adapter.engine.detection import Body, Detection
from adapter.expressions.view import View, content_type
from adapter.model import Json, Refused, Request, value
from adapter.spec.language import Match, Spec


@value
class Identified:
    """The claiming spec, or None with the reason (`unmatched`, `ambiguous`); `mismatch` on a bound channel."""

    spec: Spec | None
    reason: str = ""
    claims: tuple[str, ...] = ()
    mismatch: bool = False


def identify(known: Detection, bound: bool, request: Request, body: Body) -> Identified:
    """Ask the specs of a channel, or take the one that it is `bound` to. May raise Refused."""
    if bound and len(known.specs) == 1:
        spec = known.specs[0]
        return Identified(spec, mismatch=bool(spec.match) and not claims(spec, request, body.tree))
    found: dict[str, Spec] = {}
    for _, spec, match in known.candidates(request, body):
        if spec.vendor not in found and _claims(match, spec, request, body.tree):
            found[spec.vendor] = spec
    if len(found) == 1:
        return Identified(next(iter(found.values())))
    return Identified(None, "ambiguous" if found else "unmatched", tuple(found))


def claims(spec: Spec, request: Request, tree: Callable[[Spec], Json]) -> bool:
    """Does one alternative of the spec's `match` hold? Without `match` a spec claims nothing."""
    return any(_claims(match, spec, request, tree) for match in spec.match)


def _claims(match: Match, spec: Spec, request: Request, tree: Callable[[Spec], Json]) -> bool:
    if not _envelope_matches(match, request):
        return False
    condition = match.condition
    if not (condition.has or condition.equals or condition.when):
        return True
    try:
        body = tree(spec)
    except Refused:
        return False
    return holds(condition, body, lambda: View(request, spec.vendor, body, spec.settings, spec.manner.fold_keys))


def _envelope_matches(match: Match, request: Request) -> bool:
    if match.headers and not _has_headers(match.headers, request):
        return False
    if match.method and match.method != request.method:
        return False
    if match.path is not None and not fnmatchcase(request.path, match.path):
        return False
    return not match.content_type or fnmatchcase(content_type(request)[0], match.content_type)


def _has_headers(wanted: Sequence[str], request: Request) -> bool:
    present = {name for name, _ in request.headers}
    return all(name.encode() in present for name in wanted)
