"""What is known when a draft is made: the shipped kinds, tables and vendor files."""

from dataclasses import replace

from adapter.cli.new import known
from adapter.http_text import parse
from adapter.model import Json
from adapter.rehearsal import rehearse
from adapter.scaffold.compiled import spec_of
from adapter.scaffold.draft import Captured, Draft, draft
from adapter.scaffold.nouns import World
from adapter.spec.language import Spec
from adapter.spec.reader import read

WORLD = known("", [], [])
ALONE = replace(WORLD, others=())
"""As if there were no other vendor."""


def drafted(*texts: str, world: World = ALONE, phones: bool = True, kind: str = "") -> Draft:
    captured = [Captured(f"{place}.http", parse(text)) for place, text in enumerate(texts, 1)]
    return draft("acme", captured, world, lambda text: spec_of(text, world), phones, kind)


def spec(made: Draft, world: World = ALONE) -> Spec:
    return spec_of(made.text, world)


def said(made: Draft) -> dict[str, Json]:
    """What the drafted file says, as data."""
    document, mistakes = read(made.text.encode(), "acme.yaml")
    assert document
    assert not mistakes
    return document.data


def differences(made: Draft, world: World = ALONE) -> list[str]:
    """What its examples do not come out as."""
    return [difference for run in rehearse(spec(made, world), world.kinds) for difference in run.differences]


def post(body: str, headers: str = "Content-Type: application/json\n") -> str:
    return f"POST /notify/sms/1/111\n{headers}\n{body}\n"
