"""How does an older database become one of today? By Alembic's scripts, one process at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from adapter.store.location import Location
from adapter.store.migrate import HEAD, MARK, current

SCRIPTS = Path(__file__).parent / "migrations"

LOCK = 0x63616C6C
"""Of PostgreSQL: whoever holds it brings the tables up to date."""


def to_head(connection: Connection, location: Location) -> None:
    """Raises SQLAlchemyError, and StoreFailed for a database that is newer."""
    if location.scheme == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    known = current(connection, location)
    if known == HEAD:
        return
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if known and not inspect(connection).has_table("alembic_version"):
        command.stamp(config, known)
    command.upgrade(config, "head")
    if location.scheme == "sqlite":
        connection.execute(text(f"PRAGMA user_version = {MARK}"))
    connection.commit()


def newest() -> str | None:
    """The last of the scripts."""
    return ScriptDirectory(str(SCRIPTS)).get_current_head()
