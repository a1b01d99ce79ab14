"""The vendor's fields under our names: what the kind calls text becomes text, a number a number, a time a time."""

import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import TypeAlias

from adapter.expressions.interpreter import Note
from adapter.expressions.times import time_reader
from adapter.expressions.values import as_text
from adapter.model import Element, Json, Refused
from adapter.spec.language import Clock, Column, Kind

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


def extract(
    kind: Kind, values: Mapping[str, Json], constants: Mapping[str, Json], clock: Clock, notes: list[Note]
) -> dict[str, Json]:
    """Every field of the kind, null where unknown. Raises Refused where a field that must be known is not."""
    data: dict[str, Json] = {}
    for name, column in kind.columns.items():
        value = values[name] if name in values else constants.get(name)
        if value is None or (value == "" and column.type not in _OWN_EMPTY):
            data[name] = [] if column.type == "list of text" else None
            continue
        data[name], complaint = _typed(value, column, clock)
        if complaint:
            notes.append(Note("bad_time" if column.type == "date-time" else "bad_value", name, complaint))
    _require(kind, data)
    return data


def _typed(value: Json, column: Column, clock: Clock) -> Typed:
    if column.type == "date-time":
        return time_reader(clock)(value)
    return COERCIONS[column.type](value, column)


def _require(kind: Kind, data: Mapping[str, Json]) -> None:
    for group in kind.required:
        known = [name for name in group if name in kind.results or data.get(name) not in (None, "")]
        if not known:
            raise Refused("missing_field", f"no {' or '.join(group)}", 200)
