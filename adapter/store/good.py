"""What does a server serve of each vendor? Its last good version, so that a restart has it too."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from adapter.store.databases import reader
from adapter.store.location import Location
from adapter.store.migrate import reason
from adapter.store.reading import reading
from adapter.store.tables import GOOD
from adapter.store.transaction import StoreFailed

INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Kept:
    """A row: `files` is text by name. `broken` says why the file that lies there is not taken, or nothing; a vendor
    that was never right has no hash."""

    vendor: str
    hash: str
    files: Mapping[str, str]
    kept_at: str
    broken: str = ""


def read_kept(where: Location) -> dict[str, Kept]:
    """By vendor. Raises StoreFailed."""
    query = select(GOOD.c.vendor, GOOD.c.hash, GOOD.c.files, GOOD.c.kept_at, GOOD.c.broken).order_by(GOOD.c.vendor)
    with reading(where) as connection:
        return {row.vendor: Kept(*row[:2], json.loads(row.files), *row[3:]) for row in connection.execute(query)}


def write_kept(where: Location, rows: Sequence[Kept], gone: Collection[str]) -> None:
    """In one transaction. Raises StoreFailed."""
    if not rows and not gone:
        return
    engine = reader(where, writes=True)
    try:
        with engine.begin() as connection:
            connection.execute(delete(GOOD).where(GOOD.c.vendor.in_(sorted(gone))))
            for row in sorted(rows, key=lambda one: one.vendor):  # two servers never wait for each other
                _put(connection, row)
    except SQLAlchemyError as error:
        raise StoreFailed(f"{where}: {reason(error)}") from error
    finally:
        engine.dispose()


def _put(connection: Connection, row: Kept) -> None:
    values = {**asdict(row), "files": json.dumps(dict(row.files), ensure_ascii=False)}
    statement = INSERTS[connection.dialect.name](GOOD).values(values)
    later = {name: statement.excluded[name] for name in values if name != "vendor"}
    connection.execute(statement.on_conflict_do_update(index_elements=["vendor"], set_=later))
