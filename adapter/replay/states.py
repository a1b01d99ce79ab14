"""Where does each message stand, now that some of its news was wrong? The best of what still stands decides."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Connection, func, or_, select

from adapter.model import Event
from adapter.replay.found import COLUMNS, chunks, version
from adapter.replay.plan import Plan, Version
from adapter.spec.language import Kind
from adapter.store.rows import Manner, message_id
from adapter.store.tables import EVENTS, MESSAGES

Kinds: TypeAlias = Mapping[str, Kind]
Lost: TypeAlias = Mapping[bytes, Version]
"""By message the event that it was known from, and that stands no more."""

OUT_OF_TURN = 5000
"""Of several processes one may number an event early and commit it late: so far back is looked again."""


class Unlooked(Exception):
    """A message falls back, and nobody has looked yet what else stands of it."""


@dataclass(frozen=True, slots=True)
class News:
    """An event that may say where a message stands."""

    message: bytes
    event: Event
    vendor: str
    channel: str
    received_at: str

    def row(self, manner: Manner) -> dict[str, Any]:
        """Of the table of messages."""
        envelope = self.event.envelope
        return {
            "id": self.message, "vendor": self.vendor, "channel": self.channel, "kind": self.event.kind,
            "subject": manner.optional(envelope.get("subject")), "status": envelope["data"]["status"],
            "rank": self.event.rank, "event_id": bytes.fromhex(self.event.id), "time": envelope["time"],
            "received_at": self.received_at,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Siblings:
    """Ids of what stood of messages when it was looked for, up to the number `last` of the events."""

    last: int = 0
    ids: Mapping[bytes, Sequence[bytes]] = field(default_factory=dict)


@dataclass(slots=True)
class Settled:
    """`states` of messages that changed, None for one of which nothing stands; `stale` are new events behind better."""

    states: dict[bytes, News | None] = field(default_factory=dict)
    stale: set[bytes] = field(default_factory=set)


def added(plans: Iterable[Plan]) -> Iterator[News]:
    """What plans bring, in order."""
    for plan in plans:
        vendor, request = plan.outcome.vendor, plan.stored.request
        for event in (one.event for one in plan.changes if one.event):
            message = message_id(event, vendor, request.channel)
            yield News(message, event, vendor, request.channel, request.received_at.isoformat())


def removed(plans: Iterable[Plan]) -> Iterator[Version]:
    """What plans take away."""
    yield from (one.old for plan in plans for one in plan.changes if one.old and one.old.successor is None)


def of_stored(row: Version, kinds: Kinds) -> News:
    envelope = orjson.loads(row.text)
    kind = kinds.get(row.kind)
    word = kind.words.get(envelope["data"].get("status") or "") if kind else None
    event = Event(row.id.hex(), row.kind, envelope, row.record, word.rank if word else 0)
    return News(message_id(event, row.vendor, row.channel), event, row.vendor, row.channel, row.received_at)


def falling(connection: Connection, plans: Sequence[Plan], kinds: Kinds) -> Lost:
    """Messages whose best news goes while no better comes: something else that stands of them may be the best now."""
    gone = {of_stored(row, kinds).message: row for row in removed(plans)}
    states = _states(connection, sorted(gone), locked=False)
    ranks = _ranks(added(plans))
    return {
        message: row for message, row in gone.items() if message in states and ranks[message] < states[message].rank
    }


def siblings(connection: Connection, lost: Lost, kinds: Kinds, manner: Manner, behind: int = 0) -> Siblings:
    """What else stands. It reads all events behind a number: before the transaction, not in it."""
    if not lost:
        return Siblings()
    last = connection.execute(select(func.max(EVENTS.c.seq))).scalar() or 0
    subjects = {orjson.loads(row.text).get("subject") for row in lost.values()}
    named = sorted(manner.text(subject) for subject in subjects if subject)
    among = [EVENTS.c.subject.in_(part) for part in chunks(named)]
    among += [EVENTS.c.subject.is_(None)] if not all(subjects) else []
    query = select(*COLUMNS).where(EVENTS.c.seq > behind, EVENTS.c.superseded_by.is_(None), or_(*among))
    ids: dict[bytes, list[bytes]] = {message: [] for message in lost}
    for row in connection.execute(query.where(EVENTS.c.kind.in_({row.kind for row in lost.values()}))):
        news = of_stored(version(row), kinds)
        if news.message in ids:
            ids[news.message].append(bytes.fromhex(news.event.id))
    return Siblings(last, ids)


def settled(connection: Connection, plans: Sequence[Plan], kinds: Kinds, manner: Manner, known: Siblings) -> Settled:
    """Inside the transaction. Raises Unlooked."""
    going = {row.id: of_stored(row, kinds).message for row in removed(plans)}
    coming: dict[bytes, list[News]] = defaultdict(list)
    for news in added(plans):
        coming[news.message].append(news)
    states = _states(connection, sorted({*going.values(), *coming}), locked=True)
    ranks = _ranks(added(plans))
    lost = {message for message, row in states.items() if bytes(row.event_id) in going and ranks[message] < row.rank}
    best = _best(connection, lost, going, kinds, manner, known)
    done = Settled()
    for message in {*going.values(), *coming}:
        row = states.get(message)
        kept = row.rank if row is not None and bytes(row.event_id) not in going else None
        _settle(done, message, kept, best.get(message), coming[message], row is not None)
    return done


def _settle(
    done: Settled, message: bytes, kept: int | None, other: News | None, coming: Iterable[News], stood: bool
) -> None:
    """`kept` is the rank of a state that is right as it is."""
    top = other
    rank = kept if kept is not None else (other.event.rank if other else 0)
    for news in coming:
        if news.event.rank < rank:
            done.stale.add(bytes.fromhex(news.event.id))
        elif news.event.rank > rank:
            top, rank, kept = news, news.event.rank, None
    if kept is None and (top or stood):
        done.states[message] = top


def _best(
    connection: Connection, lost: set[bytes], going: Mapping[bytes, bytes], kinds: Kinds, manner: Manner,
    known: Siblings,
) -> dict[bytes, News]:  # fmt: skip
    if not lost <= known.ids.keys():
        raise Unlooked
    if not lost:
        return {}
    gone = {message: one for one, message in going.items()}
    rows = {bytes(row.id): version(row) for row in _by_id(connection, [gone[message] for message in lost])}
    late = siblings(
        connection, {message: rows[gone[message]] for message in lost}, kinds, manner, max(0, known.last - OUT_OF_TURN)
    )
    ids = {one for message in lost for one in (*known.ids[message], *late.ids[message])} - going.keys()
    found: dict[bytes, News] = {}
    for row in _by_id(connection, sorted(ids)):
        if row.superseded_by is None:
            news = of_stored(version(row), kinds)
            if news.event.rank > (found[news.message].event.rank if news.message in found else 0):
                found[news.message] = news
    return found


def _by_id(connection: Connection, ids: Sequence[bytes]) -> list[Any]:
    query = select(*COLUMNS).order_by(EVENTS.c.seq)
    return [row for part in chunks(ids) for row in connection.execute(query.where(EVENTS.c.id.in_(part)))]


def _ranks(news: Iterable[News]) -> dict[bytes, int]:
    ranks: dict[bytes, int] = defaultdict(int)
    for one in news:
        ranks[one.message] = max(ranks[one.message], one.event.rank)
    return ranks


def _states(connection: Connection, messages: Sequence[bytes], locked: bool) -> dict[bytes, Any]:
    query = select(MESSAGES).order_by(MESSAGES.c.id)
    query = query.with_for_update() if locked else query
    rows = (row for part in chunks(messages) for row in connection.execute(query.where(MESSAGES.c.id.in_(part))))
    return {bytes(row.id): row for row in rows}
