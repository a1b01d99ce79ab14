"""What was delivered, what waits, what was given up, and how is that tried again? For commands, beside any server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from adapter.store.databases import reader
from adapter.store.location import Location
from adapter.store.migrate import reason
from adapter.store.reading import reading
from adapter.store.tables import DELIVERIES
from adapter.store.transaction import StoreFailed

D = DELIVERIES.c
STATES = ("due", "dead", "delivered")


@dataclass(frozen=True, slots=True)
class Heap:
    """Deliveries of one sink that are in the same state after the same answer. `oldest` and `next` are milliseconds
    since 1970: when the first was stored, and when the first that waits is due. `event` is the last one's id."""

    sink: str
    state: str
    answer: str
    count: int
    attempts: int
    oldest: int
    next: int | None
    event: str


def heaps(where: Location, sink: str | None, state: str | None) -> list[Heap]:
    """Raises StoreFailed."""
    with reading(where) as connection:
        key = D.sink, D.state, D.answer
        facts = func.count(), func.max(D.attempts), func.min(D.created_at), func.min(D.due_at), func.max(D.seq)
        wanted = [column == word for column, word in ((D.sink, sink), (D.state, state)) if word is not None]
        query = select(*key, *facts).where(*wanted).group_by(*key).order_by(D.sink, D.state, func.count().desc())
        found = [tuple(row) for row in connection.execute(query)]
        last = select(D.seq, D.event_id).where(D.seq.in_([row[-1] for row in found]))
        ids = {seq: bytes(event).hex() for seq, event in connection.execute(last)}
    return [_heap(row, ids) for row in found]


def _heap(row: tuple[Any, ...], ids: Mapping[int, str]) -> Heap:
    sink, state, answer, count, attempts, oldest, next_, last = row
    return Heap(sink, state, answer, count, attempts, oldest, next_ if state == "due" else None, ids.get(last, ""))


def retry(where: Location, now: int, sink: str | None = None, event: bytes | None = None) -> dict[str, int]:
    """What is dead is due again as if it were new, and what waits is due at once: how many there were of each.

    What was not tried to the end keeps its count. Raises StoreFailed.
    """
    wanted = [column == value for column, value in ((D.sink, sink), (D.event_id, event)) if value is not None]
    dead = update(DELIVERIES).where(D.state == "dead", *wanted)
    waits = update(DELIVERIES).where(D.state == "due", D.due_at > now, D.leased_by == "", *wanted)
    with reading(where):  # says what is no store of today's
        pass
    engine = reader(where, writes=True)
    try:
        with engine.begin() as connection:
            waiting = connection.execute(waits.values(due_at=now)).rowcount
            revived = dead.values(state="due", attempts=0, due_at=now, done_at=None, leased_by="", leased_until=0)
            return {"dead": connection.execute(revived).rowcount, "waiting": waiting}
    except SQLAlchemyError as error:
        raise StoreFailed(f"{where}: {reason(error)}") from error
    finally:
        engine.dispose()
