"""One body, many records: which entries take what, and what is left that nobody knows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from adapter.engine.conditions import holds, true
from adapter.expressions.empty import meets_empty_list
from adapter.expressions.evaluate import EVALUATION_ERRORS
from adapter.expressions.view import View
from adapter.model import Json, Record
from adapter.spec.language import Entry, Expression, Spec


@dataclass(slots=True)
class Exploded:
    """The records each entry takes, in file order; those nobody claims; how many were dropped on purpose.

    `unclaimed_body` says that a body which is not empty listed nothing: the vendor changed its format.
    """

    taken: list[tuple[Entry, list[Record]]] = field(default_factory=list)
    unclaimed: list[Record] = field(default_factory=list)
    ignored: int = 0
    nulls: int = 0
    unclaimed_body: bool = False


@dataclass(slots=True)
class _Listing:
    """What `each` gave: `empty` when it met a real empty list."""

    records: list[Record]
    empty: bool
    nulls: int


def explode(spec: Spec, tree: Json, view: View) -> Exploded:
    """Ask every entry that fires for its records. An empty body lists nothing, and that is fine."""
    exploded = Exploded()
    if tree is None or (not tree and isinstance(tree, str | list | dict)):
        return exploded
    listings: dict[tuple[str, ...], _Listing] = {}
    fired: list[tuple[Entry, _Listing, list[Record]]] = []
    viewed = partial(_itself, view)
    for entry in spec.entries:
        shape = entry.shape
        if fired:
            view["parents"], view["index"] = [], None
        if holds(shape.condition, tree, viewed):
            steps = tuple([step.text for step in shape.each])
            listing = listings.get(steps) or listings.setdefault(steps, _listing(shape.each, tree, view))
            records = listing.records if shape.where is None else _chosen(shape.where, listing.records, view)
            fired.append((entry, listing, records))
            if shape.kind and records:
                exploded.taken.append((entry, records))
    exploded.nulls = sum([listing.nulls for listing in listings.values()])
    if len(fired) > 1 or not exploded.taken or len(fired[0][1].records) > len(fired[0][2]):
        _settle(exploded, fired)
    return exploded


def _itself(view: View) -> View:
    return view


def _settle(exploded: Exploded, fired: list[tuple[Entry, _Listing, list[Record]]]) -> None:
    """What the entries left over: dropped on purpose, unknown, or nothing at all."""
    real = [listing for entry, listing, _ in fired if entry.shape.kind]
    dropped = [record for entry, _, records in fired if not entry.shape.kind for record in records]
    if dropped:
        known = {id(record) for _, records in exploded.taken for record in records}
        values = {id(record.value) for _, records in exploded.taken for record in records}
        ours = [one for one in dropped if id(one) not in known and id(one.value) not in values]
        exploded.ignored = len({id(one) for one in ours})
    if any(len(records) < len(listing.records) for _, listing, records in fired):
        exploded.unclaimed = list(_unclaimed(fired))
    met = real or [listing for _, listing, _ in fired]
    if not any(listing.records for listing in real) and not any(listing.empty for listing in met):
        exploded.unclaimed_body = bool(real) or not (dropped or exploded.unclaimed)


def _listing(steps: tuple[Expression, ...], tree: Json, view: View) -> _Listing:
    items: list[tuple[Json, tuple[Json, ...]]] = [(tree, ())]
    if not steps:
        found = tree if isinstance(tree, list) else [tree]
        records = [item for item in found if item is not None]
        return _Listing([Record(item, at) for at, item in enumerate(records)], False, len(found) - len(records))
    empty, nulls = False, 0
    for number, step in enumerate(steps):
        following = []
        for value, parents in items:
            view["parents"] = list(parents)
            found = _evaluated(step, value, view)
            empty = empty or (found == [] and meets_empty_list(step.tree, value, view))
            chain = (*parents, value) if number else ()
            for item in found if isinstance(found, list) else (found,):
                if item is not None:
                    following.append((item, chain))
                elif isinstance(found, list):
                    nulls += 1
        items = following
    return _Listing([Record(item, at, parents) for at, (item, parents) in enumerate(items)], empty, nulls)


def _evaluated(step: Expression, value: Json, view: View) -> Json:
    try:
        return step.evaluate(value, view)
    except EVALUATION_ERRORS:
        return None


def _chosen(where: Expression, records: list[Record], view: View) -> list[Record]:
    chosen = []
    for record in records:
        view["parents"], view["index"] = list(record.parents), record.index
        if true(where, record.value, view):
            chosen.append(record)
    return chosen


def _unclaimed(fired: list[tuple[Entry, _Listing, list[Record]]]) -> Iterator[Record]:
    """Records that were listed, but neither they nor anything inside them was taken."""
    known = {id(record) for _, _, records in fired for record in records}
    claimed = {id(part) for _, _, records in fired for record in records for part in (*record.parents, record.value)
               if isinstance(part, dict | list)}  # fmt: skip
    seen: set[int] = set()
    for _, listing, _ in fired:
        for record in listing.records:
            key = id(record.value) if isinstance(record.value, dict | list) else id(record)
            if key in seen or id(record) in known or _inside(record.value, claimed):
                continue
            seen.add(key)
            yield record


def _inside(value: Json, claimed: set[int]) -> bool:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            if id(one) in claimed:
                return True
            waiting += one.values() if isinstance(one, dict) else one
    return False
