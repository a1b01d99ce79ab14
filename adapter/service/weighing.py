"""Which of the loaded vendors may be served? Without a mistake, in the tables neither, and whose examples hold."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from adapter.rehearsal import Rehearsed, rehearse
from adapter.service.good import Broken, Found, Good, Version
from adapter.spec.diagnostics import Diagnostic, Span, plural, sort_key, to_concise, to_text
from adapter.spec.language import Kind, Spec
from adapter.spec.loader import Loaded

NOT_WRITTEN = (ValueError, LookupError, TypeError)
"""What an example may raise whose request cannot be built: its body is not of the type that its signature needs."""

NO_TABLE = "CODE003"


class NotLoaded(Exception):
    """The folders as a whole cannot be read, for the reason it carries."""


Read = Callable[[Sequence[Path]], Loaded]
"""Loads vendor folders, laid over the packaged files. Raises NotLoaded."""


def weigh(loaded: Loaded, known: Good, now: str) -> Found:
    """The examples of what is `known` to be good, and the same, are not run again."""
    weighing = _Weighing(loaded, _errors(loaded), known if known.kinds == loaded.registry.kinds else Good(), now)
    right: dict[str, Version] = {}
    broken: dict[str, Broken] = {}
    for file in loaded.vendors:
        name = Path(file).stem
        spec = loaded.registry.specs.get(name)
        wrong = weighing.wrong(file, spec)
        if spec is None or wrong:
            broken[name] = told(wrong, loaded.sources, now)
        else:
            right[name] = weighing.version(file, spec)
    return Found(loaded.registry.kinds, right, broken)


def told(wrong: Sequence[Diagnostic], sources: Mapping[str, str], now: str) -> Broken:
    """The first of them, which is their cause, in one line; all of them as the validator prints them."""
    if not wrong:
        return Broken("its file has mistakes", "adapter validate shows them", now)
    first, *more = wrong
    rest = f" and {plural(len(more), 'more mistake')}" if more else ""
    return Broken(to_concise([first], {}) + rest, to_text(wrong, sources), now)


@dataclass(frozen=True, slots=True)
class _Weighing:
    loaded: Loaded
    errors: Mapping[str, Sequence[Diagnostic]]
    known: Good
    now: str

    def wrong(self, file: str, spec: Spec | None) -> list[Diagnostic]:
        own = sorted(self.errors.get(file, ()), key=sort_key)
        tables = self._tables(spec, any(one.code == NO_TABLE for one in own))
        found = [*(one for table in tables for one in sorted(self.errors.get(table, ()), key=sort_key)), *own]
        return found if found or spec is None or self._is_known(spec) else list(failing(spec, self._kinds))

    def version(self, file: str, spec: Spec) -> Version:
        texts = self.loaded.sources
        tables = {f"tables/{Path(table).name}": texts[table] for table in self._tables(spec, False)}
        return Version(spec, {Path(file).name: texts[file], **tables}, self.now)

    @property
    def _kinds(self) -> Mapping[str, Kind]:
        return self.loaded.registry.kinds

    def _is_known(self, spec: Spec) -> bool:
        version = self.known.versions.get(spec.vendor)
        return version is not None and version.spec.hash == spec.hash

    def _tables(self, spec: Spec | None, every: bool) -> list[str]:
        """The files of its tables; every table's, where one is missing and a mistake of its own may be why."""
        tables = [file for file in self.loaded.sources if file not in self.loaded.vendors]
        return [file for file in tables if every or (spec and Path(file).stem in spec.tables)]


def _errors(loaded: Loaded) -> dict[str, list[Diagnostic]]:
    found: dict[str, list[Diagnostic]] = {}
    for one in loaded.diagnostics:
        if one.severity == "error" and one.span:
            found.setdefault(one.span.file, []).append(one)
    return found


def failing(spec: Spec, kinds: Mapping[str, Kind]) -> Iterator[Diagnostic]:
    """Each difference between what an example says and what comes out."""
    try:
        ran = rehearse(spec, kinds)
    except NOT_WRITTEN as error:
        yield _failed(spec, "TEST002", f"its examples cannot be run: {error}", spec.place.line, spec.place.column)
        return
    for one in ran:
        for difference in one.differences:
            place = one.example.place
            yield _failed(spec, _code(one, difference), f"{one.example.name}: {difference}", place.line, place.column)


def _code(one: Rehearsed, difference: str) -> str:
    if one.outcome is None:
        return "TEST002"
    return "SIG009" if difference.startswith("a forged") else "TEST001"


def _failed(spec: Spec, code: str, message: str, line: int, column: int) -> Diagnostic:
    span = Span(spec.place.file, line, column, line, column + 1)
    return Diagnostic(code, "error", message, span, "adapter test shows it; with --accept it writes what comes out")


def rebuilt(vendor: str, files: Mapping[str, str], since: str, read: Read) -> Version | None:
    """A version of before from its texts, or None where today's adapter finds mistakes in it. Raises OSError."""
    with TemporaryDirectory(prefix="adapter-good-") as name:
        folder = Path(name)
        (folder / "tables").mkdir()
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8", newline="")
        found = weigh(read([folder]), Good(), since)
    return found.right.get(vendor)
