"""How much may lie here that nobody could use? Bounded for each channel: whoever posts must not fill the disk."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import Select, Table, bindparam, delete, func, literal, select

from adapter.store.rows import Arrival
from adapter.store.tables import REFUSED, REQUESTS
from adapter.store.transaction import Connected, Result, StoreFailed

Write: TypeAlias = Callable[[Connected, Sequence[Arrival]], Sequence[Result]]

QUARANTINED = ("partial", "quarantined", "refused", "unclaimed", "unmatched")
"""Outcomes of stored requests that wait for a person: something in them is not an event yet."""

HEAD_BYTES = 512
"""What a row takes besides its body, roughly."""

FRESH_SECONDS = 60.0
"""How long a sum is believed: others write, mend and remove too."""

KEPT_SHARE = 0.9
"""How much of the refused is left when the oldest are thrown away, so that it is not done for each new one."""


@dataclass(slots=True)
class Bounds:
    """Bytes of a channel that may wait in quarantine, and of refused requests that are kept, the newest ones."""

    quarantine_bytes: int
    refused_bytes: int
    sums: dict[tuple[Table, str], tuple[float, int]] = field(default_factory=dict)

    def write(self, session: Connected, arrivals: Sequence[Arrival], write: Write) -> Sequence[Result]:
        """The results of all; nothing is acked that found no room."""
        if all(map(_plain, arrivals)):
            return write(session, arrivals)
        try:
            fits = [_plain(one) or not one.kept or self._room(session, one) for one in arrivals]
        except session.database.error as error:
            return [StoreFailed(str(error).partition("\n")[0])] * len(arrivals)
        written = iter(write(session, [one for one, fit in zip(arrivals, fits, strict=True) if fit]))
        results = [next(written) if fit else _full(one) for one, fit in zip(arrivals, fits, strict=True)]
        self._count(session, [one for one, done in zip(arrivals, results, strict=True) if done is False])
        return results

    def _room(self, session: Connected, arrival: Arrival) -> bool:
        channel = arrival.request.channel
        return self._sum(session, REQUESTS, channel) + size(arrival) <= self.quarantine_bytes

    def _count(self, session: Connected, arrivals: Iterable[Arrival]) -> None:
        for one in arrivals:
            if not _plain(one):
                key = (REQUESTS if one.kept else REFUSED), one.request.channel
                moment, known = self.sums.get(key, (0.0, 0))
                self.sums[key] = moment, known + size(one)
        for channel in {one.request.channel for one in arrivals if not one.kept}:
            self._trim(session, channel)

    def _sum(self, session: Connected, table: Table, channel: str) -> int:
        moment, known = self.sums.get((table, channel), (0.0, 0))
        now = time.monotonic()
        if not moment or now - moment > FRESH_SECONDS:
            (found,) = session.run(*session.statements.bound(_TOTALS[table], channel=channel)).fetchone()
            known = int(found)
            self.sums[table, channel] = now, known
        return known

    def _trim(self, session: Connected, channel: str) -> None:
        """Throws the oldest of a channel's refused away, where there are too many. A failure is for the next time."""
        try:
            if self._sum(session, REFUSED, channel) > self.refused_bytes:
                self._throw(session, channel)
        except session.database.error:
            self.sums.pop((REFUSED, channel), None)

    def _throw(self, session: Connected, channel: str) -> None:
        left = 0
        newest_first = session.run(*session.statements.bound(_SIZES, channel=channel)).fetchall()
        for seq, bytes_of_row in newest_first:
            if left + bytes_of_row > self.refused_bytes * KEPT_SHARE:
                session.run(*session.statements.bound(_OLDER, channel=channel, last=seq))
                break
            left += bytes_of_row
        self.sums[REFUSED, channel] = time.monotonic(), left


def size(arrival: Arrival) -> int:
    return len(arrival.request.body) + HEAD_BYTES


def _plain(arrival: Arrival) -> bool:
    return arrival.kept and arrival.outcome.name not in QUARANTINED


def _full(arrival: Arrival) -> StoreFailed:
    channel = arrival.request.channel
    return StoreFailed(f"the quarantine of {channel} is full: mend its vendor and replay, or purge", "quarantine_full")


def _total(table: Table) -> Select[tuple[int]]:
    bytes_of_rows = func.coalesce(func.sum(func.length(table.c.body) + HEAD_BYTES), 0)
    return select(bytes_of_rows).where(table.c.channel == bindparam("channel"))


_TOTALS = {
    REQUESTS: _total(REQUESTS).where(REQUESTS.c.outcome.in_([literal(name) for name in QUARANTINED])),
    REFUSED: _total(REFUSED),
}
_SIZES = (
    select(REFUSED.c.seq, func.length(REFUSED.c.body) + HEAD_BYTES)
    .where(REFUSED.c.channel == bindparam("channel"))
    .order_by(REFUSED.c.seq.desc())
)
_OLDER = delete(REFUSED).where(REFUSED.c.channel == bindparam("channel"), REFUSED.c.seq <= bindparam("last"))
