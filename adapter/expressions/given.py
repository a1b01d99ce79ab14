"""What may generated code name? Everything it uses stands here; it has no builtins."""

from collections.abc import Callable
from typing import Any

from jmespath.visitor import _equals

from adapter.expressions.evaluate import EVALUATION_ERRORS, ORDER, ByReference, lookup, whole_request
from adapter.expressions.functions import FUNCTIONS
from adapter.expressions.interpreter import Reading, failed
from adapter.expressions.keys import source_text
from adapter.expressions.values import as_text, looked_at
from adapter.model import Integer, Json, Number

_NOTHING: dict[str, Json] = {}


def members(value: Json) -> dict[str, Json]:
    """An object's members; of anything else none."""
    return value if isinstance(value, dict) else _NOTHING


def equals(one: Json, other: Json) -> bool:
    return bool(_equals(one, other))


def flatten(items: Json) -> Json:
    if not isinstance(items, list):
        return None
    return [one for item in items for one in (item if isinstance(item, list) else (item,))]


def join(separator: Json, texts: Json) -> Json:
    """The library's join, for which it looks at the type of every text first."""
    if type(separator) is str and type(texts) is list:
        try:
            return separator.join(texts)
        except TypeError:  # one is no text: let the library say so
            pass
    return FUNCTIONS["join"].call(separator, texts)


def merged(whole: Json, named: dict[str, Json]) -> dict[str, Json]:
    return {**whole, **named} if isinstance(whole, dict) else named


def called(function: str) -> str:
    """The name under which one of our functions stands here."""
    assert function in FUNCTIONS
    return f"call_{function}"


_CALLS: dict[str, Callable[..., Json]] = {f"call_{name}": function.call for name, function in FUNCTIONS.items()}

GIVEN: dict[str, Any] = {
    **_CALLS,
    **ORDER,
    "__builtins__": {},
    "ERRORS": EVALUATION_ERRORS,
    "NUMBERS": frozenset({int, float, Integer, Number}),
    "Reading": Reading,
    "any": any,
    "as_text": as_text,
    "by_reference": ByReference,
    "dict": dict,
    "equals": equals,
    "failed": failed,
    "flatten": flatten,
    "int": int,
    "isinstance": isinstance,
    "join": join,
    "len": len,
    "list": list,
    "looked_at": looked_at,
    "lookup": lookup,
    "members": members,
    "merged": merged,
    "source_text": source_text,
    "str": str,
    "type": type,
    "bool": bool,
    "whole_request": whole_request,
}
