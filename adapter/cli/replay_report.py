"""What would a replay change? Counts by vendor, then each event field by field, then what is the same for many."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from adapter.cli import phones, show
from adapter.model import Json
from adapter.replay.plan import Change, Plan, differences
from adapter.replay.run import counted
from adapter.spec.diagnostics import plural
from adapter.store.rows import Route

SHOWN = 20
"""Events one by one; of more only how many are alike."""

LISTED = 1000
"""Events one by one in JSON."""

SORTS = {"new": "+", "corrected": "~", "withdrawn": "-"}
PEOPLE = phones.PEOPLE


@dataclass(slots=True)
class Report:
    """What plans come to."""

    route: Route
    counts: Counter[str] = field(default_factory=Counter)
    vendors: dict[str, Counter[str]] = field(default_factory=dict)
    alike: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    sinks: Counter[str] = field(default_factory=Counter)
    events: list[dict[str, Json]] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        return self.counts["changed"] > 0

    def take(self, plan: Plan) -> None:
        vendor = plan.outcome.vendor or plan.stored.vendor or "-"
        words = list(counted(plan))
        self.counts.update(words)
        self.vendors.setdefault(vendor, Counter()).update(words)
        self.left.update([plan.left] if plan.left else [])
        if plan.renamed:
            self.outcomes[_became(plan)] += 1
        for change in plan.changes:
            self._change(change, plan, vendor)

    def _change(self, change: Change, plan: Plan, vendor: str) -> None:
        self.sinks.update(self.route(change.event) if change.event else ())
        fields = [*_fields(change)]
        self.alike.update(_worded(change, fields))
        if len(self.events) < LISTED:
            self.events.append(_event(change, plan, vendor, fields))

    def document(self) -> dict[str, Json]:
        """For machines; the same request of the same store always gives the same text."""
        return {
            "changes": self.changes,
            "counts": dict(sorted(self.counts.items())),
            "vendors": {name: dict(sorted(found.items())) for name, found in sorted(self.vendors.items())},
            "alike": [{"change": words, "count": count} for words, count in _most(self.alike)],
            "outcomes": [{"change": words, "count": count} for words, count in _most(self.outcomes)],
            "left_alone": [{"reason": words, "count": count} for words, count in _most(self.left)],
            "deliveries": dict(sorted(self.sinks.items())),
            "events": self.events,
        }

    def text(self) -> RenderableType:
        return Group(*self._lines())

    def _lines(self) -> Iterator[RenderableType]:
        for name, found in sorted(self.vendors.items()):
            yield show.plain(f"{name}   {_summary(found)}", "bold")
        for event in self.events[:SHOWN]:
            yield from _shown(event)
        if len(self.events) > SHOWN:
            yield Text(f"  … and {self._more():,} more events; all together:")
            yield from (show.plain(f"  {count:,} × {words}") for words, count in _most(self.alike))
        yield from (show.plain(f"  {count:,} × request {words}") for words, count in _most(self.outcomes))
        yield from (show.plain(f"  {count:,} × left alone: {words}", "yellow") for words, count in _most(self.left))
        yield from (show.plain(f"  to sink {sink}: {plural(count, 'event')}") for sink, count in _most(self.sinks))

    def _more(self) -> int:
        return sum(self.counts[sort] for sort in SORTS) - SHOWN


def _summary(found: Counter[str]) -> str:
    words = [f"{found[sort]:,} {sort}" for sort in (*SORTS, "unchanged") if found[sort]]
    words += [f"{found['proved']:,} proved now"] if found["proved"] else []
    return ", ".join([plural(found["requests"], "request"), *(words or ["no event"])])


def _became(plan: Plan) -> str:
    before = "/".join(filter(None, (plan.stored.outcome, plan.stored.code)))
    now = "/".join(filter(None, (plan.name, plan.outcome.code)))
    return f"{before} → {now}" if before != now else f"{now}: other problems"


def _fields(change: Change) -> Iterator[tuple[str, Json, Json]]:
    if change.sort == "corrected":
        yield from differences(change)


def _worded(change: Change, fields: list[tuple[str, Json, Json]]) -> list[str]:
    """Each as it is counted: a field's values where they are words, its name alone where everybody has his own."""
    if change.sort == "withdrawn":
        return [f"withdrawn {change.old.kind if change.old else ''}, nothing is delivered"]
    if change.sort == "new":
        return [f"new {change.event.kind if change.event else ''}"]
    return [_counted(*one) for one in fields]


def _counted(name: str, before: Json, now: Json) -> str:
    words = isinstance(before, str | bool | None) and isinstance(now, str | bool | None)
    known = words and name in ("status", "reason", "final", "code_known")
    return f"{name}: {_value(name, before)} → {_value(name, now)}" if known else f"{name}: other values"


def _value(name: str, found: Json) -> str:
    return "null" if found is None else str(show.value(phones.value(name, found)))


def _event(change: Change, plan: Plan, vendor: str, fields: list[tuple[str, Json, Json]]) -> dict[str, Any]:
    subject = change.event.envelope.get("subject") if change.event else None
    return {
        "change": change.sort,
        "request": plan.stored.request.id,
        "vendor": vendor,
        "kind": change.event.kind if change.event else change.old and change.old.kind,
        "id": change.id.hex() or None,
        "supersedes": change.old.id.hex() if change.old else None,
        "revision": change.revision,
        "subject": subject,
        "fields": [{"field": name, "before": before, "after": now} for name, before, now in fields],
    }


def _shown(event: dict[str, Any]) -> Iterator[Text]:
    about = event["subject"] or (event["id"] or event["supersedes"])[:16]
    colour = {"new": "green", "withdrawn": "red"}.get(event["change"], "yellow")
    yield show.plain(f"  {SORTS[event['change']]} {event['kind']} {about}   {event['change']}", colour)
    for one in event["fields"]:
        name, before, now = one["field"], one["before"], one["after"]
        if before is None:
            yield show.plain(f"      + {name} {_value(name, now)}")
        elif now is None:
            yield show.plain(f"      - {name} {_value(name, before)}")
        else:
            yield show.plain(f"      {name}: {_value(name, before)} → {_value(name, now)}")


def _most(found: Counter[str]) -> list[tuple[str, int]]:
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))
