"""What was seen when a spec's examples ran, and where in the file is it said?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from adapter.engine.explode import explode
from adapter.expressions.evaluate import EVALUATION_ERRORS
from adapter.expressions.values import gives_something
from adapter.expressions.view import View
from adapter.model import Json, Record
from adapter.observed import Observed, Seen
from adapter.spec.diagnostics import Path
from adapter.spec.language import Example, Expression, Kind, Place, Shape, Spec


@dataclass(frozen=True, slots=True)
class Run:
    """An example that could be run, by its number in the file."""

    number: int
    example: Example
    observed: Observed

    @property
    def tree(self) -> Json:
        """The body; None where it was empty or never read."""
        tree = self.observed.decoded.tree if self.observed.decoded else None
        return None if tree in ("", {}, []) else tree


@dataclass(frozen=True, slots=True)
class Examined:
    spec: Spec
    kinds: Mapping[str, Kind]
    runs: Sequence[Run]

    @property
    def seen(self) -> Iterator[tuple[int, Seen, Run]]:
        """Every record that an entry read, with the entry's number."""
        numbers = {id(entry): number for number, entry in enumerate(self.spec.entries)}
        return ((numbers[id(seen.entry)], seen, run) for run in self.runs for seen in run.observed.seen)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a place of the file that the examples show."""

    severity: str
    path: Path
    place: Place
    message: str
    help: str
    length: int = 1


Remarks: TypeAlias = Iterator[Remark]
Evaluation: TypeAlias = tuple[Path, Expression, Json, View]
"""Where an expression stands, and what it was asked of. The view is good until the next one is taken."""


def warning(path: Path, about: Expression, message: str, help_text: str) -> Remark:
    """About an expression."""
    return Remark("warning", path, about.place, message, help_text, len(about.text))


def of_example(run: Run, severity: str, message: str, help_text: str) -> Remark:
    return Remark(severity, ("examples", run.number), run.example.place, message, help_text)


def evaluations(examined: Examined) -> Iterator[Evaluation]:
    """Every expression of the spec and all that the examples give it, as the engine would ask it."""
    for run in examined.runs:
        if run.tree is not None:
            for number, entry in enumerate(examined.spec.entries):
                view = run.observed.view
                view["parents"], view["index"] = [], None
                if entry.shape.condition.when:
                    yield ("events", number, "when"), entry.shape.condition.when, run.tree, view
    for number, record, run in listed(examined):
        shape = examined.spec.entries[number].shape
        if shape.where:
            yield ("events", number, "where"), shape.where, record.value, placed(run, record)
    for number, seen, run in examined.seen:
        view = placed(run, seen.record)
        for path, inputs in mapped(number, seen.entry.shape):
            for one in asked(inputs, seen.record.value, view):
                yield path, one, seen.record.value, view


def mapped(number: int, shape: Shape) -> Iterator[tuple[Path, tuple[Expression, ...]]]:
    """What an entry reads out of a record, and where the file says so."""
    base = ("events", number)
    for field in shape.fields:
        yield (*base, "fields", field.column.name), field.inputs
    for name, inputs in shape.extra.named:
        yield (*base, "extra", name), inputs
    if shape.extra.whole:
        yield (*base, "extra"), (shape.extra.whole,)
    for one in (shape.status.inputs or ()) if shape.status else ():
        yield ("status", "from"), (one,)
    if shape.status and shape.status.success:
        yield ("status", "success"), (shape.status.success,)


def asked(inputs: Sequence[Expression], value: Json, view: View) -> Iterator[Expression]:
    """Inputs up to the first that gives something: no other is asked."""
    for one in inputs:
        yield one
        if gives_something(found(one, value, view)):
            return


def found(one: Expression, value: Json, view: View) -> Json:
    try:
        return one.evaluate(value, view)
    except EVALUATION_ERRORS:
        return None


def placed(run: Run, record: Record) -> View:
    """The request as an expression sees it beside this record."""
    view = run.observed.view
    view["parents"], view["index"] = list(record.parents), record.index
    return view


def listed(examined: Examined) -> Iterator[tuple[int, Record, Run]]:
    """The records that each entry would list if it had no `where`."""
    some_kind = next(iter(examined.kinds.values()))
    for run in examined.runs:
        for number, entry in enumerate(examined.spec.entries) if run.tree is not None else ():
            shape = replace(entry.shape, where=None, kind=entry.shape.kind or some_kind)
            alone = replace(examined.spec, entries=(replace(entry, shape=shape),))
            for _, records in explode(alone, run.tree, run.observed.view).taken:
                yield from ((number, record, run) for record in records)


Examination: TypeAlias = Callable[[Examined], Remarks]
