"""Do the examples need every input, and send something that nobody reads?"""

import re
from collections import defaultdict
from collections.abc import Iterator

from adapter.examined.runs import Examined, Remarks, asked, placed, warning
from adapter.expressions.parse import nodes
from adapter.expressions.times import time_reader
from adapter.expressions.values import as_text
from adapter.model import Json
from adapter.spec.language import Expression, Shape


def needless_inputs(examined: Examined) -> Remarks:
    """A second input that no example falls back to."""
    reached: dict[tuple[int, str], int] = defaultdict(int)
    for number, seen, run in examined.seen:
        for field in seen.entry.shape.fields:
            count = sum(1 for _ in asked(field.inputs, seen.record.value, placed(run, seen.record)))
            key = number, field.column.name
            reached[key] = max(reached[key], count)
    for (number, name), count in reached.items():
        inputs = next(one.inputs for one in examined.spec.entries[number].shape.fields if one.column.name == name)
        if count < len(inputs):
            message = f"no example needs this: '{name}' always has a value before"
            path = ("events", number, "fields", name, count)
            yield warning(path, inputs[count], message, "add an example that needs it, or remove it")


_LOOK_LIKE = {
    "to": re.compile(r"mobile|phone|phonenumber|msisdn|recipient|destination|receiver|callee"),
    "message_id": re.compile(r"messageid|msgid|smsid|smsmessagesid|messageuuid"),
    "code": re.compile(r"errcode|errorcode|statuscode|reportstatus|deliverystatus"),
    "text": re.compile(r"content|message|messagebody|smscontent"),
}
_TIME = re.compile(r".*(?:time|date|timestamp)|.*at")


def unread_members(examined: Examined) -> Remarks:
    """What the vendor sends under a telling name, and no expression of the entry asks for."""
    told = set()
    for number, seen, _ in examined.seen:
        shape, record = seen.entry.shape, seen.record.value
        if not shape.kind or shape.extra.whole or not shape.fields or not isinstance(record, dict):
            continue
        names = names_read(shape)
        for key, value in record.items():
            field = _meant(shape, key, value) if key not in names else ""
            if field and (number, field) not in told:
                told.add((number, field))
                message = f"the examples have '{key}', which nothing reads, and '{field}' is not mapped"
                hint = f"add {field}: {key} under fields if that is what it is, else name it under extra"
                yield warning(("events", number, "fields"), shape.fields[0].inputs[0], message, hint)


def _meant(shape: Shape, key: str, value: Json) -> str:
    """The field that a member seems to be for, if the entry maps nothing to it."""
    assert shape.kind
    text = as_text(value)
    if not text or isinstance(value, list | dict):
        return ""
    plain = re.sub(r"[^a-z0-9]", "", key.lower())
    mapped = {field.column.name for field in shape.fields} | set(shape.constants)
    for name, pattern in _LOOK_LIKE.items():
        if name in shape.kind.columns and name not in mapped and pattern.fullmatch(plain):
            return name
    times = [name for name, column in shape.kind.columns.items() if column.type == "date-time"]
    if times and not mapped & set(times) and _TIME.fullmatch(plain) and time_reader(shape.clock)(value)[0]:
        return times[0]
    return ""


def names_read(shape: Shape) -> set[str]:
    """Every name that an expression of the entry asks for."""
    return {name for one in _expressions(shape) for node in nodes(one.tree) for name in _of(node.get("value"))}


def _of(value: Json) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()


def _expressions(shape: Shape) -> Iterator[Expression]:
    for field in shape.fields:
        yield from field.inputs
    for _, inputs in shape.extra.named:
        yield from inputs
    status = shape.status
    yield from (*(status.inputs or ()), *((status.success,) if status.success else ())) if status else ()
    yield from (one for one in (shape.where, shape.condition.when) if one)
