"""Would one vendor claim every callback of another? Asked of every pair, but only where an index says it may be."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from adapter.spec.diagnostics import Diagnostic, Span
from adapter.spec.language import Match, Spec

Atom: TypeAlias = tuple[str, object]
"""One thing that a match asks for."""


def overlaps(claims: Iterable[tuple[Span, Spec]]) -> Iterator[Diagnostic]:
    """MATCH001: every request that one spec claims is claimed by another too; told where its `match` stands."""
    listed = list(claims)
    of = {spec.vendor: span for span, spec in listed}
    specs = [spec for _, spec in listed]
    others: dict[str, list[str]] = defaultdict(list)
    for looser, other in _pairs(specs):
        others[looser.vendor].append(other.vendor)
    for vendor in sorted(others):
        yield _overlap(of[vendor], vendor, sorted(others[vendor]))


def _overlap(span: Span, looser: str, others: list[str]) -> Diagnostic:
    """One message for a file, however many it overlaps."""
    named = " and ".join(others[:2]) if len(others) <= 2 else f"{others[0]}, {others[1]} and {len(others) - 2} more"
    return Diagnostic(
        "MATCH001", "warning", f"every {named} callback also matches {looser}", span,
        f"on a shared channel both would claim it: ask for what {others[0]} does not send", ("match",),
    )  # fmt: skip


def _pairs(specs: list[Spec]) -> list[tuple[Spec, Spec]]:
    """Pairs of which the first is looser. What it asks for first must be among what the other asks for."""
    by_atom: dict[Atom | None, dict[str, Spec]] = defaultdict(dict)
    for spec in specs:
        for match in spec.match:
            by_atom[next(iter(_asked(match)), None)][spec.vendor] = spec
    found = {}
    for other in specs:
        atoms = {None, *(atom for match in other.match for atom in _given(match))}
        candidates = {name: spec for atom in atoms for name, spec in by_atom.get(atom, {}).items()}
        for looser in candidates.values():
            if looser is not other and overlap(looser, other):
                found[looser.vendor, other.vendor] = looser, other
    return list(found.values())


def _asked(match: Match) -> Iterator[Atom]:
    """What an alternative asks for, as far as an index can hold it."""
    yield from (("header", name) for name in match.headers)
    yield from (("path", path) for path in match.condition.has)
    yield from (("path", equals.path) for equals in match.condition.equals)


def _given(match: Match) -> Iterator[Atom]:
    """What an alternative makes sure of: with a path every path that leads to it."""
    yield from (("header", name) for name in match.headers)
    paths = (*match.condition.has, *(equals.path for equals in match.condition.equals))
    yield from (("path", path[:length]) for path in paths for length in range(1, len(path) + 1))


def overlap(looser: Spec, other: Spec) -> bool:
    """Does the first claim every request that some alternative of the second claims?"""
    return any(_implied(one, two, looser, other) for one in looser.match for two in other.match)


def _implied(one: Match, two: Match, looser: Spec, other: Spec) -> bool:
    """Is everything that `one` asks also asked by `two`?"""
    if (one.condition.has or one.condition.equals) and not set(looser.body) & set(other.body):
        return False
    if one.condition.when and (two.condition.when is None or one.condition.when.text != two.condition.when.text):
        return False
    wanted = {equals.path: set(equals.words) for equals in two.condition.equals}
    present = {path[:length] for path in (*two.condition.has, *wanted) for length in range(1, len(path) + 1)}
    return (
        set(one.headers) <= set(two.headers)
        and set(one.condition.has) <= present
        and all(equals.path in wanted and wanted[equals.path] <= set(equals.words) for equals in one.condition.equals)
        and all(mine in (None, theirs) for mine, theirs in _envelope(one, two))
    )


def _envelope(one: Match, two: Match) -> Iterable[tuple[str | None, str | None]]:
    return ((one.method, two.method), (one.path, two.path), (one.content_type, two.content_type))
