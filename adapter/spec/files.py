"""Which files do the folders have, how are they called, and what is in them?"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from adapter.spec.diagnostics import Diagnostic, Span
from adapter.spec.reader import MAX_BYTES, too_big

_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class File:
    """A file to read: `stem` is whose it is, `name` how people see it."""

    stem: str
    path: Path
    name: str


def layered(folders: Iterable[Path], under: str = "") -> list[File]:
    """The YAML files by their stem; a later folder's file stands in for an earlier one's."""
    found = {one.stem: one for folder in folders for one in _files(folder / under)}
    return [found[stem] for stem in sorted(found)]


def twice(folders: Iterable[Path]) -> Iterator[File]:
    """Those of which the same folder has another for the same stem, and one would silently win."""
    for folder in folders:
        known: dict[str, File] = {}
        for one in _files(folder):
            if known.setdefault(one.stem, one) is not one:
                yield one


def _files(folder: Path) -> Iterator[File]:
    seen = shown(folder)
    for name in _names(folder):
        yield File(name.rpartition(".")[0], folder / name, os.path.join("" if seen == "." else seen, name))


def _names(folder: Path) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError:  # no folder, or none that we may look into
        return []
    return sorted(name for name in names if name.endswith(_ENDINGS) and not name.startswith("."))


def shown(path: Path) -> str:
    """A path as people see it: from where they stand, if it lies below. A link is called what it is called."""
    try:
        return str((path.parent.resolve() / path.name).relative_to(Path.cwd()))
    except (ValueError, RuntimeError):  # it lies elsewhere, or below a link to itself
        return str(path)


def content(file: File) -> bytes | Diagnostic:
    """What is in a file, or why it cannot be read. Reading a pipe would wait for ever, so only files are opened."""
    try:
        info = os.stat(file.path)
        if not S_ISREG(info.st_mode):
            raise OSError("it is not a file")
        return file.path.read_bytes() if info.st_size <= MAX_BYTES else too_big(file.name, info.st_size)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
        advice = "make it a file that the adapter may read, or take it away"
        return Diagnostic("YAML010", "error", message, Span(file.name, 1, 1, 1, 1), advice)
