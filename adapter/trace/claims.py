"""Who claims a callback, and what of each other spec's `match` fails first?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from adapter.engine.conditions import true
from adapter.engine.decode import decode
from adapter.expressions.evaluate import lookup
from adapter.expressions.values import as_text, looked_at
from adapter.expressions.view import View, content_type
from adapter.model import Json, Refused, Request
from adapter.spec.language import Match, Spec

SHOWN = 40
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Claim:
    """`why` is the match that holds, or the first part that fails; `held` counts the parts before that."""

    vendor: str
    holds: bool
    why: str
    held: int = 0


def claim(spec: Spec, request: Request) -> Claim:
    """Of several alternatives the one that comes furthest is told."""
    if not spec.match:
        return Claim(spec.vendor, False, "it has no match: only on a channel of its own")
    return max((_claim(match, spec, request) for match in spec.match), key=lambda one: (one.holds, one.held))


def _claim(match: Match, spec: Spec, request: Request) -> Claim:
    held = 0
    for failure in _parts(match, spec, request):
        if failure:
            return Claim(spec.vendor, False, failure, held)
        held += 1
    return Claim(spec.vendor, True, ", ".join(_asked(match)) or "it takes everything", held)


def _parts(match: Match, spec: Spec, request: Request) -> Iterator[str]:
    """Every part in the order in which it is asked: empty where it holds, else why not."""
    for part in _ENVELOPE:
        yield from part(match, request)
    condition = match.condition
    if not (condition.has or condition.equals or condition.when):
        return
    try:
        body = decode(request, spec.manner).tree
    except Refused as refused:
        yield f"its body is not {' or '.join(spec.body)} ({refused.message[:80]})"
        return
    yield from _body(match, body, View(request, spec.vendor, body, spec.settings, spec.manner.fold_keys))


def _headers(match: Match, request: Request) -> Iterator[str]:
    present = {name.decode("latin-1") for name, _ in request.headers}
    return ("" if name in present else f"header {name} is absent" for name in match.headers)


def _method(match: Match, request: Request) -> Iterator[str]:
    if match.method:
        yield "" if match.method == request.method else f"the method is {request.method}, not {match.method}"


def _path(match: Match, request: Request) -> Iterator[str]:
    if match.path is not None:
        fits = fnmatchcase(request.path, match.path)
        yield "" if fits else f"the path behind the token is '{request.path[:SHOWN]}', not {match.path}"


def _type(match: Match, request: Request) -> Iterator[str]:
    if match.content_type:
        said = content_type(request)[0]
        yield "" if fnmatchcase(said, match.content_type) else f"its type is '{said[:SHOWN]}', not {match.content_type}"


_ENVELOPE: Sequence[Callable[[Match, Request], Iterator[str]]] = (_headers, _method, _path, _type)


def _body(match: Match, body: Json, view: View) -> Iterator[str]:
    condition = match.condition
    seen = looked_at(body)
    for path in condition.has:
        yield "" if lookup(seen, path) is not None else f"'{'.'.join(path)}' is absent"
    for equals in condition.equals:
        name, value = ".".join(equals.path), lookup(seen, equals.path)
        text = as_text(value)
        if value is None:
            yield f"'{name}' is absent"
        else:
            wanted = " or ".join(f"'{word}'" for word in equals.words)
            yield "" if text in equals.words else f"'{name}' is '{(text or '')[:SHOWN]}', not {wanted}"
    if condition.when:
        yield "" if true(condition.when, body, view) else f"when {condition.when.text} is not true"


def _asked(match: Match) -> Iterator[str]:
    condition = match.condition
    if match.headers:
        yield f"headers {' '.join(match.headers)}"
    yield from (f"{name} {value}" for name, value in _envelope(match) if value)
    if condition.has:
        yield f"has {' '.join('.'.join(path) for path in condition.has)}"
    for equals in condition.equals:
        yield f"{'.'.join(equals.path)} is {' or '.join(equals.words)}"
    if condition.when:
        yield f"when {condition.when.text}"


def _envelope(match: Match) -> tuple[tuple[str, str | None], ...]:
    return (("method", match.method), ("path", match.path), ("type", match.content_type))
