"""Which version of each vendor is served? The one that lies there, if it is right, else the last that was."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from adapter.spec.language import Kind, Registry, Spec


@dataclass(frozen=True, slots=True)
class Version:
    """A version that may be served: its spec, its file and tables as text by name, and since when it is served."""

    spec: Spec
    files: Mapping[str, str]
    since: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a file is not taken: in one line, and as `adapter validate` words it; `at` is when that was first seen."""

    why: str
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class Found:
    """What lies in the folders, each vendor either right or broken."""

    kinds: Mapping[str, Kind]
    right: Mapping[str, Version]
    broken: Mapping[str, Broken]

    def without(self, refused: Mapping[str, Broken]) -> "Found":
        """The same, some of the vendors not right after all."""
        right = {name: one for name, one in self.right.items() if name not in refused}
        return replace(self, right=right, broken={**self.broken, **refused})


@dataclass(frozen=True, slots=True)
class Report:
    """For metrics: the hash that is served (none: held back), whether the file that lies there is, and since when."""

    hash: str
    ok: bool
    at: str


@dataclass(frozen=True, slots=True)
class Good:
    """What is served, and what is wrong with the files that are not."""

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    versions: Mapping[str, Version] = field(default_factory=dict)
    broken: Mapping[str, Broken] = field(default_factory=dict)

    @property
    def registry(self) -> Registry:
        return Registry({name: one.spec for name, one in self.versions.items()}, self.kinds)

    @property
    def held_back(self) -> tuple[str, ...]:
        """Never seen good."""
        return tuple(name for name in self.broken if name not in self.versions)

    @property
    def last_good(self) -> dict[str, str]:
        """Vendors served by an older version, and why."""
        return {name: one.why for name, one in self.broken.items() if name in self.versions}

    def reports(self) -> dict[str, Report]:
        return {name: self._report(name) for name in sorted({*self.versions, *self.broken})}

    def _report(self, name: str) -> Report:
        version, broken = self.versions.get(name), self.broken.get(name)
        at = broken.at if broken else version.since if version else ""
        return Report(version.spec.hash if version else "", broken is None, at)


def decide(before: Good, found: Found, named: Collection[str], now: str) -> Good:
    """One broken file spares the others. A vendor whose file is gone goes too, unless a channel has `named` it."""
    absent = [name for name in before.versions if name not in found.right and name not in found.broken]
    gone = {name: _gone(name, now) for name in absent if name in named}
    broken = {**found.broken, **gone}
    kept = {name: before.versions[name] for name in broken if name in before.versions}
    right = {name: _same(before.versions.get(name), one) for name, one in found.right.items()}
    return Good(
        found.kinds,
        dict(sorted({**kept, **right}.items())),
        {name: _first(before.broken.get(name), one) for name, one in sorted(broken.items())},
    )


def _same(before: Version | None, version: Version) -> Version:
    """The new spec, for kinds may have changed; since when, if only they have."""
    same = before is not None and before.spec.hash == version.spec.hash
    return replace(version, since=before.since) if before and same else version


def _first(before: Broken | None, broken: Broken) -> Broken:
    return before if before and before.text == broken.text else broken


def _gone(name: str, now: str) -> Broken:
    text = f"{name}: its file is gone, and a channel of the deployment file names it"
    return Broken(text, text, now)


def sayings(before: Good, after: Good) -> Iterator[str]:
    """What the log must tell of a step, each thing once."""
    for name, broken in after.broken.items():
        if before.broken.get(name) != broken:
            yield f"{name}: {_fate(after, name)}: {broken.why}\n{broken.text}"
    for name, version in after.versions.items():
        if name not in after.broken:
            yield from _taken(name, before, version.spec.hash)
    for name in sorted(before.versions.keys() - after.versions.keys()):
        yield f"{name}: its file was removed, so it is served no more"


def _fate(after: Good, name: str) -> str:
    version = after.versions.get(name)
    if version is None:
        return "held back, for it was never right"
    return f"not taken, {version.spec.hash} of {version.since} is served on"


def _taken(name: str, before: Good, new: str) -> Iterator[str]:
    known = before.versions.get(name)
    if known is None:
        yield f"{name}: {new} is served from now on"
    elif known.spec.hash != new:
        yield f"{name}: {new} is served from now on, before it {known.spec.hash}"
    elif name in before.broken:
        yield f"{name}: right again, {new} is served on"
