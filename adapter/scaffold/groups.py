"""Which sorts of records are in the samples? Each becomes an entry of the file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from adapter.model import Json
from adapter.scaffold import names, shapes
from adapter.scaffold.fields import guesses
from adapter.scaffold.nouns import Group, Guess, Leaf, NoDraft, Sample, World
from adapter.scaffold.records import Listing, leaves, listing
from adapter.scaffold.sorts import kind_of, marks
from adapter.scaffold.status import status
from adapter.spec.language import Kind

_Sort: TypeAlias = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class _Listed:
    """Records of one sort in one sample."""

    sample: int
    body: Json
    listing: Listing


def groups(world: World, samples: Sequence[Sample], forced: str = "") -> list[Group]:
    """The sorts of records in the order in which they are met. Raises NoDraft."""
    found: dict[_Sort, list[_Listed]] = {}
    for place, sample in enumerate(samples):
        listed = listing(sample.tree, lambda values: _telling(world, values))
        for record in listed.records:
            one = replace(listed, records=(record,))
            values = leaves(one, sample.tree)
            if not any(leaf.texts for leaf in values):
                continue
            kind = world.kinds[forced] if forced else kind_of(world, values)
            found.setdefault(_sort(world, kind, one.each, values), []).append(_Listed(place, sample.tree, one))
    if not found:
        raise NoDraft("there is no record with a value in what was captured")
    return [_group(world, world.kinds[sort[0]], listed) for sort, listed in found.items()]


def _telling(world: World, values: Sequence[Leaf]) -> int:
    """How much of a message the values tell: a phone, an id, a code, a text, a time. Lists in it are other records."""
    values = [leaf for leaf in values if 0 not in leaf.names]
    known = {"to", "message_id", "code", "done_at"}
    report = {name for name, one in guesses(world, world.kinds["sms.delivery"], values).items() if one.score >= 45}
    return len(report & known) + ("text" in guesses(world, world.kinds["sms.inbound"], values))


def _sort(world: World, kind: Kind, each: tuple[str, ...], values: Sequence[Leaf]) -> _Sort:
    return kind.name, each, tuple((leaf.expression, text) for leaf, text in _marks(world, kind, values))


def _marks(world: World, kind: Kind, values: Sequence[Leaf]) -> list[tuple[Leaf, str]]:
    mapped = guesses(world, kind, values)
    kept = [one.leaf.expression for name, one in mapped.items() if name in ("code", "type", "event_id", "message_id")]
    return marks(kind, values, kept)


def _group(world: World, kind: Kind, listed: Sequence[_Listed]) -> Group:
    values = _joined([leaves(one.listing, one.body) for one in listed])
    mapped = _complete(world, kind, values, guesses(world, kind, values))
    found = Group(
        kind=kind,
        each=listed[0].listing.each,
        samples=tuple(dict.fromkeys(one.sample for one in listed)),
        leaves=values,
        marks=tuple(_marks(world, kind, values)),
        guesses=mapped,
        constants={"type": "callback"} if kind.name == "generic.event" and "type" not in mapped else {},
    )
    if not kind.words:
        return found
    meant = status(world, kind, values, mapped)
    if "code" in mapped or meant.success:
        return replace(found, status=meant)
    return replace(found, constants={"status": meant.otherwise})


def _joined(rows: Sequence[Sequence[Leaf]]) -> tuple[Leaf, ...]:
    """Each value once, with what stood there in every record; one that a record lacks is not everywhere."""
    order = dict.fromkeys(leaf.expression for row in rows for leaf in row)
    found = []
    for expression in order:
        same = [leaf for row in rows for leaf in row if leaf.expression == expression]
        values = tuple(value for leaf in same for value in leaf.values)
        everywhere = len(same) == len(rows) and all(leaf.everywhere for leaf in same)
        found.append(replace(same[0], values=values, everywhere=everywhere))
    return tuple(found)


def _complete(world: World, kind: Kind, values: Sequence[Leaf], mapped: dict[str, Guess]) -> dict[str, Guess]:
    """What the kind needs and nothing spoke for clearly: the best of what is left."""
    for needed in kind.required:
        if mapped.keys() & set(needed) or set(needed) & set(kind.results) or kind.name == "generic.event":
            continue
        column = kind.columns[needed[0]]
        taken = {one.leaf.expression for one in mapped.values()}
        listed = world.mapped_from.get(kind.name, {}).get(column.name, ())
        free = [leaf for leaf in values if leaf.texts and leaf.expression not in taken and _could(leaf)]
        free.sort(key=lambda leaf: -names.score(kind.name, column.name, listed, leaf)[0])
        best = next((leaf for leaf in free if names.score(kind.name, column.name, listed, leaf)[0]), None)
        leaf = best or Leaf(("TODO",), "TODO", ("TODO",), ())
        mapped[column.name] = Guess(column.name, leaf, 0, "nothing else looks like it")
    return mapped


def _could(leaf: Leaf) -> bool:
    return all(map(shapes.may_be_id, leaf.texts)) and not names.is_mark(leaf.name)
