"""Which specs are worth asking? An index over every `match`, so that a thousand vendors cost no more than one."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from adapter.expressions.values import looked_at
from adapter.model import Json, Refused, Request
from adapter.spec.language import Challenge, Manner, Match, Registry, Spec

Asked = tuple[int, Spec, Match]
"""One alternative of a spec's match, with the spec's place among its fellows."""


class Body(Protocol):
    """A body that can be read in several manners: `reading` is the same for manners that read it alike, and None for
    one that finds no names in it. Bodies of one `sort` have the same readings. `tree` may raise Refused."""

    @property
    def sort(self) -> Hashable: ...

    def reading(self, manner: Manner) -> Hashable: ...

    def tree(self, spec: Spec) -> Json: ...


@dataclass(frozen=True, slots=True)
class Group:
    """Alternatives that look into bodies read in one manner, by the first name that they ask for."""

    spec: Spec
    manner: Manner
    by_name: dict[str, list[Asked]]


@dataclass(frozen=True, slots=True)
class Detection:
    """What a channel's specs ask for: header names, names in bodies, and what no index can prove."""

    specs: tuple[Spec, ...]
    by_header: dict[bytes, list[Asked]]
    groups: tuple[Group, ...]
    others: tuple[Asked, ...]
    challenges: tuple[tuple[Spec, Challenge], ...]
    plans: dict[Hashable, tuple[Group, ...]] = field(default_factory=dict)

    def candidates(self, request: Request, body: Body) -> list[Asked]:
        """The alternatives that may hold, in the order of their specs."""
        found = list(self.others)
        if self.by_header:
            for name in {name for name, _ in request.headers}:
                found += self.by_header.get(name, ())
        sort = body.sort
        plan = self.plans.get(sort)
        if plan is None:
            plan = self.plans[sort] = _plan(self.groups, body)
        for group in plan:
            found += _by_name(group, body.tree)
        return sorted(found, key=_place) if len(found) > 1 else found


def _plan(groups: Iterable[Group], body: Body) -> tuple[Group, ...]:
    """The groups whose manners find names in a body of this sort; those that read it alike are one."""
    merged: dict[Hashable, Group] = {}
    for group in groups:
        reading = body.reading(group.manner)
        if reading is not None:
            into = merged.setdefault(reading, Group(group.spec, group.manner, {}))
            for name, asked in group.by_name.items():
                into.by_name.setdefault(name, []).extend(asked)
    return tuple(merged.values())


def _place(asked: Asked) -> int:
    return asked[0]


def _by_name(group: Group, tree: Callable[[Spec], Json]) -> Iterator[Asked]:
    try:
        seen = looked_at(tree(group.spec))
    except Refused:
        return
    if isinstance(seen, dict):
        fewer, more = (seen, group.by_name) if len(seen) < len(group.by_name) else (group.by_name, seen)
        for name in fewer:
            if name in more:
                yield from group.by_name[name]


def detection(registry: Registry, vendors: tuple[str, ...] | None) -> Detection:
    """The index for a channel that takes these vendors, or any. Made once; it goes when its registry goes.

    Found by the identity of `vendors`, which is kept beside it: a thousand names are not hashed for each request.
    """
    known = registry.indexes.get(id(vendors))
    if known is None or known[0] is not vendors:
        known = registry.indexes[id(vendors)] = vendors, _detection(registry, vendors)
    found: Detection = known[1]
    return found


def _detection(registry: Registry, vendors: tuple[str, ...] | None) -> Detection:
    names = registry.specs if vendors is None else vendors
    specs = tuple(registry.specs[name] for name in names if name in registry.specs)
    by_header: dict[bytes, list[Asked]] = {}
    groups: dict[Manner, Group] = {}
    others: list[Asked] = []
    for asked in _alternatives(specs):
        _, spec, match = asked
        paths = (*match.condition.has, *(equals.path for equals in match.condition.equals))
        if match.headers:
            by_header.setdefault(match.headers[0].encode(), []).append(asked)
        elif paths and not paths[0][0].isdecimal():
            group = groups.setdefault(spec.manner, Group(spec, spec.manner, {}))
            group.by_name.setdefault(paths[0][0], []).append(asked)
        else:
            others.append(asked)
    challenges = tuple((spec, entry) for spec in specs for entry in spec.challenges)
    return Detection(specs, by_header, tuple(groups.values()), tuple(others), challenges)


def _alternatives(specs: Iterable[Spec]) -> Iterator[Asked]:
    for place, spec in enumerate(specs):
        for match in spec.match:
            yield place, spec, match
