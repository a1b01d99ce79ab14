"""Do expressions do on the examples what their author expects of them?"""

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import chain

from adapter.engine.conditions import holds
from adapter.examined.runs import Examined, Remark, Remarks, Run, evaluations, found, listed, placed, warning
from adapter.expressions.evaluate import EVALUATION_ERRORS, compiled
from adapter.expressions.parse import nodes
from adapter.expressions.values import is_true
from adapter.expressions.view import View
from adapter.model import Element, Json
from adapter.spec.checking.expressions import decided
from adapter.spec.diagnostics import Path
from adapter.spec.language import Condition, Expression, Tree

SCALARS = ("text", "integer", "number", "boolean", "date-time", "enum")


def text_and_number(examined: Examined) -> Remarks:
    """`type == 11` where the vendor sends "11": JMESPath compares with types."""
    seen: dict[tuple[Path, int], tuple[Expression, Json, list[Json]]] = {}
    for path, expression, value, view in evaluations(examined):
        for node, literal, other in _compared(expression.tree, value, view):
            if other is not None:
                seen.setdefault((path, id(node)), (expression, literal, []))[2].append(other)
    for (path, _), (expression, literal, others) in seen.items():
        if all(_odd(literal, other) for other in others):
            text, sort = (f"'{literal}'", "a text") if isinstance(literal, str) else (f"`{literal}`", "a number")
            message = f"{text} is {sort}, and in every example it meets {'text' if sort == 'a number' else 'a number'}"
            hint = "they are never equal: compare texts, as in text(x) == '11', or use equals:"
            yield warning(path, expression, message, hint)


def _odd(literal: Json, other: Json) -> bool:
    numbers = (int, float)
    return (isinstance(literal, str) and isinstance(other, numbers) and not isinstance(other, bool)) or (
        isinstance(literal, numbers) and not isinstance(literal, bool) and isinstance(other, str)
    )


def _compared(tree: Tree, value: Json, request: Json) -> Iterator[tuple[Tree, Json, Json]]:
    """Every comparison with a constant that evaluating the tree makes: the node, the constant, what it meets."""
    if not any(node["type"] == "comparator" for node in nodes(tree)):
        return
    children = [child for child in tree.get("children", ()) if isinstance(child, dict)]
    if tree["type"] == "comparator" and tree["value"] in ("eq", "ne"):
        for one, other in (children, children[::-1]):
            if one["type"] == "literal":
                yield tree, one["value"], _given(other, value, request)
    for child, item in _steps(tree["type"], children, value, request):
        yield from _compared(child, item, request)


def _steps(kind: str, children: list[Tree], value: Json, request: Json) -> Iterator[tuple[Tree, Json]]:
    """The children of a node with what each is asked of."""
    if kind in ("subexpression", "pipe", "index_expression"):
        for child in children:
            yield child, value
            value = _given(child, value, request)
    elif kind.endswith("projection"):
        base, *each = children
        items = _given(base, value, request)
        yield base, value
        for item in items.values() if isinstance(items, dict) else items if isinstance(items, list) else ():
            yield from ((child, item) for child in each)
    elif kind != "expref":
        yield from ((child, value) for child in children)


def _given(tree: Tree, value: Json, request: Json) -> Json:
    try:
        return compiled(tree)(value, request)
    except EVALUATION_ERRORS:
        return None


def many_for_one(examined: Examined) -> Remarks:
    """`objects[].id` under `each: objects` is a list for each record."""
    given: dict[tuple[int, str], list[Json]] = defaultdict(list)
    for number, seen, _ in examined.seen:
        for name, value in seen.reading.values.items():
            given[number, name] += [] if value in (None, "", []) else [value]
    for (number, name), values in given.items():
        field = next(one for one in examined.spec.entries[number].shape.fields if one.column.name == name)
        if values and field.column.type in SCALARS and all(map(_many, values)):
            sort = "an object" if isinstance(values[0], dict) else "a list"
            message = f"this is {sort} in every example, and '{name}' takes one value"
            hint = "fields see one record: write the path from there; or take first(…)"
            yield warning(("events", number, "fields", name), field.inputs[0], message, hint)


def _many(value: Json) -> bool:
    return isinstance(value, list | dict) and not isinstance(value, Element)


def never_or_always(examined: Examined) -> Remarks:
    """A condition that the examples never put to the test."""
    yield from chain(_whens(examined), _wheres(examined))


def _whens(examined: Examined) -> Remarks:
    for number, entry in enumerate(examined.spec.entries):
        when = entry.shape.condition.when
        if when is None:
            continue
        rest = Condition(None, entry.shape.condition.has, entry.shape.condition.equals)
        bodies = [run for run in examined.runs if run.tree is not None]
        asked = [run for run in bodies if holds(rest, run.tree, partial(_view_of, run))]
        truths = [is_true(found(when, run.tree, run.observed.view)) for run in asked]
        yield from _verdict(("events", number, "when"), when, truths)


def _view_of(run: Run) -> View:
    return run.observed.view


def _wheres(examined: Examined) -> Remarks:
    truths: dict[int, list[bool]] = defaultdict(list)
    for number, record, run in listed(examined):
        where = examined.spec.entries[number].shape.where
        if where:
            truths[number].append(is_true(found(where, record.value, placed(run, record))))
    for number, each in truths.items():
        where = examined.spec.entries[number].shape.where
        assert where
        yield from _verdict(("events", number, "where"), where, each)


def _verdict(path: Path, about: Expression, truths: list[bool]) -> Iterator[Remark]:
    if decided(about.tree) is not None:
        return  # told without any example
    if truths and not any(truths):
        yield warning(path, about, "this is true in no example", "add an example in which it is, or mend it")
    elif len(truths) > 1 and all(truths):
        yield warning(path, about, "this is true in every example", "add an example in which it is not, or remove it")


def failing(examined: Examined) -> Remarks:
    """An expression that raises counts as null: what it was to say is lost."""
    told: set[tuple[Path, str]] = set()
    for path, expression, value, view in evaluations(examined):
        if (path, expression.text) in told:
            continue
        try:
            expression.evaluate(value, view)
        except EVALUATION_ERRORS as error:
            told.add((path, expression.text))
            hint = "ask first whether it is there, as in x && length(x)"
            yield warning(path, expression, f"this fails in an example, and is then null: {str(error)[:160]}", hint)
