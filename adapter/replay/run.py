"""How does a replay go over many requests? In batches, each one transaction that also remembers how far it came."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain
from typing import TypeAlias

import orjson
from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from adapter.model import Outcome
from adapter.replay.apply import Raced, Run, carry_out, still_there
from adapter.replay.found import found
from adapter.replay.judging import Judge, objection
from adapter.replay.plan import Known, Plan, plan
from adapter.replay.selection import Selection, Stored, from_text, page
from adapter.replay.states import Siblings, Unlooked, falling, settled, siblings
from adapter.spec.language import Registry
from adapter.store.tables import REPLAYS
from adapter.store.transaction import StoreFailed

Judged: TypeAlias = list[tuple[Stored, Outcome]]
Progress: TypeAlias = Callable[[int], None]
"""Called with how many more requests are done."""

ATTEMPTS = 8
"""How often a batch is tried again because another process was in its way."""


@dataclass(frozen=True, slots=True)
class Going:
    """A run as it is recorded."""

    id: str
    selection: Selection
    specs: str
    position: int = 0
    counts: tuple[tuple[str, int], ...] = ()
    finished: bool = False


def plans(reads: Engine, judge: Judge, selection: Selection) -> Iterator[Plan]:
    """What would be done, in order; nothing is written. What one plan makes the next ones see.

    Batch by batch, so that a long look does not keep SQLite's log from being folded back.
    """
    position, made = 0, Known({}, {}, {})
    while True:
        with reads.connect() as connection:
            rows, position = page(connection, selection, position)
            judged = [(stored, judge(stored)) for stored in rows]
            known = found(connection, judged)
        if not rows:
            return
        for one in _planned(judged, _over(known, made, judged), judge.registry):
            made.note(one)
            yield one


def _over(known: Known, made: Known, judged: Judged) -> Known:
    """What is stored, with what earlier plans would have made of it."""
    keys = {bytes.fromhex(event.id) for _, outcome in judged for event in outcome.events}
    versions = {key: [*known.versions.get(key, ()), *made.versions.get(key, ())] for key in keys}
    return Known(known.events, versions, known.problems, made.gone)


def _planned(judged: Judged, known: Known, registry: Registry) -> Iterator[Plan]:
    for stored, outcome in judged:
        one = plan(stored, outcome, objection(registry, stored, outcome), known)
        known.note(one)
        yield one


@dataclass(frozen=True, slots=True)
class Engines:
    """The same store twice: what only looks takes no lock that a server's writer would wait for."""

    reads: Engine
    writes: Engine


def begin(engines: Engines, going: Going, at: str) -> None:
    row = {"id": going.id, "started_at": at, "selection": going.selection.text(), "specs": going.specs}
    with engines.writes.begin() as connection:
        connection.execute(insert(REPLAYS), row)


def recorded(connection: Connection, run: str) -> Going | None:
    row = connection.execute(select(REPLAYS).where(REPLAYS.c.id == run)).first()
    if row is None:
        return None
    counts = tuple(orjson.loads(row.counts).items())
    return Going(row.id, from_text(row.selection), row.specs, row.position, counts, row.finished_at is not None)


def carry_on(engines: Engines, judge: Judge, going: Going, run: Run, progress: Progress) -> Counter[str]:
    """From where the run stands to its end; the counts of all of it. Raises StoreFailed."""
    counts, position = Counter(dict(going.counts)), going.position
    while True:
        with engines.reads.connect() as connection:
            rows, behind = page(connection, going.selection, position)
        if not rows:
            return counts
        judged = [(stored, judge(stored)) for stored in rows]
        counts, position = _batch(engines, judge, judged, replace(going, position=behind), run, counts), behind
        progress(len(rows))


def _batch(
    engines: Engines, judge: Judge, judged: Judged, going: Going, run: Run, counts: Counter[str]
) -> Counter[str]:
    """One transaction; tried again where another process was in the way."""
    for _ in range(ATTEMPTS):
        around = _look_around(engines.reads, judge, judged, run)
        try:
            with engines.writes.begin() as connection:
                return _write(connection, judge, judged, going, run, counts, around)
        except (Raced, Unlooked, IntegrityError, OperationalError) as error:
            last = error
    raise StoreFailed(f"another process is in the way ({type(last).__name__}): adapter replay --resume {going.id}")


def _look_around(engine: Engine, judge: Judge, judged: Judged, run: Run) -> Siblings:
    """What is long to find is found before the transaction, which then only looks whether it is still so."""
    kinds = judge.registry.kinds
    with engine.connect() as connection:
        first = list(_planned(judged, found(connection, judged), judge.registry))
        return siblings(connection, falling(connection, first, kinds), kinds, run.manner)


def _write(
    connection: Connection, judge: Judge, judged: Judged, going: Going, run: Run, counts: Counter[str], around: Siblings
) -> Counter[str]:
    there = still_there(connection, [stored for stored, _ in judged])
    known = found(connection, judged)
    wanted = [pair for pair in judged if pair[0].request.id in there]
    done = list(_planned(wanted, known, judge.registry))
    changed = [one for one in done if one.changed]
    deliveries = carry_out(
        connection, changed, settled(connection, changed, judge.registry.kinds, run.manner, around), run
    )
    counts = counts + Counter(chain.from_iterable(map(counted, done))) + Counter(deliveries=deliveries)
    row = update(REPLAYS).where(REPLAYS.c.id == going.id)
    connection.execute(row.values(position=going.position, counts=orjson.dumps(counts).decode()))
    return counts


def counted(one: Plan) -> Iterator[str]:
    """What a plan counts as; events by their sort."""
    yield "requests"
    yield from (["left"] if one.left else [])
    yield from (["changed"] if one.changed else [])
    yield from (["proved"] if one.stored.refused and not one.left else [])
    yield from (change.sort for change in one.changes)
    yield from ["unchanged"] * one.unchanged


def finish(engines: Engines, run: str, at: str) -> None:
    with engines.writes.begin() as connection:
        connection.execute(update(REPLAYS).where(REPLAYS.c.id == run).values(finished_at=at))


def fingerprint(registry: Registry) -> str:
    """Of all specs together."""
    hashes: Sequence[str] = sorted(f"{spec.vendor}:{spec.hash}" for spec in registry.specs.values())
    return sha256("\n".join(hashes).encode()).hexdigest()[:16]
