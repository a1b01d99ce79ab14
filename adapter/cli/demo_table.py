"""What came, what became of it, what was answered: one row for each callback."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich import box
from rich.table import Table
from rich.text import Text

from adapter.cli import show
from adapter.http_text import Written
from adapter.model import Ack, Event, Json, Outcome
from adapter.spec.language import Example, Spec

SENT = 120
"""Characters that are shown of a body, or else of a query."""

OURS = show.PROVENANCE | {"status", "final", "code_known"}
UNSAID: tuple[Json, ...] = (None, [], {})


@dataclass(frozen=True, slots=True)
class Played:
    """One example on the stage: what was sent, what should become of it, and what the server did."""

    spec: Spec
    example: Example
    written: Written
    outcome: Outcome
    answer: Ack
    stored: tuple[Event, ...]
    differences: tuple[str, ...]


def table(played: Iterable[Played]) -> Table:
    made = Table(box=box.ROUNDED, show_lines=True, header_style="bold")
    made.add_column("vendor", no_wrap=True)
    made.add_column("sent", ratio=4, overflow="fold")
    made.add_column("became", ratio=5, overflow="fold")
    made.add_column("answered", ratio=2, overflow="fold")
    for one in played:
        made.add_row(_vendor(one), _sent(one), _became(one), _answered(one.answer))
    return made


def _vendor(one: Played) -> Text:
    mark = show.verdict(not one.differences, "FAIL" if one.differences else "ok")
    return Text("\n").join([show.plain(one.spec.vendor), mark])


def _sent(one: Played) -> Text:
    said = one.written.body.decode("utf-8", "replace") or one.written.target.partition("?")[2]
    text = " ".join(said.split())
    return Text("\n").join([
        show.plain(one.example.name, "bold"),
        show.plain(text if len(text) <= SENT else text[: SENT - 1] + "…"),
    ])  # fmt: skip


def _became(one: Played) -> Text:
    if not one.stored:
        why = one.outcome.code or one.outcome.name
        return show.plain(f"{why}: nothing stored", "yellow")
    return Text("\n").join(map(_event, one.stored))


def _event(event: Event) -> Text:
    data = event.envelope["data"]
    said = {
        name: found for name, found in {**data, **data["extra"]}.items() if name not in OURS and found not in UNSAID
    }
    head = show.plain(f"{event.kind}  {data.get('status') or ''}".rstrip(), "bold green")
    pairs = " · ".join(f"{name} {show.value(found)}" for name, found in said.items())
    return Text("\n").join([head, show.plain(pairs)])


def _answered(answer: Ack) -> Text:
    return show.plain("\n".join([str(answer.status), *([show.body(answer.body)] if answer.body else [])]))
