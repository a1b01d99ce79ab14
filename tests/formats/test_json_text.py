"""Is JSON read so that no digit is lost and no body can hurt?"""

# A row of a table is one line.
# ruff: noqa: E501

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.expressions.values import as_text
from adapter.formats.json_text import MAX_DEPTH, MAX_DIGITS, loads
from adapter.model import Element, Integer, Number, dumps


@pytest.mark.parametrize(
    "digits",
    ["0", "-1", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
     "-9223372036854775809", "18446744073709551615", "18446744073709551616", "99999999999999999", "999999999999999999",
     "1234567890123456789012345678901234567890", "-" + "9" * 4000, "7" * 4000],
)  # fmt: skip
@pytest.mark.parametrize("frame", [b"%s", b"[%s]", b'{"a":%s}', b'{"a" : [ 1 ,\n\t%s ]}', b" %s "])
def test_every_digit_of_an_integer_is_kept(digits: str, frame: bytes) -> None:
    value = loads(frame % digits.encode())
    found = _innermost(value)
    assert found == int(digits) if len(digits) < 4001 else True
    assert as_text(found) == digits
    assert digits.encode() in dumps(value)


def _innermost(value: Any) -> Any:
    while isinstance(value, list | dict):
        value = (list(value.values()) if isinstance(value, dict) else value)[-1]
    return value


@pytest.mark.parametrize("digits", ["7" * 4001, "-" + "7" * 4001, "7" * 100_000, "0." + "7" * 4001])
def test_more_digits_than_4000_are_refused(digits: str) -> None:
    with pytest.raises(ValueError, match=r"number|digits"):
        loads(f'{{"a": {digits}}}'.encode())


@pytest.mark.parametrize(
    "source",
    ["0.10", "1.0", "1E5", "1e-5", "-0.0", "-0", "100.00", "1.23456789012345678901234567890", "0e0", "-1.5E+3"],
)
def test_a_fraction_keeps_how_it_was_written(source: str) -> None:
    value = loads(b'{"a": [%s]}' % source.encode())["a"][0]
    assert isinstance(value, Number)
    assert as_text(value) == source
    assert Decimal(repr(float(value))) == Decimal(repr(float(source)))
    assert dumps({"a": value}) == b'{"a":%s}' % source.encode()


@pytest.mark.parametrize(
    "text",
    [b"NaN", b"[Infinity]", b"-Infinity", b'{"a": NaN, "b": 0.5}', b"1e400", b"[-1e999]", b"", b" ", b"{", b"[1,]", b"{'a': 1}",
     b"01", b"[01.5]", b"1.", b".5", b"+1", b"0x10", b"[1] [2]", b'"\x01"', b'{"a":0.5,"b":"\x01"}', b"\xff", b'["\xff", 0.5]',
     b"nul", b'{"a" 1}', b'"\\x"', b"\xef\xbb\xbf{}", b"1_000", "١".encode(), b"// x\n1", b"\x00"],
)  # fmt: skip
def test_what_is_not_json_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - every reason counts
        loads(text)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_hundred_levels_are_read_and_a_hundred_and_one_are_not(opening: bytes, closing: bytes) -> None:
    assert MAX_DEPTH == 100
    for middle in (b"1", b"0.5", b'"]}"'):
        assert loads(opening * 100 + middle + closing * 100)
        with pytest.raises(ValueError, match="100"):
            loads(opening * 101 + middle + closing * 101)


@pytest.mark.parametrize("filler", [b'"[[[[{{{{"', b'"\\"[[[\\\\"', b'"]]]"', b"[]", b"{}", b'{"[":1}'])
def test_brackets_in_texts_and_beside_each_other_are_no_depth(filler: bytes) -> None:
    assert len(loads(b"[" + b",".join([filler] * 500) + b"]")) == 500


@pytest.mark.parametrize(
    "text",
    [b"[" * 200_000, b'{"a":' * 50_000, b"[" * 200_000 + b"]" * 200_000, b'"' + b"\\" * 200_001, b'"[' * 100_000,
     b"[" + b"1e5," * 100_000, b"7" * 200_000, b'{"a":' + b"1" * 200_000, b"-" * 200_000, b"[" + b" " * 200_000, b":" * 200_000,
     b'["' + b"\\ud800" * 30_000, b"0." + b"5" * 200_000, b"1e" + b"5" * 200_000, b'"' + b"\\u" * 100_000, b"[" + b"\n" * 200_000 + b"1"],
    ids=lambda text: repr(text[:10]),
)  # fmt: skip
def test_no_body_takes_long_to_refuse(text: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(ValueError):  # noqa: PT011 - every reason counts
        loads(text)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'"\\ud800"', "\\ud800"), (b'"\\udfffx"', "\\udfffx"), (b'"a\\ud83dz"', "a\\ud83dz"), (b'"\\ud83d\\ude00"', "😀"),
        (b'{"\\uD800": [1, "\\udc00"]}', {"\\ud800": [1, "\\udc00"]}), (b'"\\\\ud800"', "\\ud800"), (b'"\\u0000"', "\0"),
    ],
)  # fmt: skip
def test_a_lone_surrogate_stays_as_its_escape(text: bytes, value: Any) -> None:
    assert loads(text) == value
    assert dumps(loads(text))


@pytest.mark.parametrize("tail", [b"", b', "z": 0.5', b', "z": 123456789012345678901234567890', b', "z": "\\ud800"'])
def test_the_last_of_duplicate_keys_wins(tail: bytes) -> None:
    assert loads(b'{"a": 1, "b": 2, "a": 3' + tail + b"}")["a"] == 3


def test_an_integer_beyond_64_bits_is_written_digit_by_digit_beside_a_fraction() -> None:
    document = {"own": 2**70, "read": Integer(2**70), "amount": Number("0.10"), "element": Element({"a": "1"}, "x")}
    assert (
        dumps(document)
        == b'{"own":1180591620717411303424,"read":1180591620717411303424,"amount":0.10,"element":{"a":"1"}}'
    )


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", "\ud800", {"a": object()}])
def test_what_is_not_json_cannot_be_written(value: Any) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogate"):
        dumps(value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def floats(value: Any) -> list[float]:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value] if isinstance(value, float) else [one for item in items for one in floats(item)]


@given(VALUES, st.sampled_from([None, 1]))
def test_what_python_writes_is_read_as_it_was_and_every_fraction_keeps_its_source(
    value: Any, indent: int | None
) -> None:
    text = json.dumps(value, indent=indent)
    found = loads(text.encode())
    assert found == json.loads(text)
    assert json.loads(dumps(found)) == found
    assert all(type(one) is Number and one.source in text for one in floats(found))


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:\\ud8019.eE-+ntf N\n', max_size=60).map(str.encode))
def test_any_bytes_are_json_or_a_value_error(text: bytes) -> None:
    try:
        value = loads(text)
    except ValueError:
        return
    assert value == json.loads(text) or b"\\u" in text
    dumps(value)


@given(st.integers(min_value=-(10**60), max_value=10**60), st.text(alphabet=" \n\t\r", max_size=3))
def test_integers_of_any_length_read_the_same_behind_any_blank(number: int, blank: str) -> None:
    found = loads(f'{{"a":{blank}{number}{blank},"b":[{blank}{number}]}}'.encode())
    assert found["a"] == found["b"][0] == number
    assert MAX_DIGITS == 4000
