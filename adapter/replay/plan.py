"""What changes when a stored request is judged anew? Its events by their keys, as they stood and as they stand now."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TypeAlias

from adapter.model import Event, Json, Outcome, Problem, dumps
from adapter.replay.selection import Stored
from adapter.store.group import changes as differing
from adapter.store.group import said

Place: TypeAlias = tuple[int | None, str, str]
"""Of a problem: record, stage, code."""

WITHDRAWN = b""
"""What stands for the successor of an event that nothing came instead of."""


@dataclass(frozen=True, slots=True)
class Version:
    """A row of the events: `successor` is None while it stands, and empty once it is withdrawn."""

    id: bytes
    request_id: str
    record: int
    kind: str
    text: str
    revision: int = 1
    successor: bytes | None = None
    vendor: str = ""
    channel: str = ""
    received_at: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One event that is new, corrected or withdrawn. `event` has the id of its new row; `old` is what it stood as."""

    sort: str
    event: Event | None
    key: bytes
    revision: int
    old: Version | None

    @property
    def id(self) -> bytes:
        return bytes.fromhex(self.event.id) if self.event else WITHDRAWN


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about one request; `left` says why nothing is."""

    stored: Stored
    outcome: Outcome
    name: str = ""
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    unchanged: int = 0
    left: str = ""
    renamed: bool = False

    @property
    def changed(self) -> bool:
        return not self.left and bool(self.changes or self.renamed)


@dataclass(slots=True)
class Known:
    """What is stored: the events of each request, the versions of each key, the places of each request's problems.

    Whoever is planned next sees what the plans before do, by `note`.
    """

    events: Mapping[str, Sequence[Version]]
    versions: dict[bytes, list[Version]]
    problems: Mapping[str, Counter[Place]]
    gone: dict[bytes, bytes] = field(default_factory=dict)

    def successor(self, row: Version) -> bytes | None:
        return self.gone.get(row.id, row.successor)

    def stands(self, row: Version) -> bool:
        return self.successor(row) is None

    def note(self, plan: Plan) -> None:
        for change in plan.changes:
            if change.old:
                self.gone[change.old.id] = change.id
            if change.event:
                self.versions.setdefault(change.key, []).append(_row(change, plan.stored.request.id))


def _row(change: Change, request_id: str) -> Version:
    assert change.event
    text = dumps(change.event.envelope).decode()
    return Version(change.id, request_id, change.event.record, change.event.kind, text, change.revision)


def revised(key: bytes, revision: int) -> bytes:
    """The id of a key's later version: no CloudEvents id ever stands for two contents."""
    return sha256(f"{key.hex()}:{revision}".encode()).digest() if revision > 1 else key


@dataclass(frozen=True, slots=True)
class _Fresh:
    """An event of which no version stands; `last` is the one that did."""

    event: Event
    key: bytes
    last: Version | None


def plan(stored: Stored, outcome: Outcome, left: str, known: Known) -> Plan:
    """Pure. A key that stands for another request's event is left to that: the first stands, as on the way in."""
    if left:
        return Plan(stored, outcome, left=left)
    mine = [row for row in known.events.get(stored.request.id, ()) if known.stands(row)]
    told = _Told(stored.request.id)
    for event in outcome.events:
        told.take(event, known)
    left_over = [row for row in mine if row.id not in told.kept]
    changes = (*told.corrected, *_replaced(told.fresh, left_over, mine))
    wrong = (*outcome.problems, *told.wrong)
    duplicate = outcome.events and told.others == len(outcome.events) and not wrong
    name = "duplicate" if duplicate else outcome.name
    unchanged = len(told.kept) - len(told.corrected)
    return Plan(stored, outcome, name, changes, wrong, unchanged, renamed=_renamed(stored, outcome, name, wrong, known))


@dataclass(slots=True)
class _Told:
    """A request's events by what stands under their keys: nothing, its own, or another request's."""

    request_id: str
    fresh: list[_Fresh] = field(default_factory=list)
    kept: set[bytes] = field(default_factory=set)
    corrected: list[Change] = field(default_factory=list)
    wrong: list[Problem] = field(default_factory=list)
    others: int = 0

    def take(self, event: Event, known: Known) -> None:
        key = bytes.fromhex(event.id)
        last = next(reversed(known.versions.get(key, ())), None)
        if last is None or not known.stands(last):
            self.fresh.append(_Fresh(event, key, last and replace(last, successor=known.successor(last))))
        elif last.request_id != self.request_id:
            self.others += 1
            self.wrong += differing(event, last.text, dumps(event.envelope).decode())
        else:
            self.kept.add(last.id)
            self.corrected += _corrected(event, key, last)


def _renamed(stored: Stored, outcome: Outcome, name: str, wrong: Iterable[Problem], known: Known) -> bool:
    before = stored.outcome, stored.code, stored.vendor, known.problems.get(stored.request.id, Counter())
    now = name, outcome.code, outcome.vendor, Counter((one.record, one.stage, one.code) for one in wrong)
    return stored.refused or before != now


def _corrected(event: Event, key: bytes, last: Version) -> Iterator[Change]:
    if said(last.text) != said(dumps(event.envelope).decode()):
        yield _version(event, key, last.revision + 1, last)


def _version(event: Event, key: bytes, revision: int, old: Version | None) -> Change:
    identity = revised(key, revision).hex()
    envelope = {**event.envelope, "id": identity, **({"supersedes": old.id.hex()} if old else {})}
    sort = "corrected" if old and old.successor is None else "new"
    return Change(sort, replace(event, id=identity, envelope=envelope), key, revision, old)


def _replaced(fresh: Sequence[_Fresh], left_over: Sequence[Version], mine: Sequence[Version]) -> Iterator[Change]:
    """Events under new keys, each instead of the one that its record was, if that is plain; what is left goes."""
    pairs = _paired(fresh, left_over, mine)
    for place, one in enumerate(fresh):
        withdrawn = one.last if one.last and one.last.successor == WITHDRAWN else None
        revision = one.last.revision + 1 if one.last else 1
        yield _version(one.event, one.key, revision, pairs.get(place) or withdrawn)
    replaced = {row.id for row in pairs.values()}
    for row in left_over:
        if row.id not in replaced:
            yield Change("withdrawn", None, row.id, row.revision, row)


def _paired(fresh: Sequence[_Fresh], left_over: Sequence[Version], mine: Sequence[Version]) -> dict[int, Version]:
    """By record and kind, one and one. Rows older than the column `record` all say 0: then by kind alone."""
    vague = {kind for kind in {row.kind for row in mine} if _vague([row.record for row in mine if row.kind == kind])}
    new = [(None if one.event.kind in vague else one.event.record, one.event.kind) for one in fresh]
    old = [(None if row.kind in vague else row.record, row.kind) for row in left_over]
    once = {place for place, count in Counter(new).items() if count == 1 and old.count(place) == 1}
    return {number: left_over[old.index(place)] for number, place in enumerate(new) if place in once}


def _vague(records: Sequence[int]) -> bool:
    return len(records) > 1 and not any(records)


def differences(change: Change) -> Iterator[tuple[str, Json, Json]]:
    """Each field of a correction that differs: its name, what it was, what it is."""
    assert change.old
    assert change.event
    before, now = _flat(said(change.old.text)), _flat(said(dumps(change.event.envelope).decode()))
    for name in dict.fromkeys([*now, *before]):
        if before.get(name) != now.get(name):
            yield name, before.get(name), now.get(name)


def _flat(data: Mapping[str, Json]) -> dict[str, Json]:
    plain = {name: value for name, value in data.items() if name != "extra"}
    return {**plain, **{f"extra.{name}": value for name, value in (data.get("extra") or {}).items()}}
