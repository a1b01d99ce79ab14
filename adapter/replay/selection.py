"""Which stored requests are meant? Asked for in words, found page by page in the order of storing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

import orjson
from sqlalchemy import ColumnElement, Connection, Table, func, select

from adapter.model import Request
from adapter.store.quarantine import QUARANTINED
from adapter.store.rows import RAW, raw_request
from adapter.store.tables import REFUSED, REQUESTS

Conditions: TypeAlias = Sequence[ColumnElement[bool]]

BATCH = 200
"""Requests in one transaction: few enough that the server's own writing hardly waits."""

ERASED = "erased"
"""The outcome of a request whose content is gone for good."""


@dataclass(frozen=True, slots=True)
class Selection:
    """All of it must hold. `since` is RFC 3339 in UTC; `until` is the last of the requests when it was asked."""

    since: str = ""
    vendor: str = ""
    channel: str = ""
    ids: tuple[str, ...] = ()
    quarantine: bool = False
    until: int | None = None

    def text(self) -> str:
        return orjson.dumps(asdict(self)).decode()


def from_text(text: str) -> Selection:
    found: dict[str, Any] = orjson.loads(text)
    return Selection(**{**found, "ids": tuple(found["ids"])})


@dataclass(frozen=True, slots=True)
class Stored:
    """A request with what became of it when it was judged last. One that lies among the `refused` has no events."""

    request: Request
    vendor: str
    outcome: str
    code: str
    refused: bool = False

    @property
    def proved(self) -> bool:
        """Somebody's, and authentic: what is nobody's was never asked for a proof."""
        return bool(self.vendor) and not self.refused


def bounded(connection: Connection, selection: Selection) -> Selection:
    """The same, without what arrives from now on: that is judged by the server."""
    last = connection.execute(select(func.max(REQUESTS.c.seq))).scalar() or 0
    return replace(selection, until=last)


def total(connection: Connection, selection: Selection, position: int = 0) -> int:
    """How many are before us."""
    counts = [
        select(func.count()).select_from(table).where(*conditions) for table, conditions in _tables(selection, position)
    ]
    return sum(connection.execute(count).scalar_one() for count in counts)


def page(connection: Connection, selection: Selection, position: int) -> tuple[list[Stored], int]:
    """The next ones behind a position, and the position behind them. The refused come last, with numbers below 0."""
    for table, conditions in _tables(selection, position):
        columns = [table.c.seq, table.c.vendor, table.c.code, *(table.c[name] for name in RAW)]
        columns += [table.c.outcome] if table is REQUESTS else []
        query = select(*columns).where(*conditions).order_by(table.c.seq).limit(BATCH)
        rows = connection.execute(query).mappings().all()
        if rows:
            last = rows[-1]["seq"]
            return [_stored(row) for row in rows], last if table is REQUESTS else -last
    return [], position


def _stored(row: Mapping[Any, Any]) -> Stored:
    request, outcome = raw_request([row[name] for name in RAW]), row.get("outcome")
    return Stored(request, row["vendor"], outcome or "refused", row["code"], refused=outcome is None)


def _tables(selection: Selection, position: int) -> Iterator[tuple[Table, Conditions]]:
    if position >= 0:
        behind = [REQUESTS.c.seq > position, REQUESTS.c.outcome != ERASED]
        behind += [REQUESTS.c.seq <= selection.until] if selection.until is not None else []
        behind += [REQUESTS.c.outcome.in_(QUARANTINED)] if selection.quarantine else []
        yield REQUESTS, [*behind, *_asked(REQUESTS, selection)]
    yield REFUSED, [REFUSED.c.seq > max(0, -position), *_asked(REFUSED, selection)]


def _asked(table: Table, selection: Selection) -> Iterator[ColumnElement[bool]]:
    if selection.since:
        yield table.c.received_at >= selection.since
    if selection.vendor:
        yield table.c.vendor == selection.vendor
    if selection.channel:
        yield table.c.channel == selection.channel
    if selection.ids:
        yield table.c.id.in_(selection.ids)
