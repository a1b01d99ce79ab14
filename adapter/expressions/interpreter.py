"""What does a record say under our names? The seam: a shape becomes a function of (record, request).

This interpreter is the plain one; whatever replaces it must give the same readings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from adapter.expressions.evaluate import EVALUATION_ERRORS
from adapter.expressions.values import gives_something, is_true
from adapter.model import Json
from adapter.spec.language import Expression, Extra, Shape, Status


@dataclass(frozen=True, slots=True)
class Note:
    """Something about one field that a person should know, though the record passed."""

    code: str
    field: str
    message: str


@dataclass(slots=True)
class Reading:
    """The raw values of a record: `values` by field name, `codes` of `status.from`, the truth of `status.success`."""

    values: dict[str, Json]
    extra: dict[str, Json]
    codes: list[Json]
    success: bool | None
    warnings: list[Note] = field(default_factory=list)


Read: TypeAlias = Callable[[Json, Mapping[str, Json]], Reading]


def reader(shape: Shape) -> Read:
    """A shape as a function of a record's value and the request (`_`)."""
    fields = [(one.column.name, one.inputs) for one in shape.fields]
    code_inputs = next((one.inputs for one in shape.fields if one.column.name == "code"), ())

    def read(value: Json, request: Mapping[str, Json]) -> Reading:
        warnings: list[Note] = []
        values = {name: first_that_gives(inputs, value, request, name, warnings) for name, inputs in fields}
        codes, success = _codes(shape.status, values.get("code") if code_inputs else None, value, request, warnings)
        return Reading(values, _extra(shape.extra, value, request, warnings), codes, success, warnings)

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
        warnings.append(Note("expression_failed", name, f"{_where(one)}: {one.text}: {error}"[:300]))
        return None


def _where(one: Expression) -> str:
    """The file's name and the line: the same wherever the folder lies."""
    return f"{one.place.file.rpartition('/')[2]}:{one.place.line}:{one.place.column}"


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
