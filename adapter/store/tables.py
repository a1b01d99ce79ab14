"""What does the database look like? The tables, the same in SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text

METADATA = MetaData()

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers its rows only in a column that is called INTEGER."""


def _seq() -> Column[int]:
    """Grows in order of storing."""
    return Column("seq", NUMBER, primary_key=True, autoincrement=True)


def _arrived() -> tuple[Column[Any], ...]:
    """Of a request: its place and its id, when it came, where, and from whom as far as is known."""
    named = (Column(name, Text, nullable=False) for name in ("received_at", "channel", "vendor"))
    return _seq(), Column("id", Text, nullable=False, unique=True), *named


def _raw() -> tuple[Column[Any], ...]:
    """A request as it came. `body_encoding` is "" or "zlib"."""
    named = (Column(name, Text, nullable=False) for name in ("method", "path", "query", "headers"))
    packed = Column("body_encoding", Text, nullable=False, server_default="")
    return *named, Column("body", LargeBinary, nullable=False), packed


# Ids of requests grow with time, so that their index is written at its end. `replay` is the run that gave the row its
# outcome, where it is not the one of its arrival.
REQUESTS = Table(
    "requests",
    METADATA,
    *_arrived(),
    Column("spec", Text, nullable=False),
    *_raw(),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("ack_status", Integer, nullable=False),
    Column("notes", Text, nullable=False, server_default="[]"),
    Column("replay", Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)

# An event's id is a hash: as 32 bytes its index is half as large, which is a fifth of the cost of a commit.
# `record` is its place in the request; `stale` tells news that came after better news. `revision` counts how often
# a replay has corrected it: the corrected one is a new row, and `superseded_by` of the old one is its id, or empty
# where nothing came instead.
EVENTS = Table(
    "events",
    METADATA,
    _seq(),
    Column("id", LargeBinary, nullable=False, unique=True),
    Column("request_id", Text, nullable=False),
    Column("record", Integer, nullable=False, server_default="0"),
    Column("received_at", Text, nullable=False, server_default=""),
    Column("kind", Text, nullable=False),
    Column("vendor", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("time", Text, nullable=False),
    Column("subject", Text),
    Column("envelope", Text, nullable=False),
    Column("stale", Integer, nullable=False, server_default="0"),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("superseded_by", LargeBinary),
    sqlite_autoincrement=True,
)
EVENTS_OF = Index("events_request", EVENTS.c.request_id)

PROBLEMS = Table(
    "problems",
    METADATA,
    _seq(),
    Column("request_id", Text, nullable=False),
    Column("record", Integer),
    Column("stage", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("content", Text),
    sqlite_autoincrement=True,
)
PROBLEMS_OF = Index("problems_request", PROBLEMS.c.request_id)

# Where each message stands now: `id` is a hash of who it is, `rank` never falls.
MESSAGES = Table(
    "messages",
    METADATA,
    Column("id", LargeBinary, primary_key=True),
    Column("vendor", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text),
    Column("status", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("event_id", LargeBinary, nullable=False),
    Column("time", Text, nullable=False),
    Column("received_at", Text, nullable=False),
)

# What a sink is still to get, got, or will never get: `state` is due, delivered or dead. Of one `message` and sink
# only the oldest that is due may leave. Moments are milliseconds since 1970, in UTC.
DELIVERIES = Table(
    "deliveries",
    METADATA,
    _seq(),
    Column("sink", Text, nullable=False),
    Column("event_id", LargeBinary, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, server_default="due"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", NUMBER, nullable=False),
    Column("due_at", NUMBER, nullable=False),
    Column("done_at", NUMBER),
    Column("leased_by", Text, nullable=False, server_default=""),
    Column("leased_until", NUMBER, nullable=False, server_default="0"),
    Column("answer", Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)
_DUE = text("state = 'due'")
DUE = (
    Index("deliveries_due", DELIVERIES.c.sink, DELIVERIES.c.due_at, sqlite_where=_DUE, postgresql_where=_DUE),
    Index("deliveries_order", DELIVERIES.c.sink, DELIVERIES.c.message, DELIVERIES.c.seq,
          sqlite_where=_DUE, postgresql_where=_DUE),
    Index("deliveries_event", DELIVERIES.c.event_id),
)  # fmt: skip

# Who could not prove himself: kept for a while, as far as there is room, to be verified again.
REFUSED = Table(
    "refused",
    METADATA,
    *_arrived(),
    *_raw(),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("peer", Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)
REFUSED_OF = Index("refused_channel", REFUSED.c.channel, REFUSED.c.seq)

# Each run of `adapter replay`: what it was asked for, and how far it came.
REPLAYS = Table(
    "replays",
    METADATA,
    _seq(),
    Column("id", Text, nullable=False, unique=True),
    Column("started_at", Text, nullable=False),
    Column("finished_at", Text),
    Column("selection", Text, nullable=False),
    Column("specs", Text, nullable=False),
    Column("position", NUMBER, nullable=False, server_default="0"),
    Column("counts", Text, nullable=False, server_default="{}"),
    sqlite_autoincrement=True,
)

# What a server serves: the last good version of each vendor's file, with the tables it stood on. `files` is JSON, text
# by name; `broken` says why the file that lies there now is not taken. Without a good version `hash` is empty.
GOOD = Table(
    "good_specs",
    METADATA,
    Column("vendor", Text, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("files", Text, nullable=False),
    Column("kept_at", Text, nullable=False),
    Column("broken", Text, nullable=False, server_default=""),
)
