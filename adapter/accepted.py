"""How is what came out written into an example's `expect`, with everything else in the file left as it is?"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.expressions.values import as_text
from adapter.model import Event, Json, Outcome
from adapter.observed import Observed
from adapter.rehearsal import same
from adapter.spec.diagnostics import Path
from adapter.spec.language import Example, Shape
from adapter.spec.reader import CONTROL, Document, read

WIDTH = 110
"""An event that fits into a line of so many columns is written as one."""

FINE = ("accepted", "partial", "ignored")
"""Outcomes whose events can be right. What was refused or has only problems is for a person to judge."""


def why_not(example: Example, outcome: Outcome | None) -> str:
    """Why what came out cannot be what the example means; empty where it can."""
    if outcome is None:
        return "it could not be run"
    if example.reject:
        return f"it says that it must be refused as {example.reject}"
    if outcome.name not in FINE:
        problem = outcome.problems[0].message if outcome.problems else outcome.code
        return f"it is {outcome.name}: {problem}"
    if example.outcome and example.outcome != outcome.name:
        return f"its outcome is {outcome.name}, and it says {example.outcome}"
    return ""


def differs(example: Example, outcome: Outcome) -> bool:
    """Does `expect` say something else, or nothing where there is something to say?"""
    if example.expect is None:
        return bool(outcome.events) or not example.outcome
    pairs = zip(example.expect, outcome.events, strict=False)
    return len(example.expect) != len(outcome.events) or any(_wrong(wanted, event) for wanted, event in pairs)


def _wrong(wanted: Mapping[str, Json], event: Event) -> list[str]:
    return [name for name, value in wanted.items() if not same(value, _found(event, name))]


def _found(event: Event, name: str) -> Json:
    data = event.envelope["data"]
    return event.kind if name == "kind" else data[name] if name in data else event.envelope.get(name)


def said(observed: Observed) -> list[dict[str, Json]]:
    """The events in an example's words: what the spec maps and the vendor gave; no nulls, ids, provenance."""
    shapes = {seen.event.id: seen.entry.shape for seen in reversed(observed.seen) if seen.event}
    return [_said(event, shapes[event.id]) for event in observed.outcome.events]


def _said(event: Event, shape: Shape) -> dict[str, Json]:
    data, kind = event.envelope["data"], shape.kind
    assert kind
    mapped = [field.column.name for field in shape.fields]
    results = [name for name in kind.results if isinstance(data.get(name), str)]
    names = dict.fromkeys([*mapped, *results, *(["code"] if shape.status else []), *shape.constants, "extra"])
    found = {name: _plain(data.get(name)) for name in names}
    return {"kind": event.kind, **{name: value for name, value in found.items() if value not in (None, "", [], {})}}


def _plain(value: Json) -> Json:
    """The value as a file can say it: no fractions, no nulls, no half characters (null)."""
    if isinstance(value, dict):
        members = {key: _plain(item) for key, item in value.items()}
        return {key: item for key, item in members.items() if item not in (None, "", [], {}) and _sound(key)}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return as_text(value)
    return value if not isinstance(value, str) or _sound(value) else None


def _sound(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


@dataclass(frozen=True, slots=True)
class Splice:
    """Offsets of what goes, and what comes instead."""

    start: int
    end: int
    text: str


def accepted(text: str, file: str, place: int, example: Example, observed: Observed) -> str | None:
    """The file's text with what came out of one example; None where it cannot be written without other change."""
    return _first_sound(text, file, place, lambda document: _ways(document, place, example, observed))


def promised_nothing(text: str, file: str, place: int) -> str | None:
    """The file's text with `expect: []` in an example that says nothing of what must come of it."""
    return _first_sound(text, file, place, lambda document: _insertions(document, place, []))


def _first_sound(text: str, file: str, place: int, ways: Callable[[Document], Iterator[list[Splice]]]) -> str | None:
    document, _ = read(text.encode(), file)
    if document is None:
        return None
    spliced = (_spliced(text, splices) for splices in ways(document))
    return next((new for new in spliced if _only_expect_changed(document, new, place)), None)


def _spliced(text: str, splices: Sequence[Splice]) -> str:
    for one in sorted(splices, key=lambda each: -each.start):
        text = text[: one.start] + one.text + text[one.end :]
    return text


def _only_expect_changed(old: Document, text: str, place: int) -> bool:
    """Read again: a splice in an unforeseen place must not touch what stands beside it."""
    new, mistakes = read(text.encode(), old.file)
    if new is None or any(one.severity == "error" for one in mistakes):
        return False
    return _without(old.data, place) == _without(new.data, place)


def _without(data: Mapping[str, Any], place: int) -> dict[str, Any]:
    listed = list(data["examples"])
    listed[place] = {key: value for key, value in listed[place].items() if key != "expect"}
    return {**data, "examples": listed}


def _ways(document: Document, place: int, example: Example, observed: Observed) -> Iterator[list[Splice]]:
    """Ways to write it, the one that touches least first."""
    events = said(observed)
    path: Path = ("examples", place, "expect")
    if example.expect is None or path not in document.values:
        yield from _insertions(document, place, events)
        return
    if len(example.expect) == len(events):
        yield _field_by_field(document, path, example.expect, observed.outcome.events, events)
    yield [_whole(document, path, events)]


def _field_by_field(
    document: Document, path: Path, expect: Sequence[Mapping[str, Json]], made: Sequence[Event],
    events: Sequence[Mapping[str, Json]],
) -> list[Splice]:  # fmt: skip
    """The values that are not so; an event of another kind, or which lost a value, is written anew."""
    splices = []
    for number, (wanted, event, words) in enumerate(zip(expect, made, events, strict=True)):
        wrong = _wrong(wanted, event)
        found = {name: words.get(name, _plain(_found(event, name))) for name in wrong}
        if "kind" in wrong or any(value in (None, "", [], {}) for value in found.values()):
            splices.append(_over(document, (*path, number), flow(words)))
        else:
            splices += [_over(document, (*path, number, name), flow(value)) for name, value in found.items()]
    return splices


def _over(document: Document, path: Path, text: str) -> Splice:
    start, end, _ = document.values[path]
    return Splice(start, end, text)


def _whole(document: Document, path: Path, events: Sequence[Mapping[str, Json]]) -> Splice:
    """The list behind `expect:`; a comment behind the colon stays, if the list begins below it."""
    key, value = document.key_span(path), document.span(path)
    start, end, _ = document.values[path]
    if _is_flow(document, path[:-1]):
        return Splice(start, end, flow(list(events)))
    if value.line > key.line:
        return Splice(start, end, _block(document, events, value.column - 1) if events else "[]")
    colon = document.text.index(":", document.keys[path][1]) + 1
    return Splice(colon, end, _below(document, events, key.column - 1))


def _insertions(document: Document, place: int, events: Sequence[Mapping[str, Json]]) -> Iterator[list[Splice]]:
    """Behind the example's last line; or, where that would change a text that keeps its last lines, behind its name."""
    path: Path = ("examples", place)
    start, end, _ = document.values[path]
    if _is_flow(document, path):
        inner = document.text[start : end - 1].rstrip().rstrip(",")
        yield [Splice(start + len(inner), end - 1, f", expect: {flow(list(events))}")]
        return
    indent = document.key_span((*path, "name")).column - 1
    line = f"{_newline(document)}{' ' * indent}expect:{_below(document, events, indent)}"
    for behind in (end, document.values[(*path, "name")][1]):
        at = _end_of_line(document.text, behind)
        yield [Splice(at, at, line)]


def _end_of_line(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    if end < 0:
        return len(text)
    return end - 1 if text[end - 1] == "\r" and end > offset else end


def _is_flow(document: Document, path: Path) -> bool:
    return document.text[document.values[path][0]] == "{"


def _newline(document: Document) -> str:
    return "\r\n" if "\r\n" in document.text else "\n"


def _below(document: Document, events: Sequence[Mapping[str, Json]], indent: int) -> str:
    """What follows `expect:`."""
    if not events:
        return " []"
    return f"{_newline(document)}{' ' * (indent + 2)}{_block(document, events, indent + 2)}"


def _block(document: Document, events: Sequence[Mapping[str, Json]], indent: int) -> str:
    lines = [line for event in events for line in _lines(event, indent)]
    return f"{_newline(document)}{' ' * indent}".join(lines)


def _lines(event: Mapping[str, Json], indent: int) -> list[str]:
    line = f"- {flow(event)}"
    if indent + len(line) <= WIDTH:
        return [line]
    first, *rest = [f"{_word(name)}: {flow(value)}" for name, value in event.items()]
    return [f"- {first}", *(f"  {one}" for one in rest)]


_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*", re.ASCII)
_RETYPED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def flow(value: Json) -> str:
    """A value in one line of YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_word(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return _word(value)
    return {True: "true", False: "false", None: "null"}[value] if isinstance(value, bool | None) else str(int(value))


def _word(text: str) -> str:
    """Bare where every reader takes it for text, else in double quotes."""
    if _BARE.fullmatch(text) and text.lower() not in _RETYPED:
        return text
    return CONTROL.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(hit: re.Match[str]) -> str:
    return f"\\u{ord(hit[0]):04X}" if ord(hit[0]) < 0x10000 else f"\\U{ord(hit[0]):08X}"
