"""Did an expression that gave no items meet a list which is really empty, or was something renamed?"""

from collections.abc import Callable

from adapter.expressions.evaluate import EVALUATION_ERRORS, compiled
from adapter.model import Json
from adapter.spec.language import Tree


def meets_empty_list(tree: Tree, value: Json, request: Json) -> bool:
    """Asked only when there are no items: a projection over items without the member gives an empty list too."""
    return _MEETS.get(tree["type"], _arguments)(tree, value, request)


def _found(tree: Tree, value: Json, request: Json) -> Json:
    try:
        return compiled(tree)(value, request)
    except EVALUATION_ERRORS:
        return None


def _itself(tree: Tree, value: Json, request: Json) -> bool:
    return bool(_found(tree, value, request) == [])


def _chain(tree: Tree, value: Json, request: Json) -> bool:
    *first, last = tree["children"]
    for child in first:
        if meets_empty_list(child, value, request):
            return True
        value = _found(child, value, request)
    return meets_empty_list(last, value, request)


def _projection(tree: Tree, value: Json, request: Json) -> bool:
    base, each = tree["children"][:2]
    items = _found(base, value, request)
    members = items.values() if isinstance(items, dict) else items
    if meets_empty_list(base, value, request):
        return True
    return isinstance(items, list | dict) and any(meets_empty_list(each, item, request) for item in members)


def _flatten(tree: Tree, value: Json, request: Json) -> bool:
    inner = tree["children"][0]
    items = _found(inner, value, request)
    return meets_empty_list(inner, value, request) or (isinstance(items, list) and [] in items)


def _arguments(tree: Tree, value: Json, request: Json) -> bool:
    return any(meets_empty_list(child, value, request) for child in tree["children"])


def _call(tree: Tree, value: Json, request: Json) -> bool:
    """What a text holds as JSON is met as if it stood there itself."""
    return (tree["value"] == "from_json" and _itself(tree, value, request)) or _arguments(tree, value, request)


def _never(*_: Json) -> bool:
    return False


_MEETS: dict[str, Callable[[Tree, Json, Json], bool]] = {
    **dict.fromkeys(("path", "field", "index", "slice", "current", "identity"), _itself),
    **dict.fromkeys(("subexpression", "index_expression", "pipe"), _chain),
    **dict.fromkeys(("projection", "value_projection"), _projection),
    **dict.fromkeys(("literal", "request", "comparator", "not_expression", "multi_select_list"), _never),
    "filter_projection": lambda tree, value, request: meets_empty_list(tree["children"][0], value, request),
    "flatten": _flatten,
    "function_expression": _call,
}
