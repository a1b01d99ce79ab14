"""What does a record say under our names? The seam: a shape becomes a function of (record, request).

This interpreter is the plain one, and the oracle of the compiled one: both must give the same readings.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from adapter.expressions.coercions import complaint_code, typed
from adapter.expressions.evaluate import EVALUATION_ERRORS
from adapter.expressions.keys import key_parts
from adapter.expressions.values import gives_something, is_true
from adapter.model import Json
from adapter.spec.language import Expression, Extra, Kind, Shape, Status


@dataclass(frozen=True, slots=True)
class Note:
    """Something about one field that a person should know, though the record passed."""

    code: str
    field: str
    message: str


@dataclass(slots=True)
class Reading:
    """What a record says: `values` as the vendor wrote them by field name, `data` typed, every field of the kind.

    `codes` are those of `status.from`, `success` is the truth of `status.success`, `parts` make the record itself
    (none: nothing to tell it by), `missing` names the fields of which one must be known and none is.
    """

    values: dict[str, Json]
    data: dict[str, Json]
    extra: dict[str, Json]
    codes: list[Json]
    success: bool | None
    parts: list[str]
    missing: str
    warnings: list[Note]


Read: TypeAlias = Callable[[Json, Mapping[str, Json]], Reading]


def reader(shape: Shape) -> Read:
    """A shape as a function of a record's value and the request (`_`)."""
    fields = [(one.column.name, one.inputs) for one in shape.fields]
    code_inputs = next((one.inputs for one in shape.fields if one.column.name == "code"), ())

    def read(value: Json, request: Mapping[str, Json]) -> Reading:
        warnings: list[Note] = []
        values = {name: first_that_gives(inputs, value, request, name, warnings) for name, inputs in fields}
        codes, success = _codes(shape.status, values.get("code") if code_inputs else None, value, request, warnings)
        extra = _extra(shape.extra, value, request, warnings)
        data = _data(shape, values, warnings)
        parts = key_parts(shape.key, values, codes, success)
        return Reading(values, data, extra, codes, success, parts, _missing(shape.kind, data), warnings)

    return read


def first_that_gives(
    inputs: tuple[Expression, ...], value: Json, request: Mapping[str, Json], name: str, warnings: list[Note]
) -> Json:
    """The first input that gives something; else empty text where one gave that, else null."""
    found = None
    for one in inputs:
        got = attempt(one, value, request, name, warnings)
        if gives_something(got):
            return got
        found = got if found is None else found
    return found


def attempt(one: Expression, value: Json, request: Mapping[str, Json], name: str, warnings: list[Note]) -> Json:
    """An expression's value; one that raises counts as null, with a warning that names its line."""
    try:
        return one.evaluate(value, request)
    except EVALUATION_ERRORS as error:
        warnings.append(failed(name, about(one), error))
        return None


def failed(name: str, told: str, error: Exception) -> Note:
    return Note("expression_failed", name, f"{told}: {error}"[:300])


def about(one: Expression) -> str:
    """The file's name, the line and the text: the same wherever the folder lies."""
    return f"{one.place.file.rpartition('/')[2]}:{one.place.line}:{one.place.column}: {one.text}"


def _codes(
    status: Status | None, code: Json, value: Json, request: Mapping[str, Json], warnings: list[Note]
) -> tuple[list[Json], bool | None]:
    if status is None:
        return [], None
    codes = (
        [code] if status.inputs is None else [attempt(one, value, request, "status", warnings) for one in status.inputs]
    )
    if status.success is None:
        return codes, None
    return codes, is_true(attempt(status.success, value, request, "status", warnings))


def _extra(extra: Extra, value: Json, request: Mapping[str, Json], warnings: list[Note]) -> dict[str, Json]:
    named = {name: first_that_gives(inputs, value, request, f"extra.{name}", warnings) for name, inputs in extra.named}
    if extra.whole is None:
        return named
    whole = attempt(extra.whole, value, request, "extra", warnings)
    return {**whole, **named} if isinstance(whole, dict) else named


def _data(shape: Shape, values: Mapping[str, Json], warnings: list[Note]) -> dict[str, Json]:
    """Every field of the kind, typed."""
    data: dict[str, Json] = {}
    for name, column in shape.kind.columns.items() if shape.kind else ():
        value = values[name] if name in values else shape.constants.get(name)
        data[name], complaint = typed(value, column, shape.clock)
        if complaint:
            warnings.append(Note(complaint_code(column), name, complaint))
    return data


def _missing(kind: Kind | None, data: Mapping[str, Json]) -> str:
    for group in must_be_known(kind):
        if not any(gives_something(data.get(name)) for name in group):
            return " or ".join(group)
    return ""


def must_be_known(kind: Kind | None) -> Sequence[tuple[str, ...]]:
    """Groups of fields of which one must be known; what is a result is always known."""
    return [group for group in kind.required if not set(group) & set(kind.results)] if kind else []
