"""Who sees to all sinks? One pump each, so that a slow one is slow alone."""

import logging
import os
from asyncio import Task, create_task, sleep, wait
from collections.abc import Iterable
from contextlib import closing
from secrets import token_hex

from adapter.delivery.ledger import Ledger
from adapter.delivery.pump import Numbers, Pace, Pump
from adapter.delivery.sink import Means, Sink
from adapter.delivery.sinks import SINKS
from adapter.store.location import Location

log = logging.getLogger(__name__)

AGAIN_SECONDS = 5.0
OVERTIME_SECONDS = 2.0
"""To write the last answers down, after what was under way has had its time."""


class Dispatcher:
    """Held by the application from its start to its end."""

    def __init__(self, sinks: Iterable[Sink], where: Location, means: Means, pace: Pace) -> None:
        self._sinks = {sink.name: sink for sink in sinks}
        self._where, self._means, self._pace = where, means, pace
        self._owner = f"{os.getpid()}-{token_hex(8)}"
        self._pumps: dict[str, Pump] = {}
        self._tasks: list[Task[None]] = []
        self._ending = False
        self._grace = 0.0

    def start(self, grace: float) -> None:
        """`grace` is how many seconds what is under way will have in the end."""
        self._grace = grace
        self._tasks = [create_task(self._keep(sink)) for sink in self._sinks.values()]

    def change(self, sinks: Iterable[Sink]) -> None:
        """Those of now: one that is new or altered starts, one that is gone finishes what it has under way."""
        before, self._sinks = self._sinks, {sink.name: sink for sink in sinks}
        altered = {name for name in before.keys() | self._sinks.keys() if before.get(name) != self._sinks.get(name)}
        for name in altered & self._pumps.keys():
            self._pumps.pop(name).end()
        new = [create_task(self._keep(sink)) for name, sink in self._sinks.items() if name in altered]
        self._tasks = [*(task for task in self._tasks if not task.done()), *new]

    def wake(self) -> None:
        """Events were stored."""
        for pump in self._pumps.values():
            pump.wake()

    async def stop(self) -> None:
        """Never takes longer than the grace and a moment."""
        self._ending = True
        for pump in self._pumps.values():
            pump.end()
        if self._tasks:
            _, late = await wait(self._tasks, timeout=self._grace + OVERTIME_SECONDS)
            for task in late:
                task.cancel()

    def snapshot(self) -> dict[str, Numbers]:
        """For metrics: cheap, no database is asked."""
        return {name: pump.numbers() for name, pump in self._pumps.items()}

    async def _keep(self, sink: Sink) -> None:
        """A pump that breaks is a mistake of ours: it is told, and another one goes on with what is stored."""
        number = 0
        while not self._ending and self._sinks.get(sink.name) is sink:
            number += 1
            error = await self._pumped(sink, Ledger(self._where, sink.name, f"{self._owner}-{number}"))
            if error is None:
                return
            log.error("sink %s broke: %s", sink.name, type(error).__name__, exc_info=error)
            await sleep(AGAIN_SECONDS)

    async def _pumped(self, sink: Sink, ledger: Ledger) -> BaseException | None:
        self._pumps[sink.name] = pump = Pump(sink, SINKS[sink.type], ledger, self._means, self._pace)
        with closing(ledger):
            task = create_task(pump.run(self._grace))
            await wait([task])
        return None if task.cancelled() else task.exception()
