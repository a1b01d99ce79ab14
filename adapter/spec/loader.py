"""Folders -> registry. Every mistake of every file is found at once, and what is known already is not read anew."""

import gc
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from adapter.spec.built import Ground, Table, Vendor, table, unreadable, vendor_file
from adapter.spec.diagnostics import Diagnostic, Span
from adapter.spec.files import File, content, layered, twice
from adapter.spec.kinds import BadKind, kind, read_documents
from adapter.spec.language import Registry
from adapter.spec.overlapping import overlaps
from adapter.spec.schema import validator, vendor_schema

F = TypeVar("F", Table, Vendor)


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier load built, by the names of the files. Never altered: threads may share it."""

    ground: Ground | None = None
    tables: Mapping[str, Table] = field(default_factory=dict)
    vendors: Mapping[str, Vendor] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What folders gave: the registry of good specs, and what is wrong with the others.

    `sources` has the text of each file by the name under which diagnostics know it; `vendors` the vendor files
    that were read; `held_back` the vendors whose file has an error; `known` what the next load need not build.
    """

    registry: Registry
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    vendors: tuple[str, ...]
    held_back: tuple[str, ...]
    known: Known = field(default=Known(), compare=False, repr=False)

    @property
    def errors(self) -> bool:
        return any(one.severity == "error" for one in self.diagnostics)


NOTHING = Known()


def load(folders: Sequence[Path], schemas: Sequence[Path], known: Known = NOTHING) -> Loaded:
    """Load vendor folders, later ones laid over earlier ones by file name, and the kinds of schema folders.

    With what is `known` from an earlier load, a file is built anew only if its bytes, the tables that it uses or the
    kinds and shapes have changed; the result is the same. Every file's bytes are read: times and sizes can lie.
    Raises BadKind for a kind that cannot be read. A vendor file that cannot be read has a diagnostic of its own.
    """
    with _no_collection():
        return _load(folders, schemas, known)


@contextmanager
def _no_collection() -> Iterator[None]:
    """What is loaded stays: to look for garbage among it again and again costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # both together make all that is new old, without a look at any of it
            gc.freeze()
            gc.unfreeze()
        if was_on:
            gc.enable()


def _load(folders: Sequence[Path], schemas: Sequence[Path], known: Known) -> Loaded:
    ground = _ground(schemas, known.ground)
    if ground is not known.ground:
        known = NOTHING
    tables = {file.stem: _table(file, ground, known) for file in layered(folders, "tables")}
    files = layered(folders)
    vendors = {file.stem: _vendor(file, ground, tables, known) for file in files}
    doubled = [_doubled(file) for file in twice(folders)]
    wrong = {one.span.file for one in doubled if one.span}
    good = {stem: one for stem, one in vendors.items() if not one.built.wrong and one.built.name not in wrong}
    built = [*(one.built for one in tables.values()), *(one.built for one in vendors.values())]
    claims = [(one.match, one.spec) for one in good.values() if one.spec and one.match]
    return Loaded(
        registry=Registry({spec.vendor: spec for _, spec in claims}, ground.kinds),
        diagnostics=(*_told(tables.values()), *doubled, *_told(vendors.values()), *overlaps(claims)),
        sources={one.name: one.text for one in built},
        vendors=tuple(file.name for file in files),
        held_back=tuple(stem for stem in vendors if stem not in good),
        known=Known(ground, _by_name(tables.values()), _by_name(vendors.values())),
    )


def _by_name(files: Iterable[F]) -> dict[str, F]:
    return {one.built.name: one for one in files}


def _told(files: Iterable[Table | Vendor]) -> Iterator[Diagnostic]:
    return (one for file in files for one in file.built.diagnostics)


def _ground(schemas: Sequence[Path], earlier: Ground | None) -> Ground:
    documents = read_documents([folder / "events" for folder in schemas])
    skeletons = {name: _skeleton(schemas, name) for name in ("vendor.v1.json", "table.v1.json")}
    said = repr((documents, skeletons))
    if earlier and earlier.said == said:
        return earlier
    kinds = {one.name: one for one in (kind(document, file) for file, document in documents.items())}
    shape = vendor_schema(skeletons["vendor.v1.json"], documents)
    return Ground(said, kinds, validator(shape), validator(skeletons["table.v1.json"]))


def _skeleton(schemas: Sequence[Path], name: str) -> dict[str, Any]:
    path = next((folder / name for folder in reversed(schemas) if (folder / name).is_file()), None)
    if path is None:
        raise BadKind(name, f"no such file in {', '.join(map(str, schemas))}")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _table(file: File, ground: Ground, known: Known) -> Table:
    found = content(file)
    if isinstance(found, Diagnostic):
        return Table(unreadable(file, found))
    earlier = known.tables.get(file.name)
    return earlier if earlier and earlier.built.of(file.name, found) else table(file, found, ground)


def _vendor(file: File, ground: Ground, tables: Mapping[str, Table], known: Known) -> Vendor:
    found = content(file)
    if isinstance(found, Diagnostic):
        return Vendor(unreadable(file, found))
    earlier = known.vendors.get(file.name)
    if earlier and earlier.built.of(file.name, found) and earlier.stands_on(tables):
        return earlier
    return vendor_file(file, found, ground, tables)


def _doubled(file: File) -> Diagnostic:
    message = f"{file.path.name} and {file.stem}.yaml are for one vendor"
    return Diagnostic("SPEC011", "error", message, Span(file.name, 1, 1, 1, 1), "keep one of them")
