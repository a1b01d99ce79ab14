"""Which databases are there, and how is one reached? A row for each, its driver looked for when it is asked for."""

import sqlite3
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool

from adapter.store.location import Location
from adapter.store.sqlite import check_folder
from adapter.store.transaction import Connected, StoreFailed

Connector: TypeAlias = Callable[[Location, float, bool], Connected]

ROOMS = {"sqlite": "adapter.store.sqlite", "postgresql": "adapter.store.postgres"}

EXTRA = "PostgreSQL needs its driver: pip install 'callback-adapter[postgresql]'"

BUSY_SECONDS = 5
"""How long a reader or a command waits for a lock."""


def connector(where: Location) -> Connector:
    """How the writer connects. Raises StoreFailed where the driver is not installed."""
    try:
        found: Connector = import_module(ROOMS[where.scheme]).connect
    except ModuleNotFoundError as error:
        raise StoreFailed(EXTRA) from error
    return found


def reader(where: Location, writes: bool = False, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """For everything but the way in: reading, commands, delivery. Raises StoreFailed where the driver is missing.

    A file is opened for reading alone, and never made, unless the caller `writes`.
    """
    return ENGINES[where.scheme](where, writes, busy_seconds)


def _sqlite(where: Location, writes: bool, busy_seconds: float) -> Engine:
    path = where.path
    assert path
    if writes:
        check_folder(path)
    target = f"{path.absolute().as_uri()}?mode={'rwc' if writes else 'ro'}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            target, uri=True, timeout=busy_seconds, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", _begin if writes else _begin_reading)
    return engine


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")


def _postgresql(where: Location, _: bool, busy_seconds: float) -> Engine:
    connector(where)  # says what is missing
    arguments = {"connect_timeout": max(2, int(busy_seconds)), "options": f"-c lock_timeout={busy_seconds:g}s"}
    return create_engine(where.url, pool_size=2, pool_pre_ping=True, connect_args=arguments)


ENGINES: dict[str, Callable[[Location, bool, float], Engine]] = {"sqlite": _sqlite, "postgresql": _postgresql}
