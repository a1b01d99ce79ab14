"""When was each channel last heard of? The latest of what is stored, for a server that has just begun."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection, func, select

from adapter.store.location import Location
from adapter.store.reading import reading
from adapter.store.tables import REQUESTS

RECENT = 20_000
"""Rows that are looked at for rhythms; of a channel that is not among them only its last one is looked for."""


def heard(where: Location, channels: Iterable[str] = ()) -> Iterator[tuple[str, float]]:
    """Channels and moments (seconds since 1970), oldest first. Raises StoreFailed before the first."""
    with reading(where) as connection:
        recent = _recent(connection)
        missing = {*channels} - {channel for channel, _ in recent}
        last = [found for channel in sorted(missing) for found in _last(connection, channel)]
    return ((channel, datetime.fromisoformat(moment).timestamp()) for channel, moment in (*last, *recent))


def _recent(connection: Connection) -> list[tuple[str, str]]:
    newest = connection.execute(select(func.max(REQUESTS.c.seq))).scalar() or 0
    query = select(REQUESTS.c.channel, REQUESTS.c.received_at).where(REQUESTS.c.seq > newest - RECENT)
    return [(row[0], row[1]) for row in connection.execute(query.order_by(REQUESTS.c.seq))]


def _last(connection: Connection, channel: str) -> list[tuple[str, str]]:
    query = select(REQUESTS.c.channel, REQUESTS.c.received_at).where(REQUESTS.c.channel == channel)
    return [(row[0], row[1]) for row in connection.execute(query.order_by(REQUESTS.c.seq.desc()).limit(1))]
