"""One file, one process that serves: SQLite, whose every commit waits for the disk."""

import sqlite3
from pathlib import Path

from adapter.store.location import Location
from adapter.store.rows import Manner
from adapter.store.statements import SQLITE
from adapter.store.transaction import Connected, Database, StoreFailed

PRAGMAS = ("synchronous = FULL", "fullfsync = ON", "wal_autocheckpoint = 4000")
"""A log of 16 MB: ids are hashes, so a page of their index is written once for many events instead of for few."""

DATABASE = Database(
    statements=SQLITE,
    begin="BEGIN IMMEDIATE",
    error=sqlite3.Error,
    down=(sqlite3.OperationalError,),
    crossed=(),
    open=lambda connection: bool(connection.in_transaction),
    gone=lambda _: False,
)


def connect(location: Location, busy_seconds: float, packed: bool = False) -> Connected:
    """The writing connection. Raises StoreFailed for a file that cannot serve."""
    path = location.path
    assert path
    check_folder(path)
    try:
        connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
        _prepare(connection, path)
    except sqlite3.Error as error:
        raise StoreFailed(f"{path}: {error}") from error
    return Connected(DATABASE, connection, Manner(packed))


def check_folder(path: Path) -> None:
    if not path.absolute().parent.is_dir():
        raise StoreFailed(f"{path}: there is no folder {path.absolute().parent}")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StoreFailed(f"{path}: this file system cannot hold a write-ahead log; choose a local disk")
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
