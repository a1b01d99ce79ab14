"""How are plans carried out? Every row of theirs, inside a transaction that is open already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adapter.model import dumps
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
    for plan in plans:
        _supersede(connection, plan.changes)
    _insert_events(connection, plans, settled.stale, run)
    deliveries = [
        {"sink": sink, "event_id": bytes.fromhex(news.event.id), "message": news.message, "created_at": run.now,
         "due_at": run.now}
        for news in added(plans)
        for sink in run.route(news.event)
    ]  # fmt: skip
    if deliveries:
        connection.execute(insert(DELIVERIES), deliveries)
    for plan in plans:
        _rewrite(connection, plan, run)
    _move_messages(connection, settled, run.manner)
    return len(deliveries)


def _supersede(connection: Connection, changes: Iterable[Change]) -> None:
    for change in changes:
        old = change.old
        if old is None:
            continue
        row = update(EVENTS).where(EVENTS.c.id == old.id, EVENTS.c.superseded_by.is_not_distinct_from(old.successor))
        if connection.execute(row.values(superseded_by=change.id)).rowcount != 1:
            raise Raced


def _insert_events(connection: Connection, plans: Iterable[Plan], stale: set[bytes], run: Run) -> None:
    """In the order of their ids, as on the way in, so that two writers never wait for each other."""
    rows = [
        _event_row(change, plan, change.id in stale, run) for plan in plans for change in plan.changes if change.event
    ]
    if rows:
        connection.execute(insert(EVENTS), sorted(rows, key=lambda row: row["id"]))


def _event_row(change: Change, plan: Plan, stale: bool, run: Run) -> dict[str, Any]:
    event = change.event
    assert event
    arrival = Arrival(plan.stored.request, plan.outcome, run.route)
    text = dumps({**event.envelope, "stale": True} if stale else event.envelope).decode()
    values = event_row(event, arrival, run.manner, change.id, text, stale)
    return {**_named(EVENTS, values), "revision": change.revision}


def _rewrite(connection: Connection, plan: Plan, run: Run) -> None:
    """The request's own row, and its problems."""
    request = plan.stored.request
    now = {"outcome": plan.name, "vendor": plan.outcome.vendor, "spec": plan.outcome.spec, "code": plan.outcome.code}
    if plan.stored.refused:
        connection.execute(delete(REFUSED).where(REFUSED.c.id == request.id))
        row = _named(REQUESTS, request_row(Arrival(request, plan.outcome, run.route), run.manner, plan.name))
        connection.execute(insert(REQUESTS), {**row, "replay": run.id})
    else:
        connection.execute(update(REQUESTS).where(REQUESTS.c.id == request.id).values(**now, replay=run.id))
    connection.execute(delete(PROBLEMS).where(PROBLEMS.c.request_id == request.id))
    rows = [_named(PROBLEMS, problem_row(request, one, run.manner)) for one in plan.problems]
    if rows:
        connection.execute(insert(PROBLEMS), rows)


def _move_messages(connection: Connection, settled: Settled, manner: Manner) -> None:
    upsert: Any = UPSERTS[connection.dialect.name](MESSAGES)
    later = {column.name: upsert.excluded[column.name] for column in MESSAGES.columns if column.name != "id"}
    upsert = upsert.on_conflict_do_update(index_elements=["id"], set_=later)
    for message in sorted(settled.states):
        news = settled.states[message]
        if news is None:
            connection.execute(delete(MESSAGES).where(MESSAGES.c.id == message))
        else:
            connection.execute(upsert, news.row(manner))


def _named(table: Table, values: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(written(table), values, strict=True))
