"""Where did each field of a record come from? Expression, raw value, result; for a status which row of which table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapter.coverage import rows_of
from adapter.engine.classify import IGNORE, Classified
from adapter.expressions.evaluate import EVALUATION_ERRORS
from adapter.expressions.times import time_reader
from adapter.expressions.values import gives_something
from adapter.expressions.view import View
from adapter.model import Json, dumps
from adapter.observed import Observed, Seen
from adapter.spec.language import Clock, Expression, Row, Shape
from adapter.trace.masking import Mask
from adapter.trace.names import near

SHOWN = 80
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Source:
    """One field: the expression that gave it, what that found, what became of it, and what else there is to know."""

    name: str
    expression: str
    raw: str
    result: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One record: what became of it in a word, and its fields."""

    index: int
    became: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that took records: what it asks and lists, in words."""

    words: str
    place: str
    records: tuple[Told, ...]


def entries(observed: Observed, mask: Mask) -> tuple[Entry, ...]:
    """Every entry that took records, in file order."""
    shapes = {id(seen.entry): seen.entry.shape for seen in observed.seen}
    return tuple(
        Entry(_words(shape, records), str(shape.place), tuple(_record(one, observed, mask) for one in records))
        for key, shape in shapes.items()
        for records in [[one for one in observed.seen if id(one.entry) == key]]
    )


def _words(shape: Shape, records: Sequence[Seen]) -> str:
    """`sms.delivery: equals eventType 11; each objects → 2 records`"""
    condition = shape.condition
    asked = [f"when {condition.when.text}"] if condition.when else []
    asked += [f"has {'.'.join(path)}" for path in condition.has]
    asked += [f"equals {'.'.join(one.path)} {' or '.join(one.words)}" for one in condition.equals]
    listed = f"each {', '.join(step.text for step in shape.each)}" if shape.each else "the body"
    where = f" where {shape.where.text}" if shape.where else ""
    kind = shape.kind.name if shape.kind else IGNORE
    count = f"{len(records)} record{'' if len(records) == 1 else 's'}"
    return f"{kind}: {'; '.join([*asked, f'{listed}{where} → {count}'])}"


def _record(seen: Seen, observed: Observed, mask: Mask) -> Told:
    view, record = observed.view, seen.record
    view["parents"], view["index"] = list(record.parents), record.index
    data: Mapping[str, Json] = seen.event.envelope["data"] if seen.event else {}
    found = [*_fields(seen, data, view, mask), *_extra(seen, data, view, mask), *_constants(seen, mask)]
    return Told(record.index, _became(seen, observed), (*found, *_status(seen, mask)))


def _became(seen: Seen, observed: Observed) -> str:
    if seen.event:
        kept = any(event.id == seen.event.id and event.record == seen.record.index for event in observed.outcome.events)
        return "an event" if kept else "the same event once more"
    if seen.classified and seen.classified.status == IGNORE:
        return "dropped: its code is ignored"
    problems = [one for one in observed.outcome.problems if one.record == seen.record.index and one.stage == "extract"]
    return f"a problem: {problems[0].message}" if problems else "no event"


def _fields(seen: Seen, data: Mapping[str, Json], view: View, mask: Mask) -> Iterator[Source]:
    shape = seen.entry.shape
    for field in shape.fields:
        name = field.column.name
        raw = seen.reading.values.get(name)
        clock = shape.clock if field.column.type == "date-time" else None
        yield _source(name, field.inputs, raw, data.get(name), seen, view, mask, _format(clock, raw) if clock else "")


def _extra(seen: Seen, data: Mapping[str, Json], view: View, mask: Mask) -> Iterator[Source]:
    extra = data.get("extra") or seen.reading.extra
    for name, inputs in seen.entry.shape.extra.named:
        raw = seen.reading.extra.get(name)
        yield _source(f"extra.{name}", inputs, raw, extra.get(name), seen, view, mask)
    whole = seen.entry.shape.extra.whole
    if whole:
        yield Source("extra", whole.text, "", mask.short(_shown(extra), SHOWN))


def _constants(seen: Seen, mask: Mask) -> Iterator[Source]:
    for name, value in seen.entry.shape.constants.items():
        if name != "status":
            yield Source(name, "set", "", mask.short(_shown(value), SHOWN))


def _source(
    name: str, inputs: Sequence[Expression], raw: Json, result: Json, seen: Seen, view: View, mask: Mask,
    note: str = "",
) -> Source:  # fmt: skip
    value = seen.record.value
    given = next((one for one in inputs if gives_something(_evaluated(one, value, view))), None)
    if given is None:
        guesses = [guess for one in inputs if (guess := near(one, value))]
        note = f"nothing there{f'; near: {guesses[0]}' if guesses else ''}" if raw is None else note
    warnings = [one["message"] for one in _warnings(seen) if one["field"] == name]
    return Source(
        name,
        given.text if given else ", ".join(one.text for one in inputs),
        "" if raw is None else mask.short(_shown(raw), SHOWN),
        mask.short(_shown(result) if not isinstance(result, str) else result, SHOWN),
        mask.hide("; ".join(part for part in (note, *warnings) if part)),
    )


def _warnings(seen: Seen) -> list[dict[str, str]]:
    found: list[dict[str, str]] = seen.event.envelope["data"]["warnings"] if seen.event else []
    return found


def _evaluated(one: Expression, value: Json, view: View) -> Json:
    try:
        return one.evaluate(value, view)
    except EVALUATION_ERRORS:
        return None


def _shown(value: Json) -> bytes | str:
    try:
        return dumps(value)
    except ValueError:
        return str(value)


def _format(clock: Clock, raw: Json) -> str:
    """The format that fits, and the zone where the text has none."""
    if raw in (None, ""):
        return ""
    fitting = (form for form in clock.formats or ("iso8601",) if time_reader(Clock(clock.zone, (form,)))(raw)[0])
    found = next(fitting, None)
    return f"{found} {clock.zone or ''}".rstrip() if found else f"none of {', '.join(clock.formats or ('iso8601',))}"


def _status(seen: Seen, mask: Mask) -> Iterator[Source]:
    found, shape = seen.classified, seen.entry.shape
    if found is None:
        return
    if shape.status is None or shape.constants.get("status"):
        yield Source("status", "set", "", found.status)
        return
    raw = " ".join(mask.short(_shown(code), SHOWN) for code in seen.reading.codes)
    asked = shape.status.inputs
    words = ", ".join(one.text for one in asked) if asked is not None else "code"
    yield Source("status", words, raw, found.status, _why(found, shape, seen.reading.success))
    if found.reason:
        row = next((row for row in found.rows if row.reason == found.reason), None)
        yield Source("reason", words, raw, found.reason, _named(row, shape) if row else "no row says why")


def _why(found: Classified, shape: Shape, success: bool | None) -> str:
    """Which flag, row or default decided."""
    assert shape.status
    flag = f"success: {shape.status.success.text} is {str(bool(success)).lower()}" if shape.status.success else ""
    if success:
        return flag
    row = next((row for row in found.rows if row.status == found.status), None)
    decided = _named(row, shape) if row else f"otherwise ({shape.status.place})"
    return f"{flag}; {decided}" if flag else decided


def _named(row: Row, shape: Shape) -> str:
    """`table cn-carrier, row MK:* (vendors.d/tables/cn-carrier.yaml:12:3)`"""
    layers = shape.status.layers if shape.status else ()
    name = next((layer.name for layer in layers if any(one is row for one in rows_of(layer))), "")
    return f"{f'table {name}' if name else 'codes'}, row {row.code} ({row.place})"
