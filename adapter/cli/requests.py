"""Which callbacks came, and what became of them?"""

from dataclasses import asdict
from datetime import datetime

import click
from rich.table import Table

from adapter.cli import options, phones, show
from adapter.cli.since import since
from adapter.cli.stored import existing
from adapter.model import dumps
from adapter.spec.diagnostics import plural
from adapter.store.listing import Listed, Wanted, list_requests
from adapter.store.location import location

OUTCOMES = (
    "accepted", "partial", "quarantined", "ignored", "unclaimed", "unmatched", "refused", "duplicate", "erased",
)  # fmt: skip

COLUMNS = ("time", "channel", "vendor", "outcome", "code", "why", "id")


@click.command(short_help="Which callbacks came last, and what became of them?")
@options.store
@click.option("--vendor", metavar="NAME", help="Only this vendor's.")
@click.option("--channel", metavar="NAME", help="Only those of this channel, such as sms/1.")
@click.option("--outcome", type=click.Choice(OUTCOMES), help="Only those that came to this end.")
@since
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@options.output("text", "json")
@options.color
def requests(
    store: str, vendor: str | None, channel: str | None, outcome: str | None, since: datetime | None, limit: int,
    output: str,
) -> None:  # fmt: skip
    """List the last callbacks, the newest first: those that were stored, and those that could not prove themselves.

    A retry with the very bytes of an earlier one leaves no row; one that says the same in other bytes is a duplicate.
    As json: one object a line. Nothing of what a callback carried is shown; adapter quarantine show has it.

    \b
    adapter requests --vendor acme --since 2h
    adapter requests --outcome unclaimed -o json
    """
    wanted = Wanted(vendor, channel, outcome, since.isoformat() if since else None, limit=limit)
    PRINTERS[output](list_requests(location(existing(store)), wanted), store)


def table(found: list[Listed]) -> Table:
    """Of what was found, with nobody's number in it."""
    made = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in COLUMNS:
        made.add_column(column, no_wrap=column not in ("why", "code"), overflow="fold")
    for one in found:
        words = one.received_at[:19], one.channel, one.vendor or "-", one.outcome, one.code, phones.hidden(one.why)
        made.add_row(*map(show.plain, (*words, one.id)))
    return made


def _text(found: list[Listed], store: str) -> None:
    if found:
        show.say(table(found))
    click.echo(plural(len(found), "request"))
    if found:
        click.echo(f"why: adapter try {found[0].id} --store {store} --explain", err=True)


def lines(found: list[Listed], _: str) -> None:
    """JSON for machines."""
    for one in found:
        click.echo(dumps(asdict(one)).decode())


PRINTERS = {"text": _text, "json": lines}
