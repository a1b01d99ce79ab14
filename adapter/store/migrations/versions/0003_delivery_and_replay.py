"""Messages, deliveries, refused requests, replays, good specs, and what they need of requests and events."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text, text

revision = "0003"
down_revision = "0002"

NUMBER = BigInteger().with_variant(Integer, "sqlite")
DUE = text("state = 'due'")

ADDED = (
    ("requests", Column("body_encoding", Text, nullable=False, server_default="")),
    ("requests", Column("replay", Text, nullable=False, server_default="")),
    ("events", Column("record", Integer, nullable=False, server_default="0")),
    ("events", Column("received_at", Text, nullable=False, server_default="")),
    ("events", Column("stale", Integer, nullable=False, server_default="0")),
    ("events", Column("revision", Integer, nullable=False, server_default="1")),
    ("events", Column("superseded_by", LargeBinary)),
)


def upgrade() -> None:
    for table, column in ADDED:
        op.add_column(table, column)
    op.execute(
        "UPDATE events SET received_at = coalesce("
        "(SELECT requests.received_at FROM requests WHERE requests.id = events.request_id), events.time)"
    )
    op.create_index("events_request", "events", ["request_id"])
    op.create_index("problems_request", "problems", ["request_id"])
    _messages()
    _deliveries()
    _refused()
    _replays()
    _good_specs()


def _messages() -> None:
    op.create_table(
        "messages",
        Column("id", LargeBinary, primary_key=True),
        *_texts("vendor", "channel", "kind"),
        Column("subject", Text),
        *_texts("status"),
        Column("rank", Integer, nullable=False),
        Column("event_id", LargeBinary, nullable=False),
        *_texts("time", "received_at"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        _seq(),
        *_texts("sink"),
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
    due = {"sqlite_where": DUE, "postgresql_where": DUE}
    op.create_index("deliveries_due", "deliveries", ["sink", "due_at"], **due)  # type: ignore[arg-type]
    op.create_index("deliveries_order", "deliveries", ["sink", "message", "seq"], **due)  # type: ignore[arg-type]
    op.create_index("deliveries_event", "deliveries", ["event_id"])


def _refused() -> None:
    op.create_table(
        "refused",
        _seq(),
        Column("id", Text, nullable=False, unique=True),
        *_texts("received_at", "channel", "vendor", "method", "path", "query", "headers"),
        Column("body", LargeBinary, nullable=False),
        Column("body_encoding", Text, nullable=False, server_default=""),
        *_texts("code", "message"),
        Column("peer", Text, nullable=False, server_default=""),
        sqlite_autoincrement=True,
    )
    op.create_index("refused_channel", "refused", ["channel", "seq"])


def _replays() -> None:
    op.create_table(
        "replays",
        _seq(),
        Column("id", Text, nullable=False, unique=True),
        *_texts("started_at"),
        Column("finished_at", Text),
        *_texts("selection", "specs"),
        Column("position", NUMBER, nullable=False, server_default="0"),
        Column("counts", Text, nullable=False, server_default="{}"),
        sqlite_autoincrement=True,
    )


def _good_specs() -> None:
    op.create_table(
        "good_specs",
        Column("vendor", Text, primary_key=True),
        *_texts("hash", "files", "kept_at"),
        Column("broken", Text, nullable=False, server_default=""),
    )


def _seq() -> Column[int]:
    return Column("seq", NUMBER, primary_key=True, autoincrement=True)


def _texts(*names: str) -> tuple[Column[str], ...]:
    return tuple(Column(name, Text, nullable=False) for name in names)
