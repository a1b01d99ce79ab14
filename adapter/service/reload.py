"""What if a file changes while the server runs? It is looked at, tried apart from requests, and swapped in at once."""

import logging
import sys
import time
import traceback
from asyncio import (
    AbstractEventLoop,
    Event,
    TaskGroup,
    ensure_future,
    get_running_loop,
    sleep,
    timeout,
    to_thread,
    wait,
)
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from adapter.model import Secrets
from adapter.service.fitting import Content, State, content_of, settle, told_of
from adapter.service.good import Good
from adapter.service.looking import Memory, Places, Sight, emptied
from adapter.service.rotation import Live
from adapter.service.secrets import Wanted, faults
from adapter.service.serving import Current, Serving, serve_by
from adapter.service.weighing import NotLoaded, Read, weigh
from adapter.spec.kinds import BadKind
from adapter.spec.reader import MAX_BYTES
from adapter.store.good import Kept, write_kept
from adapter.store.location import Location
from adapter.store.transaction import StoreFailed

SECONDS = 1.0

SHORTLY = 0.1
"""Between the two looks that somebody has asked for."""

SWITCH_SECONDS = 0.0005
"""While files are loaded, the loop wins the interpreter back after this, ten times as soon as else."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where things come from: what lies in the watched places, the vendors loaded, the values of wanted secrets, how
    those are read again, the time."""

    places: Places
    eyes: Callable[[], Sight]
    read: Read
    secrets: Callable[[Iterable[Wanted]], Secrets]
    again: Callable[[Iterable[Wanted]], Callable[[], Secrets] | None]
    clock: Callable[[], datetime]


@dataclass(slots=True)
class Reload:
    """`seen` is what lay there before the state was read; `saved` the rows that the store has of it."""

    sources: Sources
    state: State
    seen: Sight
    where: Location
    saved: dict[str, Kept] = field(default_factory=dict)
    seconds: float = SECONDS
    memory: Memory = field(init=False)
    _names: dict[str, Wanted] = field(init=False, default_factory=dict)
    _told: dict[str, str] = field(init=False, default_factory=dict)
    _unsaved: str = field(init=False, default="")
    _current: Current = field(init=False)
    _live: Live = field(init=False)
    _loop: AbstractEventLoop | None = field(init=False, default=None)
    _asked: Event = field(init=False, default_factory=Event)

    def __post_init__(self) -> None:
        self.memory = Memory(self.seen, self.seen)

    def begin(self, current: Current, live: Live) -> None:
        """What is served is this state from now on."""
        self._current, self._live = current, live
        current.swap(_served(self.state, live))
        self._names = {one.name: one for one in current().wanted}

    def look_now(self) -> None:
        """May be called from a signal's handler, or another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._asked.set)

    async def watch(self) -> None:
        """Never ends, whatever goes wrong: what cannot be taken changes nothing, and is told once."""
        self._loop = get_running_loop()
        async with TaskGroup() as both:  # a store that must be waited for is no reason to look less often
            both.create_task(self._keep_looking())
            both.create_task(self._keep_saving())

    async def _keep_looking(self) -> None:
        pause = self.seconds
        while True:
            asked = await self._rest(pause)
            pause = SHORTLY if asked else self.seconds
            await self._apart(self._look)

    async def _keep_saving(self) -> None:
        while True:
            await self._apart(self._save)
            await sleep(self.seconds)

    async def _rest(self, seconds: float) -> bool:
        """True when somebody asked for a look before the time was over."""
        with suppress(TimeoutError):
            async with timeout(seconds):
                await self._asked.wait()
        asked = self._asked.is_set()
        self._asked.clear()
        return asked

    async def _apart(self, work: Callable[[], None]) -> None:
        """In a thread. Its failure is a value: this loop must not end by what a file of tomorrow makes us do."""
        done, _ = await wait([ensure_future(to_thread(work))])
        error = done.pop().exception()
        text = f"{type(error).__name__}: {error}" if error else ""
        if error and text != self._told.get(work.__name__):
            log.error("files were not looked at: %s\n%s", text, "".join(traceback.format_tb(error.__traceback__)))
        self._told[work.__name__] = text

    def _look(self) -> None:
        now = self.sources.eyes()
        if not self.memory.due(now, time.monotonic()):
            self.memory = self.memory.seen(now)
            return
        self.memory = self.memory.gave_up(now, time.monotonic())  # until it is otherwise
        state = self._next(now)
        if self.sources.eyes() != now:  # it changed while it was read
            self.memory = Memory(self.memory.taken, before={}, looks=0)
            return
        self._take(state)
        if not state.failure:
            self.memory = self.memory.took(now)

    def _next(self, now: Sight) -> State:
        moment, places = self._moment(), self.sources.places
        outage = emptied(places.vendors, self.memory.taken, now)
        if outage:
            return replace(self.state, failure=f"{', '.join(map(str, outage))}: there is no vendor file in it any more")
        try:
            with _patient():
                found = weigh(self.sources.read(places.vendors[1:]), self.state.good, moment)
                return settle(self.state, found, self._content(moment), moment)
        except (NotLoaded, BadKind, OSError) as error:
            return replace(self.state, failure=str(error))

    def _content(self, moment: str) -> Content:
        config = self.sources.places.config
        return content_of(config, MAX_BYTES, moment) if config else b""

    def _take(self, state: State) -> None:
        """New secrets are live before anybody asks for them, and old ones while requests need them that began before:
        so names are only ever added."""
        serving = _served(state, self._live)
        names = {**self._names, **{one.name: one for one in serving.wanted}}
        change, secrets = None, self._live()
        closed = _closed(self._current(), secrets)
        if names.keys() != self._names.keys():
            those = tuple(names.values())
            secrets = self.sources.secrets(those)
            change = partial(self._live.change, secrets, self.sources.again(those))
        before, self.state, self._names = self.state, state, names
        assert self._loop
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._swap, serving, change)
        for line in (*told_of(before, state), *(one for one in _closed(serving, secrets) if one not in closed)):
            log.warning("%s", line)

    def _swap(self, serving: Serving, change: Callable[[], None] | None) -> None:
        if change:
            change()
        self._current.swap(serving)

    def _save(self) -> None:
        """What is served, and why another file is not. A store that fails is tried again at the next look."""
        rows = kept_of(self.state.good)
        new = [row for name, row in rows.items() if self.saved.get(name) != row]
        try:
            write_kept(self.where, new, self.saved.keys() - rows.keys())
            self.saved, self._unsaved = rows, ""
        except StoreFailed as failure:
            if str(failure) != self._unsaved:
                log.error("the last good versions were not kept: %s", failure)
            self._unsaved = str(failure)

    def _moment(self) -> str:
        return moment_of(self.sources.clock())


def moment_of(now: datetime) -> str:
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")


def _served(state: State, live: Live) -> Serving:
    deployment = state.deployed.deployment if state.deployed else None
    made = serve_by(state.good.registry, deployment, live, state.good.held_back)
    return replace(made, last_good=state.last_good, reports=state.good.reports())


def _closed(serving: Serving, secrets: Secrets) -> list[str]:
    """Who cannot be believed for want of a secret: its name, and never a value."""
    those = [fault for fault in faults(serving.wanted, secrets) if fault.closes]
    return [f"{one.wanted.channel or one.wanted.vendor}: secret {one.wanted.name} {one.what}" for one in those]


def kept_of(good: Good) -> dict[str, Kept]:
    """As the store has it."""
    rows = {}
    for name in {**good.versions, **good.broken}:
        version, broken = good.versions.get(name), good.broken.get(name)
        why = broken.why if broken else ""
        since = version.since if version else broken.at if broken else ""
        rows[name] = Kept(name, version.spec.hash if version else "", version.files if version else {}, since, why)
    return rows


@contextmanager
def _patient() -> Iterator[None]:
    """Loading holds the interpreter: whoever answers requests must not wait five milliseconds for each turn of it."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
