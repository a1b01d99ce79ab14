"""Where are the records of a body, and which values do they hold?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from adapter.model import Element, Json
from adapter.scaffold.nouns import Leaf, Names
from adapter.scaffold.ways import of_the_body, of_the_parent, spelled

_DEEP = 6


@dataclass(frozen=True, slots=True)
class Listing:
    """The steps of `each`, the way to the first record, and every record with what it was found in."""

    each: tuple[str, ...]
    path: Names
    records: tuple[tuple[Json, tuple[Json, ...]], ...]


def listing(body: Json, telling: Callable[[Sequence[Leaf]], int]) -> Listing:
    """The most telling of everything that could be the records; of equals the outermost."""
    found = list(_listings(body))
    return max(found, key=lambda one: telling(leaves(one, body, inside=True)))


def _listings(body: Json) -> Iterator[Listing]:
    if isinstance(body, list):
        items = tuple((item, ()) for item in body if isinstance(item, dict))
        yield Listing((), (0,), items)
        yield from _inner(items, ("@",), (0,))
        return
    names: list[str] = []
    while isinstance(body, dict) and len(body) == 1 and isinstance(next(iter(body.values())), dict):
        name, body = next(iter(body.items()))
        names.append(name)
    wrapped = tuple(names)
    yield Listing((spelled(wrapped),) if names else (), wrapped, ((body, ()),))
    for way, inner in _lists(body, ()):
        items = tuple((item, ()) for item in inner if isinstance(item, dict))
        step, path = (spelled((*wrapped, *way)),), (*wrapped, *way, 0)
        yield Listing(step, path, items)
        yield from _inner(items, step, path)


def _lists(value: Json, way: Names) -> Iterator[tuple[Names, list[Json]]]:
    """Lists of objects below an object, the objects in between gone through."""
    for name, inner in value.items() if isinstance(value, dict) and len(way) < _DEEP else ():
        if isinstance(inner, dict):
            yield from _lists(inner, (*way, name))
        elif isinstance(inner, list) and any(isinstance(item, dict) for item in inner):
            yield (*way, name), inner


def _inner(items: Sequence[tuple[Json, tuple[Json, ...]]], steps: tuple[str, ...], path: Names) -> Iterator[Listing]:
    """Lists of objects inside the items of a list: one more step."""
    found: dict[Names, list[tuple[Json, tuple[Json, ...]]]] = {}
    for item, parents in items:
        for way, inner in _lists(item, ()):
            records = [(one, (*parents, item)) for one in inner if isinstance(one, dict)]
            found.setdefault(way, []).extend(records)
    for way, records in found.items() if len(steps) < _DEEP else ():
        deeper = Listing((*steps, spelled(way)), (*path, *way, 0), tuple(records))
        yield deeper
        yield from _inner(records, deeper.each, deeper.path)


def leaves(found: Listing, body: Json, inside: bool = False) -> list[Leaf]:
    """Every value of the records, and, unless only what is `inside` counts, of what they stand in."""
    own = _gathered([dict(_flat(record, ())) for record, _ in found.records])
    values = [_leaf(names, spelled(names), (*found.path, *names), many, len(found.records)) for names, many in own]
    if inside or not found.each:
        return values
    seen = {leaf.expression for leaf in values}
    parents = _gathered([dict(_flat(above[-1], (), lists=False)) for _, above in found.records if above])
    for names, many in parents:
        values.append(_around(names, of_the_parent(names), (*found.path[:-2], *names), many))
    for names, value in _flat(body, (), lists=False) if isinstance(body, dict) else ():
        if names[: len(found.path)] != found.path and of_the_body(names) not in seen:
            values.append(_around(names, of_the_body(names), names, [value]))
    return values


def _leaf(names: Names, expression: str, path: Names, values: list[Json], records: int) -> Leaf:
    everywhere = len(values) == records and all(value is not None for value in values)
    return Leaf(names, expression, path, tuple(values), everywhere)


def _around(names: Names, expression: str, path: Names, values: list[Json]) -> Leaf:
    return Leaf(names, expression, path, tuple(values), all(value is not None for value in values), around=True)


def _gathered(rows: Sequence[dict[Names, Json]]) -> list[tuple[Names, list[Json]]]:
    order = dict.fromkeys(names for row in rows for names in row)
    return [(names, [row[names] for row in rows if names in row]) for names in order]


def _flat(value: Json, above: Names, lists: bool = True) -> Iterator[tuple[Names, Json]]:
    """Scalars and lists of scalars by the way to them; of a list of objects the first one."""
    if isinstance(value, Element) and above:
        yield above, value.text
    if isinstance(value, dict) and len(above) < _DEEP:
        for name, inner in value.items():
            yield from _flat(inner, (*above, name), lists)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        if lists:
            yield from _flat(next(item for item in value if isinstance(item, dict)), (*above, 0), lists)
    elif above and not isinstance(value, dict):
        yield above, value
