"""What is old enough to go? What a server does every hour, by hand."""

import time
from collections.abc import Sequence
from pathlib import Path

import click

from adapter.cli import options
from adapter.cli.boundary import PROBLEMS
from adapter.cli.deployed import deployed
from adapter.cli.files import select
from adapter.cli.stored import existing
from adapter.cli.world import now
from adapter.service.keeping import PAUSE_SECONDS
from adapter.service.settings import Settings
from adapter.store.databases import reader
from adapter.store.location import location
from adapter.store.reading import reading
from adapter.store.retention import Pruned, Work, never, prune


@click.command("prune", short_help="Remove what is old.")
@options.specs
@options.config
@click.option("--store", metavar="URL", help=f"The database: what the deployment file says, else {options.STORE}.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--force", is_flag=True, help="The clock is right, however long nothing came.")
def prune_command(
    vendors: Sequence[Path], schemas: Sequence[Path], config: Path | None, store: str | None, dry_run: bool, force: bool
) -> None:
    """Remove what is older than `retention:` of the deployment file says; a server does it every hour.

    Requests are kept for 30 days, and their problems with them, refused ones for 7; events and the states of messages
    for 90 days, and events as long as their request is there; deliveries for 7 days. Deliveries that are due or dead
    stay, and so do their events.

    Where nothing came for a week or more, and for as long as a row is kept, the clock may be wrong: then nothing is
    removed without --force, and it exits with 1.

    \b
    adapter prune --dry-run
    """
    found = deployed(select(vendors, schemas), config)
    settings = found.deployment.settings if found.deployment else Settings(store=options.STORE)
    where = location(existing(store or settings.store))
    with reading(where):  # is it of today's form?
        reads, writes = reader(where), None if dry_run else reader(where, writes=True)
    pruned = prune(Work(reads, writes, never if dry_run else _pause), settings.retention, now(), force)
    _tell(pruned, dry_run)
    if pruned.doubted:
        raise SystemExit(PROBLEMS)


def _pause() -> bool:
    time.sleep(PAUSE_SECONDS)
    return False


def _tell(pruned: Pruned, dry_run: bool) -> None:
    words = ", ".join(f"{count:,} {name}" for name, count in pruned.counts.items())
    click.echo(f"{words or 'nothing'}{' would be' if dry_run else ''} removed")
    if pruned.doubted:
        click.echo(f"left alone, for the clock may be wrong: {', '.join(pruned.doubted)}; if it is right: --force")
