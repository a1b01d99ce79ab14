"""Where is PostgreSQL, and a database of one's own there? Skips, by name, what needs one that cannot be reached."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import psycopg
from psycopg.sql import SQL, Identifier

from tests.needed import absent

SERVER = os.environ.get("ADAPTER_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")


@cache
def objection() -> str:
    try:
        psycopg.connect(f"{SERVER}/postgres", connect_timeout=3).close()
    except psycopg.Error as error:
        return f"no PostgreSQL at {SERVER}: {str(error).strip().splitlines()[0]}"
    return ""


def need() -> None:
    """Skips the test without PostgreSQL; fails it where everything must be tested."""
    if objection():
        absent(objection())


@contextmanager
def database(name: str) -> Iterator[str]:
    """The URL of an empty database; it is dropped afterwards, whoever is still connected."""
    need()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    own = Identifier(f"callback_adapter_{name}_{worker}_{os.getpid()}")
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(own))
        connection.execute(SQL("CREATE DATABASE {}").format(own))
        try:
            yield f"{SERVER}/{own.as_string(None).strip(chr(34))}"
        finally:
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(own))


def emptied(url: str) -> None:
    """As new, which is quicker than another database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
