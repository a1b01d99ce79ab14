"""Did a vendor begin to send what it never sent, or stop sending what it always sent? Names of keys, never values."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from adapter.engine.decode import choose, decode_as, look
from adapter.engine.explode import explode
from adapter.expressions.view import View
from adapter.model import Json, Refused, Request
from adapter.spec.language import Spec

FIRST, EVERY = 200, 64
"""Of a vendor on a channel: the first so many requests are looked at, then one of so many."""

KEYS = 200
"""Names that are kept for one kind of record. What comes behind them is not followed."""

OFTEN, ABSENT = 0.9, 50
"""A key that stood in this share of its records, and then in none of so many, has gone."""

PLAIN = re.compile(r"[A-Za-z_$@][A-Za-z0-9_.:$@-]{0,63}")
LONG_NUMBER = re.compile(r"[0-9]{7}")

BODY = "body"


@dataclass(slots=True)
class Learned:
    """Keys of one kind of record: in how many it stood, and which of them was the last. `gone` are told once."""

    samples: int = 0
    keys: dict[str, list[int]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def take(self, names: frozenset[str]) -> Iterator[str]:
        """Those never seen before, once enough was seen to say so."""
        self.samples += 1
        for name in names:
            known = self.keys.get(name)
            if known is not None:
                known[0] += 1
                known[1] = self.samples
                self.gone.discard(name)
            elif len(self.keys) < KEYS:
                self.keys[name] = [1, self.samples]
                if self.samples > FIRST:
                    yield name

    def missing(self) -> Iterator[str]:
        for name, (count, last) in self.keys.items():
            if last >= ABSENT and count >= last * OFTEN and self.samples - last >= ABSENT:
                yield name


@dataclass(slots=True)
class Changes:
    """What one look found: `kind.name` of keys that are new, and of those that have just gone."""

    new: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Keys:
    """By vendor. `new` counts keys that nobody had seen, `missing` says how many are gone now."""

    learned: dict[tuple[str, str], Learned] = field(default_factory=dict)
    new: Counter[str] = field(default_factory=Counter)
    turns: dict[tuple[str, str], int] = field(default_factory=dict)

    def due(self, vendor: str, channel: str) -> bool:
        """Is it this request's turn to be looked at? Cheap: asked of every one."""
        turn = self.turns.get((vendor, channel), 0)
        if turn or len(self.turns) < 10_000:
            self.turns[vendor, channel] = turn + 1
            return turn < FIRST or turn % EVERY == 0
        return False

    def take(self, spec: Spec, request: Request) -> Changes:
        """Look at a request that proved itself. Not for two threads at once."""
        changes = Changes()
        for kind, names in _named(spec, request):
            known = self.learned.setdefault((spec.vendor, kind), Learned())
            new = sorted(known.take(names))
            self.new[spec.vendor] += len(new)
            changes.new += [f"{kind}.{name}" for name in new]
            gone = {*known.missing()} - known.gone
            known.gone |= gone
            changes.gone += [f"{kind}.{name}" for name in sorted(gone)]
        return changes

    def missing(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for (vendor, _), known in self.learned.copy().items():
            found[vendor] += len(known.gone)
        return found


def _named(spec: Spec, request: Request) -> Iterator[tuple[str, frozenset[str]]]:
    """The names at the top of the body, and of each record under its kind."""
    seen = look(request)
    try:
        tree = decode_as(seen, spec.manner, choose(seen, spec.manner.body)).tree
    except Refused:
        return
    view = View(request, spec.vendor, tree, spec.settings, spec.manner.fold_keys)
    yield BODY, _names(tree)
    for entry, records in explode(spec, tree, view).taken:
        assert entry.shape.kind
        for record in records[:1]:
            yield entry.shape.kind.name, _names(record.value)


def _names(value: Json) -> frozenset[str]:
    """Only what looks like a name: somebody may use numbers of phones for keys."""
    return frozenset(filter(_plain, value)) if isinstance(value, dict) else frozenset()


def _plain(name: str) -> bool:
    return PLAIN.fullmatch(name) is not None and LONG_NUMBER.search(name) is None
