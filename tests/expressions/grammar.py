"""Which expressions and documents may a random test draw, and what becomes of them?"""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from adapter.expressions.evaluate import EVALUATION_ERRORS

NAMES = st.sampled_from(["a", "b", "c"])
LITERALS = st.sampled_from(["`1`", "`0`", "'x'", '`"x"`', "`[1]`", "`{}`", "`null`", "`true`", "''"])
LEAVES = NAMES | LITERALS | st.just("@") | st.sampled_from(['"a"', "*", "[*]", "[]"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    functions = st.sampled_from(
        ["length", "keys", "values", "type", "to_string", "sort", "max", "not_null", "reverse", "to_array"]
    )
    return st.one_of(
        st.tuples(inner, NAMES).map(".".join),
        two.map(" || ".join),
        two.map(" && ".join),
        two.map(" | ".join),
        st.tuples(inner, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("(!({}))".format),
        inner.map("{}[0]".format),
        inner.map("{}[-1]".format),
        inner.map("{}[1:]".format),
        inner.map("{}[::-1]".format),
        inner.map("{}[*]".format),
        inner.map("{}[]".format),
        inner.map("{}.*".format),
        two.map(lambda pair: f"{pair[0]}[?{pair[1]}]"),
        two.map(lambda pair: f"[{pair[0]}, {pair[1]}]"),
        two.map(lambda pair: f"{{x: {pair[0]}, y: {pair[1]}}}"),
        st.tuples(functions, inner).map(lambda pair: f"{pair[0]}({pair[1]})"),
        two.map(lambda pair: f"map(&({pair[0]}), {pair[1]})"),
        two.map(lambda pair: f"sort_by({pair[1]}, &{pair[0]})"),
    )


EXPRESSIONS = st.recursive(LEAVES, _grown, max_leaves=6)
SMALL = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "x", "y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)


def answer(evaluate: Callable[[], Any]) -> tuple[str, Any]:
    try:
        return "value", evaluate()
    except (JMESPathError, *EVALUATION_ERRORS):
        return "error", None
