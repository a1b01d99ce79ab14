"""Does every stored event leave, once where nothing goes wrong, and in order whatever goes wrong?"""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter.delivery.breaker import Breaker
from adapter.delivery.dispatcher import Dispatcher
from adapter.delivery.sink import Sink
from adapter.store.databases import reader
from tests.delivery.receiver import hang, receiving, slow
from tests.delivery.world import QUICK, Clock, delivering, means, news, put, sink, states
from tests.store.place import Place

BROKEN = "500 Internal Server Error"
DONE = ("delivered", 1, "answered 200")


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


async def settled(place: Place, number: int, state: str = "delivered", seconds: float = 60.0) -> None:
    """Until so many deliveries are in that state."""
    async with asyncio.timeout(seconds):
        while [one[0] for one in states(place)].count(state) < number:
            await asyncio.sleep(0.02)


def test_what_is_stored_leaves_at_once_as_it_was_stored(place: Place) -> None:
    async def work() -> None:
        async with receiving() as receiver:
            to = sink(receiver.url)
            seldom = replace(QUICK, poll=60.0)
            with place.opened() as store:
                async with delivering(place, to, pace=seldom) as dispatcher:
                    store.stored = dispatcher.wake
                    await asyncio.sleep(0.1)
                    await put(store, [to], news("a"))
                    await receiver.until(1, 2.0)
                    await settled(place, 1)
                    numbers = dispatcher.snapshot()["in"]
                (kept,) = store.events()
        assert receiver.heard[0].body.decode() == kept.envelope
        assert states(place) == [DONE]
        assert (numbers.delivered, numbers.failed, numbers.dead, numbers.breaker) == (1, 0, 0, "closed")

    run(work())


def test_a_backlog_leaves_once_and_each_message_in_its_order(place: Place) -> None:
    """Every third message's first event fails twice: those behind it wait, the others do not."""

    async def work() -> None:
        async with receiving() as receiver:
            receiver.of = {f"m{number}": [BROKEN, BROKEN] for number in range(0, 30, 3)}
            to = sink(receiver.url)
            with place.opened() as store:
                await put(store, [to], *(news(f"m{each}", turn) for turn in range(3) for each in range(30)))
                async with delivering(place, to):
                    await settled(place, 90)
        assert Counter(receiver.subjects) == {f"m{each}": 5 if each % 3 == 0 else 3 for each in range(30)}
        for each in range(30):
            heard = [one.event["number"] for one in receiver.heard if one.subject == f"m{each}"]
            assert heard == sorted(heard)
        assert Counter(states(place)) == {DONE: 80, ("delivered", 3, "answered 200"): 10}

    run(work())


def test_a_sink_that_hangs_slows_neither_the_others_nor_the_end(place: Place) -> None:
    async def work() -> None:
        async with receiving(*[hang] * 50) as stuck, receiving() as receiver:
            sinks = sink(stuck.url, name="stuck", timeout=30.0), sink(receiver.url)
            with place.opened() as store:
                await put(store, sinks, *(news(str(number)) for number in range(20)))
                async with delivering(place, *sinks, grace=0.2):
                    await receiver.until(20)
                    await stuck.until(8)
                    await asyncio.sleep(0.1)
                    began = asyncio.get_running_loop().time()
                took = asyncio.get_running_loop().time() - began
        assert took < 1.5
        assert place.rows("SELECT sink, state, attempts, leased_by, count(*) FROM deliveries GROUP BY 1, 2, 3, 4 "
                          "ORDER BY sink") == [("in", "delivered", 1, "", 20), ("stuck", "due", 0, "", 20)]  # fmt: skip

    run(work())


STUCK = """
import asyncio, sys
from adapter.delivery.sink import Sink
from tests.delivery.world import delivering
from tests.store.place import Place

async def work():
    async with delivering(Place(sys.argv[1]), Sink("in", "lines", sys.argv[2]), grace=0.1):
        await asyncio.sleep(0.3)

asyncio.run(work())
"""


def test_a_pipe_that_nobody_reads_from_does_not_keep_the_process_alive(tmp_path: Path) -> None:
    place, pipe = Place(f"sqlite:///{tmp_path / 'adapter.db'}"), tmp_path / "pipe"
    os.mkfifo(pipe)
    number = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while os.write(number, b"x" * 4096):
            pass

    async def work() -> None:
        with place.opened() as store:
            await put(store, [Sink("in", "lines", str(pipe))], news("a"))

    run(work())
    command = [sys.executable, "-c", STUCK, place.url, str(pipe)]
    assert subprocess.run(command, cwd=Path(__file__).parents[2], timeout=60, check=False).returncode == 0
    assert place.rows("SELECT state, attempts, leased_by FROM deliveries") == [("due", 0, "")]
    os.close(number)


def test_what_is_under_way_at_the_end_is_waited_for(place: Place) -> None:
    async def work() -> None:
        async with receiving(slow(0.3)) as receiver:
            to = sink(receiver.url)
            with place.opened() as store:
                await put(store, [to], news("a"))
                async with delivering(place, to, grace=2.0):
                    await receiver.until(1)
        assert states(place) == [DONE]

    run(work())


def test_what_fails_to_the_last_attempt_is_dead_and_those_behind_it_go_on(place: Place) -> None:
    async def work() -> None:
        async with receiving() as receiver:
            receiver.of = {"a": [BROKEN] * 3}
            to = sink(receiver.url, attempts=3)
            with place.opened() as store:
                await put(store, [to], news("a", 1), news("a", 2))
                async with delivering(place, to) as dispatcher:
                    await settled(place, 1)
                    numbers = dispatcher.snapshot()["in"]
        assert [one.event["number"] for one in receiver.heard] == [1, 1, 1, 2]
        assert states(place) == [("dead", 3, "answered 500"), DONE]
        assert (numbers.delivered, numbers.failed, numbers.dead) == (1, 2, 1)

    run(work())


def test_a_sink_that_asks_for_a_pause_gets_it_and_all_its_events_wait(place: Place) -> None:
    async def work() -> None:
        async with receiving("429 Too Many\nretry-after: 1") as receiver:
            to = sink(receiver.url, concurrency=1)
            with place.opened() as store:
                await put(store, [to], news("a"), news("b"), news("c"))
                async with delivering(place, to) as dispatcher:
                    await receiver.until(1)
                    await asyncio.sleep(0.5)
                    assert receiver.subjects == ["a"]
                    assert dispatcher.snapshot()["in"].breaker == "open"
                    await settled(place, 3)
        assert sorted(one[1] for one in states(place)) == [1, 1, 2]

    run(work())


def test_a_sink_that_is_down_is_asked_by_one_event_until_it_is_back(place: Place) -> None:
    async def work() -> None:
        async with receiving(*[BROKEN] * 5) as receiver:
            to = sink(receiver.url, concurrency=2)
            pace = replace(QUICK, breaker=Breaker(3, 0.5, 0.5))
            with place.opened() as store:
                await put(store, [to], *(news(str(number)) for number in range(40)))
                async with delivering(place, to, pace=pace) as dispatcher:
                    await receiver.until(3)
                    await asyncio.sleep(0.1)
                    assert dispatcher.snapshot()["in"].breaker == "open"
                    assert len(receiver.heard) < 6
                    await settled(place, 40)
                    assert dispatcher.snapshot()["in"].breaker == "closed"
        assert len(receiver.heard) == 45

    run(work())


def test_a_secret_that_is_not_there_costs_no_attempt(place: Place) -> None:
    async def work() -> None:
        async with receiving() as receiver:
            to = sink(receiver.url, secret="key", unsigned="")
            with place.opened() as store:
                await put(store, [to], news("a"), news("b"))
                async with delivering(place, to):
                    await asyncio.sleep(0.3)
        assert receiver.heard == []
        assert {one[:2] for one in states(place)} == {("due", 0)}

    run(work())


def test_two_dispatchers_on_one_store_send_nothing_twice(place: Place) -> None:
    async def work() -> None:
        async with receiving() as receiver:
            to = sink(receiver.url)
            with place.opened() as store:
                await put(store, [to], *(news(f"m{each}", turn) for turn in range(2) for each in range(50)))
                async with delivering(place, to) as one, delivering(place, to) as other:
                    await settled(place, 100)
                    shares = [each.snapshot()["in"].delivered for each in (one, other)]
        assert Counter(receiver.subjects) == dict.fromkeys((f"m{each}" for each in range(50)), 2)
        assert sum(shares) == 100

    run(work())


def test_a_slow_sink_keeps_its_leases_and_nobody_sends_the_same(place: Place) -> None:
    """The lease is far shorter than what is held takes."""

    async def work() -> None:
        async with receiving(*[slow(0.15)] * 16) as receiver:
            to = sink(receiver.url, concurrency=1, timeout=1.0)
            pace = replace(QUICK, lease=0.5)
            with place.opened() as store:
                await put(store, [to], *(news(str(number)) for number in range(16)))
                async with delivering(place, to, pace=pace), delivering(place, to, pace=pace):
                    await settled(place, 16)
        assert Counter(receiver.subjects) == dict.fromkeys(map(str, range(16)), 1)

    run(work())


KILLED = """
import asyncio, sys
from tests.delivery.world import QUICK, delivering, sink
from dataclasses import replace
from tests.store.place import Place

async def work(url, port):
    to = sink(f"http://127.0.0.1:{port}/in", timeout=0.5)
    async with delivering(Place(url), to, pace=replace(QUICK, lease=0.5)):
        await asyncio.sleep(60)

asyncio.run(work(sys.argv[1], sys.argv[2]))
"""


def test_what_a_killed_process_had_is_delivered_when_its_lease_is_over(place: Place) -> None:
    async def work() -> None:
        async with receiving(hang) as receiver:
            to = sink(receiver.url)
            with place.opened() as store:
                await put(store, [to], news("a"))
                command = [sys.executable, "-c", KILLED, place.url, str(receiver.port)]
                with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as process:
                    await receiver.until(1)
                    process.kill()
                async with delivering(place, to):
                    await settled(place, 1)
        assert receiver.subjects == ["a", "a"]
        assert states(place) == [DONE]

    run(work())


def test_a_clock_that_was_set_back_makes_nobody_wait(place: Place) -> None:
    """An hour: what was stored, what is paused for a day by mistake, and what a dead process holds."""

    async def work() -> None:
        async with receiving() as receiver:
            to = sink(receiver.url)
            with place.opened() as store:
                await put(store, [to], news("a"), news("b"), news("c"))
                place.change(
                    "UPDATE deliveries SET leased_by = 'dead', leased_until = 9000000000000 WHERE seq = 1",
                    "UPDATE deliveries SET due_at = due_at + 86400000 WHERE seq = 2",
                )
                async with delivering(place, to, means=means(clock=Clock(timedelta(hours=-1)))):
                    await settled(place, 3)
        assert sorted(receiver.subjects) == ["a", "b", "c"]

    run(work())


def test_an_event_that_is_gone_is_given_up(place: Place) -> None:
    async def work() -> None:
        async with receiving() as receiver:
            to = sink(receiver.url)
            with place.opened() as store:
                await put(store, [to], news("a"), news("b"))
                place.change("DELETE FROM events WHERE subject = 'a'")
                async with delivering(place, to):
                    await settled(place, 1, "dead")
                    await settled(place, 1)
        assert states(place) == [("dead", 0, "the event is not stored any more"), DONE]

    run(work())


def test_a_store_that_cannot_be_written_delays_and_loses_nothing(place: Place) -> None:
    if not place.sqlite:
        pytest.skip("one lock for all is SQLite's")

    async def work() -> None:
        async with receiving() as receiver:
            to = sink(receiver.url)
            with place.opened() as store:
                await put(store, [to], news("a"))
                engine = reader(place.where, writes=True)
                async with delivering(place, to):
                    with engine.begin():
                        await asyncio.sleep(0.3)
                        assert receiver.heard == []
                    await settled(place, 1)
                engine.dispose()
        assert receiver.subjects == ["a"]

    run(work())


def test_a_sink_that_is_not_delivered_to_waits_for_one_that_is(place: Place) -> None:
    async def work() -> None:
        with place.opened() as store:
            other = Sink("other", "lines", "-")
            await put(store, [other], news("a"))
            dispatcher = Dispatcher([sink("http://127.0.0.1:1/")], place.where, means(), QUICK)
            dispatcher.start(0.1)
            await asyncio.sleep(0.1)
            await dispatcher.stop()
        assert states(place) == [("due", 0, "")]

    run(work())
