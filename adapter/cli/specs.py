"""What does the server serve, and why not my file?"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict

import click
from rich.table import Table

from adapter.cli import options, show
from adapter.cli.boundary import PROBLEMS
from adapter.cli.stored import existing
from adapter.spec.diagnostics import plural
from adapter.store.good import Kept, read_kept
from adapter.store.location import location


@click.command(short_help="What does the server serve, and why not my file?")
@options.store
@click.option("--vendor", metavar="NAME", help="Only this vendor's.")
@options.output("text", "json")
def specs(store: str, vendor: str | None, output: str) -> None:
    """Show which version of each vendor file the server of a store serves, as it last wrote down.

    A file with a mistake, a mistake in one of its tables, or an example that fails is not taken: the last good version
    is served on, and here stands why. A vendor that was never right is held back. Exits with 1 when a file is not
    taken.

    \b
    adapter specs
    adapter specs --store /var/lib/adapter/adapter.db --vendor acme
    """
    rows = [row for row in read_kept(location(existing(store))).values() if vendor in (None, row.vendor)]
    PRINTERS[output](rows)
    raise SystemExit(PROBLEMS if any(row.broken for row in rows) else 0)


def _text(rows: Iterable[Kept]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("vendor", "spec", "since", "served"):
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*map(show.plain, (row.vendor, row.hash or "-", row.kept_at, _word(row))))
    if table.row_count:
        show.say(table)
    broken = [row for row in rows if row.broken]
    for row in broken:
        click.echo(f"\n{row.vendor}: {row.broken}")
    click.echo(f"\n{plural(table.row_count, 'vendor')}, {plural(len(broken), 'file')} not taken")


def _word(row: Kept) -> str:
    if not row.broken:
        return "its file"
    return "the last good version" if row.hash else "held back"


def _json(rows: Iterable[Kept]) -> None:
    known = [{name: value for name, value in asdict(row).items() if name != "files"} for row in rows]
    click.echo(json.dumps([{**one, "served": _word(row)} for one, row in zip(known, rows, strict=True)], indent=2))


PRINTERS: dict[str, Callable[[Iterable[Kept]], None]] = {"text": _text, "json": _json}
