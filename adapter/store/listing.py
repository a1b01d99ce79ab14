"""Which callbacks came last, and what became of them? Those that were kept, and those that proved nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, Table, func, literal, select

from adapter.model import Json, Problem, Request
from adapter.store.location import Location
from adapter.store.quarantine import QUARANTINED
from adapter.store.reading import reading
from adapter.store.rows import RAW, raw_request
from adapter.store.tables import PROBLEMS, REFUSED, REQUESTS


@dataclass(frozen=True, slots=True)
class Wanted:
    """All of it must hold. `since` is RFC 3339 in UTC."""

    vendor: str | None = None
    channel: str | None = None
    outcome: str | None = None
    since: str | None = None
    quarantine: bool = False
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A request without what it carries. `why` is its first problem; `proved` is False among the refused."""

    id: str
    received_at: str
    channel: str
    vendor: str
    outcome: str
    code: str
    why: str = ""
    bytes: int = 0
    proved: bool = True
    replay: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """One request with everything: as it came, what became of it, its problems."""

    listed: Listed
    request: Request
    problems: tuple[Problem, ...]


def list_requests(where: Location, wanted: Wanted) -> list[Listed]:
    """The newest first. Raises StoreFailed."""
    with reading(where) as connection:
        rows = [*_rows(connection, REQUESTS, wanted), *_rows(connection, REFUSED, wanted)]
        rows = sorted(rows, key=lambda row: (row.received_at, row.id), reverse=True)[: wanted.limit]
        reasons = _reasons(connection, [row.id for row in rows if row.proved])
    return [replace(row, why=reasons.get(row.id, row.why)) for row in rows]


def read_kept(where: Location, request_id: str) -> Kept | None:
    """Of either table. Raises StoreFailed."""
    with reading(where) as connection:
        for table in (REQUESTS, REFUSED):
            row = connection.execute(_listed(table).where(table.c.id == request_id)).mappings().first()
            if row is not None:
                raw = [table.c[name] for name in RAW]
                found = connection.execute(select(*raw).where(table.c.id == request_id)).one()
                return Kept(_one(row), raw_request(found), tuple(_problems(connection, request_id)))
    return None


def _rows(connection: Connection, table: Table, wanted: Wanted) -> Iterator[Listed]:
    query = _listed(table).where(*_conditions(table, wanted)).order_by(table.c.seq.desc()).limit(wanted.limit)
    yield from (_one(row) for row in connection.execute(query).mappings())


def _listed(table: Table) -> Select[Any]:
    names = ("id", "received_at", "channel", "vendor", "code")
    size = func.length(table.c.body).label("bytes")
    own = (
        [table.c.outcome, table.c.replay]
        if table is REQUESTS
        else [literal("refused").label("outcome"), table.c.message]
    )
    return select(*(table.c[name] for name in names), *own, size)


def _conditions(table: Table, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    for name in ("vendor", "channel"):
        if (value := getattr(wanted, name)) is not None:
            yield table.c[name] == value
    if wanted.since is not None:
        yield table.c.received_at >= wanted.since
    if table is REQUESTS and wanted.quarantine:
        yield REQUESTS.c.outcome.in_(QUARANTINED)
    if wanted.outcome is not None:
        yield REQUESTS.c.outcome == wanted.outcome if table is REQUESTS else literal(wanted.outcome == "refused")


def _reasons(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """The first problem of each."""
    query = select(PROBLEMS.c.request_id, PROBLEMS.c.code, PROBLEMS.c.message).where(PROBLEMS.c.request_id.in_(ids))
    found: dict[str, str] = {}
    for request_id, code, message in connection.execute(query.order_by(PROBLEMS.c.seq)):
        found.setdefault(request_id, f"{code}: {message}")
    return found


def _problems(connection: Connection, request_id: str) -> Iterator[Problem]:
    columns = PROBLEMS.c.stage, PROBLEMS.c.code, PROBLEMS.c.message, PROBLEMS.c.record, PROBLEMS.c.content
    query = select(*columns).where(PROBLEMS.c.request_id == request_id).order_by(PROBLEMS.c.seq)
    for stage, code, message, record, content in connection.execute(query):
        yield Problem(stage, code, message, record, _content(content))


def _content(text: str | None) -> Json:
    return None if text is None else orjson.loads(text)


def _one(row: Mapping[Any, Any]) -> Listed:
    told = {name: row[name] for name in ("id", "received_at", "channel", "vendor", "outcome", "code", "bytes")}
    return Listed(**told, why=row.get("message", ""), proved="message" not in row, replay=row.get("replay", ""))
