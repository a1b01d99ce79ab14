"""How long is what kept, and how much of it? What the deployment file says, and the task that keeps to it."""

import logging
from asyncio import sleep, to_thread
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from adapter.store.databases import reader
from adapter.store.location import Location
from adapter.store.migrate import reason
from adapter.store.retention import Pruned, Retention, Work, prune
from adapter.store.store import Limits

UNITS = {"m": "minutes", "h": "hours", "d": "days"}
KEPT = ("requests", "events", "problems", "refused", "deliveries", "messages")

FIRST_SECONDS = 60.0
EVERY_SECONDS = 3600.0
PAUSE_SECONDS = 0.05
"""Between two batches: the server's own writer goes first."""

log = logging.getLogger(__name__)


def limits(data: Mapping[str, Any], base: Limits) -> Limits:
    """The store's limits as the file says them; sizes there are in MiB."""
    said, kept = data.get("limits", {}), data.get("retention", {})
    return replace(
        base,
        waiting=said.get("waiting", base.waiting),
        quarantine_bytes=said["quarantine"] << 20 if "quarantine" in said else base.quarantine_bytes,
        refused_bytes=said["refused"] << 20 if "refused" in said else base.refused_bytes,
        packed=kept.get("compress", base.packed),
    )


def retention(data: Mapping[str, Any]) -> Retention:
    said = data.get("retention", {})
    return replace(Retention(), **{name: span(said[name]) for name in KEPT if name in said})


def span(text: str) -> timedelta:
    """`30d`, `12h`, `15m`: the schema has looked at its form."""
    return timedelta(**{UNITS[text[-1]]: int(text[:-1])})


async def hourly(where: Location, kept: Retention, clock: Callable[[], datetime], first: float = FIRST_SECONDS) -> None:
    """Never ends. Off the loop; when it is cancelled the batch that is under way is the last."""
    stopped = Event()
    await sleep(first)
    try:
        while True:
            await to_thread(_once, where, kept, clock, stopped)
            await sleep(EVERY_SECONDS)
    finally:
        stopped.set()


def _once(where: Location, kept: Retention, clock: Callable[[], datetime], stopped: Event) -> None:
    reads, writes = reader(where), reader(where, writes=True)
    try:
        _tell(prune(Work(reads, writes, lambda: stopped.wait(PAUSE_SECONDS)), kept, clock()))
    except SQLAlchemyError as error:
        log.warning("what is old could not be removed: %s", reason(error))
    finally:
        reads.dispose()
        writes.dispose()


def _tell(pruned: Pruned) -> None:
    gone = [f"{count} {name}" for name, count in pruned.counts.items() if count]
    if gone:
        log.info("removed as old: %s", ", ".join(gone))
    if pruned.doubted:
        names = ", ".join(pruned.doubted)
        log.warning("after so long a silence the clock may be wrong, so nothing is removed of %s; "
                    "if it is right: adapter prune --force", names)  # fmt: skip
