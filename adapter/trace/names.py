"""Which names of a payload does a spec use, which does it leave, and which was probably meant?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from adapter.expressions.parse import nodes
from adapter.model import Json
from adapter.observed import Observed
from adapter.spec.diagnostics import nearest
from adapter.spec.language import Condition, Expression, Reference, Rule, Shape, Spec, Tree

MAX_ITEMS = 50
"""Of a list as many items are looked at."""


def near(expression: Expression, value: Json) -> str:
    """The key that was probably meant by an expression that found nothing."""
    tree = expression.tree
    if tree["type"] == "path":
        return _near_path(tree["value"], value)
    known = set(keys_of(value))
    guesses = (nearest(name, known) for name in _fields(tree) if name not in known)
    return next((guess for guess in guesses if guess), "")


def _near_path(names: Sequence[str], value: Json) -> str:
    for name in names if names[0] != "_" else ():
        if not isinstance(value, dict):
            return ""
        if name not in value:
            return nearest(name, value) or ""
        value = value[name]
    return ""


def keys_of(value: Json) -> Iterator[str]:
    """Every key of a value, however deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one[:MAX_ITEMS]


def _fields(tree: Tree) -> Iterator[str]:
    return (str(node["value"]) for node in nodes(tree) if node["type"] == "field")


@dataclass(slots=True)
class _Used:
    """Paths that are read as they stand, and names that expressions mention somewhere."""

    paths: set[tuple[str, ...]] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    everything: bool = False

    def take(self, expressions: Iterable[Expression | None]) -> None:
        for one in expressions:
            for node in nodes(one.tree) if one else ():
                self._take(node)

    def _take(self, node: Tree) -> None:
        kind = node["type"]
        if kind == "path" and node["value"][0] != "_":
            self.paths.add(tuple(node["value"]))
        elif kind == "path":
            self.names |= set(node["value"][2:])
        elif kind == "field":
            self.names.add(str(node["value"]))
        elif kind == "function_expression":
            literals = [child["value"] for child in node["children"] if child["type"] == "literal"]
            self.names |= {one for one in literals if isinstance(one, str)}
            self.everything |= any(child["type"] in ("current", "identity") for child in node["children"])

    def has(self, path: tuple[str, ...]) -> bool:
        """Is a leaf read: itself, something around it, or by a name in some expression?"""
        plain = tuple(name for name in path if name != "[]")
        return (
            self.everything
            or any(one == plain[: len(one)] for one in self._without_digits)
            or any(name in self.names for name in plain)
        )

    @property
    def _without_digits(self) -> set[tuple[str, ...]]:
        return {tuple(name for name in path if not name.isdecimal()) for path in self.paths}


def unused(observed: Observed) -> tuple[str, ...]:
    """Paths of the payload that no expression, condition or rule reads: `objects[].templateId`."""
    if observed.decoded is None:
        return ()
    around = _around(observed.spec)
    records = {id(seen.record.value): seen.entry.shape for seen in observed.seen}
    inside = {key: _inside(observed, key) for key in records}
    found = _left(observed.decoded.tree, (), around, inside, "")
    return tuple(dict.fromkeys(found))


def _left(value: Json, path: tuple[str, ...], used: _Used, inside: dict[int, _Used], shown: str) -> Iterator[str]:
    """Leaves that are not used; inside a record paths begin anew."""
    own = inside.get(id(value)) if isinstance(value, dict | list) else None
    if own:
        path, used, inside = (), own, {key: each for key, each in inside.items() if key != id(value)}
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _left(item, (*path, name), used, inside, f"{shown}.{name}" if shown else name)
    elif isinstance(value, list):
        for item in value[:MAX_ITEMS]:
            yield from _left(item, (*path, "[]"), used, inside, f"{shown}[]")
    elif path and not used.has(path):
        yield shown


def _around(spec: Spec) -> _Used:
    """What is read of the body itself."""
    used = _Used()
    for entry in spec.entries:
        _conditions(used, entry.shape.condition)
        for one in (*_reading(entry.shape), *entry.shape.each):
            used.names |= _anywhere(one)
    for match in spec.match:
        _conditions(used, match.condition)
    for rule in spec.verify:
        used.paths |= {reference.path for reference in _references(rule) if reference.source in _OF_BODY}
    return used


def _anywhere(one: Expression) -> set[str]:
    """Names that an expression looks for in the whole request, or in something it was handed."""
    found = {str(node["value"]) for node in nodes(one.tree) if node["type"] == "field"}
    paths = (node["value"] for node in nodes(one.tree) if node["type"] == "path")
    return found | {name for path in paths if path[0] == "_" for name in path[2:]}


_OF_BODY = ("json", "xml", "form", "query")


def _references(rule: Rule) -> Iterator[Reference]:
    yield from [rule.signature] if rule.signature else []
    yield from (one for template in rule.templates for one in template.references)
    for inner in rule.any:
        yield from _references(inner)


def _conditions(used: _Used, condition: Condition) -> None:
    used.take([condition.when])
    used.paths |= set(condition.has) | {equals.path for equals in condition.equals}


def _inside(observed: Observed, record: int) -> _Used:
    """What is read of a record: by every entry that takes it."""
    used = _Used()
    for seen in observed.seen:
        if id(seen.record.value) == record:
            used.take([*_reading(seen.entry.shape), seen.entry.shape.where])
            if not seen.entry.shape.each:
                used.paths |= _around(observed.spec).paths
    return used


def _reading(shape: Shape) -> list[Expression]:
    inputs = [one for each in shape.fields for one in each.inputs]
    inputs += [one for _, named in shape.extra.named for one in named]
    inputs += [shape.extra.whole] if shape.extra.whole else []
    if shape.status:
        inputs += [*(shape.status.inputs or ()), *([shape.status.success] if shape.status.success else [])]
    return inputs
