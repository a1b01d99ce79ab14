"""What became of the events that sinks were to get, and how are those tried again that were given up?"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.table import Table

from adapter.cli import options, show
from adapter.cli.boundary import Nothing
from adapter.cli.deployed import store_of
from adapter.cli.stored import existing
from adapter.cli.world import now
from adapter.delivery.standing import STATES, Heap, heaps, retry
from adapter.store.location import location
from adapter.store.rows import milliseconds

ID = re.compile(r"[0-9a-f]{64}")

store = click.option(
    "--store", metavar="URL", help=f"The database; what the deployment file says, else {options.STORE}."
)


@click.group(short_help="What sinks got, and what is tried again.")
def deliveries() -> None:
    """Look after the deliveries to the sinks of adapter.yaml, also while a server runs.

    \b
    adapter deliveries list --state dead
    adapter deliveries retry --sink billing
    """


@deliveries.command("list", short_help="What was delivered, what waits, what was given up.")
@store
@options.config
@click.option("--sink", metavar="NAME", help="Only this sink's.")
@click.option("--state", type=click.Choice(STATES), help="Only those.")
@options.output("text", "json")
def list_(store: str | None, config: Path | None, sink: str | None, state: str | None, output: str) -> None:
    """Count deliveries by sink, state and the last answer.

    due waits to be delivered; dead was tried as often as the sink says, and is tried again only if you ask for it;
    delivered was taken. The last column is the id of one such event, for retry --id.

    \b
    adapter deliveries list
    adapter deliveries list --sink billing --state dead -o json
    """
    found = heaps(location(existing(store or store_of(config))), sink, state)
    PRINTERS[output](found)


@deliveries.command("retry", short_help="Try again what was given up.")
@store
@options.config
@click.option("--sink", metavar="NAME", help="All that this sink has not got.")
@click.option("--id", "event", metavar="ID", help="One event, for every sink or for the one of --sink.")
@click.option("--all-dead", is_flag=True, help="Whatever was given up, for every sink.")
def again(store: str | None, config: Path | None, sink: str | None, event: str | None, all_dead: bool) -> None:
    """Make due again what is dead, as if it were new, and at once what waits for its next attempt.

    A server that runs takes it within a second. Of one message the older event leaves first, so one that was dead
    may come after newer ones that were delivered meanwhile: its receiver sees by the event's time.

    \b
    adapter deliveries retry --sink billing
    adapter deliveries retry --id 71d398a729d849cab268abf84a0d8f16a11651126f732dbb9b7bd2dcb9d8c978
    """
    if not (sink or event or all_dead):
        raise click.UsageError("say which: --sink NAME, --id ID, or --all-dead for everything")
    if event is not None and not ID.fullmatch(event):
        raise click.UsageError(f"--id {event}: an event's id is 64 of 0-9 a-f, as adapter deliveries list shows it")
    where = location(existing(store or store_of(config)))
    found = retry(where, milliseconds(now()), sink, bytes.fromhex(event) if event else None)
    if not any(found.values()):
        raise Nothing("nothing there is dead or waits")
    click.echo(f"due again: {found['dead']} that had been given up, {found['waiting']} that waited")


def _table(found: Sequence[Heap]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("sink", "state", "number", "oldest", "next", "attempts", "last answer", "event"):
        table.add_column(column, no_wrap=column in ("sink", "state"), overflow="fold")
    for one in found:
        table.add_row(*map(show.plain, _cells(one)))
    if found:
        show.say(table)
    number = sum(one.count for one in found)
    click.echo("1 delivery" if number == 1 else f"{number} deliveries")


def _cells(one: Heap) -> Sequence[str]:
    oldest, next_ = _moment(one.oldest), "" if one.next is None else _moment(one.next)
    return one.sink, one.state, str(one.count), oldest, next_, str(one.attempts), one.answer or "-", one.event


def _lines(found: Sequence[Heap]) -> None:
    for one in found:
        moments = {"oldest": _moment(one.oldest), "next": None if one.next is None else _moment(one.next)}
        click.echo(json.dumps({**asdict(one), **moments}, ensure_ascii=False))


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).isoformat().replace("+00:00", "Z")


PRINTERS = {"text": _table, "json": _lines}
