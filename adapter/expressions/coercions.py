"""What does a raw value become in a field? Text, a number, a time: each with what there is to warn of."""

import re
from collections.abc import Callable
from math import isfinite
from typing import TypeAlias

from adapter.expressions.times import time_reader
from adapter.expressions.values import as_text
from adapter.model import Element, Json
from adapter.spec.language import Clock, Column

Typed: TypeAlias = tuple[Json, str]
"""The value, or None; and what there is to warn of."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,4000}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def _text(value: Json, _: Column) -> Typed:
    if isinstance(value, dict) and not isinstance(value, Element):
        return None, "an object where text is wanted"
    if isinstance(value, list):
        return as_text(value), "a list where text is wanted: its first item was taken" if value else ""
    return as_text(value), ""


def _integer(value: Json, _: Column) -> Typed:
    if type(value) is str and len(value) < 19 and value.isdecimal() and value.isascii():
        return int(value), ""
    text = "" if isinstance(value, bool) else (as_text(value) or "").strip()
    if _INTEGER.fullmatch(text):
        return int(text), ""
    if isinstance(value, float) and value.is_integer():
        return int(value), ""
    return None, "not a whole number"


def _number(value: Json, _: Column) -> Typed:
    if isinstance(value, int) and not isinstance(value, bool):
        return value, ""
    text = "" if isinstance(value, bool) else (as_text(value) or "").strip()
    if _INTEGER.fullmatch(text):
        return int(text), ""
    if not _NUMBER.fullmatch(text) or not isfinite(float(text)):
        return None, "not a number"
    return (value if isinstance(value, float) else float(text)), ""


def _boolean(value: Json, _: Column) -> Typed:
    if isinstance(value, bool):
        return value, ""
    known = _BOOLEANS.get((as_text(value) or "").strip().lower())
    return known, "" if known is not None else "neither true nor false"


def _enum(value: Json, column: Column) -> Typed:
    text = (as_text(value) or "").strip()
    return (text, "") if text in column.words else (None, f"'{text[:40]}' is not one of {', '.join(column.words)}")


def _list_of_text(value: Json, _: Column) -> Typed:
    if value is None or value == "":
        return [], ""
    items = value if isinstance(value, list) else [value]
    texts = [text for text in map(as_text, items) if text is not None]
    return texts, "" if len(texts) == len(items) else "an item that is no text was left out"


def _object(value: Json, _: Column) -> Typed:
    return (value, "") if isinstance(value, dict) else (None, "not an object")


COERCIONS: dict[str, Callable[[Json, Column], Typed]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "enum": _enum,
    "list of text": _list_of_text,
    "object": _object,
}
_OWN_EMPTY = ("text", "list of text")
"""Types for which empty text is a value; for the others it is null."""


def typed(value: Json, column: Column, clock: Clock) -> Typed:
    """A value as its column wants it; null, and empty text where that is no value, become the column's nothing."""
    return coercion(column, clock)(value)


def coercion(column: Column, clock: Clock) -> Callable[[Json], Typed]:
    """What makes values of a column."""
    if column.type in _OWN_EMPTY:
        own = COERCIONS[column.type]
        return lambda value: own(value, column)
    if column.type == "date-time":
        read = time_reader(clock)
        return lambda value: _NOTHING if value is None or value == "" else read(value)
    coerce = COERCIONS[column.type]
    return lambda value: _NOTHING if value is None or value == "" else coerce(value, column)


_NOTHING: Typed = (None, "")


def complaint_code(column: Column) -> str:
    return "bad_time" if column.type == "date-time" else "bad_value"
