"""What holds for every callback, whatever is in it? The laws that an outcome is held against."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft7Validator

from adapter.engine.explode import Exploded
from adapter.engine.flow import process
from adapter.model import Event, Json, Outcome, Record, Request, Secrets, dumps
from adapter.spec import packaged
from adapter.spec.kinds import name_and_version, read_documents
from adapter.spec.language import Kind, Registry

STORED = {"accepted", "partial", "quarantined", "ignored", "unclaimed"}
REFUSALS = {"bad_signature": 401, "stale": 401, "unreadable_body": 400, "secret_unset": None}
HANDSHAKE = "challenge"
PROBLEMS = {"missing_field", "no_key", "unclaimed", "unclaimed_record"}

_ENVELOPE = {"specversion", "id", "source", "type", "time", "datacontenttype", "dataschema", "recordedtime", "data"}
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")


@dataclass(slots=True)
class Seen:
    """What the stages said of one request."""

    stages: dict[str, Any] = field(default_factory=dict)
    made: list[Record] = field(default_factory=list)

    def __call__(self, stage: str, value: Any) -> None:
        self.stages[stage] = value
        if stage == "event":
            self.made.append(value[1])

    @property
    def authentic(self) -> bool:
        return "verify" in self.stages

    @property
    def tree(self) -> Json:
        return self.stages["decode"].tree

    @property
    def exploded(self) -> Exploded:
        exploded: Exploded = self.stages["explode"]
        return exploded


def run(registry: Registry, request: Request, secrets: Secrets) -> tuple[Outcome, Seen]:
    """The outcome of a request, and what the stages said."""
    seen = Seen()
    return process(registry, request, secrets, seen), seen


def broken(registry: Registry, outcome: Outcome, seen: Seen) -> list[str]:
    """The laws that an outcome breaks."""
    if outcome.name == "refused":
        return list(_refused(outcome))
    if outcome.code == HANDSHAKE:
        return ["a handshake is stored"] if outcome.keep or outcome.events else []
    if outcome.name not in STORED:
        return [f"'{outcome.name}' is no outcome of a channel with one vendor"]
    return [
        *_answered(outcome),
        *_counted(outcome, seen),
        *_not_ignored_by_chance(outcome, seen),
        *(text for event in outcome.events for text in _event(event, registry.kinds[event.kind])),
    ]


def _refused(outcome: Outcome) -> Iterator[str]:
    if outcome.code not in REFUSALS:
        yield f"'{outcome.code}' is no reason to refuse"
    if outcome.events:
        yield "a refused request has events"
    if 200 <= outcome.ack.status < 300:
        yield f"a refusal is answered {outcome.ack.status}"


def _answered(outcome: Outcome) -> Iterator[str]:
    if not 200 <= outcome.ack.status < 300 or not 200 <= outcome.duplicate_ack.status < 300:
        yield f"stored, but answered {outcome.ack.status}"
    if 200 <= outcome.retry_ack.status < 300:
        yield f"'come again' is answered {outcome.retry_ack.status}"
    if not outcome.keep:
        yield "stored, but its bytes are not kept"


def _counted(outcome: Outcome, seen: Seen) -> Iterator[str]:
    """Every record that an entry takes is an event, one that came twice, a problem, or dropped by its row."""
    exploded = seen.exploded
    taken = sum(len(records) for _, records in exploded.taken)
    again = len(seen.made) - len(outcome.events)
    failed = sum(problem.stage == "extract" for problem in outcome.problems)
    dropped = outcome.ignored - exploded.ignored
    if taken != len(outcome.events) + again + failed + dropped:
        yield f"of {taken} records {len(outcome.events)} are events, {again} again, {failed} failed, {dropped} dropped"
    told = sum("has the same id" in one["message"] for event in outcome.events for one in _warnings(event))
    if told != again:
        yield f"{again} records came twice, but {told} warnings say so"
    unclaimed = len(exploded.unclaimed) + exploded.unclaimed_body
    if len(outcome.problems) != failed + unclaimed:
        yield f"{failed} failed and {unclaimed} unclaimed, but {len(outcome.problems)} problems"
    if any(problem.code not in PROBLEMS for problem in outcome.problems):
        yield f"unknown problems: {[problem.code for problem in outcome.problems]}"
    listed = _listed(seen)
    if listed is not None and exploded.taken:
        known = {record.index for _, records in exploded.taken for record in records}
        found = len(known) + exploded.ignored + len(exploded.unclaimed)
        if listed != found:
            yield f"{listed} records in the body, {found} of them found"


def _listed(seen: Seen) -> int | None:
    """How many records a body has, by another way of counting: where every entry lists the same plain path."""
    spec = seen.stages["verify"]
    steps = {tuple(step.text for step in entry.shape.each) for entry in spec.entries}
    if len(steps) != 1 or seen.exploded.nulls:
        return None
    value = seen.tree
    for step in steps.pop():
        for name in step.split("."):
            value = value.get(name) if isinstance(value, dict) else None
    return len(value) if isinstance(value, list) else int(value is not None)


def _not_ignored_by_chance(outcome: Outcome, seen: Seen) -> Iterator[str]:
    """Only what an entry or a row names, an empty body and a real empty list are ignored."""
    if outcome.name == "ignored" and not outcome.ignored and not _empty(seen.tree) and not has_empty_list(seen.tree):
        yield "ignored, though nobody said so"


def _empty(tree: Json) -> bool:
    return tree is None or tree in ("", [], {})


def has_empty_list(tree: Json) -> bool:
    """Is there a list somewhere that lists nothing?"""
    if isinstance(tree, dict):
        return any(has_empty_list(item) for item in tree.values())
    if isinstance(tree, str):
        return unquote(tree).strip().startswith(("[]", "{"))  # JSON in a text, which an expression may open
    return isinstance(tree, list) and (not tree or any(has_empty_list(item) for item in tree))


def _warnings(event: Event) -> list[Any]:
    warnings: list[Any] = event.envelope["data"]["warnings"]
    return warnings


def _event(event: Event, kind: Kind) -> Iterator[str]:
    envelope = event.envelope
    if set(envelope) - {"subject"} != _ENVELOPE or envelope["id"] != event.id or envelope["type"] != event.kind:
        yield f"no CloudEvent of its own: {sorted(envelope)}"
    if "subject" in envelope and (not envelope["subject"] or envelope["subject"] != envelope["data"][kind.subject]):
        yield f"the subject is {envelope['subject']!r}"
    data = json.loads(dumps(envelope))["data"]
    for name, column in kind.columns.items():
        if column.type == "date-time" and data[name] is not None and not _TIME.fullmatch(data[name]):
            yield f"{name} is {data[name]!r}"
    if kind.words:
        yield from _worded(kind, data)
    yield from _misfits(event.kind, data)


def _worded(kind: Kind, data: Json) -> Iterator[str]:
    word = kind.words.get(data["status"])
    if word is None:
        yield f"'{data['status']}' is no status"
    elif data.get("final", word.final) is not word.final or (data.get("reason") and not word.reasoned):
        yield f"{data['status']} with final {data.get('final')} and reason {data.get('reason')}"


def _misfits(kind: str, data: Json) -> tuple[str, ...]:
    """What the kind's schema says against data; asked once for data of the same types and words."""
    key = (kind, tuple((name, item if name in _WORDED[kind] else _types(item)) for name, item in data.items()))
    if key not in _KNOWN:
        _KNOWN[key] = tuple(f"{one.json_path}: {one.message[:200]}" for one in SCHEMAS[kind].iter_errors(data))
    return _KNOWN[key]


def _types(value: Json) -> Any:
    if isinstance(value, dict):
        return tuple((name, _types(item)) for name, item in value.items())
    if isinstance(value, list):
        return frozenset(map(_types, value))
    return type(value).__name__


DOCUMENTS = read_documents([packaged.schemas() / "events"])
SCHEMAS = {name_and_version(file)[0]: Draft7Validator(document) for file, document in DOCUMENTS.items()}
_WORDED = {
    name_and_version(file)[0]: frozenset(name for name, each in document["properties"].items() if "enum" in each)
    for file, document in DOCUMENTS.items()
}
_KNOWN: dict[tuple[str, Any], tuple[str, ...]] = {}
