"""A server for several processes: PostgreSQL, by psycopg. In a room of its own because it is an extra."""

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from adapter.store.location import Location
from adapter.store.rows import Manner
from adapter.store.statements import POSTGRESQL
from adapter.store.transaction import Connected, Database, StoreFailed

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 15

DATABASE = Database(
    statements=POSTGRESQL,
    begin="BEGIN",
    error=psycopg.Error,
    down=(psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, psycopg.ProgrammingError),
    crossed=(errors.DeadlockDetected, errors.SerializationFailure),
    open=lambda connection: (
        connection.info.transaction_status
        in (TransactionStatus.INTRANS, TransactionStatus.INERROR, TransactionStatus.ACTIVE)
    ),
    gone=lambda connection: bool(connection.closed),
)


def connect(location: Location, busy_seconds: float, packed: bool = False) -> Connected:
    """The writing connection. Raises StoreFailed for a server that cannot be reached.

    A statement that waits longer than `busy_seconds` for a lock fails, and one that runs longer than 15 s: whoever
    waits hears "come again".
    """
    url = location.url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = f"-c lock_timeout={busy_seconds:g}s -c statement_timeout={STATEMENT_SECONDS}s -c synchronous_commit=on"
    try:
        connection = psycopg.connect(
            url, autocommit=True, connect_timeout=CONNECT_SECONDS, options=options, application_name="callback-adapter"
        )
    except psycopg.Error as error:
        raise StoreFailed(f"{location}: {str(error).strip().splitlines()[0]}") from error
    return Connected(DATABASE, connection, Manner(packed, no_nul=True))
