"""What becomes of one file, and does that still hold? Good specs and tables, with every mistake on the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from adapter.spec.build.codes import codes, words
from adapter.spec.build.draft import Draft
from adapter.spec.build.vendor import tables_of, vendor
from adapter.spec.checks import check, check_table
from adapter.spec.diagnostics import Diagnostic, Path, Span
from adapter.spec.files import File
from adapter.spec.language import Codes, Kind, Spec
from adapter.spec.mistakes import misspelt
from adapter.spec.reader import read
from adapter.spec.schema import Validator, check_shape


@dataclass(frozen=True, slots=True)
class Ground:
    """What every file stands on: the kinds, and the shapes of vendor files and tables; `said` is all of it as text."""

    said: str
    kinds: Mapping[str, Kind]
    vendor: Validator
    table: Validator


@dataclass(frozen=True, slots=True)
class Built:
    """A file, what was in it, and what is wrong with it; `content` is None where it could not be read."""

    name: str
    content: bytes | None
    text: str
    diagnostics: tuple[Diagnostic, ...]

    @property
    def wrong(self) -> bool:
        return any(one.severity == "error" for one in self.diagnostics)

    def of(self, name: str, content: bytes) -> bool:
        """Was it built from this file as it is?"""
        return self.content == content and self.name == name


@dataclass(frozen=True, slots=True)
class Table:
    built: Built
    codes: Codes | None = None


@dataclass(frozen=True, slots=True)
class Vendor:
    """`match` is where that stands; `used` the tables that it asks for, `named` all that there were to ask for."""

    built: Built
    spec: Spec | None = None
    match: Span | None = None
    used: Mapping[str, Table | None] = field(default_factory=dict)
    named: frozenset[str] = frozenset()

    def stands_on(self, tables: Mapping[str, Table]) -> bool:
        """Would these tables make the same of it?"""
        return self.named == _named(tables) and all(tables.get(name) is one for name, one in self.used.items())


def unreadable(file: File, why: Diagnostic) -> Built:
    return Built(file.name, None, "", (why,))


def table(file: File, content: bytes, ground: Ground) -> Table:
    """A shared table; one with mistakes is used as far as it is good, so that each is told once."""
    document, found = read(content, file.name)
    if document is None:
        return Table(Built(file.name, content, content.decode("utf-8", "replace"), tuple(found)))
    mistakes = check_shape(document, ground.table)
    draft = Draft(document, _without(document.data, mistakes), ground.kinds, {}, [*found, *mistakes])
    name = draft.get(("name",), file.stem)
    if name != file.stem:
        draft.error("SPEC010", ("name",), f"the table is '{name}' and the file '{file.stem}.yaml'",
                    f"call the file {name}.yaml")  # fmt: skip
    fold = bool(draft.get(("fold",)))
    rows = codes(draft.get(("codes",), {}), words(ground.kinds), fold, file.stem, ("codes",), draft)
    return Table(Built(file.name, content, document.text, (*draft.mistakes, *check_table(draft))), rows)


def vendor_file(file: File, content: bytes, ground: Ground, tables: Mapping[str, Table]) -> Vendor:
    """A vendor's spec; where its file has errors, what it gives is not to be served."""
    document, found = read(content, file.name)
    if document is None:
        return Vendor(Built(file.name, content, content.decode("utf-8", "replace"), tuple(found)))
    mistakes = check_shape(document, ground.vendor)
    rows = {name: one.codes for name, one in tables.items() if one.codes}
    draft = Draft(document, _without(document.data, mistakes), ground.kinds, rows)
    used = {name: tables.get(name) for name in tables_of(draft)}
    spec = vendor(draft, content + _stamp(used.values()))
    built = Built(file.name, content, document.text, (*found, *mistakes, *_later(draft, spec, mistakes)))
    return Vendor(built, spec, document.key_span(("match",)), used, _named(tables))


def _named(tables: Mapping[str, Table]) -> frozenset[str]:
    return frozenset(name for name, one in tables.items() if one.codes)


def _stamp(used: Iterable[Table | None]) -> bytes:
    """What a spec's hash has of its tables."""
    contents = b"".join(one.built.content or b"" for one in used if one)
    return sha256(contents).digest() if contents else b""


def _later(draft: Draft, spec: Spec, mistakes: list[Diagnostic]) -> list[Diagnostic]:
    """What is found where the shape was right already, or was not the cause."""
    paths = [one.path for one in mistakes]
    return [
        one
        for one in (*draft.mistakes, *check(draft, spec))
        if not _caused(one.path, paths) and not misspelt(ABSENT.get(one.code, ()), one.path, mistakes)
    ]


def _caused(path: Path, earlier: Iterable[Path]) -> bool:
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


def _dropped(value: Any, path: Path, under: str | int = "") -> Any:
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
