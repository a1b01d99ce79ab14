"""What is said to the database on the way in? Compiled once for each dialect, and run on the raw connection."""

from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

from sqlalchemy import LargeBinary, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from adapter.store.tables import EVENTS, MESSAGES, REQUESTS

LATER = {
    "requests": {"replay"},
    "events": {"revision", "superseded_by"},
    "deliveries": {"state", "attempts", "done_at", "leased_by", "leased_until", "answer"},
}
"""Columns that say nothing yet when a row is written."""


def written(table: Table) -> tuple[str, ...]:
    """The columns of a new row, in order."""
    later = {"seq", *LATER.get(table.name, ())}
    return tuple(column.name for column in table.columns if column.name not in later)


@dataclass(frozen=True)
class Statements:
    """One dialect's. Parameters stand in the order of `written`; each statement is made once.

    `shared` tells that other processes write too: the rows of messages are locked, and an event that is there already
    is passed over, which the count of rows then tells.
    """

    dialect: Dialect
    upserts: ModuleType
    shared: bool

    @lru_cache(maxsize=64)  # noqa: B019  (two objects in all, as old as the process)
    def insert(self, table: Table, rows: int) -> str:
        """That many rows; where others write too, an event's `seq` stands first."""
        columns = written(table)
        if not self.shared or table is not EVENTS:
            return self._text(self.upserts.insert(table).values([dict.fromkeys(columns)] * rows))
        numbered = self.upserts.insert(table).values([dict.fromkeys(("seq", *columns))] * rows)
        return self._text(numbered.on_conflict_do_nothing(index_elements=["id"]))

    @lru_cache(maxsize=1)  # noqa: B019
    def numbers(self) -> str:
        """The next so many numbers of events."""
        return "SELECT nextval('events_seq_seq') FROM generate_series(1, %s)"

    @lru_cache(maxsize=8)  # noqa: B019
    def known(self, ids: int) -> str:
        """Which of that many ids of events are stored, by which request, as what, and what came instead."""
        columns = EVENTS.c.id, EVENTS.c.request_id, EVENTS.c.envelope, EVENTS.c.superseded_by
        return self._text(select(*columns).where(EVENTS.c.id.in_(_places(ids))))

    @lru_cache(maxsize=8)  # noqa: B019
    def states(self, ids: int) -> str:
        """How far that many messages are."""
        statement = select(MESSAGES.c.id, MESSAGES.c.rank).where(MESSAGES.c.id.in_(_places(ids)))
        return self._text(statement.order_by(MESSAGES.c.id).with_for_update() if self.shared else statement)

    @lru_cache(maxsize=8)  # noqa: B019
    def advance(self, rows: int) -> str:
        """New states of that many messages; one that is as far already stays."""
        row = {column.name: None for column in MESSAGES.columns}
        statement: Any = self.upserts.insert(MESSAGES).values([row] * rows)
        later = {column.name: statement.excluded[column.name] for column in MESSAGES.columns if column.name != "id"}
        return self._text(
            statement.on_conflict_do_update(
                index_elements=["id"], set_=later, where=statement.excluded.rank > MESSAGES.c.rank
            )
        )

    @lru_cache(maxsize=1)  # noqa: B019
    def body(self) -> str:
        """What the request of an id had sent."""
        columns = REQUESTS.c.query, REQUESTS.c.body, REQUESTS.c.body_encoding
        return self._text(select(*columns).where(REQUESTS.c.id == bindparam("id")))

    def bound(self, statement: Any, **values: Any) -> tuple[str, list[Any]]:
        """Any statement, compiled anew, with its parameters in order: for what is seldom said."""
        compiled = statement.compile(dialect=self.dialect)
        known = {**compiled.params, **values}
        return str(compiled), [known[name] for name in compiled.positiontup or ()]

    def _text(self, statement: Any) -> str:
        return str(statement.compile(dialect=self.dialect))


def _places(ids: int) -> list[Any]:
    return [bindparam(f"id{place}", type_=LargeBinary) for place in range(ids)]


SQLITE = Statements(sqlite.dialect(paramstyle="qmark"), sqlite, shared=False)
POSTGRESQL = Statements(postgresql.dialect(paramstyle="format"), postgresql, shared=True)  # type: ignore[no-untyped-call]
