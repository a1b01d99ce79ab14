"""Does generated code read what the interpreter reads, whatever an author writes and a vendor sends?"""

# A row of a table is one line.
# ruff: noqa: E501

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.expressions import compiler, interpreter
from adapter.expressions.compiler import Code, code, evaluator, expression_code
from adapter.expressions.evaluate import EVALUATION_ERRORS, compiled, expression
from adapter.expressions.functions import FUNCTIONS
from adapter.expressions.given import GIVEN
from adapter.expressions.interpreter import Reading
from adapter.expressions.parse import BadExpression, parse, path_tree
from adapter.expressions.view import View
from adapter.model import Element, Integer, Json, Number
from adapter.spec.language import (
    Clock,
    Codes,
    Column,
    Condition,
    Expression,
    Extra,
    Field,
    Kind,
    Place,
    Shape,
    Status,
)
from adapter.spec.loader import load
from adapter.spec.packaged import schemas, vendors
from tests.expressions.grammar import EXPRESSIONS
from tests.specs import arrived

REQUEST = View(arrived(b"{}", [("X-A", "s")], "a=1&a=2"), "acme", {"a": [1, {"b": "x"}]}, {"a": "y"})


def exact(value: Json) -> Any:
    """A value with the types of all its parts: 1, 1.0 and true are not the same, nor is an element an object."""
    if isinstance(value, dict):
        text = value.text if isinstance(value, Element) else None
        return type(value), text, [(key, exact(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [exact(item) for item in value]
    return type(value), value.source if isinstance(value, Number) else repr(value)


def told(work: Any) -> Any:
    """What it gives, or how it complains."""
    try:
        return exact(work())
    except EVALUATION_ERRORS as error:
        return type(error), str(error)


SCALARS = st.sampled_from(
    [None, True, False, 0, 1, -1, 2, 10**20, Integer(10**20), Integer(1), 1.5, Number("1.50"), Number("-0.0"), Number("1"),
     "", "x", "y", "1", "12", " 7 ", "x,y", "2024-05-01", "中"]
)  # fmt: skip
KEYS = st.sampled_from(["a", "b", "c", "0", "a-b"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(KEYS, inner, max_size=4),
        st.builds(Element, st.dictionaries(KEYS, inner, max_size=2), st.sampled_from(["", "x", "7"])),
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)
ARGUMENTS = EXPRESSIONS | st.sampled_from(
    ["_.body.a", "_.headers", "_.query.a[0]", "_", "`-0.0`", "`1.5`", "&a", "','"]
)


@st.composite
def calls(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(sorted(FUNCTIONS)))
    function = FUNCTIONS[name]
    count = draw(st.integers(function.least, min(function.most, function.least + 1)))
    arguments = ", ".join(draw(ARGUMENTS) for _ in range(count))
    return draw(st.sampled_from(["{}({})", "b || {}({})", "{}({})[0].a", "[c, {}({})]", "a[?{}({})]"])).format(
        name, arguments
    )


PATHS = st.lists(KEYS, min_size=1, max_size=4).map(".".join)
TEXTS = st.one_of(
    PATHS, EXPRESSIONS, calls(), st.sampled_from(["_", "_.body.a.0", "_.index", "_.settings.a", "true", "null"])
)


def readable(text: str) -> bool:
    try:
        return bool(parse(text))
    except BadExpression:
        return False


@settings(max_examples=400, deadline=None)
@given(TEXTS.filter(readable), VALUES)
def test_an_expression_gives_and_complains_as_it_does_interpreted(text: str, document: Json) -> None:
    tree = parse(text)
    wanted = told(lambda: compiled(tree)(document, REQUEST))
    assert told(lambda: evaluator(tree)(document, REQUEST)) == wanted


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("a == `1`", {"a": True}), ("a == `0`", {"a": False}), ("`1` != a", {"a": True}), ("a == true", {"a": 1}), ("a == `1`", {"a": 1.0}),
        ("a[::0]", {"a": [1]}), ("a[::0]", {"a": 1}), ("split(a, '')", {"a": "x"}), ("split(a, b)", {"a": "x", "b": ""}),
        ("a || b", {"a": 0, "b": 1}), ("a && b", {"a": Number("0.0"), "b": 1}), ("!a", {"a": Integer(0)}), ("!a", {"a": Element({}, "x")}),
        ("contains(['1', a], b)", {"a": 1, "b": True}), ("contains(a, b)", {"a": "12", "b": 1}), ("join(',', a)", {"a": ["x", 1]}),
        ("starts_with(a, b)", {"a": Element({}, "xy"), "b": "x"}), ("length(a)", {"a": Element({"b": 1}, "xy")}),
        ("[a, abs(b)] && c", None), ("{x: abs(a)}", None), ("map(&abs(@), a)", {"a": [1, "x"]}), ("map(&a, a)", {"a": "x"}),
        ("abs(&a)", {}), ("if(abs(a), b, c)", {"a": "x"}), ("a < b", {"a": 1, "b": "x"}), ("abs(a) == abs(b)", {"a": "x", "b": "y"}),
    ],
)  # fmt: skip
def test_the_edges_of_an_expression_are_where_they_are_interpreted(text: str, document: Json) -> None:
    tree = parse(text)
    assert told(lambda: evaluator(tree)(document, REQUEST)) == told(lambda: compiled(tree)(document, REQUEST))


@pytest.mark.parametrize(
    "grow",
    ["{} || a", "a || ({})", "({})[*]", "({})[?a]", "!({})", "[{}]", "if(a, {}, b)", "map(&{}, a)", "({}) == a",
     "({}) == b", "a && ({})", "({}).b", "{{x: {}}}", "to_array({})", "not_null(a, {})", "({})[]"],
)  # fmt: skip
def test_an_expression_may_be_as_deep_as_a_file_may_say(grow: str) -> None:
    text = next(deep for depth in (98, 48, 32, 24) if readable(deep := _grown(grow, depth)))
    documents: list[Json] = [{"a": [{"a": 1}, None, []], "b": {"b": 2}}, None, {"a": 0}]
    for document in documents:
        wanted = told(lambda: compiled(parse(text))(document, REQUEST))  # noqa: B023
        assert told(lambda: evaluator(parse(text))(document, REQUEST)) == wanted  # noqa: B023


def _grown(grow: str, depth: int) -> str:
    text = "a"
    for _ in range(depth):
        text = grow.format(text) if "{x" not in grow else f"{{x: {text}}}"
    return text


@pytest.mark.parametrize(
    "text",
    [f"not_null({','.join('abcdefghij' * 10)})", f"[{','.join('a' * 1900)}]", ".".join("a" * 1999),
     f"{{{','.join(f'k{place}: a' for place in range(400))}}}", "&&".join(["a == 'x'"] * 95), f"contains([{','.join(['a'] * 900)}], b)"],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_an_expression_may_be_as_wide_as_a_file_may_say(text: str) -> None:
    tree = parse(text)
    for document in ({"a": {"a": 1}}, {"b": "x"}):
        assert told(lambda: evaluator(tree)(document, {})) == told(lambda: compiled(tree)(document, {}))  # noqa: B023


# Shapes

TYPES = ("text", "integer", "number", "boolean", "date-time", "enum", "list of text", "object")
COLUMNS = {f"{type_}{place}": Column(f"{type_}{place}", type_, ("x", "y")) for type_ in TYPES for place in "12"}
INPUTS = st.lists(TEXTS.filter(readable).map(lambda text: expression(text, Place("specs/acme.yaml", 4, 2))), max_size=3)


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    columns = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=6, unique=True))
    code_ = Column("code", "text")
    kind = Kind(
        "k", "v1", "", {**{name: COLUMNS[name] for name in columns}, "code": code_, "end": Column("end", "list of text")},
        ("status",), tuple(draw(st.lists(st.lists(st.sampled_from([*columns, "status"]), min_size=1).map(tuple), max_size=2))),
        (), (), "", {}, (), "", "",
    )  # fmt: skip
    mapped = draw(st.lists(st.sampled_from([*columns, "code"]), unique=True))
    fields = tuple(Field(kind.columns[name], tuple(draw(INPUTS))) for name in mapped)
    parts = st.lists(st.sampled_from([*columns, "code", "status.from", "status.success"]), max_size=4).map(tuple)
    whole = draw(st.none() | INPUTS.filter(bool).map(lambda found: found[0]))
    return Shape(
        kind, Condition(), (), None, fields,
        draw(st.dictionaries(st.sampled_from(columns), SCALARS | st.just({"a": 1}), max_size=2)),
        Extra(tuple(draw(st.dictionaries(st.sampled_from(["e", "it's", "\n"]), INPUTS.map(tuple), max_size=2)).items()), whole),
        draw(st.none() | statuses(fields)), Clock("UTC", ("yyyy-MM-dd", "unix")), tuple(draw(st.lists(parts, max_size=2))), Place(),
    )  # fmt: skip


@st.composite
def statuses(draw: st.DrawFn, fields: tuple[Field, ...]) -> Status:
    inputs = draw(st.none() | INPUTS.map(tuple))
    for one in fields if inputs is not None else ():
        inputs = (*(inputs or ()), _of_field(one))
    return Status(inputs, draw(st.none() | INPUTS.filter(bool).map(lambda found: found[0])), (_NO_CODES,), "", Place())


_NO_CODES = Codes({}, (), (), False, "")


def _of_field(one: Field) -> Expression:
    def evaluate(value: Json, request: Any) -> Json:
        return interpreter.first_that_gives(one.inputs, value, request, "", [])

    return Expression(f"fields.{one.column.name}", {}, evaluate, Place(), one.column.name)


def all_of(read: Any, value: Json) -> Any:
    """A reading's parts; or the mistake that a key part which is not JSON makes."""
    try:
        found: Reading = read(value, REQUEST)
    except ValueError as error:
        return str(error)
    return [exact(getattr(found, name)) for name in ("values", "data", "extra", "codes", "success", "parts", "missing")], [
        (note.code, note.field, note.message) for note in found.warnings
    ]  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(shapes(), st.lists(OBJECTS | VALUES, min_size=1, max_size=3))
def test_a_shape_reads_the_same_values_and_warns_of_the_same_in_the_same_order(
    shape: Shape, records: list[Json]
) -> None:
    quick, plain = compiler.reader(shape), interpreter.reader(shape)
    for record in records:
        assert all_of(quick, record) == all_of(plain, record)


SHIPPED = {
    f"{spec.vendor} {place}": entry
    for spec in load([vendors()], [schemas()]).registry.specs.values()
    for place, entry in enumerate(spec.entries)
    if entry.shape.kind
}
WORDS = sorted({part for entry in SHIPPED.values() for field in entry.shape.fields for one in field.inputs
                for part in one.text.split(".") if part.isidentifier()})  # fmt: skip
BODIES = st.recursive(
    SCALARS, lambda inner: st.dictionaries(st.sampled_from(WORDS), inner, min_size=3, max_size=25) | st.lists(inner, max_size=2),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(BODIES)
def test_every_shipped_shape_reads_the_same(document: Json) -> None:
    for entry in SHIPPED.values():
        assert all_of(_READERS[id(entry)], document) == all_of(interpreter.reader(entry.shape), document)


_READERS = {id(entry): compiler.reader(entry.shape) for entry in SHIPPED.values()}


def shape_of(**fields: list[str]) -> Shape:
    place = Place("some/where/acme.yaml", 12, 7)
    columns = {name: Column(name, "text") for name in fields}
    kind = Kind("k", "v1", "", columns, (), (), (), (), "", {}, (), "", "")
    made = tuple(Field(columns[name], tuple(expression(one, place) for one in texts)) for name, texts in fields.items())
    return Shape(kind, Condition(), (), None, made, {}, Extra(), None, Clock(None, ()), (), place)


@pytest.mark.parametrize(
    ("fields", "values", "warned"),
    [
        ({"x": ["abs(a)", "b", "''", "c"]}, {"x": "y"}, [["acme.yaml:12:7", "abs(a)"]]),
        # what a field is given later is not what its first input gave
        ({"x": ["b", "c"], "y": ["b"]}, {"x": "y", "y": ""}, []),
        # what stands behind a mistake was never looked up
        ({"x": ["abs(a) == d.e.f"], "y": ["d.e.f"], "z": ["d.e"]}, {"x": None, "y": "f", "z": {"f": "f"}}, [["acme.yaml:12:7", "abs(a) == d.e.f"]]),
        ({"x": ["b || d.e.f"], "y": ["d.e.f"]}, {"x": "f", "y": "f"}, []),
    ],
)  # fmt: skip
def test_fields_share_what_was_looked_up_and_nothing_else(fields: Any, values: Any, warned: Any) -> None:
    record = {"a": "x", "b": "", "c": "y", "d": {"e": {"f": "f"}}}
    shape = shape_of(**fields)
    found = compiler.reader(shape)(record, {})
    assert found.values == values == interpreter.reader(shape)(record, {}).values
    failed = [note.message.split(": ") for note in found.warnings if note.code == "expression_failed"]
    assert [words[:2] for words in failed] == warned


# What an author writes is never code

HOSTILE = [
    "'", '"', "'''", '"""', "\\", "\\'", "\n", "\r", "\r\nimport os", "\u2028", "\u2029", "\x0b", "\x0c", "\x00", "\x85",
    "');boom()#", "'+boom()+'", "{boom()}", "{0}", "%s", "__builtins__", "value", "request", "read", "f1", "k0", "#",
    "\ud800", "\u202e", "ｅxec", "\\N{BULLET}", "# -*- coding: utf-7 -*-", "): boom(", "\\\n", "None", "boom",
]  # fmt: skip
ANY_TEXT = st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Z", "C"]), max_size=12)


def hostile_trees(text: str) -> list[Any]:
    """Every place where a name or a literal of the author's stands in a tree."""
    name, literal = {"type": "field", "children": [], "value": text}, {"type": "literal", "children": [], "value": text}
    pair = {"type": "key_val_pair", "children": [name], "value": text}
    return [
        name, literal, path_tree(("a", text)), path_tree((text,)),
        {"type": "subexpression", "children": [{"type": "request", "children": []}, name]},
        {"type": "subexpression", "children": [{"type": "request", "children": []}, {**name, "value": "body"}, name]},
        {"type": "multi_select_dict", "children": [pair]},
        {"type": "comparator", "children": [name, literal], "value": "eq"},
        {"type": "literal", "children": [], "value": {text: [text]}},
        {"type": "function_expression", "children": [name, literal], "value": "split"},
    ]  # fmt: skip


def whole(text: str) -> Shape:
    """The text everywhere where an author may write one."""
    tree = hostile_trees(text)[0]
    one = Expression(text, tree, compiled(tree), Place(f"{text}.yaml", 1, 1))
    bad = expression("abs('x')", Place(f"{text}.yaml", 1, 1))
    kind = Kind(
        "k",
        "v1",
        "",
        {text: Column(text, "text"), "c": Column("c", "text")},
        (),
        ((text, "c"), (text,)),
        (),
        (),
        "",
        {},
        (),
        "",
        "",
    )
    return Shape(
        kind, Condition(), (), None, (Field(kind.columns[text], (one, Expression(text, bad.tree, bad.evaluate, bad.place))),),
        {"c": text}, Extra(((text, (one,)),), one), Status((one,), one, (), "", Place()), Clock("UTC", ()), ((text, "c"),), Place(),
    )  # fmt: skip


def only_ours(made: Code) -> None:
    """Every name in the code is one that is given to it, and nothing is reached through an attribute but methods."""
    inner = compile(made.source, "", "exec").co_consts[0]
    known = {*GIVEN, *made.constants, "get", "append", "values", "split", "startswith", "endswith", "lower", "upper",
             "removeprefix", "removesuffix", "Reading", "source_text"}  # fmt: skip
    assert set(inner.co_names) <= known
    assert made.source.isprintable() or all(line.isprintable() for line in made.source.split("\n"))


def safe(text: str) -> None:
    document = {text: {text: "x"}, "a": {text: "y"}}
    for tree in hostile_trees(text):
        made = expression_code(tree)
        only_ours(made)
        view = {"body": document, text: "z"}
        assert told(lambda: made.function()(document, view)) == told(lambda: compiled(tree)(document, view))  # noqa: B023
    shape = whole(text)
    only_ours(code(shape))
    assert all_of(compiler.reader(shape), document) == all_of(interpreter.reader(shape), document)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_what_an_author_writes_never_becomes_code(text: str) -> None:
    safe(text)


@settings(max_examples=80, deadline=None)
@given(ANY_TEXT)
def test_no_text_at_all_becomes_code(text: str) -> None:
    safe(text)


def test_generated_code_has_no_builtins_and_leaves_what_it_is_given_alone() -> None:
    assert GIVEN["__builtins__"] == {}
    before = dict(GIVEN)
    expression_code(parse('`{"a": 1}`')).function()({}, {})
    assert before == GIVEN


def test_the_code_of_a_shape_has_a_line_for_each_field_with_its_name_and_expression() -> None:
    shown = {name: code(entry.shape).source for name, entry in SHIPPED.items()}
    for name, entry in SHIPPED.items():
        for field in entry.shape.fields:
            for one in field.inputs:
                assert f"# {field.column.name}: {one.text}"[:100] in shown[name]
