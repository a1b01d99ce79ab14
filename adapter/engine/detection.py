"""Which specs are worth asking? An index over every `match`, so that a thousand vendors cost no more than one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from adapter.expressions.values import looked_at
from adapter.model import Json, Refused, Request
from adapter.spec.language import Challenge, Manner, Match, Registry, Spec

Asked = tuple[int, Spec, Match]
"""One alternative of a spec's match, with the spec's place among its fellows."""


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

    def candidates(
        self, request: Request, readable: Callable[[Manner], bool], tree: Callable[[Spec], Json]
    ) -> list[Asked]:
        """The alternatives that may hold, in the order of their specs. `readable` is a quick no for a manner."""
        found = list(self.others)
        if self.by_header:
            for name in {name for name, _ in request.headers}:
                found += self.by_header.get(name, ())
        for group in self.groups:
            if readable(group.manner):
                found += _by_name(group, tree)
        return sorted(found, key=_place) if len(found) > 1 else found


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


@lru_cache(maxsize=1024)
def detection(registry: Registry, vendors: tuple[str, ...] | None) -> Detection:
    """The index for a channel that takes these vendors, or any."""
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
