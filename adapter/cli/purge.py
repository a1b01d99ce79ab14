"""How is somebody forgotten who asks for it?"""

from collections import Counter

import click

from adapter.cli import options
from adapter.cli.boundary import Failed
from adapter.cli.stored import existing
from adapter.replay import needle as needles
from adapter.replay.erase import Erasure, erase, sweep
from adapter.store.databases import reader
from adapter.store.location import location
from adapter.store.reading import reading

WORDS = ("events", "deliveries", "messages", "problems", "requests", "emptied", "refused")


@click.command(short_help="Erase what is stored of a number or a message.")
@options.store
@click.option("--phone", metavar="NUMBER", help="All that is stored of this number.")
@click.option("--message", metavar="ID", help="All that is stored of the message with this id.")
@click.option("--vendor", metavar="NAME", help="Only this vendor's.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option(
    "--sweep/--no-sweep", "sweeps", default=True, show_default=True, help="Clear the free places of the database too."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(
    store: str, phone: str | None, message: str | None, vendor: str | None, dry_run: bool, sweeps: bool, yes: bool
) -> None:
    """Erase events, their deliveries and states, problems, and the requests that they came with. It cannot be undone.

    A request that held nothing else is deleted; of one that holds other people's records too the content goes, and
    their events stay: its outcome is `erased`, and it is never replayed. Refused requests in which the number stands
    are deleted.

    Two numbers are one when, without +, 00 or 0 before them, the shorter one ends the longer one, and the longer one
    has at most three digits more, a country's code: +86 138 0000 0001, 008613800000001 and 13800000001 are one. It is
    found as a whole value of an event, and anywhere in a request, also percent-encoded; not in what is packed or
    encrypted by its vendor.

    Afterwards the free places of the database are cleared, where copies may be. SQLite writes its whole file anew
    for that: a server answers "come again" meanwhile. --no-sweep leaves it out.

    What a sink has got already is not called back. May be repeated, and run beside a server.

    \b
    adapter purge --phone +8613800000001 --dry-run
    adapter purge --message 1490 --vendor acme --yes
    """
    where = location(existing(store))
    needle = _needle(phone, message)
    with reading(where):  # is it of today's form?
        reads, writes = reader(where), reader(where, writes=True)
    found = erase(Erasure(reads, None, needle, vendor or ""))
    click.echo(f"found: {_worded(found)}")
    if dry_run:
        return
    if found.total() and not yes:
        click.confirm("Erase all of it for good?", abort=True)
    done = erase(Erasure(reads, writes, needle, vendor or ""))
    click.echo(f"erased: {_worded(done)}")
    if sweeps and not sweep(writes):
        raise Failed("the free places of the database were not cleared, for others read or write: run it again")


def _needle(number: str | None, message: str | None) -> needles.Needle:
    if bool(number) == bool(message):
        raise click.UsageError("say whom: --phone NUMBER or --message ID")
    try:
        return needles.phone(number) if number else needles.Message(message or "")
    except ValueError as error:
        raise click.UsageError(f"--phone: {error}") from error


def _worded(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[word]:,} {word}" for word in WORDS)
