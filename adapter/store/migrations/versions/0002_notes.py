"""What a request's journey noted, such as which secret proved it."""

from alembic import op
from sqlalchemy import Column, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("requests", Column("notes", Text, nullable=False, server_default="[]"))
