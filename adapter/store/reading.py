"""What is stored? Events page by page, and requests by their id."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from adapter.model import Request
from adapter.store.databases import reader
from adapter.store.location import Location, location
from adapter.store.migrate import HEAD, current, reason
from adapter.store.rows import RAW, raw_request
from adapter.store.tables import EVENTS, REFUSED, REQUESTS
from adapter.store.transaction import StoreFailed

PAGE = 500


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as it was written: `envelope` is its JSON text, every digit kept; `seq` grows in order of storing."""

    seq: int
    envelope: str


@contextmanager
def reading(where: Location) -> Iterator[Connection]:
    """A connection to look with. Raises StoreFailed for a database that is not of today's form, or not there."""
    engine = reader(where)
    try:
        with engine.connect() as connection:
            revision = current(connection, where)
            if revision != HEAD:
                form = f"of an older form ({revision})" if revision else "no adapter's, or empty"
                raise StoreFailed(f"{where}: {form}; adapter serve brings it up to date")
            yield connection
    except SQLAlchemyError as error:
        raise StoreFailed(f"{where}: {reason(error)}") from error
    finally:
        engine.dispose()


def read_events(
    url: str | Location,
    since: int = 0,
    kind: str | None = None,
    vendor: str | None = None,
    limit: int | None = None,
) -> Iterator[Stored]:
    """In order of storing, those behind `since`; a store that another process may be writing.

    Page by page, so that a slow reader does not keep SQLite's log from being folded back. Raises ValueError and
    StoreFailed before the first.
    """
    where = location(url) if isinstance(url, str) else url
    with reading(where):
        return _pages(where, since, {"kind": kind, "vendor": vendor}, limit)


def _pages(where: Location, since: int, wanted: Mapping[str, str | None], limit: int | None) -> Iterator[Stored]:
    left = limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        found = _page(where, since, wanted, size)
        yield from found
        if len(found) < size:
            return
        since, left = found[-1].seq, None if left is None else left - size


def _page(where: Location, since: int, wanted: Mapping[str, str | None], rows: int) -> list[Stored]:
    query = select(EVENTS.c.seq, EVENTS.c.envelope).where(EVENTS.c.seq > since).order_by(EVENTS.c.seq).limit(rows)
    query = query.where(*(EVENTS.c[name] == value for name, value in wanted.items() if value is not None))
    with reading(where) as connection:
        return [Stored(*row) for row in connection.execute(query)]


def read_request(url: str, request_id: str) -> Request | None:
    """A stored request as it arrived, without its token, be it a refused one. Raises ValueError and StoreFailed."""
    kept, refused = ([table.c[name] for name in RAW] for table in (REQUESTS, REFUSED))
    with reading(location(url)) as connection:
        found = connection.execute(select(*kept).where(REQUESTS.c.id == request_id)).first()
        found = found or connection.execute(select(*refused).where(REFUSED.c.id == request_id)).first()
    return None if found is None else raw_request(found)
