"""Does a body look like what an author described? `when`, `has` and `equals`, all of which must hold."""

from collections.abc import Callable

from adapter.expressions.evaluate import EVALUATION_ERRORS, lookup
from adapter.expressions.values import as_text, is_true, looked_at
from adapter.expressions.view import View
from adapter.model import Json
from adapter.spec.language import Condition, Expression


def holds(condition: Condition, tree: Json, view: Callable[[], View]) -> bool:
    """All of its parts, on this tree. `view` is made only for a `when`."""
    return condition.quick(tree, view) if condition.quick else plainly_holds(condition, tree, view)


def plainly_holds(condition: Condition, tree: Json, view: Callable[[], View]) -> bool:
    """The same, part by part: the oracle of what was compiled."""
    if condition.has or condition.equals:
        seen = looked_at(tree)
        for path in condition.has:
            if lookup(seen, path) is None:
                return False
        for equals in condition.equals:
            text = as_text(lookup(seen, equals.path))
            if text not in equals.words:
                return False
    return condition.when is None or true(condition.when, tree, view())


def true(expression: Expression, value: Json, view: View) -> bool:
    """The truth of an expression; one that raises is not true."""
    try:
        return is_true(expression.evaluate(value, view))
    except EVALUATION_ERRORS:
        return False
