"""Does a condition that became code hold where its parts hold, one by one?"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.engine.conditions import holds, plainly_holds
from adapter.expressions.compiler import condition_code, quick_condition
from adapter.expressions.evaluate import expression
from adapter.expressions.view import View
from adapter.model import Element, Json, Number
from adapter.spec.language import Condition, Equals
from tests.specs import arrived

KEYS = st.sampled_from(["a", "b", "0", "1", "a-b", "it's"])
SCALARS = st.sampled_from([None, True, False, 0, 11, "11", "", "x", Number("1.50"), Element({"a": "1"}, "11"), "true"])
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
)
PATHS = st.lists(KEYS, min_size=1, max_size=3).map(tuple)
WORDS = st.lists(st.sampled_from(["11", "x", "1.50", "true", "", "it's"]), min_size=1, max_size=2).map(tuple)
WHENS = st.none() | st.sampled_from(["a == '11'", "abs(a) == `1`", "_.method == 'POST' && !a.b", "_.body", "a || b"])
CONDITIONS = st.builds(
    Condition,
    WHENS.map(lambda text: expression(text) if text else None),
    st.lists(PATHS, max_size=2).map(tuple),
    st.lists(st.builds(Equals, PATHS, WORDS), max_size=2).map(tuple),
)


@settings(max_examples=200, deadline=None)
@given(CONDITIONS, TREES)
def test_a_condition_holds_where_all_of_its_parts_do(condition: Condition, tree: Json) -> None:
    def view() -> View:
        return View(arrived(b"{}"), "acme", tree, {})

    assert holds(quick_condition(condition), tree, view) is plainly_holds(condition, tree, view)


@pytest.mark.parametrize("name", ["'", "\n", "\u2028", '"', "\\", "')or(True", "#", "\ud800"])
def test_what_a_condition_looks_for_never_becomes_code(name: str) -> None:
    condition = Condition(None, ((name,),), (Equals((name, name), (name, "x")),))
    made: Any = condition_code(condition).function()
    assert made({name: {name: name}}, None) is True
    assert made({name: {name: "y"}}, None) is False
    assert made([7, {name: {name: "x"}}], None) is True
