"""How is a group made durable? One transaction for all; where one of them is bad, its neighbours are written apart."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from adapter.store.group import Raced, insert
from adapter.store.rows import Arrival, Manner
from adapter.store.statements import Statements

Result: TypeAlias = "bool | StoreFailed"

ATTEMPTS = 5
"""How often a group is tried again because another process was in its way."""

OWN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What one request's own content may raise, besides what its database says of it."""


class StoreFailed(Exception):
    """Not stored, for the reason it carries: the vendor must come again. `code` is the reason in one word, for counts:
    store_failed, store_closed, queue_full, quarantine_full, unreachable, contended, unwritable."""

    def __init__(self, message: str, code: str = "store_failed") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Database:
    """What differs between drivers. `down` is raised when nobody can be written, `crossed` when another process was in
    the way, `error` is the parent of all that a driver raises; `open` says whether a transaction is, `gone` whether the
    connection is of no use any more."""

    statements: Statements
    begin: str
    error: type[Exception]
    down: tuple[type[Exception], ...]
    crossed: tuple[type[Exception], ...]
    open: Callable[[Any], bool]
    gone: Callable[[Any], bool]


@dataclass(frozen=True)
class Connected:
    """One connection that writes, outside of transactions of its driver's making."""

    database: Database
    connection: Any
    manner: Manner

    @property
    def statements(self) -> Statements:
        return self.database.statements

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> Any:
        return self.connection.execute(statement, parameters)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.run(self.database.begin)
        try:
            yield
            self.run("COMMIT")
        finally:
            if self.database.open(self.connection):  # a full disk rolls back by itself
                with suppress(self.database.error):
                    self.run("ROLLBACK")

    def close(self) -> None:
        with suppress(self.database.error):
            self.connection.close()


def write(session: Connected, arrivals: Sequence[Arrival]) -> Sequence[Result]:
    """Never raises for what a request holds or the database refuses."""
    for _ in range(ATTEMPTS):
        try:
            return _write(session, arrivals)
        except Raced:
            continue
        except session.database.crossed:
            continue
    return [StoreFailed("another process is writing the same", "contended")] * len(arrivals)


def _write(session: Connected, arrivals: Sequence[Arrival]) -> Sequence[Result]:
    database = session.database
    try:
        with session.transaction():
            return insert(session, arrivals)
    except database.crossed:
        raise
    except database.down as error:
        return [StoreFailed(_short(error))] * len(arrivals)
    except (database.error, *OWN):
        return _write_apart(session, arrivals)


def _write_apart(session: Connected, arrivals: Sequence[Arrival]) -> Sequence[Result]:
    """The same group, each request under its own savepoint: a bad one must not fail its neighbours."""
    database = session.database
    try:
        with session.transaction():
            return [_insert_alone(session, arrival) for arrival in arrivals]
    except database.crossed:
        raise
    except database.error as error:
        return [StoreFailed(_short(error))] * len(arrivals)


def _insert_alone(session: Connected, arrival: Arrival) -> Result:
    database = session.database
    session.run("SAVEPOINT alone")
    try:
        return insert(session, [arrival])[0]
    except (*database.down, *database.crossed):
        raise
    except (database.error, *OWN) as error:
        session.run("ROLLBACK TO SAVEPOINT alone")
        return StoreFailed(f"this request cannot be written: {type(error).__name__}", "unwritable")
    finally:
        if database.open(session.connection):
            with suppress(database.error):
                session.run("RELEASE SAVEPOINT alone")


def _short(error: Exception) -> str:
    """A driver's first line: the next ones may quote what was written."""
    return str(error).partition("\n")[0] or type(error).__name__
