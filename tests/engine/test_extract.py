"""Do the vendor's values become ours, typed, without losing a digit or a report?"""

# A row of a table is one line.
# ruff: noqa: E501

import json

import pytest

from adapter.engine.extract import extract
from adapter.expressions.evaluate import expression
from adapter.expressions.interpreter import reader
from adapter.model import Element, Integer, Json, Number, Refused
from adapter.spec.language import Clock, Column, Condition, Extra, Field, Kind, Place, Shape
from tests.specs import arrived, become, data, tiny

TYPES = ("text", "integer", "number", "boolean", "date-time", "enum", "list of text", "object")
KIND = Kind(
    "test.kind", "v1", "", {type_: Column(type_, type_, ("a", "b") if type_ == "enum" else ()) for type_ in TYPES},
    (), (), (), (), "", {}, (), "", "",
)  # fmt: skip


def shape(kind: Kind, **constants: Json) -> Shape:
    fields = tuple(Field(column, (expression(f'"{column.name}"'),)) for column in kind.columns.values()
                   if column.name not in constants)  # fmt: skip
    clock = Clock("UTC", ("yyyy-MM-dd", "unix"))
    return Shape(kind, Condition(), (), None, fields, constants, Extra(), None, clock, (), Place())


def typed(type_: str, value: Json) -> tuple[Json, int]:
    reading = reader(shape(KIND))({type_: value}, {})
    return extract(reading)[type_], len(reading.warnings)


@pytest.mark.parametrize(
    ("type_", "value", "result", "warnings"),
    [
        ("text", "x", "x", 0),
        ("text", "", "", 0),
        ("text", " x ", " x ", 0),
        ("text", None, None, 0),
        ("text", 11, "11", 0),
        ("text", 0, "0", 0),
        ("text", Integer(10**39), "1" + "0" * 39, 0),
        ("text", Number("0.10"), "0.10", 0),
        ("text", Number("1E5"), "1E5", 0),
        ("text", True, "true", 0),
        ("text", False, "false", 0),
        ("text", ["x", "y"], "x", 1),
        ("text", [11], "11", 1),
        ("text", [], None, 0),
        ("text", {"a": 1}, None, 1),
        ("text", {}, None, 1),
        ("text", Element({"a": "1"}, "x"), "x", 0),
        ("integer", "2", 2, 0),
        ("integer", " 2 ", 2, 0),
        ("integer", 2, 2, 0),
        ("integer", "007", 7, 0),
        ("integer", "-1", -1, 0),
        ("integer", "", None, 0),
        ("integer", "x", None, 1),
        ("integer", "1.5", None, 1),
        ("integer", Number("2.0"), 2, 0),
        ("integer", Number("1.5"), None, 1),
        ("integer", True, None, 1),
        ("integer", {}, None, 1),
        ("integer", "1" * 40, int("1" * 40), 0),
        ("integer", "1_000", None, 1),
        ("integer", "٣", None, 1),
        ("number", "0.5", 0.5, 0),
        ("number", "1e3", 1000.0, 0),
        ("number", Number("0.10"), 0.1, 0),
        ("number", "12", 12, 0),
        ("number", "nan", None, 1),
        ("number", "inf", None, 1),
        ("number", "9" * 350, int("9" * 350), 0),
        ("number", "1e999", None, 1),
        ("number", float("inf"), None, 1),
        ("number", float("nan"), None, 1),
        ("number", False, None, 1),
        ("number", "", None, 0),
        ("boolean", True, True, 0),
        ("boolean", "TRUE", True, 0),
        ("boolean", "0", False, 0),
        ("boolean", 1, True, 0),
        ("boolean", "yes", None, 1),
        ("boolean", "", None, 0),
        ("date-time", "2024-05-01", "2024-05-01T00:00:00+00:00", 0),
        ("date-time", 1714557600, "2024-05-01T10:00:00+00:00", 0),
        ("date-time", "", None, 0),
        ("date-time", 0, None, 0),
        ("date-time", "soon", None, 1),
        ("date-time", {}, None, 1),
        ("enum", "a", "a", 0),
        ("enum", "c", None, 1),
        ("enum", "", None, 0),
        ("list of text", "x", ["x"], 0),
        ("list of text", 1, ["1"], 0),
        ("list of text", None, [], 0),
        ("list of text", "", [], 0),
        ("list of text", ["x", 1, True], ["x", "1", "true"], 0),
        ("list of text", ["x", {}], ["x"], 1),
        ("list of text", [], [], 0),
        ("object", {"a": 1}, {"a": 1}, 0),
        ("object", "x", None, 1),
        ("object", [1], None, 1),
        ("object", "", None, 0),
        ("object", None, None, 0),
    ],
)  # fmt: skip
def test_a_value_becomes_what_its_field_is(type_: str, value: Json, result: Json, warnings: int) -> None:
    found, warned = typed(type_, value)
    assert (found, type(found) is bool, warned) == (result, type(result) is bool, warnings)


def test_a_field_that_is_not_mapped_is_null_and_a_constant_stands_in() -> None:
    assert extract(reader(shape(KIND, text="86"))({}, {})) == dict.fromkeys(TYPES) | {"text": "86", "list of text": []}


@pytest.mark.parametrize("value", [None, "", {}, [], [None]])
def test_a_required_field_that_is_not_there_is_a_problem(value: Json) -> None:
    kind = Kind("k", "v1", "", KIND.columns, (), (("text", "integer"),), (), (), "", {}, (), "", "")
    with pytest.raises(Refused, match="no text or integer"):
        extract(reader(shape(kind))({"text": value}, {}))
    assert extract(reader(shape(kind))({"text": value, "integer": 0}, {}))["integer"] == 0


SPEC = tiny("""\
body: json
time: {zone: Asia/Shanghai, formats: [yyyy-MM-dd]}
status: {otherwise: undelivered}
events:
  - kind: sms.delivery
    fields: {message_id: [a, b, c], to: "to.first", code: code, segments: "abs(n)", done_at: t}
    set: {operator: "10086"}
    extra: {one: x, many: [x, y], bad: "abs(x)"}
""")


@pytest.mark.parametrize(
    ("record", "message_id"),
    [
        ({"a": "1", "b": "2"}, "1"), ({"a": None, "b": "2"}, "2"), ({"a": "", "b": "2"}, "2"), ({"a": 0, "b": "2"}, "0"),
        ({"a": False, "b": "2"}, "false"), ({"b": "", "c": "3"}, "3"),
    ],
)  # fmt: skip
def test_the_first_input_that_gives_something_is_taken(record: Json, message_id: str) -> None:
    assert data(become(SPEC, arrived(json.dumps(record))))["message_id"] == message_id


def test_an_expression_that_raises_is_passed_over_with_a_warning_that_names_its_line() -> None:
    found = data(become(SPEC, arrived('{"a": "1", "n": "text", "x": "y", "t": "soon", "code": "c"}')))
    assert (found["segments"], found["done_at"], found["operator"]) == (None, None, "10086")
    assert found["extra"] == {"one": "y", "many": "y", "bad": None}
    warnings = found["warnings"]
    assert isinstance(warnings, list)
    assert [(one["code"], one["field"]) for one in warnings] == [
        ("expression_failed", "segments"), ("expression_failed", "extra.bad"), ("bad_time", "done_at"),
    ]  # fmt: skip
    assert "acme.yaml:10" in warnings[0]["message"]


@pytest.mark.parametrize(
    ("extra", "record", "result"),
    [
        ("extra: [x, d.y]", {"x": 1, "d": {"y": 2}}, {"x": 1, "d.y": 2}),
        ("extra: 'without(@, [''id''])'", {"id": 1, "x": {"y": [1]}}, {"x": {"y": [1]}}),
        ("extra: x", {"x": "no object"}, {}),
        ("extra: x", {"x": {"a": None}}, {"a": None}),
        ("extra: 'abs(x)'", {"x": "raises"}, {}),
    ],
)  # fmt: skip
def test_extra_is_a_map_a_list_of_paths_or_one_object(extra: str, record: dict[str, Json], result: Json) -> None:
    text = tiny(
        f"body: json\nstatus: {{otherwise: undelivered}}\nevents:\n  - kind: sms.delivery\n    fields: {{message_id: id, code: c}}\n    {extra}\n"
    )
    assert data(become(text, arrived(json.dumps({"id": 1, **record}))))["extra"] == result
