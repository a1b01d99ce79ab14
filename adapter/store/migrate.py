"""Is the database of today's form? An older one is brought up to date, a newer one is refused."""

from importlib import import_module

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from adapter.store.location import Location
from adapter.store.transaction import StoreFailed

HEAD = "0003"
"""The last revision; a test holds it against the scripts."""

BEFORE_ALEMBIC = {1: "0001", 2: "0002"}
"""SQLite files of the first days carry a number alone."""

MARK = 3
"""The number in a file of today: whoever knows only the first two refuses it."""


def upgrade(engine: Engine, location: Location) -> None:
    """Raises StoreFailed. A database of today's form is only looked at, and Alembic not even read."""
    try:
        with engine.connect() as connection:
            if current(connection, location) != HEAD:
                import_module("adapter.store.upgrade").to_head(connection, location)
    except SQLAlchemyError as error:
        raise StoreFailed(f"{location}: {reason(error)}") from error


def current(connection: Connection, location: Location) -> str | None:
    """The revision, None for a database without tables. Raises StoreFailed for one that is newer than this adapter."""
    if not inspect(connection).has_table("alembic_version"):
        return _numbered(connection, location)
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision and revision > HEAD:
        raise _newer(location, revision)
    return revision


def reason(error: SQLAlchemyError) -> str:
    """What the driver said, in one line."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]


def _numbered(connection: Connection, location: Location) -> str | None:
    if location.scheme != "sqlite":
        return None
    number = connection.execute(text("PRAGMA user_version")).scalar_one()
    if number > MARK:
        raise _newer(location, number)
    return BEFORE_ALEMBIC.get(number)


def _newer(location: Location, revision: object) -> StoreFailed:
    return StoreFailed(
        f"{location}: written by a newer adapter (schema {revision}, this one knows {HEAD}); "
        "install that version or choose another --store"
    )
