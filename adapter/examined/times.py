"""Are the examples' times read as what they are?"""

from collections import defaultdict
from collections.abc import Iterator

from adapter.examined.runs import Examined, Remark, Remarks, warning
from adapter.expressions.times import time_reader
from adapter.expressions.values import as_text
from adapter.model import Json
from adapter.spec.language import Clock, Field

YEARS = range(2000, 2101)


def fits_no_format(examined: Examined) -> Remarks:
    for number, field, clock, values in _times(examined):
        if not any(time_reader(clock)(value)[0] for value in values):
            about, shown = field.inputs[0], as_text(values[0])
            message = f"no format fits what the examples have here, such as '{shown}'"
            hint = f"formats: {', '.join(clock.formats or ('iso8601',))}; add one that fits"
            path = ("events", number, "fields", field.column.name)
            yield Remark("error", path, about.place, message, hint, len(about.text))


def fits_two_formats(examined: Examined) -> Remarks:
    for number, field, clock, values in _times(examined):
        for value in values:
            found = dict(_readings(value, clock))
            if len(set(found.values())) > 1:
                forms = " and ".join(list(found)[:2])
                message = f"'{as_text(value)}' fits the formats {forms}, which read it as different times"
                path = ("events", number, "fields", field.column.name)
                yield warning(path, field.inputs[0], message, "keep the right one: the first that fits is taken")
                break


def _readings(value: Json, clock: Clock) -> Iterator[tuple[str, str]]:
    for form in clock.formats:
        text = time_reader(Clock(clock.zone, (form,)))(value)[0]
        if text:
            yield form, text


def odd_years(examined: Examined) -> Remarks:
    for number, field, clock, values in _times(examined):
        texts = ((value, time_reader(clock)(value)[0]) for value in values)
        odd = next(((value, text) for value, text in texts if text and int(text[:4]) not in YEARS), None)
        if odd:
            message = f"'{as_text(odd[0])}' is read as {odd[1]}"
            path = ("events", number, "fields", field.column.name)
            hint = "seconds read as milliseconds, or the other way round? unix_any tells them apart"
            yield warning(path, field.inputs[0], message, hint)


def _times(examined: Examined) -> Iterator[tuple[int, Field, Clock, list[Json]]]:
    """Every field that is a time, with the values that the examples give it."""
    values: dict[tuple[int, str], list[Json]] = defaultdict(list)
    for number, seen, _ in examined.seen:
        for name, value in seen.reading.values.items():
            if (as_text(value) or "").strip() not in ("", "0"):
                values[number, name].append(value)
    for (number, name), given in values.items():
        shape = examined.spec.entries[number].shape
        field = next(one for one in shape.fields if one.column.name == name)
        if field.column.type == "date-time":
            yield number, field, shape.clock, given
