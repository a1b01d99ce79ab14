"""How is the way of one callback shown: to a person, and as data?"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from adapter.cli import show
from adapter.model import Json, Outcome
from adapter.trace.claims import Claim
from adapter.trace.fields import Entry, Source, Told
from adapter.trace.signature import Step
from adapter.trace.way import Way

STATES = {"ok": "green", "not asked": "dim"}
"""What is not green or dim is red."""


def rows(way: Way, outcome: Outcome) -> Iterator[tuple[str, RenderableType]]:
    """What stands between the request and the verdict, by name."""
    yield "detect", _claims(way)
    if way.spec:
        yield "signature", _signature(way)
        yield from _events(way)
        yield "ack", _ack(way, outcome)


def _claims(way: Way) -> RenderableType:
    """Who claims it; each other spec with the first part of its match that fails, the nearest first."""
    ours = [one for one in way.claims if one.holds]
    others = sorted((one for one in way.claims if not one.holds), key=lambda one: -one.held)
    lines: list[RenderableType] = [show.plain(f"{one.vendor}  ({one.why})", "bold") for one in ours]
    if not ours:
        lines.append(show.plain("nobody claims it", "bold red"))
    return Group(*lines, _joined(others) if ours else _table(map(_refusal, others)))


def _refusal(one: Claim) -> tuple[Text, ...]:
    return show.plain(one.vendor), show.plain(f"no: {one.why}", "dim")


def _joined(others: Iterable[Claim]) -> Text:
    return show.plain(" · ".join(f"{one.vendor} no: {one.why}" for one in others), "dim")


def _signature(way: Way) -> RenderableType:
    if way.spec and way.spec.unsigned and not way.steps:
        return show.plain(f"unsigned: {way.spec.unsigned}", "dim")
    title = [show.plain("a handshake: its own rules", "dim")] if way.handshake else []
    return Group(*title, *(line for step in way.steps for line in _step(step)))


def _step(step: Step) -> Iterator[RenderableType]:
    state = step.state if step.good else step.state.upper()
    head = (
        show.plain(step.name),
        show.plain(f"= {step.formula}"),
        show.plain(state, STATES.get(step.state, "bold red")),
    )
    yield _table([head])
    said = [("why", step.detail), ("signed", step.message), ("sent", step.sent)]
    said += [("ours", text) for text in step.ours]
    said += [("secret", step.live), *(("hint", f"equal {text}") for text in step.hints)]
    told = [(name, text) for name, text in said if text and (not step.good or name in ("signed", "secret"))]
    yield Padding(_table((show.plain(name, "dim"), show.plain(text)) for name, text in told), (0, 0, 0, 2))


def _events(way: Way) -> Iterator[tuple[str, RenderableType]]:
    if way.entries:
        yield "events", Group(*(line for entry in way.entries for line in _entry(entry)))
    if way.unused:
        yield "unused", show.plain(f"in the payload, and read by nobody: {', '.join(way.unused)}", "yellow")


def _entry(entry: Entry) -> Iterator[RenderableType]:
    yield show.plain(f"{entry.words}   ({entry.place})")
    for record in entry.records:
        yield from _record(record)


def _record(record: Told) -> Iterator[RenderableType]:
    yield show.plain(f"[{record.index}] {record.became}", "bold")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("name", "expression", "raw", "result", "note"):
        table.add_column(no_wrap=name in ("name", "result"), overflow="fold")
    for source in record.sources:
        table.add_row(*_source(source))
    yield Padding(table, (0, 0, 0, 2))


def _source(one: Source) -> tuple[Text, ...]:
    style = "yellow" if one.result == "null" else ""
    cells = (one.name, one.expression, one.raw, f"→ {one.result}", one.note)
    return tuple(show.plain(text, style) for text in cells)


def _table(cells: Iterable[Iterable[RenderableType]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    listed = [tuple(row) for row in cells]
    for _ in listed[0] if listed else ():
        table.add_column(overflow="fold")
    for row in listed:
        table.add_row(*row)
    return table


def _ack(way: Way, outcome: Outcome) -> Text:
    """The answer, and what it would be if the signature held."""
    text = _answer(outcome)
    if outcome.name == "refused" and way.would and way.would.name != "refused":
        return show.plain(f"{text}, because {_reason(outcome)} (would be {_answer(way.would)}, {way.would.name})")
    return show.plain(f"{text}   {outcome.name}")


def _reason(outcome: Outcome) -> str:
    return outcome.problems[0].message if outcome.problems else outcome.code


def _answer(outcome: Outcome) -> str:
    body = show.body(outcome.ack.body, 1)
    return f"{outcome.ack.status} {body}".rstrip()


def document(way: Way) -> dict[str, Json]:
    """The same as data."""
    return {
        "claims": [asdict(one) for one in way.claims],
        "signature": [asdict(one) for one in way.steps],
        "handshake": way.handshake,
        "entries": [asdict(one) for one in way.entries],
        "unused": list(way.unused),
        "would": way.would.name if way.would else None,
    }
