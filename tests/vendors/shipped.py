"""What is shipped in vendors.d? The registry, and every example as the vendor would post it."""

from dataclasses import dataclass

import pytest

from adapter.http_text import Written, parse
from adapter.model import Request, Secrets
from adapter.rehearsal import bound, prepared
from adapter.signing import arriving, made_up_secrets
from adapter.spec import packaged
from adapter.spec.language import Example, Registry, Spec
from adapter.spec.loader import load

LOADED = load([packaged.vendors()], [packaged.schemas()])
REGISTRY = LOADED.registry


@dataclass(frozen=True, slots=True)
class Posted:
    """An example, signed where it is to be, on a channel that belongs to its vendor alone."""

    spec: Spec
    example: Example
    written: Written
    secrets: Secrets

    @property
    def request(self) -> Request:
        return arriving(self.spec, self.written)

    @property
    def registry(self) -> Registry:
        return bound(self.spec, REGISTRY.kinds, self.request.channel)

    @property
    def name(self) -> str:
        return f"{self.spec.vendor}: {self.example.name}"


def posted(spec: Spec, example: Example) -> Posted:
    """The example as it would arrive."""
    secrets = made_up_secrets(spec, parse(example.request))
    return Posted(spec, example, prepared(spec, example, secrets), secrets)


POSTED = [posted(spec, example) for spec in REGISTRY.specs.values() for example in spec.examples]

every_spec = pytest.mark.parametrize("spec", REGISTRY.specs.values(), ids=list(REGISTRY.specs))
every_example = pytest.mark.parametrize("one", POSTED, ids=[one.name for one in POSTED])
every_signed_example = pytest.mark.parametrize(
    "one", [one for one in POSTED if one.example.sign], ids=[one.name for one in POSTED if one.example.sign]
)
