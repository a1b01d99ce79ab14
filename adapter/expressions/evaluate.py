"""What does an expression give? A tree becomes nested functions of (value, request), built once at load."""

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from jmespath.exceptions import JMESPathError
from jmespath.visitor import _equals, _is_comparable

from adapter.expressions.functions import FUNCTIONS
from adapter.expressions.parse import REQUEST_NAMES, parse
from adapter.expressions.values import is_true
from adapter.model import Json
from adapter.spec.language import Expression, Place, Tree

Evaluate: TypeAlias = Callable[[Json, Json], Json]

EVALUATION_ERRORS = (JMESPathError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What an expression may raise on a document it was not written for."""


def expression(text: str, place: Place = Place(), fold: Callable[[str], str] | None = None) -> Expression:  # noqa: B008
    """Parse and compile. Raises BadExpression with the offset of what is wrong."""
    tree = parse(text, fold)
    return Expression(text, tree, compiled(tree), place)


def compiled(tree: Tree) -> Evaluate:
    """A tree as a function of (value, request). The request is a mapping of what `_` knows."""
    return _BUILDERS[tree["type"]](tree)


def lookup(value: Json, names: tuple[str, ...]) -> Json:
    """Follow a plain path: digits index a list, any other name of a list or a text is null."""
    for name in names:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and name.isascii():
            value = value[int(name)] if len(name) < 10 and int(name) < len(value) else None
        else:
            return None
    return value


def _path(tree: Tree) -> Evaluate:
    names: tuple[str, ...] = tree["value"]
    if names[0] == "_":
        return _request_path(names[1:])
    if len(names) == 1:
        name = names[0]
        digits = name.isdecimal()

        def one(value: Json, request: Json) -> Json:
            if isinstance(value, dict):
                return value.get(name)
            return lookup(value, names) if digits else None

        return one
    return lambda value, request: lookup(value, names)


def _request_path(names: tuple[str, ...]) -> Evaluate:
    if not names:
        return whole_request
    first, rest = names[0], names[1:]
    return lambda value, request: lookup(request[first], rest)


def _field(tree: Tree) -> Evaluate:
    name = tree["value"]
    return lambda value, request: value.get(name) if isinstance(value, dict) else None


def _chain(tree: Tree) -> Evaluate:
    first, *rest = [compiled(child) for child in tree["children"]]
    if len(rest) == 1:
        then = rest[0]
        return lambda value, request: then(first(value, request), request)

    def chain(value: Json, request: Json) -> Json:
        value = first(value, request)
        for step in rest:
            value = step(value, request)
        return value

    return chain


def _subexpression(tree: Tree) -> Evaluate:
    first, second, *rest = tree["children"]
    if first["type"] != "request" or second["type"] != "field":
        return _chain(tree)
    name, steps = second["value"], [compiled(child) for child in rest]

    def of_request(value: Json, request: Json) -> Json:
        value = request[name]
        for step in steps:
            value = step(value, request)
        return value

    return of_request


def _index(tree: Tree) -> Evaluate:
    place = tree["value"]

    def index(value: Json, request: Json) -> Json:
        if isinstance(value, list) and -len(value) <= place < len(value):
            return value[place]
        return None

    return index


def _slice(tree: Tree) -> Evaluate:
    cut = slice(*tree["children"])
    return lambda value, request: value[cut] if isinstance(value, list) else None


def _projection(tree: Tree) -> Evaluate:
    base, each = (compiled(child) for child in tree["children"])

    def project(value: Json, request: Json) -> Json:
        items = base(value, request)
        if not isinstance(items, list):
            return None
        return [found for item in items if (found := each(item, request)) is not None]

    return project


def _value_projection(tree: Tree) -> Evaluate:
    base, each = (compiled(child) for child in tree["children"])

    def project(value: Json, request: Json) -> Json:
        items = base(value, request)
        if not isinstance(items, dict):
            return None
        return [found for item in items.values() if (found := each(item, request)) is not None]

    return project


def _filter_projection(tree: Tree) -> Evaluate:
    base, each, condition = (compiled(child) for child in tree["children"])

    def project(value: Json, request: Json) -> Json:
        items = base(value, request)
        if not isinstance(items, list):
            return None
        chosen = (item for item in items if is_true(condition(item, request)))
        return [found for item in chosen if (found := each(item, request)) is not None]

    return project


def _flatten(tree: Tree) -> Evaluate:
    base = compiled(tree["children"][0])

    def flatten(value: Json, request: Json) -> Json:
        items = base(value, request)
        if not isinstance(items, list):
            return None
        return [one for item in items for one in (item if isinstance(item, list) else (item,))]

    return flatten


def _ordered(order: Callable[[Json, Json], bool]) -> Callable[[Json, Json], Json]:
    """Numbers and texts have an order; comparing anything else gives null."""
    return lambda one, other: order(one, other) if _is_comparable(one) and _is_comparable(other) else None


ORDER: dict[str, Callable[[Json, Json], Json]] = {
    "lt": _ordered(operator.lt),
    "gt": _ordered(operator.gt),
    "lte": _ordered(operator.le),
    "gte": _ordered(operator.ge),
}


def _comparator(tree: Tree) -> Evaluate:
    left, right = (compiled(child) for child in tree["children"])
    if tree["value"] == "eq":
        return lambda value, request: bool(_equals(left(value, request), right(value, request)))
    if tree["value"] == "ne":
        return lambda value, request: not _equals(left(value, request), right(value, request))
    order = ORDER[tree["value"]]
    return lambda value, request: order(left(value, request), right(value, request))


def _or(tree: Tree) -> Evaluate:
    left, right = (compiled(child) for child in tree["children"])

    def either(value: Json, request: Json) -> Json:
        found = left(value, request)
        return found if is_true(found) else right(value, request)

    return either


def _and(tree: Tree) -> Evaluate:
    left, right = (compiled(child) for child in tree["children"])

    def both(value: Json, request: Json) -> Json:
        found = left(value, request)
        return right(value, request) if is_true(found) else found

    return both


def _not(tree: Tree) -> Evaluate:
    inner = compiled(tree["children"][0])
    return lambda value, request: not is_true(inner(value, request))


def _multi_select_list(tree: Tree) -> Evaluate:
    members = [compiled(child) for child in tree["children"]]
    return lambda value, request: None if value is None else [member(value, request) for member in members]


def _multi_select_dict(tree: Tree) -> Evaluate:
    members = [(child["value"], compiled(child["children"][0])) for child in tree["children"]]
    return lambda value, request: None if value is None else {name: member(value, request) for name, member in members}


def _function(tree: Tree) -> Evaluate:
    arguments = [compiled(child) for child in tree["children"]]
    if tree["value"] == "if":
        return _if(*arguments)
    call = FUNCTIONS[tree["value"]].call
    if len(arguments) == 1:
        only = arguments[0]
        return lambda value, request: call(only(value, request))
    return lambda value, request: call(*[argument(value, request) for argument in arguments])


def _if(condition: Evaluate, then: Evaluate, otherwise: Evaluate = lambda value, request: None) -> Evaluate:
    return lambda value, request: (then if is_true(condition(value, request)) else otherwise)(value, request)


class ByReference:
    """`&expr` as the library's functions want it: they know it by the name of its class."""

    expression = None

    def __init__(self, inner: Evaluate, request: Json) -> None:
        self._inner, self._request = inner, request

    def visit(self, _: None, value: Json) -> Json:
        return self._inner(value, self._request)

    def __repr__(self) -> str:
        return "&expression"  # stands in messages: the same each time


ByReference.__name__ = "_Expression"


def _expref(tree: Tree) -> Evaluate:
    inner = compiled(tree["children"][0])
    return lambda value, request: ByReference(inner, request)


def _literal(tree: Tree) -> Evaluate:
    constant = tree["value"]
    return lambda value, request: constant


def _itself(_: Tree) -> Evaluate:
    return lambda value, request: value


def _request(_: Tree) -> Evaluate:
    return whole_request


def whole_request(_: Json, request: Json) -> Json:
    return {name: request[name] for name in REQUEST_NAMES}


_BUILDERS: dict[str, Callable[[Any], Evaluate]] = {
    "path": _path,
    "request": _request,
    "field": _field,
    "subexpression": _subexpression,
    "index_expression": _chain,
    "pipe": _chain,
    "index": _index,
    "slice": _slice,
    "projection": _projection,
    "value_projection": _value_projection,
    "filter_projection": _filter_projection,
    "flatten": _flatten,
    "comparator": _comparator,
    "or_expression": _or,
    "and_expression": _and,
    "not_expression": _not,
    "multi_select_list": _multi_select_list,
    "multi_select_dict": _multi_select_dict,
    "function_expression": _function,
    "expref": _expref,
    "literal": _literal,
    "current": _itself,
    "identity": _itself,
}
