"""What does the file say that no example puts to the test?"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from adapter.coverage import Part, coverage
from adapter.examined.expressions import never_or_always
from adapter.examined.fields import names_read
from adapter.examined.runs import Examined, Remark, Remarks, mapped
from adapter.model import Json
from adapter.spec.diagnostics import Path, nearest
from adapter.spec.language import Field, Place

Events = Iterator[tuple[int, Mapping[str, Json], Mapping[str, Json]]]
"""An entry's number, an event's data and what its example expects of it."""


def unseen_entries(examined: Examined) -> Remarks:
    if not any(run.observed.exploded for run in examined.runs):
        return  # all were turned away, which has another cause
    told = {remark.path[:2] for remark in never_or_always(examined) if "no example" in remark.message}
    for part in _parts(examined, "entries"):
        path = ("events", _number(part))
        if not part.exercised and path not in told:
            message = f"no example has a record for this entry ({part.name.partition(', ')[2]})"
            yield Remark("warning", path, part.place, message, "add an example")


def _number(part: Part) -> int:
    """`entry 2, sms.inbound` is number 1."""
    return int(part.name.split(",")[0].removeprefix("entry ")) - 1


def _parts(examined: Examined, group: str) -> list[Part]:
    found = coverage(examined.spec, [(run.example, run.observed) for run in examined.runs])
    return [part for part in found.parts if part.group == group]


def always_null(examined: Examined) -> Remarks:
    """A mapped field that no example fills: a misspelt name looks just like that."""
    used = {number for number, seen, _ in examined.seen if seen.event}
    lengths = _lengths(examined)
    for part in _parts(examined, "fields"):
        path, length = lengths.get(part.place, ((), 1))
        if not part.exercised and path and path[1] in used:
            name = _last_name(examined, part.place)
            read = names_read(examined.spec.entries[int(path[1])].shape)
            near = nearest(name, [key for key in _keys(examined, int(path[1])) if key not in read])
            hint = f"the records do have '{near}'" if near else "add an example that has it, or remove it"
            yield Remark("warning", path, part.place, f"'{path[-1]}' is null in every example", hint, length)


def _lengths(examined: Examined) -> dict[Place, tuple[Path, int]]:
    """Where the first input of each field stands: its path and its length."""
    found: dict[Place, tuple[Path, int]] = {}
    for number, entry in enumerate(examined.spec.entries):
        for path, inputs in mapped(number, entry.shape):
            if inputs:
                found.setdefault(inputs[0].place, (path, len(inputs[0].text)))
    return found


def _last_name(examined: Examined, place: Place) -> str:
    texts = (one.text for entry in examined.spec.entries for _, inputs in mapped(0, entry.shape) for one in inputs
             if one.place == place)  # fmt: skip
    return next(texts, "").split(".")[-1]


def _keys(examined: Examined, number: int) -> list[str]:
    records = (seen.record.value for entry, seen, _ in examined.seen if entry == number)
    return list(dict.fromkeys(key for record in records for key in _inside(record)))


def _inside(value: Json) -> Iterator[str]:
    """Every key of a record, nested ones too."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _inside(item)


def never_asserted(examined: Examined) -> Remarks:
    """One remark for an entry: a file that is new has many such fields."""
    lengths = _lengths(examined)
    names: dict[Path, list[str]] = defaultdict(list)
    for part in _parts(examined, "fields"):
        path, _ = lengths.get(part.place, ((), 1))
        if part.exercised and not part.asserted and path:
            names[path[:2]].append(str(path[-1]))
    for path, each in names.items():
        place = examined.spec.entries[int(path[1])].shape.place
        message = f"no example says what {', '.join(each)} must be"
        yield Remark("warning", path, place, message, "name them under expect: in one example")


def untried_codes(examined: Examined) -> Remarks:
    """Codes are what a vendor changes first: a failure and a code that nobody listed belong into the examples."""
    failed: dict[int, bool] = defaultdict(bool)
    unknown: dict[int, bool] = defaultdict(bool)
    for number, seen, _ in examined.seen:
        if seen.classified and seen.entry.shape.status and "status" not in seen.entry.shape.constants:
            kind = seen.entry.shape.kind
            assert kind
            word = kind.words.get(seen.classified.status)
            failed[number] |= word is not None and word.final and not word.success
            unknown[number] |= seen.classified.known is False
    for what, found in (("a failure", failed), ("a code that nobody listed", unknown)):
        if found and not any(found.values()):
            place = examined.spec.entries[min(found)].shape.place
            message = f"no example has {what}"
            yield Remark("warning", ("events", min(found)), place, message, "add one: what comes of it is guessed else")


def alike_in_every_example(examined: Examined) -> Remarks:
    """Two fields that could be swapped and no example would notice, though it names both."""
    together: dict[tuple[int, str, str], list[bool]] = defaultdict(list)
    for number, data, expected in _expectations(examined):
        fields = {field.column.name: field for field in examined.spec.entries[number].shape.fields}
        for one, other in combinations(fields, 2):
            if _could_be(fields[one], fields[other]) and data[one] is not None and data[other] is not None:
                told = data[one] != data[other] and (one in expected or other in expected)
                together[number, one, other].append(told)
    for (number, one, other), told in together.items():
        if not any(told) and len(told) > 1:
            path = ("events", number, "fields", other)
            shape = examined.spec.entries[number].shape
            about = next(field.inputs[0] for field in shape.fields if field.column.name == other)
            message = f"no example would notice if '{one}' and '{other}' were swapped"
            hint = "let one example give them different values and expect them"
            yield Remark("warning", path, about.place, message, hint, len(about.text))


def _could_be(one: Field, other: Field) -> bool:
    """Of one type and from different places: where they are from the same, that is told already."""
    return one.column.type == other.column.type and _texts(one) != _texts(other)


def _texts(field: Field) -> list[str]:
    return [each.text for each in field.inputs]


def _expectations(examined: Examined) -> Events:
    for run in examined.runs:
        made: dict[str, int] = {}
        numbers = {id(entry): number for number, entry in enumerate(examined.spec.entries)}
        for seen in run.observed.seen:
            if seen.event:
                made.setdefault(seen.event.id, numbers[id(seen.entry)])
        for expected, event in zip(run.example.expect or (), run.observed.outcome.events, strict=False):
            yield made[event.id], event.envelope["data"], expected


def unasked_handshakes(examined: Examined) -> Remarks:
    for part in _parts(examined, "acks"):
        if part.name.startswith("challenge ") and not part.exercised:
            path = ("challenge", int(part.name.removeprefix("challenge ")) - 1)
            hint = "add one, with the answer under ack:"
            yield Remark("warning", path, part.place, "no example is such a handshake", hint)
