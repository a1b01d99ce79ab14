"""Is a plain path plain, is everything else JMESPath, and are the four special readings what their authors mean?"""

import json
from typing import Any

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from adapter.expressions.compiler import evaluator
from adapter.expressions.evaluate import expression, lookup
from adapter.expressions.functions import FUNCTIONS, OURS
from adapter.expressions.parse import BadExpression, parse, parse_path
from adapter.expressions.view import View
from adapter.model import Element, Integer, Number, dumps
from tests.expressions.grammar import EXPRESSIONS, SMALL, answer
from tests.specs import arrived


def value_of(text: str, document: Any, request: Any = None) -> Any:
    return expression(text).evaluate(document, request or {})


@pytest.mark.parametrize(
    ("path", "document", "value"),
    [
        ("a", {"a": 1}, 1),
        ("a.b", {"a": {"b": 1}}, 1),
        ("event-data.message.headers.message-id", {"event-data": {"message": {"headers": {"message-id": "m"}}}}, "m"),
        ("发送成功", {"发送成功": 1}, 1),
        ("$type", {"$type": "x"}, "x"),
        ("a;b%c#d^e/f\\g~h+i", {"a;b%c#d^e/f\\g~h+i": 1}, 1),
        ("@type", {"@type": 1}, None),
        ("0", {"0": "key"}, "key"),
        ("0", ["index"], "index"),
        ("a.0", {"a": ["x", "y"]}, "x"),
        ("a.0", {"a": {"0": "key"}}, "key"),
        ("a.1.b", {"a": [{}, {"b": 2}]}, 2),
        ("a.00", {"a": ["x"]}, "x"),
        ("a.7", {"a": ["x"]}, None),
        ("a.99999999999999999999", {"a": ["x"]}, None),
        ("a.-1", {"a": ["x"]}, None),
        ("a.-1", {"a": {"-1": "x"}}, "x"),
        ("a.٠", {"a": ["x"]}, None),
        ("a.name", {"a": [{"name": 1}]}, None),
        ("a.name", {"a": "text"}, None),
        ("a.0", {"a": "text"}, None),
        ("a.b.c", {"a": None}, None),
        ("a", None, None),
        ("a", "text", None),
        ("a", [1], None),
        ("a.true", {"a": {"true": 1}}, 1),
        ("true.a", {"true": {"a": 1}}, 1),
        ("foo.1", {"foo": [1, 2]}, 2),
        ("a.b", {"a": Element({"b": "x"}, "text")}, "x"),
    ],
)
def test_a_plain_path_follows_names_and_digits_and_is_null_elsewhere(path: str, document: Any, value: Any) -> None:
    if path[0] == "@":
        with pytest.raises(BadExpression):
            parse(path)
        return
    assert parse(path)["type"] == "path"
    assert value_of(path, document) == value
    assert lookup(document, parse_path(path)) == value


@pytest.mark.parametrize("character", list(".|&!<>=()[]{}*@,:?'\"` \t\n\u00a0\u3000"))
def test_a_name_of_a_plain_path_has_no_blank_and_no_sign_of_jmespath(character: str) -> None:
    with pytest.raises(BadExpression):
        parse_path(f"a{character}")


@pytest.mark.parametrize(
    ("text", "document", "value"),
    [
        # `!a.b` denies the whole
        ("!a.b", {"a": {"b": 1}}, False),
        ("!a.b", {"a": {"b": ""}}, True),
        ("!a[0]", {"a": [1]}, False),
        ("!a[?b]", {"a": [{"b": 0}]}, False),
        ("!a[?b].c", {"a": [{"b": 0}]}, True),
        ("!a[*].b", {"a": [{"b": 1}]}, False),
        ("!a[].b", {"a": [{"b": 1}]}, False),
        ("!a == b", {"a": None, "b": True}, True),
        ("!a.b && c", {"a": {"b": ""}, "c": 7}, 7),
        ("!!a.b", {"a": {"b": 1}}, True),
        ("!contains(a.b, 'x')", {"a": {"b": "x"}}, False),
        ("!(a.b)", {"a": {"b": 1}}, False),
        # bare true, false and null
        ("true", {"true": 5}, True),
        ("false", {"false": 5}, False),
        ("null", {"null": 5}, None),
        ("a == true", {"a": True, "true": 5}, True),
        ("a == null", {"b": 1}, True),
        ("a != null", {"a": ""}, True),
        ("[true, false, null]", {}, [True, False, None]),
        ("{true: true}", {}, {"true": True}),
        ("a || true", {}, True),
        ("(a).true", {"a": {"true": 1}}, 1),
        ("a.[true]", {"a": {"true": 1}}, [True]),
        ("a.{x: true}", {"a": {"true": 1}}, {"x": True}),
        ("a[?b == true].c", {"a": [{"b": True, "c": 1}, {"b": "true", "c": 2}]}, [1]),
        ("a[].true", {"a": [{"true": 1}]}, [1]),
        ("*.true", {"a": {"true": 1}}, [1]),
        ("a.*.* || true", {"true": 5}, True),
        ("a.* || true", {"true": 5}, True),
        ('"true" == `5`', {"true": 5}, True),
        ('a."true"', {"a": {"true": 1}}, 1),
        # names with - and $ and letters of any script
        ("a-b || c", {"a-b": 1}, 1),
        ("event-data.id == 'x'", {"event-data": {"id": "x"}}, True),
        ("$type == 'x'", {"$type": "x"}, True),
        ("发送 == '成功'", {"发送": "成功"}, True),
        ("a[?发-送].名", {"a": [{"发-送": 1, "名": 2}]}, [2]),
        ("ключ || 'x'", {"ключ": "y"}, "y"),
        ("a[-1]", {"a": [1, 2]}, 2),
        ("a[0:-1]", {"a": [1, 2, 3]}, [1, 2]),
        # typed comparing
        ("a == '11'", {"a": 11}, False),
        ("a == `11`", {"a": 11}, True),
        ("a == `11`", {"a": Integer(11)}, True),
        ("a == `1.5`", {"a": Number("1.50")}, True),
        ("type(a)", {"a": Integer(2**70)}, "number"),
        ("type(a)", {"a": Element({}, "x")}, "object"),
        ("contains(a, 'x')", {"a": Element({"b": "1"}, "xyz")}, True),
        ("starts_with(a, 'x')", {"a": Element({"b": "1"}, "xyz")}, True),
        ("to_string(a)", {"a": Number("0.10")}, "0.10"),
        ("to_string(a)", {"a": {"b": Number("0.10")}}, '{"b":0.10}'),
    ],
)
def test_an_expression_is_read_as_its_author_means_it(text: str, document: Any, value: Any) -> None:
    found = value_of(text, document)
    assert (found, type(found)) == (value, type(value))


REQUEST = View(
    arrived(b"{}", [("X-Sign", "s"), ("Via", "1"), ("via", "2")], "to=1&to=2&n=", path="/status"),
    "acme", {"id": 7, "list": [{"a": 1}]}, {"address": "x"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("_.body.id", 7),
        ("_.body.list.0.a", 1),
        ("_.body", {"id": 7, "list": [{"a": 1}]}),
        ("_.headers.X-Sign", "s"),
        ("_.headers.via", ["1", "2"]),
        ("_.headers.absent", None),
        ("_.query.to", ["1", "2"]),
        ("_.query.n", ""),
        ("_.path", "/status"),
        ("_.method", "POST"),
        ("_.vendor", "acme"),
        ("_.channel", "sms/1"),
        ("_.settings.address", "x"),
        ("_.parents", []),
        ("_.index", None),
        ("_.parents[-1]", None),
        ("a || _.method", "POST"),
        ("[_.method, _.path]", ["POST", "/status"]),
        ("_.headers.\"X-Sign\" == 's'", True),
        ("_.body.list[?a == `1`] | [0].a", 1),
        ("items[].{x: a, m: _.method}", [{"x": 1, "m": "POST"}]),
        ("items[?_.method == 'POST'].a", [1]),
        ("map(&_.channel, items)", ["sms/1"]),
        ("if(_.query.to, _.path, 'none')", "/status"),
        ("a._", "own"),
        ("a._ || 'none'", "own"),
    ],
)
def test_the_underscore_is_the_request_at_any_depth(text: str, value: Any) -> None:
    assert value_of(text, {"items": [{"a": 1}], "a": None if text[:3] == "a |" else {"_": "own"}}, REQUEST) == value


@pytest.mark.parametrize(
    "text", ["_ | method", "_.method | @ || 'none'", "(_).method", "contains(keys(_), 'method') && 'POST'"]
)
def test_the_bare_underscore_knows_all_of_the_request_from_the_first_time(text: str) -> None:
    fresh = View(arrived(b"{}"), "acme", {}, {})
    assert value_of(text, {}, fresh) == "POST"


@pytest.mark.parametrize("name", ["token", "peer", "secret", "url", "id", "received_at"])
@pytest.mark.parametrize("text", ["_.{}", "_.{} || 'x'", "a[?_.{} == 'x']"])
def test_the_request_never_gives_its_token_secret_or_peer(name: str, text: str) -> None:
    with pytest.raises(BadExpression) as caught:
        parse(text.format(name))
    assert caught.value.code == "EXPR011"
    assert text.format(name)[caught.value.offset :].startswith(name)


@pytest.mark.parametrize(
    ("text", "offset", "code"),
    [
        ("a = 'x'", 2, "EXPR001"),
        ("a ==", 4, "EXPR001"),
        ("(a", 2, "EXPR001"),
        ("a b", 2, "EXPR001"),
        ("a.[", 3, "EXPR001"),
        ("", 0, "EXPR001"),
        ("a == `x`", 5, "EXPR004"),
        ("nofunction(a)", 0, "EXPR002"),
        ("a || nofunction(b)", 5, "EXPR002"),
        ("split(a)", 0, "EXPR002"),
        ("x == 'y' && matches(to, '(')", 12, "EXPR002"),
        ("url_decode(a, 'utf-99')", 0, "EXPR002"),
        ("base64_decode(a, 'nope')", 0, "EXPR002"),
        ("a # b", 2, "EXPR001"),
        ("'unclosed", 0, "EXPR001"),
        ("a." + "b" * 4000, 0, "EXPR010"),
        ("!" * 150 + "a", 0, "EXPR010"),
        ("(" * 1500 + "a" + ")" * 1500, 0, "EXPR010"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place_and_code(text: str, offset: int, code: str) -> None:
    with pytest.raises(BadExpression) as caught:
        parse(text)
    assert (caught.value.offset, caught.value.code) == (offset, code)
    assert caught.value.message


# Our functions


@pytest.mark.parametrize("name", OURS)
def test_each_function_does_what_its_example_says(name: str) -> None:
    text, document, value = OURS[name].example
    assert value_of(text, document) == value
    assert name in text


@pytest.mark.parametrize(
    ("text", "document", "value"),
    [
        ("text(a)", {"a": True}, "true"),
        ("text(a)", {"a": Integer(10**39)}, "1" + "0" * 39),
        ("text(a)", {"a": Number("1.50")}, "1.50"),
        ("text(a)", {"a": {"b": 1}}, None),
        ("text(a)", {"a": []}, None),
        ("text(a)", {"a": Element({"b": "1"}, "x")}, "x"),
        ("first(a)", {"a": []}, None),
        ("first(a)", {"a": "x"}, "x"),
        ("last(a)", {"a": {"b": 1}}, {"b": 1}),
        ("all(a)", {"a": [1, 2]}, [1, 2]),
        ("all(a)", {"a": None}, None),
        ("all(a)", {}, None),
        ("if(a, b)", {"a": False, "b": 1}, None),
        ("if(a, to_number(b), 'no')", {"a": False, "b": {}}, "no"),
        ("if(a, abs(b), 'no')", {"a": False, "b": "abs() of a text raises"}, "no"),
        ("if(a, 'zero is true', 'no')", {"a": 0}, "zero is true"),
        ("split(a, '')", {"a": "xy"}, ["xy"]),
        ("split(a, ',')", {"a": ""}, [""]),
        ("split(a, ',')", {"a": 12}, ["12"]),
        ("strip_prefix(a, '+86')", {"a": "138"}, "138"),
        ("replace(a, '', 'x')", {"a": "ab"}, "ab"),
        ("matches(a, '[')", {"a": "x"}, "an error at load"),
        ("matches(a, b)", {"a": "x", "b": "("}, None),
        ("matches(a, '^a.c$')", {"a": "abc"}, True),
        ("matches(a, '(a+)+$')", {"a": "a" * 5000 + "b"}, False),
        ("matches(a, '失败')", {"a": "发送失败了"}, True),
        ("bits(a, `1`)", {"a": "x"}, None),
        ("bits(a, `4`)", {"a": 2}, 0),
        ("bits(a, b)", {"a": "-1", "b": "255"}, 255),
        ("find(a, 'k', '11')", {"a": [1, None, {"k": 11}]}, {"k": 11}),
        ("find(a, 'k', 'x')", {"a": "text"}, None),
        ("items(a)", {"a": [1]}, None),
        ("without(a, 'b')", {"a": {"b": 1, "c": 2}}, {"c": 2}),
        ("numbered(@, 'Url')", {"Url10": "c", "Url2": "b", "Url": "x", "UrlX": "y"}, ["b", "c"]),
        ("without(a, b)", {"a": {"b": 1}}, {"b": 1}),
        ("email(a)", {"a": "nobody"}, None),
        ("email(a)", {"a": "Ann <nobody>"}, None),
        ("email(a)", {"a": "(" * 20_000}, None),
        ("email(a)", {"a": "(" * 20_000 + "a@b.example"}, None),
        ("email(a)", {"a": ""}, None),
        ("from_json(a)", {"a": "{"}, None),
        ("from_json(a)", {"a": "[" * 101}, None),
        ("from_json(a)", {"a": "123456789012345678901234567890"}, 123456789012345678901234567890),
        ("url_decode(a)", {"a": "%E4%B8%AD+x"}, "中 x"),
        ("url_decode(a, 'gbk')", {"a": "%D6%D0"}, "中"),
        ("url_decode(a)", {"a": "%D6%D0"}, None),
        ("base64_decode(a)", {"a": "5Lit"}, "中"),
        ("base64_decode(a)", {"a": "_-7_"}, None),
        ("base64_decode(a)", {"a": "!!"}, None),
        ("base64_decode(a, 'gb18030')", {"a": "1tA="}, "中"),
        ("gsm7(a)", {"a": "1b65 1b14"}, "€^"),
        ("gsm7(a)", {"a": "80"}, None),
        ("gsm7(a)", {"a": "xx"}, None),
        ("upper(a)", {"a": ["x", "y"]}, "X"),
    ],
)
def test_functions_give_what_an_author_expects_at_the_edges(text: str, document: Any, value: Any) -> None:
    if value == "an error at load":
        with pytest.raises(BadExpression):
            parse(text)
        return
    assert value_of(text, document) == value


@pytest.mark.parametrize(
    ("text", "document", "value"),
    [
        ("numbered(@, 'Url')", {"url1": "b", "url0": "a"}, ["a", "b"]),
        ("find(List, 'Name', 'To').Value", {"list": [{"name": "To", "value": "x"}]}, "x"),
        ("find(List, 'Name', 'to')", {"list": [{"name": "To"}]}, None),
        ("without(@, 'A')", {"a": 1, "b": 2}, {"b": 2}),
        ("without(@, ['A', 'B'])", {"a": 1, "b": 2}, {}),
        ('without(@, `["A", 1]`)', {"a": 1, "b": 2}, {"b": 2}),
        ("find(_.query.List, 'Name', 'To')", {}, None),
        ("replace(A, 'X', 'Y')", {"a": "Xx"}, "Yx"),
    ],
)
def test_names_that_functions_are_given_are_folded_and_values_are_not(text: str, document: Any, value: Any) -> None:
    request = View(arrived(), "acme", document, {}, True)
    assert expression(text, fold=str.lower).evaluate(document, request) == value


def test_parameters_that_are_folded_into_one_are_a_list() -> None:
    request = View(arrived(query="FROM=1&From=2&x=3"), "acme", {}, {}, True)
    assert expression("_.query.From", fold=str.lower).evaluate({}, request) == ["1", "2"]


@pytest.mark.parametrize("name", OURS)
def test_null_for_null(name: str) -> None:
    function = OURS[name]
    if name != "if":
        rest = ["x"] * (function.least - 1)
        assert function.call(None, *rest) in ((None, [None]) if name == "all" else (None,))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=200)
@given(st.sampled_from(sorted(OURS)), st.lists(DOCUMENTS, min_size=3, max_size=3))
def test_our_functions_never_raise(name: str, values: list[Any]) -> None:
    function = OURS[name]
    for count in range(function.least, function.most + 1):
        function.call(*values[:count])


@given(
    st.text(alphabet="ab\\+-&%0189dDuU<>", max_size=40),
    st.sampled_from(["utf-7", "unicode_escape", "utf-16", "idna", "\0", "hex"]),
)
def test_a_charset_that_the_vendor_names_never_makes_text_that_cannot_be_written(text: str, charset: str) -> None:
    for found in (FUNCTIONS["url_decode"].call(text, charset), FUNCTIONS["base64_decode"].call(text, charset)):
        assert dumps(found)


# The library as an oracle


@settings(max_examples=700, deadline=None)
@given(EXPRESSIONS, SMALL)
def test_an_expression_gives_what_the_library_gives(text: str, document: Any) -> None:
    try:
        theirs = jmespath.compile(text)
    except JMESPathError:
        with pytest.raises(BadExpression):
            parse(text)
        return
    ours = expression(text)
    compiled = evaluator(ours.tree)
    wanted = answer(lambda: theirs.search(document))
    for evaluate in (ours.evaluate, compiled):
        found = answer(lambda: evaluate(document, {}))  # noqa: B023
        assert json.dumps(found, default=repr) == json.dumps(wanted, default=repr)


@settings(max_examples=250)
@given(st.text(alphabet="ab.[]{}()|&!<>=*@,:?'\"`_-$ 01\\中", max_size=25), SMALL)
def test_any_text_is_an_expression_or_a_bad_expression(text: str, document: Any) -> None:
    try:
        made = expression(text)
    except BadExpression as bad:
        assert 0 <= bad.offset <= len(text)  # noqa: PT017
        return
    answer(lambda: made.evaluate(document, View(arrived(), "acme", document, {})))
