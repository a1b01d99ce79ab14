"""Do the vendors and the deployment file fit each other? As much of what is new is taken as does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from adapter.service.deployment import Deployment, parse_deployment
from adapter.service.good import Broken, Found, Good, Version, decide, sayings
from adapter.service.settings import Settings
from adapter.service.weighing import told
from adapter.spec.packaged import schemas

FIXED = {
    "host": "listen.host",
    "port": "listen.port",
    "store": "store",
    "body_seconds": "limits.body_seconds",
    "limits": "limits.waiting",
}
"""What a running server cannot change, by the words of the deployment file."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """The last good deployment file: its name, its content, what it says. `broken` is why the one that lies there now
    is not taken."""

    file: str
    content: bytes
    deployment: Deployment
    broken: Broken | None = None


@dataclass(frozen=True, slots=True)
class State:
    """All that may be changed while the server runs. Without a deployment it is open mode; `failure` is why the
    folders as a whole could not be taken."""

    good: Good = field(default_factory=Good)
    deployed: Deployed | None = None
    failure: str = ""

    @property
    def last_good(self) -> Mapping[str, str]:
        """What is served by an older version, and why: vendors, the deployment file, all files."""
        served = self.deployed
        mine = {name: why for name, why in self.good.last_good.items() if self._serves(name)}
        file = {served.file: served.broken.why} if served and served.broken else {}
        return {**mine, **file, **({"files": self.failure} if self.failure else {})}

    def _serves(self, vendor: str) -> bool:
        return self.deployed is None or vendor in self.deployed.deployment.vendors


Content: TypeAlias = "bytes | Broken"
"""Of the deployment file, or why it cannot be read."""


def settle(before: State, found: Found, content: Content, now: str) -> State:
    """The next state. Never worse than the one before."""
    if before.deployed is None:
        return State(decide(before.good, found, (), now))
    fitting = _Fitting(before.good, before.deployed, found, now)
    if isinstance(content, Broken):
        return fitting.with_last(content)
    taken = fitting.taken(content)
    return taken if isinstance(taken, State) else fitting.with_last(taken)


@dataclass(frozen=True, slots=True)
class _Fitting:
    good: Good
    deployed: Deployed
    found: Found
    now: str

    def with_last(self, broken: Broken) -> State:
        """By the last good deployment file."""
        earlier = self.deployed.broken
        state = self.taken(self.deployed.content)
        if not isinstance(state, State) or state.deployed is None:  # nothing fits: all stays, told
            state = State(self.good, self.deployed)
        assert state.deployed
        known = earlier if earlier and earlier.text == broken.text else broken
        return replace(state, deployed=replace(state.deployed, broken=known))

    def taken(self, content: bytes) -> "State | Broken":
        """By this one, with all that is new or, where that does not fit, with the vendors that do."""
        whole = self._tried(content, self.found)
        if isinstance(whole, State):
            return whole
        refused = {name: _not_fitting(name, whole) for name in self._changed()}
        if not refused or isinstance(self._tried(content, self.found.without(refused)), Broken):
            return whole
        for name in list(refused):
            fewer = {other: one for other, one in refused.items() if other != name}
            if isinstance(self._tried(content, self.found.without(fewer)), State):
                refused = fewer
        return self._tried(content, self.found.without(refused))

    def _changed(self) -> list[str]:
        """Vendors of a channel that would be served by another version than before."""
        old = self.good.versions
        named = self.deployed.deployment.vendors
        return sorted(name for name, one in self.found.right.items() if name in named and _other(old.get(name), one))

    def _tried(self, content: bytes, found: Found) -> "State | Broken":
        """Those whose files are gone are among them until it is known whether a channel names them."""
        all_of_them = decide(self.good, found, self.good.versions.keys(), self.now)
        file, held_back = self.deployed.file, all_of_them.held_back
        read, mistakes, text = parse_deployment(content, file, schemas(), all_of_them.registry, held_back)
        if read is None:
            return told([one for one in mistakes if one.severity == "error"], {file: text}, self.now)
        return State(decide(self.good, found, read.vendors, self.now), Deployed(file, content, read))


def _other(before: Version | None, now: Version) -> bool:
    return before is None or before.spec.hash != now.spec.hash


def _not_fitting(name: str, whole: Broken) -> Broken:
    return replace(whole, why=f"{name} does not fit the deployment file: {whole.why}")


def told_of(before: State, after: State) -> Iterator[str]:
    """What the log must tell of a step, each thing once. A broken deployment file is quoted as the validator does."""
    if after.failure:
        if after.failure != before.failure:
            yield f"files: all that is served stays as it is: {after.failure}"
        return
    if before.failure:
        yield "files: they can be read again"
    yield from sayings(before.good, after.good)
    if before.deployed and after.deployed:
        yield from _of_the_deployment(before.deployed, after.deployed)


def _of_the_deployment(before: Deployed, after: Deployed) -> Iterator[str]:
    if after.broken:
        if after.broken != before.broken:
            yield f"{after.file}: not taken, what it said before stays: {after.broken.why}\n{after.broken.text}"
        return
    if before.content != after.content:
        yield f"{after.file}: taken, {len(after.deployment.gates)} channels"
        yield from _later(before.deployment.settings, after.deployment.settings, after.file)
    elif before.broken:
        yield f"{after.file}: right again"


def _later(before: Settings, after: Settings, file: str) -> Iterator[str]:
    changed = [word for name, word in FIXED.items() if getattr(before, name) != getattr(after, name)]
    if changed:
        yield f"{file}: {', '.join(changed)} takes effect at the next start"


def content_of(path: Path, limit: int, now: str) -> Content:
    """The deployment file's. One that is too big is read as far as its size tells."""
    try:
        if path.stat().st_size > limit:
            return Broken("it is too big", f"{path} has more than {limit} bytes", now)
        if not path.is_file():
            return Broken("it is not a file", f"{path} is not a file", now)
        return path.read_bytes()
    except OSError as error:
        text = f"{path} cannot be read: {error.strerror}"
        return Broken(text, text, now)
