"""Does what is old go, and nothing else?"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from adapter.store.databases import reader
from adapter.store.retention import BATCH, Pruned, Retention, Work, never, prune
from tests.replay.shop import Shop, acme, callback, report, to_all
from tests.store.place import Place

NOW = datetime(2026, 6, 1, tzinfo=UTC)
AGES = (1, 6, 8, 29, 31, 89, 91, 200)
SHORT = Retention(*[timedelta(days=30)] * 6)


@contextmanager
def work(place: Place, writes: bool = True) -> Iterator[Work]:
    reads, other = reader(place.where), reader(place.where, writes=True)
    try:
        yield Work(reads, other if writes else None, never)
    finally:
        reads.dispose()
        other.dispose()


def filled(place: Place, ages: tuple[int, ...] = AGES) -> Shop:
    """A callback so many days ago, with a bad record, an event, a delivery; and a forged one."""
    came = []
    for age in sorted(ages, reverse=True):
        at = NOW - timedelta(days=age)
        came.append(callback(age, report(f"m{age}", "000"), {"result": "1"}, received_at=at))
        came.append(callback(500 + age, report(f"m{age}", "000"), secret=b"forged", received_at=at))
    shop = Shop(place)
    shop.arrive(acme(), *came, route=to_all)
    return shop


def left(place: Place, table: str) -> list[int]:
    """Ages of what is left."""
    column = "received_at" if table != "deliveries" else "created_at"
    rows = place.rows(f"SELECT {column} FROM {table} ORDER BY 1 DESC")
    read = (
        (lambda value: datetime.fromtimestamp(value / 1000, UTC)) if table == "deliveries" else datetime.fromisoformat
    )
    return [(NOW - read(value)).days for (value,) in rows]


def pruned(
    place: Place, retention: Retention, writes: bool = True, trusted: bool = True, now: datetime = NOW
) -> Pruned:
    with work(place, writes) as doing:
        return prune(doing, retention, now, trusted)


def test_each_is_kept_for_its_time(place: Place) -> None:
    filled(place)
    place.change("UPDATE deliveries SET state = 'delivered'")
    counts = pruned(place, Retention(), writes=False).counts
    assert left(place, "requests") == list(AGES), "a dry run only counts"
    assert pruned(place, Retention()).counts == {**counts, "events": 2, "problems": 4}
    assert {table: left(place, table) for table in ("requests", "refused", "deliveries", "events", "messages")} == {
        "requests": [1, 6, 8, 29], "refused": [1, 6], "deliveries": [1, 6],
        "events": [1, 6, 8, 29, 31, 89], "messages": [1, 6, 8, 29, 31, 89],
    }  # fmt: skip
    assert place.rows("SELECT count(*) FROM problems") == [(4,)]
    assert set(pruned(place, Retention()).counts.values()) == {0}


@pytest.mark.parametrize("state", ["due", "dead"])
def test_what_is_still_to_be_delivered_stays_with_its_event(place: Place, state: str) -> None:
    filled(place)
    place.change(f"UPDATE deliveries SET state = '{state}'")
    pruned(place, Retention())
    assert left(place, "events") == left(place, "deliveries") == list(AGES)


def test_an_event_stays_as_long_as_its_request(place: Place) -> None:
    filled(place)
    place.change("DELETE FROM deliveries")
    pruned(place, Retention(requests=timedelta(days=90), events=timedelta(days=1)))
    assert left(place, "events") == [1, 6, 8, 29, 31, 89]


def test_problems_may_go_before_their_requests(place: Place) -> None:
    filled(place)
    pruned(place, Retention(problems=timedelta(days=7)))
    assert place.rows("SELECT count(*) FROM problems") == [(2,)]


@pytest.mark.parametrize(
    ("ages", "jump", "doubted"),
    [
        (range(0, 60, 3), 0, False),
        (range(0, 60, 3), 20, False),
        (range(0, 60, 3), 400, True),
        (range(0, 60, 5), 0, False),
        ((0, 40), 0, True),
        ((), 400, False),
    ],
)
def test_a_clock_that_jumped_removes_nothing(place: Place, ages: tuple[int, ...], jump: int, doubted: bool) -> None:
    filled(place, tuple(ages))
    found = pruned(place, SHORT, trusted=False, now=NOW + timedelta(days=jump))
    assert bool(found.doubted) is doubted
    if doubted:
        assert left(place, "requests") == sorted(ages)
        assert pruned(place, SHORT, now=NOW + timedelta(days=jump)).doubted == ()


def test_many_go_in_small_batches_and_it_may_be_stopped_between_them(place: Place) -> None:
    shop = Shop(place)
    shop.arrive(acme(), *(callback(n, report(f"m{n}", "000")) for n in range(BATCH + 200)))
    pauses: list[int] = []

    def stop() -> bool:
        pauses.append(1)
        return True

    with work(place) as doing:
        stopped = prune(Work(doing.reads, doing.writes, stop), SHORT, NOW, trusted=True)
    assert stopped.counts["requests"] == BATCH
    assert pauses
    assert pruned(place, SHORT).counts["requests"] == 200
