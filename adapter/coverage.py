"""How much of a spec do its examples show? Fields, codes, kinds, entries and answers that some example exercises."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeAlias

from adapter.engine.challenge import challenged
from adapter.engine.classify import candidates
from adapter.engine.decode import decode
from adapter.engine.explode import explode
from adapter.expressions.values import as_text
from adapter.model import Json
from adapter.observed import Observed, Seen
from adapter.spec.language import Answer, Codes, Entry, Example, Place, Row, Shape, Spec

Key: TypeAlias = tuple[object, ...]
Run: TypeAlias = tuple[Example, Observed]
"""An example and what was seen of it."""

NEVER_SENT = ("duplicate", "retry")
"""Answers that no example can lead to: they depend on what is stored already."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that an example can exercise. `asserted` says whether some `expect` names it (fields only)."""

    group: str
    name: str
    place: Place
    exercised: bool
    asserted: bool = True


@dataclass(frozen=True, slots=True)
class Coverage:
    parts: tuple[Part, ...]

    @property
    def groups(self) -> dict[str, tuple[int, int]]:
        """(exercised, all) by group, in the order of GROUPS; a group that a spec has none of is left out."""
        counts = {name: [one.exercised for one in self.parts if one.group == name] for name in GROUPS}
        return {name: (sum(found), len(found)) for name, found in counts.items() if found}

    @property
    def percent(self) -> float:
        return 100 * sum(one.exercised for one in self.parts) / len(self.parts) if self.parts else 100.0

    @property
    def missing(self) -> tuple[Part, ...]:
        """What no example exercises, or none asserts."""
        return tuple(one for one in self.parts if not (one.exercised and one.asserted))


def coverage(spec: Spec, runs: Sequence[Run]) -> Coverage:
    """What a spec's examples exercise. What could not be run exercises nothing."""
    return Coverage(tuple(part for parts in GROUPS.values() for part in parts(spec, runs)))


def _fields(spec: Spec, runs: Sequence[Run]) -> Iterator[Part]:
    given, asserted = _given(spec, runs), _asserted(spec, runs)
    for number, entry in enumerate(spec.entries):
        about = f" of {_called(entry)}" if len(spec.entries) > 1 else ""
        for name, place in _mapped(entry.shape):
            key = (number, name)
            yield Part("fields", f"{name}{about}", place, key in given, key in asserted)


def _mapped(shape: Shape) -> Iterator[tuple[str, Place]]:
    """The names that an entry maps, and where."""
    for field in shape.fields:
        yield field.column.name, field.inputs[0].place if field.inputs else shape.place
    for name, inputs in shape.extra.named:
        yield f"extra.{name}", inputs[0].place if inputs else shape.place
    if shape.extra.whole:
        yield "extra", shape.extra.whole.place


def _given(spec: Spec, runs: Sequence[Run]) -> set[Key]:
    """Fields that had a value in some event."""
    found: set[Key] = set()
    for number, seen in _events(spec, runs):
        assert seen.event
        data = seen.event.envelope["data"]
        found |= {(number, name) for name, value in data.items() if value not in (None, [], "")}
        found |= {(number, f"extra.{name}") for name, value in data["extra"].items() if value not in (None, [], "")}
        found |= {(number, "extra")} if data["extra"] else set()
    return found


def _events(spec: Spec, runs: Sequence[Run]) -> Iterator[tuple[int, Seen]]:
    numbers = {id(entry): number for number, entry in enumerate(spec.entries)}
    return ((numbers[id(seen.entry)], seen) for _, observed in runs for seen in observed.seen if seen.event)


def _asserted(spec: Spec, runs: Sequence[Run]) -> set[Key]:
    """Fields that some example's `expect` names."""
    numbers = {id(entry): number for number, entry in enumerate(spec.entries)}
    found: set[Key] = set()
    for example, observed in runs:
        made = {seen.event.id: numbers[id(seen.entry)] for seen in reversed(observed.seen) if seen.event}
        for wanted, event in zip(example.expect or (), observed.outcome.events, strict=False):
            number = made[event.id]
            extra = wanted.get("extra")
            found |= {(number, name) for name in wanted}
            found |= {(number, f"extra.{name}") for name in (extra if isinstance(extra, dict) else ())}
    return found


def _called(entry: Entry) -> str:
    return entry.shape.kind.name if entry.shape.kind else "ignore"


def _kinds(spec: Spec, runs: Sequence[Run]) -> Iterator[Part]:
    used = {_called(spec.entries[number]) for number in _listing(spec, runs)}
    for name in dict.fromkeys(map(_called, spec.entries)):
        place = next(entry.shape.place for entry in spec.entries if _called(entry) == name)
        yield Part("kinds", name, place, name in used)


def _entries(spec: Spec, runs: Sequence[Run]) -> Iterator[Part]:
    used = _listing(spec, runs)
    for number, entry in enumerate(spec.entries):
        yield Part("entries", f"entry {number + 1}, {_called(entry)}", entry.shape.place, number in used)


def _listing(spec: Spec, runs: Sequence[Run]) -> set[int]:
    """The entries that list a record of some example, each asked alone."""
    ways = [observed for _, observed in runs if observed.decoded]
    return {number for number, entry in enumerate(spec.entries) if any(_lists(entry, one) for one in ways)}


def _lists(entry: Entry, observed: Observed) -> bool:
    assert observed.decoded
    alone = explode(replace(observed.spec, entries=(entry,)), observed.decoded.tree, observed.view)
    return bool(alone.taken or alone.ignored)


def _codes(spec: Spec, runs: Sequence[Run]) -> Iterator[Part]:
    """The file's own rows; those of shared tables are the tables' affair."""
    rows = {(row.code, row.place): row for entry in spec.entries for row in _own_rows(entry.shape)}
    met = {(row.code, row.place) for _, observed in runs for seen in observed.seen for row in _taking(seen)}
    for key, row in rows.items():
        yield Part("codes", row.code, row.place, key in met)


def _taking(seen: Seen) -> Iterator[Row]:
    """The rows that decided, and those that take a code best, though a flag may have decided before them."""
    yield from seen.classified.rows if seen.classified else ()
    status = seen.entry.shape.status
    for layer in status.layers if status else ():
        for code in seen.reading.codes:
            yield from islice(candidates(layer, (as_text(code) or "").strip()), 1)


def _own_rows(shape: Shape) -> Iterator[Row]:
    for layer in shape.status.layers if shape.status else ():
        if not layer.name:
            yield from rows_of(layer)


def rows_of(layer: Codes) -> Iterator[Row]:
    yield from layer.exact.values()
    yield from (row for _, _, row in layer.ranges)
    yield from (glob.row for glob in layer.globs)


def _acks(spec: Spec, runs: Sequence[Run]) -> Iterator[Part]:
    """Every different answer; outcomes that are answered alike are one."""
    worded: dict[Key, list[str]] = {}
    for word, answer in spec.answers.items():
        if word not in NEVER_SENT:
            worded.setdefault(_wording(answer), []).append(word)
    ended = {word for _, observed in runs for word in (observed.outcome.name, observed.outcome.code)}
    for words in worded.values():
        yield Part("acks", ", ".join(words), spec.place, bool(ended & set(words)))
    asked = {id(entry) for _, observed in runs if (entry := _handshake(spec, observed))}
    for number, challenge in enumerate(spec.challenges):
        yield Part("acks", f"challenge {number + 1}", challenge.place, id(challenge) in asked)


def _wording(answer: Answer) -> Key:
    return (answer.status, answer.body.text, *((name, value.text) for name, value in answer.headers))


def _handshake(spec: Spec, observed: Observed) -> object:
    def tree(reader: Spec) -> Json:
        return decode(observed.request, reader.manner).tree

    found = challenged([(spec, entry) for entry in spec.challenges], observed.request, tree)
    return found[1] if found else None


GROUPS: Mapping[str, Callable[[Spec, Sequence[Run]], Iterator[Part]]] = {
    "fields": _fields,
    "kinds": _kinds,
    "entries": _entries,
    "codes": _codes,
    "acks": _acks,
}
