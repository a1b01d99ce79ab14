"""What is due, who has it, and what became of it? The table `deliveries`, in short transactions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, literal_column, select, update

from adapter.delivery.sink import Parcel
from adapter.store.databases import reader
from adapter.store.location import Location
from adapter.store.tables import DELIVERIES, EVENTS

LOST = "the event is not stored any more"

D = DELIVERIES.c
DUE: ColumnElement[str] = literal_column("'due'")
"""A literal, not a parameter: only so are the indexes used that hold what is due and nothing else."""


@dataclass(frozen=True, slots=True)
class Result:
    """A parcel's new state: `due` again at a moment, or at an end. `counts` tells whether it was tried."""

    parcel: Parcel
    state: str
    answer: str
    due_at: int = 0
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Round:
    """What one transaction does: what is settled, whose lease is given back or renewed, how many more are asked for.

    Moments are milliseconds since 1970.
    """

    now: int
    until: int
    room: int = 0
    results: Sequence[Result] = ()
    released: Sequence[int] = ()
    renewed: Sequence[int] = ()

    @property
    def writes(self) -> bool:
        return bool(self.results or self.released or self.renewed)


class Ledger:
    """One sink's rows. `owner` is this process and no other, now or later."""

    def __init__(self, where: Location, sink: str, owner: str) -> None:
        self._reads = reader(where)
        self._writes = reader(where, writes=True)
        self._sink = sink
        self._owner = owner

    def turn(self, round_: Round) -> list[Parcel]:
        """Write what is known, and claim more. Raises SQLAlchemyError; then nothing has changed.

        Nobody who writes is disturbed while there is nothing to do.
        """
        if not round_.writes and not self._anything(round_):
            return []
        with self._writes.begin() as connection:
            self._settle(connection, round_)
            self._lease(connection, round_.released, owner="", until=0)
            self._lease(connection, round_.renewed, owner=self._owner, until=round_.until)
            return self._claim(connection, round_) if round_.room else []

    def close(self) -> None:
        self._reads.dispose()
        self._writes.dispose()

    def standing(self) -> tuple[int, int | None]:
        """How many are due, and since when the oldest is."""
        query = select(func.count(), func.min(D.created_at)).where(*self._due())
        with self._reads.connect() as connection:
            number, oldest = connection.execute(query).one()
        return number, oldest

    def mend(self, now: int, longest: int, lease: int) -> None:
        """A clock that was set back: no pause and no lease of another is longer than the longest there is, and what
        seems to be stored in the future is due at once."""
        far = D.due_at > now, (D.created_at > now) | (D.due_at > now + longest)
        held = D.leased_until > now + lease, D.leased_by != self._owner
        with self._reads.connect() as connection:
            queries = [select(D.seq).where(*self._due(), *each).limit(1) for each in (far, held)]
            wrong = [connection.execute(query).first() for query in queries]
        if any(wrong):
            with self._writes.begin() as connection:
                connection.execute(update(DELIVERIES).where(*self._due(), *far).values(due_at=now))
                connection.execute(update(DELIVERIES).where(*self._due(), *held).values(leased_until=0, leased_by=""))

    def _due(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return D.sink == self._sink, D.state == DUE

    def _anything(self, round_: Round) -> bool:
        if not round_.room:
            return False
        with self._reads.connect() as connection:
            return connection.execute(self._claimable(round_.now, 1)).first() is not None

    def _claimable(self, now: int, room: int) -> Select[Any]:
        """Of each message the oldest that is due, unless somebody has it. The oldest is asked for row by row: the
        rows behind it wait for it, so few are looked at in vain."""
        other = DELIVERIES.alias("other")
        same = other.c.sink == D.sink, other.c.message == D.message, other.c.state == DUE
        oldest = select(func.min(other.c.seq)).where(*same).scalar_subquery()
        free = D.due_at <= now, D.leased_until <= now
        return select(D.seq).where(*self._due(), *free, D.seq == oldest).order_by(D.due_at, D.seq).limit(room)

    def _claim(self, connection: Connection, round_: Round) -> list[Parcel]:
        found = self._claimable(round_.now, round_.room).with_for_update(of=DELIVERIES, skip_locked=True)
        claimed = [row.seq for row in connection.execute(found)]
        self._lease(connection, claimed, self._owner, round_.until)
        query = select(D.seq, D.event_id, D.message, D.attempts, EVENTS.c.envelope)
        joined = query.outerjoin(EVENTS, EVENTS.c.id == D.event_id).where(D.seq.in_(claimed)).order_by(D.seq)
        parcels = [_parcel(*row) for row in connection.execute(joined)] if claimed else []
        lost = [Result(parcel, "dead", LOST, counts=False) for parcel in parcels if not parcel.body]
        self._end(connection, lost, round_.now)
        return [parcel for parcel in parcels if parcel.body]

    def _lease(self, connection: Connection, those: Sequence[int], owner: str, until: int) -> None:
        if those:
            mine = D.leased_by == self._owner if not owner else D.state == DUE
            statement = update(DELIVERIES).where(D.seq.in_(sorted(those)), mine)
            connection.execute(statement.values(leased_by=owner, leased_until=until))

    def _settle(self, connection: Connection, round_: Round) -> None:
        self._end(connection, [one for one in round_.results if one.state != "due"], round_.now)
        later = sorted((one for one in round_.results if one.state == "due"), key=lambda one: one.parcel.seq)
        if later:
            connection.execute(_LATER, [_values(one, self._owner) for one in later])
            connection.execute(_BEHIND, [_place(one, self._sink) for one in later])

    def _end(self, connection: Connection, results: Sequence[Result], now: int) -> None:
        """Also where the lease was lost meanwhile: what was delivered was delivered."""
        groups: dict[tuple[str, str, bool], list[int]] = {}
        for one in results:
            groups.setdefault((one.state, one.answer, one.counts), []).append(one.parcel.seq)
        for (state, answer, counts), those in groups.items():
            new = {"state": state, "answer": answer, "done_at": now, "leased_by": "", "leased_until": 0}
            statement = update(DELIVERIES).where(D.seq.in_(sorted(those)), D.state == DUE)
            connection.execute(statement.values(**new, attempts=D.attempts + int(counts)))


_LATER = (
    update(DELIVERIES)
    .where(D.seq == bindparam("row"), D.state == DUE, D.leased_by == bindparam("owner"))
    .values(due_at=bindparam("moment"), attempts=D.attempts + bindparam("tried"), answer=bindparam("said"))
    .values(leased_by="", leased_until=0)
)

# Those behind it cannot leave before it, so nobody need look at them before either.
_BEHIND = (
    update(DELIVERIES)
    .where(D.sink == bindparam("to"), D.message == bindparam("about"), D.state == DUE)
    .where(D.seq > bindparam("row"), D.due_at < bindparam("moment"))
    .values(due_at=bindparam("moment"))
)


def _values(one: Result, owner: str) -> dict[str, Any]:
    tried = int(one.counts)
    return {"row": one.parcel.seq, "owner": owner, "moment": one.due_at, "tried": tried, "said": one.answer}


def _place(one: Result, sink: str) -> dict[str, Any]:
    return {"row": one.parcel.seq, "to": sink, "about": one.parcel.message, "moment": one.due_at}


def _parcel(seq: int, event_id: bytes, message: bytes, attempts: int, envelope: str | None) -> Parcel:
    return Parcel(seq, bytes(event_id).hex(), bytes(message), attempts, (envelope or "").encode())
