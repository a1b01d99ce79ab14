"""Requests, events and problems."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text

revision = "0001"
down_revision = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "requests",
        Column("seq", NUMBER, primary_key=True, autoincrement=True),
        Column("id", Text, nullable=False, unique=True),
        *(Column(name, Text, nullable=False) for name in ("received_at", "channel", "vendor", "spec", "method")),
        *(Column(name, Text, nullable=False) for name in ("path", "query", "headers")),
        Column("body", LargeBinary, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("code", Text, nullable=False),
        Column("ack_status", Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "events",
        Column("seq", NUMBER, primary_key=True, autoincrement=True),
        Column("id", LargeBinary, nullable=False, unique=True),
        *(Column(name, Text, nullable=False) for name in ("request_id", "kind", "vendor", "channel", "time")),
        Column("subject", Text),
        Column("envelope", Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "problems",
        Column("seq", NUMBER, primary_key=True, autoincrement=True),
        Column("request_id", Text, nullable=False),
        Column("record", Integer),
        *(Column(name, Text, nullable=False) for name in ("stage", "code", "message")),
        Column("content", Text),
        sqlite_autoincrement=True,
    )
