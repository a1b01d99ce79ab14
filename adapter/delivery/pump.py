"""How do one sink's events leave? A loop that writes what became of them and claims more, and workers that send."""

import logging
from asyncio import Event, Queue, Task, create_task, gather, get_running_loop, shield, sleep, timeout, wait
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from adapter.delivery.aside import aside
from adapter.delivery.backoff import LONGEST_WISH, Backoff
from adapter.delivery.breaker import Breaker
from adapter.delivery.ledger import Ledger, Result, Round
from adapter.delivery.sink import Answer, Means, Parcel, Send, Sink, SinkType
from adapter.store.rows import milliseconds

T = TypeVar("T")

log = logging.getLogger(__name__)

HELD_FOR_EACH = 8
"""How many parcels are held for each that is under way: what one transaction brings and the next one settles."""


@dataclass(frozen=True, slots=True)
class Pace:
    """In seconds. A lease lasts `lease` and the sink's timeout, and is renewed when a third of it is over: what is
    still held then is in nobody else's hands, however slow the sink is."""

    backoff: Backoff
    lease: float = 60.0
    poll: float = 1.0
    gather: float = 0.01
    survey: float = 15.0
    last: float = 5.0
    breaker: Breaker = field(default_factory=Breaker)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of one sink: attempts since the start by how they ended, and what waits. `oldest` is in seconds; None where
    nothing waits or nobody has looked yet."""

    delivered: int
    failed: int
    dead: int
    due: int | None
    oldest: float | None
    breaker: str


class Pump:
    """Everything here runs on the loop; what asks the database runs aside."""

    def __init__(self, sink: Sink, kind: SinkType, ledger: Ledger, means: Means, pace: Pace) -> None:
        self.sink = sink
        self._kind, self._ledger, self._means, self._pace = kind, ledger, means, pace
        self._workers = 1 if kind.alone else sink.concurrency
        self._most = max(HELD_FOR_EACH * self._workers, 2 * kind.together)
        self._lease = pace.lease + sink.timeout
        self._queue: Queue[Parcel] = Queue()
        self._held: dict[int, Parcel] = {}
        self._results: list[Result] = []
        self._released: list[int] = []
        self._under_way = 0
        self._leased_at = 0.0
        self._bell = Event()
        self._ending = False
        self._breaker = Breaker(pace.breaker.after, pace.breaker.first, pace.breaker.longest)
        self._counts: Counter[str] = Counter()
        self._due: int | None = None
        self._oldest: int | None = None
        self._failure = ""
        self._asked: set[Task[Any]] = set()

    def wake(self) -> None:
        """There may be something new."""
        self._bell.set()

    def end(self) -> None:
        """Claim no more, begin no more."""
        self._ending = True
        self._let_go()
        self._bell.set()

    def numbers(self) -> Numbers:
        counts, now = self._counts, milliseconds(self._means.clock())
        oldest = None if self._oldest is None else max(0.0, (now - self._oldest) / 1000)
        state = self._breaker.state(get_running_loop().time())
        return Numbers(counts["delivered"], counts["failed"], counts["dead"], self._due, oldest, state)

    async def run(self, grace: float) -> None:
        """Until it is told to end; then what is under way has so many seconds. What a worker raises ends it."""
        async with self._kind.open(self.sink, self._means) as send:
            tasks = [create_task(self._work(send)) for _ in range(self._workers)]
            tasks += [create_task(self._survey()), create_task(self._turn_until_the_end())]
            try:
                done, _ = await wait(tasks, return_when="FIRST_COMPLETED")
                for task in done:
                    task.result()
                await self._wait_for_senders(grace)
            finally:
                await _cancelled(tasks)
                await self._put_back()

    async def _turn_until_the_end(self) -> None:
        while not self._ending:
            await self._turn()
            await self._rest()

    async def _ask(self, work: Callable[[], T]) -> T:
        """The database; a question that is given up is answered all the same, and the end waits for that."""
        asked = create_task(aside(work))
        self._asked.add(asked)
        asked.add_done_callback(self._asked.discard)
        return await shield(asked)

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with timeout(self._pace.poll):
                await self._bell.wait()
        await sleep(self._pace.gather)
        self._bell.clear()

    async def _turn(self) -> None:
        """One transaction. What could not be written is written the next time, and nothing is claimed before."""
        now, loop_now = milliseconds(self._means.clock()), get_running_loop().time()
        results, self._results = self._results, []
        released, self._released = self._released, []
        settled = {result.parcel.seq for result in results} | {*released}
        left = self._held.keys() - settled
        renewed = sorted(left) if loop_now - self._leased_at > self._lease / 3 else []
        round_ = Round(now, now + int(self._lease * 1000), self._room(loop_now), results, released, renewed)
        try:
            claimed = await self._ask(partial(self._ledger.turn, round_))
        except SQLAlchemyError as error:
            self._results[:0], self._released[:0] = results, released
            self._tell(f"the store: {type(error).__name__}")
            return
        if renewed or not left:
            self._leased_at = loop_now
        for seq in settled:
            self._held.pop(seq, None)
        for parcel in claimed:
            self._held[parcel.seq] = parcel
            self._queue.put_nowait(parcel)
        if self._ending:
            self._let_go()

    def _room(self, now: float) -> int:
        busy = self._queue.qsize() + self._under_way
        return 0 if self._ending else max(0, self._breaker.room(now, self._most) - busy)

    async def _work(self, send: Send) -> None:
        while True:
            group = [await self._queue.get()]
            while len(group) < self._kind.together and not self._queue.empty():
                group.append(self._queue.get_nowait())
            if self._too_late():
                self._released += [parcel.seq for parcel in group]
                continue
            self._under_way += len(group)
            try:
                answers = await send(group)
            finally:
                self._under_way -= len(group)
            self._hear(group, answers)

    def _too_late(self) -> bool:
        """The lease could not be renewed, so somebody else may have it when the answer comes."""
        return get_running_loop().time() + self.sink.timeout > self._leased_at + self._lease

    def _hear(self, group: Sequence[Parcel], answers: Sequence[Answer]) -> None:
        now = get_running_loop().time()
        for parcel, answer in zip(group, answers, strict=True):
            result = self._result(parcel, answer)
            self._results.append(result)
            self._judge(answer, now)
            self._counts["dead" if result.state == "dead" else answer.verdict] += 1
        worst = next((one for one in answers if one.verdict != "delivered"), None)
        self._tell(worst.reason if worst else "")
        if self._breaker.state(now) == "open":
            self._let_go()
        if self._queue.qsize() + self._under_way <= self._most // 2:
            self._bell.set()

    def _judge(self, answer: Answer, now: float) -> None:
        if answer.verdict in ("delivered", "dead"):
            self._breaker.succeeded()
        elif answer.verdict == "failed":
            self._breaker.failed(now)
        if answer.wait:
            self._breaker.rest(now, answer.wait)

    def _result(self, parcel: Parcel, answer: Answer) -> Result:
        now = milliseconds(self._means.clock())
        if answer.verdict == "held":
            return Result(parcel, "due", answer.reason, now, counts=False)
        if answer.verdict != "failed":
            return Result(parcel, answer.verdict, answer.reason)
        tried = parcel.attempts + 1
        if tried >= self.sink.attempts:
            return Result(parcel, "dead", answer.reason)
        pause = max(answer.wait, self._pace.backoff.pause(tried))
        return Result(parcel, "due", answer.reason, now + int(pause * 1000))

    def _let_go(self) -> None:
        """What was claimed and not begun is nobody's again."""
        while not self._queue.empty():
            self._released.append(self._queue.get_nowait().seq)

    def _tell(self, failure: str) -> None:
        """Once, until it is another one. An answer's reason has nothing of what was answered."""
        if failure and failure != self._failure:
            log.warning("sink %s: %s", self.sink.name, failure)
        self._failure = failure

    async def _survey(self) -> None:
        """Counting takes the longer the more there is, so it takes a small part of the time whatever there is."""
        loop = get_running_loop()
        longest = int(max(self._pace.backoff.longest, LONGEST_WISH) * 1000)
        while True:
            began = loop.time()
            with suppress(SQLAlchemyError):  # the other loop tells
                now = milliseconds(self._means.clock())
                await self._ask(partial(self._ledger.mend, now, longest, int(self._lease * 1000)))
                self._due, self._oldest = await self._ask(self._ledger.standing)
            await sleep(max(self._pace.survey, 20 * (loop.time() - began)))

    async def _wait_for_senders(self, grace: float) -> None:
        with suppress(TimeoutError):
            async with timeout(grace):
                while self._under_way:
                    await sleep(0.02)

    async def _put_back(self) -> None:
        """The last answers are written, and all that is still held is nobody's: another process may go on at once."""
        now = milliseconds(self._means.clock())
        told = {result.parcel.seq for result in self._results}
        last = Round(now, now, 0, self._results, sorted(self._held.keys() - told))
        with suppress(SQLAlchemyError, TimeoutError):
            async with timeout(self._pace.last):
                await gather(*self._asked, return_exceptions=True)
                if last.writes:
                    await self._ask(partial(self._ledger.turn, last))
        self._held.clear()
        self._results.clear()
        self._released.clear()


async def _cancelled(tasks: Sequence[Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await gather(*tasks, return_exceptions=True)
