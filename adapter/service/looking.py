"""Which of the watched files are others now? Every file's place is asked at each look, its bytes where need be."""

import stat
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from os import stat_result
from pathlib import Path
from typing import TypeAlias

from adapter.spec.reader import MAX_BYTES

Sight: TypeAlias = Mapping[Path, str]
"""What each file holds, as a hash, or why that cannot be known."""

FRESH_SECONDS = 3.0
"""Within one tick of a file system's clock a file may change twice and look the same: read what is that young."""

LOOKS, LOOKS_FOR_GONE = 2, 5
"""How many looks in a row must see the same."""

RETRY_SECONDS = 10.0
"""How long what failed is left alone, where nothing has changed since."""


@dataclass(frozen=True, slots=True)
class Places:
    """Folders of vendor files, folders of schemas, the deployment file."""

    vendors: tuple[Path, ...]
    schemas: tuple[Path, ...]
    config: Path | None = None

    def files(self) -> Iterator[Path]:
        for folder in self.vendors:
            yield from (*folder.glob("*.y*ml"), *(folder / "tables").glob("*.y*ml"))
        for folder in self.schemas:
            yield from (*folder.glob("*.json"), *(folder / "events").glob("*.json"))
        yield from (self.config,) if self.config else ()


Mark: TypeAlias = tuple[int, ...]


@dataclass(slots=True)
class Eyes:
    """Knows what it saw last. Follows links, so that a folder swapped behind a link is seen as what it holds."""

    places: Places
    known: dict[Path, tuple[Mark, str]] = field(default_factory=dict)

    def __call__(self) -> Sight:
        self.known = {path: self._seen(path) for path in self.places.files()}
        return {path: content for path, (_, content) in self.known.items()}

    def _seen(self, path: Path) -> tuple[Mark, str]:
        try:
            found = path.stat()
            mark, known = _mark(found), self.known.get(path)
            if known and known[0] == mark and time.time() - max(found.st_mtime, found.st_ctime) > FRESH_SECONDS:
                return known
            return mark, _content(path, found)
        except OSError as error:
            return (), f"cannot be read: {error.strerror}"


def _mark(found: stat_result) -> Mark:
    return found.st_dev, found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _content(path: Path, found: stat_result) -> str:
    """What the loader would not read is not read here: a pipe would be waited for."""
    if not stat.S_ISREG(found.st_mode):
        return "no file"
    if found.st_size > MAX_BYTES:
        return f"{found.st_size} bytes"
    return sha256(path.read_bytes()).hexdigest()


def emptied(folders: Collection[Path], taken: Sight, now: Sight) -> list[Path]:
    """Folders that had vendor files and have none: an outage, never the wish to serve nobody."""
    had, has = ({path.parent for path in sight} for sight in (taken, now))
    return [folder for folder in folders if folder in had - has]


@dataclass(frozen=True, slots=True)
class Memory:
    """`taken` is what is served, `before` the look before this one, which `looks` in a row have seen; `failed` could
    not be taken, not even in part, and is tried again from `retry_at` on."""

    taken: Sight
    before: Sight
    looks: int = 1
    failed: Sight | None = None
    retry_at: float = 0.0

    def due(self, now: Sight, moment: float) -> bool:
        """Is it to be taken? Only what was seen again: a file that is being written is half there, and one that is
        gone may be on its way back."""
        gone = self.taken.keys() - now.keys()
        if self._looks(now) < (LOOKS_FOR_GONE if gone else LOOKS):
            return False
        if self.failed is None:
            return now != self.taken
        return now != self.failed or moment >= self.retry_at

    def seen(self, now: Sight) -> "Memory":
        return replace(self, before=now, looks=self._looks(now))

    def took(self, now: Sight) -> "Memory":
        return Memory(now, now)

    def gave_up(self, now: Sight, moment: float) -> "Memory":
        return replace(self.seen(now), failed=now, retry_at=moment + RETRY_SECONDS)

    def _looks(self, now: Sight) -> int:
        return self.looks + 1 if now == self.before else 1
