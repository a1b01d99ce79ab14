"""What does the database look like? The tables, and the statements that are compiled from them once."""

from functools import cache
from typing import Any

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, bindparam, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

SCHEMA_VERSION = 2

METADATA = MetaData()

# Ids of requests grow with time, so that their index is written at its end; a row never moves or changes.
REQUESTS = Table(
    "requests",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("received_at", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("vendor", Text, nullable=False),
    Column("spec", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("ack_status", Integer, nullable=False),
    Column("notes", Text, nullable=False, server_default="[]"),
    sqlite_autoincrement=True,
)

# An event's id is a hash: as 32 bytes its index is half as large, which is a fifth of the cost of a commit.
EVENTS = Table(
    "events",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("id", LargeBinary, nullable=False, unique=True),
    Column("request_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("vendor", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("time", Text, nullable=False),
    Column("subject", Text),
    Column("envelope", Text, nullable=False),
    sqlite_autoincrement=True,
)

PROBLEMS = Table(
    "problems",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("request_id", Text, nullable=False),
    Column("record", Integer),
    Column("stage", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("content", Text),
    sqlite_autoincrement=True,
)

_DIALECT = sqlite.dialect(paramstyle="qmark")
_NAMED = sqlite.dialect(paramstyle="named")


def event_page(since: int, kind: str | None, vendor: str | None, rows: int) -> tuple[str, dict[str, Any]]:
    """The next rows in the order of storing, as a statement and its parameters."""
    query = select(EVENTS.c.seq, EVENTS.c.envelope).where(EVENTS.c.seq > since).order_by(EVENTS.c.seq).limit(rows)
    wanted = {EVENTS.c.kind: kind, EVENTS.c.vendor: vendor}
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    compiled = query.compile(dialect=_NAMED)
    return str(compiled), dict(compiled.params)


@cache
def one_request() -> str:
    """The request of an id, with all that the engine is given of it."""
    kept = (REQUESTS.c[name] for name in ("method", "channel", "path", "query", "headers", "body", "received_at"))
    query = select(*kept).where(REQUESTS.c.id == bindparam("id"))
    return str(query.compile(dialect=_NAMED))


@cache
def insert(table: Table, rows: int) -> str:
    """One statement for that many rows, its parameters in the order of the columns, without `seq`."""
    row = {column.name: None for column in table.columns if column.name != "seq"}
    return str(sqlite.insert(table).values([row] * rows).compile(dialect=_DIALECT))


@cache
def known(ids: int) -> str:
    """Which of that many ids are stored, and as what."""
    wanted = [bindparam(f"id{place}", type_=LargeBinary) for place in range(ids)]
    return str(select(EVENTS.c.id, EVENTS.c.envelope).where(EVENTS.c.id.in_(wanted)).compile(dialect=_DIALECT))


CREATE = tuple(
    str(CreateTable(table, if_not_exists=True).compile(dialect=_DIALECT)) for table in METADATA.sorted_tables
)

UPGRADES = {1: ("""ALTER TABLE requests ADD COLUMN notes TEXT NOT NULL DEFAULT '[]'""",)}
"""From that version to the next; a file of version 0 has no tables yet."""
