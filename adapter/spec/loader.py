"""Files -> registry: YAML, shape, parts, checks. Every mistake of every file is found at once."""

import gc
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from adapter.spec.build.codes import codes, words
from adapter.spec.build.draft import Draft
from adapter.spec.build.vendor import tables_of, vendor
from adapter.spec.checks import check, check_table
from adapter.spec.diagnostics import Diagnostic, Span
from adapter.spec.diagnostics import Path as KeyPath
from adapter.spec.kinds import BadKind, kind, read_documents
from adapter.spec.language import Codes, Kind, Registry, Spec
from adapter.spec.mistakes import misspelt
from adapter.spec.overlapping import overlaps
from adapter.spec.reader import MAX_BYTES, Document, read, too_big
from adapter.spec.schema import Validator, check_shape, validator, vendor_schema


@dataclass(frozen=True, slots=True)
class Loaded:
    """What folders gave: the registry of good specs, and what is wrong with the others.

    `sources` has the text of each file by the name under which diagnostics know it; `vendors` the vendor files
    that were read; `held_back` the vendors whose file has an error.
    """

    registry: Registry
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    vendors: tuple[str, ...]
    held_back: tuple[str, ...]

    @property
    def errors(self) -> bool:
        return any(one.severity == "error" for one in self.diagnostics)


@dataclass(frozen=True, slots=True)
class _Table:
    codes: Codes
    content: bytes


def load(folders: Sequence[Path], schemas: Sequence[Path]) -> Loaded:
    """Load vendor folders, later ones laid over earlier ones by file name, and the kinds of schema folders.

    Raises BadKind for a kind that cannot be read. A vendor file that cannot be read has a diagnostic of its own.
    """
    with _no_collection():
        return _load(folders, schemas)


@contextmanager
def _no_collection() -> Iterator[None]:
    """What is loaded stays: to look for garbage among it again and again costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _load(folders: Sequence[Path], schemas: Sequence[Path]) -> Loaded:
    documents = read_documents([folder / "events" for folder in schemas])
    kinds = {one.name: one for one in (kind(document, file) for file, document in documents.items())}
    skeletons = {name: _skeleton(schemas, name) for name in ("vendor.v1.json", "table.v1.json")}
    shapes = validator(vendor_schema(skeletons["vendor.v1.json"], documents))
    diagnostics: list[Diagnostic] = []
    sources: dict[str, str] = {}
    tables = _tables(folders, validator(skeletons["table.v1.json"]), kinds, diagnostics, sources)
    drafts: list[tuple[Draft, Spec]] = []
    held_back: list[str] = []
    files = _layered(folders, "")
    twice = _twice(folders)
    diagnostics += twice
    wrong = {_of(one) for one in twice}
    for stem, path in files.items():
        before = len(diagnostics)
        found = _vendor(path, shapes, kinds, tables, diagnostics, sources)
        if found is None or shown(path) in wrong or any(one.severity == "error" for one in diagnostics[before:]):
            held_back.append(stem)
        else:
            drafts.append(found)
    diagnostics += overlaps(drafts)
    registry = Registry({spec.vendor: spec for _, spec in drafts}, kinds)
    return Loaded(
        registry, tuple(diagnostics), sources, tuple(shown(path) for path in files.values()), tuple(held_back)
    )


def _of(diagnostic: Diagnostic) -> str:
    return diagnostic.span.file if diagnostic.span else ""


def _skeleton(schemas: Sequence[Path], name: str) -> dict[str, Any]:
    path = next((folder / name for folder in reversed(schemas) if (folder / name).is_file()), None)
    if path is None:
        raise BadKind(name, f"no such file in {', '.join(map(str, schemas))}")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _layered(folders: Iterable[Path], under: str) -> dict[str, Path]:
    """Files by their stem; a later folder's file stands in for an earlier one's."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted((folder / under).glob("*.y*ml")):
            if path.suffix in (".yaml", ".yml") and not path.name.startswith("."):
                found[path.stem] = path
    return dict(sorted(found.items()))


def _twice(folders: Iterable[Path]) -> list[Diagnostic]:
    """SPEC011: two files of one folder for the same vendor, of which one would silently win."""
    return [
        Diagnostic(
            "SPEC011",
            "error",
            f"{path.name} and {path.stem}.yaml are for one vendor",
            Span(shown(path), 1, 1, 1, 1),
            "keep one of them",
        )
        for folder in folders
        for path in sorted(folder.glob("*.yml"))
        if path.with_suffix(".yaml").is_file()
    ]


def shown(path: Path) -> str:
    """A path as people see it: from where they stand, if it lies below."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, RuntimeError):  # it lies elsewhere, or is a link to itself
        return str(path)


def _tables(
    folders: Sequence[Path], shapes: Validator, kinds: Mapping[str, Kind],
    diagnostics: list[Diagnostic], sources: dict[str, str],
) -> dict[str, _Table]:  # fmt: skip
    tables = {}
    for stem, path in _layered(folders, "tables").items():
        content, document = _read(path, diagnostics, sources)
        if document is None:
            continue
        mistakes = check_shape(document, shapes)
        diagnostics += mistakes
        draft = Draft(document, _without(document.data, mistakes), kinds, {}, diagnostics)
        if draft.get(("name",), stem) != stem:
            draft.error("SPEC010", ("name",), f"the table is '{draft.get(('name',))}' and the file '{stem}.yaml'",
                        f"call the file {draft.get(('name',))}.yaml")  # fmt: skip
        rows = codes(draft.get(("codes",), {}), words(kinds), bool(draft.get(("fold",))), stem, ("codes",), draft)
        diagnostics += check_table(draft)
        tables[stem] = _Table(rows, content)
    return tables


def _vendor(
    path: Path, shapes: Validator, kinds: Mapping[str, Kind], tables: Mapping[str, _Table],
    diagnostics: list[Diagnostic], sources: dict[str, str],
) -> tuple[Draft, Spec] | None:  # fmt: skip
    content, document = _read(path, diagnostics, sources)
    if document is None:
        return None
    mistakes = check_shape(document, shapes)
    draft = Draft(document, _without(document.data, mistakes), kinds, {name: one.codes for name, one in tables.items()})
    used = b"".join(tables[name].content for name in tables_of(draft) if name in tables)
    spec = vendor(draft, content + (sha256(used).digest() if used else b""))
    shape_paths = [one.path for one in mistakes]
    later = [
        one
        for one in (*draft.mistakes, *check(draft, spec))
        if not _caused(one.path, shape_paths) and not misspelt(ABSENT.get(one.code, ()), one.path, mistakes)
    ]
    diagnostics += [*mistakes, *later]
    return draft, spec


def _read(path: Path, diagnostics: list[Diagnostic], sources: dict[str, str]) -> tuple[bytes, Document | None]:
    """A file's bytes and document. One that cannot be read leaves the others as they are."""
    file = shown(path)
    sources[file] = ""
    try:
        size = _size(path)
        content = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        diagnostics.append(_unreadable(file, error))
        return b"", None
    if size > MAX_BYTES:
        diagnostics.append(too_big(file, size))
        return b"", None
    document, mistakes = read(content, file)
    diagnostics += mistakes
    sources[file] = document.text if document else content.decode("utf-8", "replace")
    return content, document


def _size(path: Path) -> int:
    """How many bytes a file has. Raises OSError for what is no file: reading a pipe would wait for ever."""
    size = path.stat().st_size
    if not path.is_file():
        raise OSError("it is not a file")
    return size


def _unreadable(file: str, error: OSError) -> Diagnostic:
    message = f"the file cannot be read: {error.strerror or error}"
    advice = "make it a file that the adapter may read, or take it away"
    return Diagnostic("YAML010", "error", message, Span(file, 1, 1, 1, 1), advice)


def _caused(path: KeyPath, earlier: Iterable[KeyPath]) -> bool:
    """One cause, one message: a mistake at or around one that the shape has already named is the same."""
    return any(path == one or (path == one[:-1] and path) for one in earlier)


ABSENT = {
    "SIG001": ("verify", "unsigned"),
    "CODE007": ("status",),
    "MATCH007": ("match",),
    "EX001": ("request",),
}
"""Which key is missing where that is found, so that a slip in its name is told once."""


def _without(data: dict[str, Any], mistakes: Iterable[Diagnostic]) -> dict[str, Any]:
    """The data without what the shape does not allow."""
    for one in mistakes:
        if one.code != "SPEC003" and one.path:
            data = _dropped(data, one.path)
    return data


_LISTS_OF_MAPPINGS = ("events", "verify", "any", "check", "challenge", "examples", "expect", "match")


def _dropped(value: Any, path: KeyPath, under: str | int = "") -> Any:
    step, rest = path[0], path[1:]
    if isinstance(value, dict) and step in value:
        if not rest:
            return {key: item for key, item in value.items() if key != step}
        return {**value, step: _dropped(value[step], rest, step)}
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        # An item keeps its place, so that the paths of the others stay true.
        nothing: Any = {} if under in _LISTS_OF_MAPPINGS else ""
        return [*value[:step], _dropped(value[step], rest, under) if rest else nothing, *value[step + 1 :]]
    return value
