"""What tells this vendor's requests from all others on the same URL? Nothing that another spec also takes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from adapter.engine.conditions import holds
from adapter.engine.decode import decode
from adapter.engine.identify import claims
from adapter.expressions.view import View
from adapter.http_text import BadRequestText, parse, request
from adapter.model import Refused
from adapter.scaffold import names, shapes, ways
from adapter.scaffold.nouns import Group, Guess, Leaf, Sample, World
from adapter.scaffold.samples import ARRIVAL
from adapter.scaffold.signs import headers_in_all
from adapter.spec.language import Condition, Equals, Manner, Match
from adapter.spec.overlapping import overlap

FEW, MANY, TRIED = 3, 6, 9


@dataclass(frozen=True, slots=True)
class Claim:
    """What one group's requests have: headers, paths, values; and the specs that still collide with it."""

    headers: tuple[str, ...]
    has: tuple[str, ...]
    equals: tuple[tuple[str, str], ...]
    collides: tuple[str, ...] = ()


def claim(world: World, samples: Sequence[Sample], group: Group, manner: Manner) -> Claim:
    """The smallest set of always-present things that no other spec's callbacks have, and that asks for something
    they do not ask for. Where there is none, the best one and whom it collides with. Who takes the very same requests
    collides in any case."""
    own = [samples[place] for place in group.samples]
    headers = tuple(headers_in_all(own))[:MANY]
    equals = tuple((path, text) for leaf, text in group.marks if (path := ways.path(leaf.path)) and 0 not in leaf.path)
    paths = _paths(group)
    twins = list(dict.fromkeys(vendor for one in own for vendor in claimed_by(world, one)))
    others = [one for one in _others(world, manner) if one.vendor not in twins]
    tried = [Claim(headers, has, equals) for has in _choices(paths, max(FEW - len(equals) - 2 * len(headers), 0))]
    for one in tried:
        if not any(True for _ in _collisions(one, world, manner, others)):
            return replace(one, collides=tuple(twins))
    widest = max(tried, key=lambda one: len(one.has))
    return replace(widest, collides=tuple(dict.fromkeys([*twins, *_collisions(widest, world, manner, others)])))


def _choices(paths: Sequence[str], fewest: int) -> Iterator[tuple[str, ...]]:
    for size in range(min(fewest, len(paths)), min(MANY, len(paths)) + 1):
        yield from combinations(paths[:TRIED], size)


def _paths(group: Group) -> list[str]:
    """Paths that are always there, the telling ones first; never an id."""
    ids = {one.leaf.expression for name, one in group.guesses.items() if name.endswith("_id") or name == "reference"}
    kept = [leaf for leaf in group.leaves if leaf.everywhere and leaf.expression not in ids and not _is_id(leaf)]
    marked = {leaf.expression for leaf, _ in group.marks}
    order = {one.leaf.expression: place for place, one in enumerate(_telling_first(group))}
    kept.sort(key=lambda leaf: order.get(leaf.expression, len(order)))
    listed = [ways.path(leaf.path[: leaf.path.index(0)]) for leaf in kept if 0 in leaf.path[1:]][:1]
    paths = listed + [ways.path(leaf.path) for leaf in kept if leaf.expression not in marked or 0 in leaf.path]
    return [path.removeprefix("0.") for path in dict.fromkeys(paths) if path]


def _is_id(leaf: Leaf) -> bool:
    return names.plain(leaf.name).endswith("id") or any(map(shapes.is_id, leaf.texts)) or names.is_secret(leaf.name)


def _telling_first(group: Group) -> list[Guess]:
    wanted = ("code", "text", "done_at", "received_at", "occurred_at", "to", "from", "sent_at")
    return [group.guesses[name] for name in wanted if name in group.guesses]


def _match(one: Claim) -> Match:
    has = tuple(tuple(path.split(".")) for path in one.has)
    equals = tuple(Equals(tuple(path.split(".")), (text,)) for path, text in one.equals)
    headers = tuple(name.lower() for name in one.headers)
    return Match(headers, None, None, None, Condition(None, has, equals))


@dataclass(frozen=True, slots=True)
class _Other:
    """A callback that another spec's author wrote down, read as ours would be."""

    vendor: str
    headers: frozenset[str]
    view: View

    def would_claim(self, match: Match) -> bool:
        return set(match.headers) <= self.headers and holds(match.condition, self.view["body"], lambda: self.view)


def _others(world: World, manner: Manner) -> list[_Other]:
    found = []
    for spec in world.others:
        for example in spec.examples:
            try:
                asked = request(parse(example.request), ARRIVAL)
                tree = decode(asked, manner).tree
            except (BadRequestText, Refused):
                continue
            headers = frozenset(name.decode("latin-1") for name, _ in asked.headers)
            found.append(_Other(spec.vendor, headers, View(asked, spec.vendor, tree, {})))
    return found


def _collisions(one: Claim, world: World, manner: Manner, others: Iterable[_Other]) -> Iterator[str]:
    match = _match(one)
    for spec in world.others:
        ours = replace(spec, match=(match,), manner=manner)
        if overlap(ours, spec) or overlap(spec, ours):
            yield spec.vendor
    yield from (other.vendor for other in others if other.would_claim(match))


def claimed_by(world: World, sample: Sample) -> list[str]:
    """The specs that take a captured request for their own."""
    asked = request(sample.written, ARRIVAL)
    return [spec.vendor for spec in world.others if claims(spec, asked, lambda one: decode(asked, one.manner).tree)]
