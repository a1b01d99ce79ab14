"""Which Python reads the records of this vendor? What was generated from the expressions of its file."""

from collections.abc import Iterator
from dataclasses import dataclass

from adapter.engine.explode import Exploded
from adapter.expressions.compiler import code, condition_code
from adapter.spec.language import Entry, Spec


@dataclass(frozen=True, slots=True)
class Generated:
    """The functions of one entry: whether it fires, and how it reads a record."""

    place: str
    kind: str
    source: str


def generated(spec: Spec | None, exploded: Exploded | None) -> tuple[Generated, ...]:
    """Of the entries that took records; of all where none did."""
    taken = [entry for entry, _ in exploded.taken] if exploded else []
    return tuple(map(_generated, taken or (spec.entries if spec else ())))


def _generated(entry: Entry) -> Generated:
    shape = entry.shape
    return Generated(str(shape.place), shape.kind.name if shape.kind else "ignore", "\n".join(_functions(entry)))


def _functions(entry: Entry) -> Iterator[str]:
    yield condition_code(entry.shape.condition).source
    if entry.shape.kind:
        yield code(entry.shape).source
