"""What did every stage find in one request, record by record, also in those that became no event?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapter.engine.classify import Classified, classify, constant
from adapter.engine.decode import Decoded
from adapter.engine.explode import Exploded
from adapter.engine.flow import process
from adapter.expressions.interpreter import Reading
from adapter.expressions.view import View
from adapter.model import Event, Outcome, Record, Request, Secrets
from adapter.rehearsal import bound, prepared, secrets_for
from adapter.signing import arriving
from adapter.spec.language import Entry, Example, Kind, Registry, Spec


@dataclass(slots=True)
class Stages:
    """What a watched request says on its way: stages by name, and each event with what it was made of."""

    found: dict[str, Any] = field(default_factory=dict)
    events: list[tuple[Entry, Record, Event]] = field(default_factory=list)

    def __call__(self, stage: str, value: Any) -> None:
        if stage == "event":
            self.events.append((value[0], value[1], value[4]))
        else:
            self.found.setdefault(stage, value)


@dataclass(frozen=True, slots=True)
class Seen:
    """One record as an entry reads it; `event` is None where it became none."""

    entry: Entry
    record: Record
    reading: Reading
    classified: Classified | None
    event: Event | None


@dataclass(frozen=True, slots=True)
class Observed:
    """A request's way: `decoded` and `exploded` are None where it did not come so far."""

    spec: Spec
    request: Request
    outcome: Outcome
    view: View
    decoded: Decoded | None
    exploded: Exploded | None
    seen: tuple[Seen, ...]


def observe(registry: Registry, spec: Spec, request: Request, secrets: Secrets) -> Observed:
    """Run a request of this spec, and read its records once more by hand."""
    stages = Stages()
    outcome = process(registry, request, secrets, stages)
    spec = stages.found.get("verify", spec)
    decoded, exploded = stages.found.get("decode"), stages.found.get("explode")
    tree = decoded.tree if decoded else None
    view = View(request, spec.vendor, tree, spec.settings, spec.manner.fold_keys)
    seen = tuple(_seen(exploded, view, stages)) if exploded else ()
    return Observed(spec, request, outcome, view, decoded, exploded, seen)


def observe_example(spec: Spec, kinds: Mapping[str, Kind], example: Example) -> Observed:
    """An example's way. Raises BadRequestText, Missing, Refused where it cannot be signed."""
    secrets = secrets_for(spec, example)
    asked = arriving(spec, prepared(spec, example, secrets))
    return observe(bound(spec, kinds, asked.channel), spec, asked, secrets)


def _seen(exploded: Exploded, view: View, stages: Stages) -> Iterator[Seen]:
    made = {(id(entry), record.index): event for entry, record, event in stages.events}
    for entry, records in exploded.taken:
        for record in records:
            view["parents"], view["index"] = list(record.parents), record.index
            reading: Reading = entry.read(record.value, view)
            yield Seen(entry, record, reading, _classified(entry, reading), made.get((id(entry), record.index)))


def _classified(entry: Entry, reading: Reading) -> Classified | None:
    kind, status, fixed = entry.shape.kind, entry.shape.status, entry.shape.constants.get("status")
    if not kind or not kind.words:
        return None
    if fixed or not status:
        return constant(kind, str(fixed), entry.shape.constants.get("reason")) if fixed else None
    return classify(kind, status, reading.codes, reading.success, reading.values.get("code"))
