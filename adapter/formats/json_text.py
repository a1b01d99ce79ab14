"""How is JSON read so that no digit is lost and no body can hurt?"""

import json
import math
import re

import orjson

from adapter.model import Integer, Json, Number

MAX_DEPTH = 100
MAX_DIGITS = 4000

# orjson makes floats of integers above 64 bits, and no float keeps its source: such texts take the slow road.
_SPECIAL = re.compile(rb"[:,\[]\s*-?\d+(?:[.eE]|\d{17}|(?<=-0))")
_BARE = re.compile(rb"\s*-?\d")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
# The same, roughly, by the fastest searches that bytes have: digits as 0, what ends a number as e, what may stand
# before one as a colon. What this lets pass has none of the above.
_ROUGHLY = bytes.maketrans(b"123456789.E\t\n\r ,[", b"000000000ee::::::")
_LONG = b"0" * 18
_LONE = re.compile("[\ud800-\udfff]")
_64_BITS = range(-(2**63), 2**64)


def loads(text: bytes) -> Json:
    """Decode UTF-8 JSON. Raises ValueError for what is not JSON, NaN, a depth over 100 or a number over 4,000 digits.

    The last of duplicate keys wins. A lone surrogate, which no text can hold, stays as its escape.
    """
    value = _read(text)
    if isinstance(value, list | dict) and text.count(b"[") + text.count(b"{") > MAX_DEPTH:
        _check_depth(value)
    return value


def _read(text: bytes) -> Json:
    """Both readers give up on an absurd depth by themselves."""
    if not _may_be_special(text) or not _is_special(text):
        return orjson.loads(text)
    try:
        value = json.loads(text.decode(), parse_int=_integer, parse_float=_number, parse_constant=_no_constant)
        return _without_surrogates(value) if b"\\u" in text else value
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _may_be_special(text: bytes) -> bool:
    rough = text.translate(_ROUGHLY)
    return b"0e" in rough or _LONG in rough or b":-0" in rough or rough[:1] == b"-" or b"\\u" in text


def _is_special(text: bytes) -> bool:
    return any(found(text) for found in (_BARE.match, _SPECIAL.search, _SURROGATE.search))


def _check_depth(value: Json) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for one in level
            for inner in (one.values() if type(one) is dict else one)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return
    raise ValueError(f"nested deeper than {MAX_DEPTH}")


def _integer(digits: str) -> int | Number:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    number = int(digits)
    if number == 0 and digits[0] == "-":
        return Number(digits)
    return number if number in _64_BITS else Integer(number)


def _number(source: str) -> Number:
    if len(source) > MAX_DIGITS or not math.isfinite(float(source)):
        raise ValueError("a number that is too large")
    return Number(source)


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _without_surrogates(value: Json) -> Json:
    if isinstance(value, str):
        return _LONE.sub(lambda lone: f"\\u{ord(lone.group()):04x}", value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


class _Repeated(ValueError):
    pass


def _once(members: list[tuple[str, Json]]) -> Json:
    found = dict(members)
    if len(found) < len(members):
        raise _Repeated
    return found


def repeats_a_key(text: bytes) -> bool:
    """Does any object in this JSON say a key twice? Of a text that is not JSON: no."""
    try:
        json.loads(text, object_pairs_hook=_once, parse_int=str, parse_float=str)
    except _Repeated:
        return True
    except (ValueError, RecursionError):
        return False
    return False
