"""What becomes of what is stored, now that a spec is mended? First shown, then done."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

import click

from adapter.cli import options, show
from adapter.cli.boundary import PROBLEMS, Nothing
from adapter.cli.deployed import Deployed, deployed, warn
from adapter.cli.files import select
from adapter.cli.replay_report import Report
from adapter.cli.routed import route
from adapter.cli.since import since
from adapter.cli.stored import existing
from adapter.cli.world import live_secrets, now
from adapter.model import dumps
from adapter.replay import run as runs
from adapter.replay.apply import Run
from adapter.replay.judging import Address, Judge
from adapter.replay.selection import Selection, bounded, total
from adapter.spec.diagnostics import plural
from adapter.store.databases import reader
from adapter.store.location import location
from adapter.store.reading import reading
from adapter.store.rows import Manner, milliseconds

TOLD_EVERY = 2000
"""Requests between two lines of progress."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a replay works with."""

    engines: runs.Engines
    judge: Judge
    run: Run
    found: Deployed


@click.command(short_help="Judge stored requests anew, by the specs of today.")
@options.specs
@options.config
@click.option("--store", metavar="URL", help=f"The database: what the deployment file says, else {options.STORE}.")
@since
@click.option("--vendor", metavar="NAME", help="Only this vendor's requests.")
@click.option("--channel", metavar="NAME", help="Only those of this channel, such as sms/1.")
@click.option("--id", "ids", multiple=True, metavar="ID", help="Only this request. May be repeated.")
@click.option("--quarantine", is_flag=True, help="Only what waits for a person: not understood, or not proved.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@click.option("--resume", metavar="RUN", help="Go on with a run that was ended before its time.")
@options.output("text", "json")
@options.color
def replay(  # noqa: PLR0913, PLR0917  (options)
    vendors: Sequence[Path], schemas: Sequence[Path], config: Path | None, store: str | None, since: datetime | None,
    vendor: str | None, channel: str | None, ids: tuple[str, ...], quarantine: bool, dry_run: bool,
    resume: str | None, output: str,
) -> None:  # fmt: skip
    """Take stored requests through today's specs, or through the mended ones of a folder, and correct what differs.

    An event keeps its id while its content stays. A corrected one is a new event with an id of its own, and names the
    one that it `supersedes`; it is delivered like a new one. An event of which nothing is left is withdrawn: nothing
    is delivered. Whose vendor file is gone or broken, and what nobody claims any more, is left alone, and told.

    Requests that proved themselves on arrival are not verified again; refused ones and those that nobody claimed
    are, with the secrets of serve and as of the moment when they came.

    --dry-run exits with 0 when nothing would change, 1 when something would. A run may be repeated, and ended at any
    moment: --resume goes on with it. It may run beside a server.

    \b
    adapter replay --vendor acme --since 3d --vendors my-vendors --dry-run
    adapter replay --vendor acme --since 3d --vendors my-vendors
    """
    asked = Selection(since.isoformat() if since else "", vendor or "", channel or "", ids, quarantine)
    if (asked == Selection()) == (resume is None):
        raise click.UsageError("say which: --since, --vendor, --channel, --id or --quarantine; or --resume a run")
    with desk(vendors, schemas, config, store) as at:
        if dry_run:
            told(rehearsed(at, asked), output)
        else:
            done(at, started(at, asked) if resume is None else resumed(at, resume), output)


@contextmanager
def desk(vendors: Sequence[Path], schemas: Sequence[Path], config: Path | None, store: str | None) -> Iterator[Desk]:
    """A store that is there, the specs of today, their secrets."""
    selection = select(vendors, schemas)
    warn(selection.loaded.diagnostics, selection.loaded.sources)
    found = deployed(selection, config)
    said = found.deployment.settings.store if found.deployment else options.STORE
    where = location(existing(store or said))
    secrets = live_secrets(found.wanted)
    with reading(where):  # is it of today's form?
        engines = runs.Engines(reader(where), reader(where, writes=True))
    run = Run(token_hex(6), route(found), Manner(no_nul=where.scheme == "postgresql"), milliseconds(now()))
    try:
        yield Desk(engines, Judge(found.registry, secrets, _address(found)), run, found)
    finally:
        engines.reads.dispose()
        engines.writes.dispose()


def _address(found: Deployed) -> Address:
    """What a vendor that signs its URL was given: the store keeps no token, the secrets do."""
    secrets = live_secrets(found.wanted)

    def address(channel: str) -> str:
        gate = found.deployment.gates.get(channel) if found.deployment else None
        token = next(iter(secrets.get(gate.token, ())), b"") if gate and gate.token else b""
        return f"{gate.public_url}/notify/{channel}/{token.decode()}" if gate and gate.public_url and token else ""

    return address


def rehearsed(at: Desk, asked: Selection) -> Report:
    """What would be done."""
    report = Report(at.run.route)
    with at.engines.reads.connect() as connection:
        asked = bounded(connection, asked)
    for number, plan in enumerate(runs.plans(at.engines.reads, at.judge, asked), 1):
        report.take(plan)
        _progress(number)
    return report


def _progress(number: int) -> None:
    if number % TOLD_EVERY == 0:
        click.echo(f"{number:,} requests looked at", err=True)


def told(report: Report, output: str) -> None:
    """A plan. Exits with 1 where something would change."""
    if output == "json":
        click.echo(dumps(report.document()).decode())
    else:
        if report.counts["requests"]:
            show.say(report.text())
        many = plural(report.counts["requests"], "request")
        click.echo(f"{many} looked at: {_sum(report)}. Nothing was written.")
    if report.changes:
        raise SystemExit(PROBLEMS)


def _sum(report: Report) -> str:
    if not report.changes:
        return "nothing would change"
    words = [f"{report.counts[sort]:,} {sort}" for sort in ("new", "corrected", "withdrawn") if report.counts[sort]]
    return ", ".join(words or [f"{report.counts['changed']:,} with another outcome"])


def started(at: Desk, asked: Selection) -> runs.Going:
    with at.engines.reads.connect() as connection:
        going = runs.Going(at.run.id, bounded(connection, asked), runs.fingerprint(at.judge.registry))
    runs.begin(at.engines, going, now().isoformat())
    click.echo(f"run {going.id}; if it is ended: adapter replay --resume {going.id}", err=True)
    return going


def resumed(at: Desk, run: str) -> runs.Going:
    with at.engines.reads.connect() as connection:
        going = runs.recorded(connection, run)
    if going is None:
        raise Nothing(f"--resume {run}: there is no such run")
    if going.specs != runs.fingerprint(at.judge.registry):
        click.echo("the specs have changed since that run began: the rest is judged by those of today", err=True)
    return going


def done(at: Desk, going: runs.Going, output: str) -> None:
    """Carry it out, and say what was done."""
    with at.engines.reads.connect() as connection:
        left = 0 if going.finished else total(connection, going.selection, going.position)
    counts = runs.carry_on(at.engines, at.judge, going, _as(at.run, going.id), _Told(left))
    runs.finish(at.engines, going.id, now().isoformat())
    if output == "json":
        click.echo(dumps({"run": going.id, "counts": dict(sorted(counts.items()))}).decode())
        return
    words = ", ".join(f"{counts[word]:,} {word}" for word in ("new", "corrected", "withdrawn", "unchanged"))
    click.echo(f"{plural(counts['requests'], 'request')}: {words}; due at sinks: {counts['deliveries']:,}")
    if counts["left"]:
        click.echo(f"{counts['left']:,} left alone: --dry-run says why")


def _as(run: Run, name: str) -> Run:
    return Run(name, run.route, run.manner, run.now)


class _Told:
    """Progress on stderr, where it is worth it."""

    def __init__(self, left: int) -> None:
        self.left, self.done = left, 0

    def __call__(self, more: int) -> None:
        before, self.done = self.done, self.done + more
        if self.left > TOLD_EVERY and self.done // TOLD_EVERY > before // TOLD_EVERY:
            print(f"{self.done:,} of {self.left:,} requests", file=sys.stderr, flush=True)
