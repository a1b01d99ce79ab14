"""How are plans carried out? Every row of theirs, inside a transaction that is open already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adapter.model import dumps
from adapter.replay.found import chunks
from adapter.replay.plan import Change, Plan
from adapter.replay.selection import ERASED, Stored
from adapter.replay.states import Settled, added
from adapter.store.rows import Arrival, Manner, Route, event_row, problem_row, request_row
from adapter.store.statements import written
from adapter.store.tables import DELIVERIES, EVENTS, MESSAGES, PROBLEMS, REFUSED, REQUESTS

UPSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class Raced(Exception):
    """Another process changed the same at the same moment: look again."""


@dataclass(frozen=True, slots=True)
class Run:
    """Who writes, and by what: `now` is in milliseconds, the moment from which new deliveries are due."""

    id: str
    route: Route
    manner: Manner
    now: int


def still_there(connection: Connection, stored: Sequence[Stored]) -> set[str]:
    """Ids of those that nobody has moved, thrown away or erased since they were read. They are locked."""
    found: set[str] = set()
    for table in (REQUESTS, REFUSED):
        ids = [one.request.id for one in stored if one.refused is (table is REFUSED)]
        query = select(table.c.id).where(table.c.id.in_(ids)).order_by(table.c.seq).with_for_update()
        query = query.where(REQUESTS.c.outcome != ERASED) if table is REQUESTS else query
        found |= {row.id for row in connection.execute(query)} if ids else set()
    return found


def carry_out(connection: Connection, plans: Sequence[Plan], settled: Settled, run: Run) -> int:
    """Every changed row, and how many deliveries that makes. Raises Raced."""
    _supersede(connection, [change for plan in plans for change in plan.changes if change.old])
    _insert_events(connection, plans, settled.stale, run)
    deliveries = [
        {"sink": sink, "event_id": bytes.fromhex(news.event.id), "message": news.message, "created_at": run.now,
         "due_at": run.now}
        for news in added(plans)
        for sink in run.route(news.event)
    ]  # fmt: skip
    _insert(connection, DELIVERIES, deliveries)
    _rewrite(connection, plans, run)
    _move_messages(connection, settled, run.manner)
    return len(deliveries)


_SUPERSEDE = (
    update(EVENTS)
    .where(EVENTS.c.id == bindparam("old"), EVENTS.c.superseded_by.is_not_distinct_from(bindparam("before")))
    .values(superseded_by=bindparam("after"))
)
_JUDGED = (
    update(REQUESTS)
    .where(REQUESTS.c.id == bindparam("request"))
    .values({name: bindparam(f"now_{name}") for name in ("outcome", "vendor", "spec", "code", "replay")})
)


def _supersede(connection: Connection, changes: Sequence[Change]) -> None:
    """As they were found, or not at all."""
    rows = [{"old": one.old.id, "before": one.old.successor, "after": one.id} for one in changes if one.old]
    if rows and connection.execute(_SUPERSEDE, rows).rowcount != len(rows):
        raise Raced


def _insert_events(connection: Connection, plans: Iterable[Plan], stale: set[bytes], run: Run) -> None:
    """In the order of their ids, as on the way in, so that two writers never wait for each other."""
    rows = [
        _event_row(change, plan, change.id in stale, run) for plan in plans for change in plan.changes if change.event
    ]
    _insert(connection, EVENTS, sorted(rows, key=lambda row: row["id"]))


def _event_row(change: Change, plan: Plan, stale: bool, run: Run) -> dict[str, Any]:
    event = change.event
    assert event
    arrival = Arrival(plan.stored.request, plan.outcome, run.route)
    text = dumps({**event.envelope, "stale": True} if stale else event.envelope).decode()
    values = event_row(event, arrival, run.manner, change.id, text, stale)
    return {**_named(EVENTS, values), "revision": change.revision}


def _rewrite(connection: Connection, plans: Sequence[Plan], run: Run) -> None:
    """The requests' own rows, and their problems."""
    moved = [plan for plan in plans if plan.stored.refused]
    for part in chunks([plan.stored.request.id for plan in moved]):
        connection.execute(delete(REFUSED).where(REFUSED.c.id.in_(part)))
    arrivals = [(Arrival(plan.stored.request, plan.outcome, run.route), plan.name) for plan in moved]
    rows = [{**_named(REQUESTS, request_row(one, run.manner, name)), "replay": run.id} for one, name in arrivals]
    _insert(connection, REQUESTS, rows)
    judged = [_judged(plan, run) for plan in plans if not plan.stored.refused]
    if judged:
        connection.execute(_JUDGED, judged)
    for part in chunks([plan.stored.request.id for plan in plans]):
        connection.execute(delete(PROBLEMS).where(PROBLEMS.c.request_id.in_(part)))
    wrong = [problem_row(plan.stored.request, one, run.manner) for plan in plans for one in plan.problems]
    _insert(connection, PROBLEMS, [_named(PROBLEMS, row) for row in wrong])


def _judged(plan: Plan, run: Run) -> dict[str, str]:
    now = plan.outcome
    told = {"outcome": plan.name, "vendor": now.vendor, "spec": now.spec, "code": now.code, "replay": run.id}
    return {"request": plan.stored.request.id, **{f"now_{name}": value for name, value in told.items()}}


def _move_messages(connection: Connection, settled: Settled, manner: Manner) -> None:
    upsert: Any = UPSERTS[connection.dialect.name](MESSAGES)
    later = {column.name: upsert.excluded[column.name] for column in MESSAGES.columns if column.name != "id"}
    states = sorted(settled.states.items())
    for part in chunks([message for message, news in states if news is None]):
        connection.execute(delete(MESSAGES).where(MESSAGES.c.id.in_(part)))
    rows = [news.row(manner) for _, news in states if news]
    if rows:
        connection.execute(upsert.on_conflict_do_update(index_elements=["id"], set_=later), rows)


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _named(table: Table, values: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(written(table), values, strict=True))
