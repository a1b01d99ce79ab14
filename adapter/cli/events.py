"""Which events are stored?"""

from collections.abc import Iterator

import click
import orjson
from rich.table import Table

from adapter.cli import options, show
from adapter.cli.stored import existing
from adapter.spec.diagnostics import plural
from adapter.store.reading import Stored, read_events

PAGE = 100
"""As many as fit a person's patience."""


@click.command(short_help="Read the stored events.")
@options.store
@click.option("--vendor", metavar="NAME", help="Only this vendor's.")
@click.option("--kind", metavar="KIND", help="Only this kind, such as sms.delivery.")
@click.option("--since", type=click.IntRange(min=0), default=0, metavar="SEQ", help="Only those behind this number.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many; text prints 100 if nothing is said.")
@options.output("text", "json")
def events(store: str, vendor: str | None, kind: str | None, since: int, limit: int | None, output: str) -> None:
    """Read stored events in the order in which they were stored, also while a server runs.

    As json: one CloudEvents document a line. The number for the next --since is printed last, to stderr.

    \b
    adapter events --vendor acme
    adapter events -o json --since 1200 --limit 500
    """
    limit = limit or (PAGE if output == "text" else None)
    last = PRINTERS[output](read_events(existing(store), since, kind, vendor, limit))
    if last:
        click.echo(f"to read on: --since {last}", err=True)


def _lines(stored: Iterator[Stored]) -> int:
    last = 0
    for one in stored:
        click.echo(one.envelope)
        last = one.seq
    return last


def _table(stored: Iterator[Stored]) -> int:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("seq", "time", "vendor", "kind", "message", "number", "status", "reason", "code or text"):
        table.add_column(column, no_wrap=column in ("seq", "time", "kind"), overflow="fold")
    last = 0
    for one in stored:
        table.add_row(*map(show.plain, _cells(one)))
        last = one.seq
    if last:
        show.say(table)
    click.echo(plural(table.row_count, "event"))
    return last


def _cells(stored: Stored) -> list[str]:
    envelope = orjson.loads(stored.envelope)
    data = envelope["data"]
    number, said = data.get("from") or data.get("to"), data.get("code") or data.get("text")
    about = (data.get("message_id"), number, data.get("status"), data.get("reason"), said)
    found = (stored.seq, envelope["time"], data["vendor"], envelope["type"], *about)
    return ["" if one is None else str(show.value(one)) for one in found]


PRINTERS = {"text": _table, "json": _lines}
