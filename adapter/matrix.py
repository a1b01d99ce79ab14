"""On one URL for all vendors, which specs claim each example? It must be its own, and no other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapter.engine.decode import decode
from adapter.engine.identify import claims
from adapter.expressions.templates import Missing
from adapter.http_text import BadRequestText
from adapter.model import Json, Refused, Request
from adapter.rehearsal import prepared, secrets_for
from adapter.signing import arriving
from adapter.spec.language import Example, Manner, Registry, Spec

NOT_TOLD = (BadRequestText, Missing, Refused, ValueError, LookupError, TypeError)
"""What an example raises that cannot be read or signed: `adapter test` says so."""


@dataclass(frozen=True, slots=True)
class Detected:
    """An example, and the vendors whose `match` claims it."""

    spec: Spec
    example: Example
    claims: tuple[str, ...]

    @property
    def right(self) -> bool:
        return self.claims == (self.spec.vendor,)


def detected(registry: Registry, specs: Sequence[Spec]) -> Iterator[Detected]:
    """Every example of these specs whose body says something. A spec without `match` is never asked, so left out."""
    asked = [spec for spec in registry.specs.values() if spec.match]
    for spec in specs:
        for example in spec.examples if spec.match else ():
            request = _telling(spec, example)
            if request:
                yield Detected(spec, example, tuple(claiming(asked, request)))


def claiming(specs: Sequence[Spec], request: Request) -> Iterator[str]:
    """The vendors that claim a request, each with its own reading of the body."""
    known: dict[Manner, Json | Refused] = {}

    def tree(spec: Spec) -> Json:
        if spec.manner not in known:
            known[spec.manner] = _read(request, spec.manner)
        found = known[spec.manner]
        if isinstance(found, Refused):
            raise found
        return found

    return (spec.vendor for spec in specs if claims(spec, request, tree))


def _read(request: Request, manner: Manner) -> Json | Refused:
    try:
        return decode(request, manner).tree
    except Refused as refused:
        return refused


def _telling(spec: Spec, example: Example) -> Request | None:
    """The example as it would arrive, unless it cannot be read or says nothing."""
    try:
        request = arriving(spec, prepared(spec, example, secrets_for(spec, example)))
        return request if decode(request, spec.manner).tree not in ("", {}, [], None) else None
    except NOT_TOLD:
        return None
