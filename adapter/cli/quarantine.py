"""What waits for a person? Requests that became no event, in full or in part, and those that proved nothing."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import click

from adapter.cli import options, raw_text, requests, show
from adapter.cli.boundary import Nothing
from adapter.cli.replay import desk, done, rehearsed, started, told
from adapter.cli.since import since
from adapter.cli.stored import existing
from adapter.model import Problem, dumps
from adapter.replay.selection import Selection
from adapter.spec.diagnostics import plural
from adapter.store.listing import Kept, Wanted, list_requests, read_kept
from adapter.store.location import location


class Subcommands(click.Group):
    """In the order in which they are needed."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=Subcommands, short_help="What waits for a person: look at it, mend, try again.")
def quarantine() -> None:
    """Requests that are stored and not, or not all, events: partial, quarantined, unclaimed, unmatched, refused.

    \b
    adapter quarantine list --vendor acme
    adapter quarantine show 019a1b2c3d4e5f60718293a4b5c6d7e8 | adapter try - --spec acme
    adapter quarantine retry --vendor acme --vendors my-vendors --dry-run
    """


@quarantine.command("list", short_help="What waits.")
@options.store
@click.option("--vendor", metavar="NAME", help="Only this vendor's.")
@click.option("--channel", metavar="NAME", help="Only those of this channel.")
@since
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@options.output("text", "json")
@options.color
def listed(
    store: str, vendor: str | None, channel: str | None, since: datetime | None, limit: int, output: str
) -> None:
    """List what waits, the newest first: what is no event yet, and what could not prove itself.

    \b
    adapter quarantine list --since 3d
    """
    wanted = Wanted(vendor, channel, None, since.isoformat() if since else None, quarantine=True, limit=limit)
    found = list_requests(location(existing(store)), wanted)
    if output == "json":
        requests.lines(found, store)
        return
    if found:
        show.say(requests.table(found))
    many = plural(len(found), "request")
    click.echo(f"{many} waiting" + (f": adapter quarantine show {found[0].id} --store {store}" if found else ""))


@quarantine.command("show", short_help="One of them, as it came.")
@click.argument("request_id", metavar="ID")
@options.store
@options.output("text", "json")
@options.color
def shown(request_id: str, store: str, output: str) -> None:
    """Print a stored request as text that adapter try - takes; its problems, with the bad records, go to stderr.

    Values of headers that may be secrets, such as Authorization, are masked. The body is printed as it came: it may
    hold people's numbers.

    \b
    adapter quarantine show 019a1b2c3d4e5f60718293a4b5c6d7e8
    adapter quarantine show 019a1b2c3d4e5f60718293a4b5c6d7e8 | adapter try - --spec acme --explain
    """
    kept = read_kept(location(existing(store)), request_id)
    if kept is None:
        raise Nothing(f"--store {store}: no request {request_id} is stored there")
    PRINTERS[output](kept)


def _text(kept: Kept) -> None:
    text = raw_text.written(kept.request)
    if sys.stdout.isatty():
        click.echo(show.plain(text.decode("utf-8", "replace")).plain)  # nothing in it moves the cursor
    else:
        click.echo(text, nl=False)
    one = kept.listed
    click.echo(f"\n{' '.join(filter(None, (one.outcome, one.code, one.vendor, one.received_at)))}", err=True)
    click.echo("".join(f"  {_problem(problem)}\n" for problem in kept.problems) or f"  {one.why}", nl=False, err=True)


def _problem(problem: Problem) -> str:
    record = "" if problem.record is None else f"record {problem.record}: "
    content = "" if problem.content is None else f"\n      {show.body(dumps(problem.content), 1)}"
    return f"{record}{problem.stage}: {problem.code}: {problem.message}{content}"


def _json(kept: Kept) -> None:
    one = kept.listed
    document = {
        "id": one.id, "received_at": one.received_at, "channel": one.channel, "vendor": one.vendor or None,
        "outcome": one.outcome, "code": one.code or None, "why": one.why or None,
        "request": raw_text.written(kept.request).decode("utf-8", "replace"),
        "problems": [
            {"stage": each.stage, "code": each.code, "message": each.message, "record": each.record,
             "content": each.content}
            for each in kept.problems
        ],
    }  # fmt: skip
    click.echo(dumps(document).decode())


PRINTERS: dict[str, Callable[[Kept], None]] = {"text": _text, "json": _json}


@quarantine.command("retry", short_help="Judge them anew.")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@options.specs
@options.config
@click.option("--store", metavar="URL", help=f"The database: what the deployment file says, else {options.STORE}.")
@click.option("--vendor", metavar="NAME", help="All of this vendor that wait.")
@click.option("--all", "everything", is_flag=True, help="All that wait.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing; exits with 1 if it would.")
@options.output("text", "json")
@options.color
def retry(  # noqa: PLR0913, PLR0917  (options)
    ids: tuple[str, ...], vendors: Sequence[Path], schemas: Sequence[Path], config: Path | None, store: str | None,
    vendor: str | None, everything: bool, dry_run: bool, output: str,
) -> None:  # fmt: skip
    """Take what waits through today's specs, or through mended ones: adapter replay of the quarantine.

    A refused request is verified again, as of the moment when it came; one that proves itself is stored with its
    events.

    \b
    adapter quarantine retry --vendor acme --vendors my-vendors --dry-run
    adapter quarantine retry --all
    """
    if (bool(ids) + bool(vendor) + everything) != 1:
        raise click.UsageError("say which: ids, --vendor NAME or --all")
    asked = Selection(vendor=vendor or "", ids=ids, quarantine=True)
    with desk(vendors, schemas, config, store) as at:
        if dry_run:
            told(rehearsed(at, asked), output)
        else:
            done(at, started(at, asked), output)
