"""Which files are read, and which of them did the user ask about?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os.path import realpath
from pathlib import Path

import click

from adapter.cli.boundary import Nothing
from adapter.spec import packaged
from adapter.spec.diagnostics import Diagnostic, plural, summary
from adapter.spec.files import shown
from adapter.spec.language import Spec
from adapter.spec.loader import Known, Loaded, load


@dataclass(frozen=True, slots=True)
class Selection:
    """What was loaded, and the part of it that PATH arguments ask for: vendor files, tables, their diagnostics."""

    loaded: Loaded
    vendors: tuple[str, ...]
    tables: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def specs(self) -> tuple[Spec, ...]:
        return tuple(spec for spec in self.loaded.registry.specs.values() if spec.place.file in self.vendors)

    def of(self, file: str) -> tuple[Diagnostic, ...]:
        return tuple(one for one in self.diagnostics if one.span and one.span.file == file)

    @property
    def read(self) -> str:
        """`5 specs read from vendors.d`"""
        return f"{plural(len(self.vendors or self.tables), self._noun)} {self._origin}"

    def summary(self, found: Sequence[Diagnostic] | None = None) -> str:
        """The last line: what was read, and how much was found in it."""
        diagnostics = self.diagnostics if found is None else found
        return summary(len(self.vendors or self.tables), f"{self._noun}s {self._origin}", diagnostics)

    @property
    def _noun(self) -> str:
        return "spec" if self.vendors else "table"

    @property
    def _origin(self) -> str:
        folders = dict.fromkeys(shown(Path(file).parent) for file in self.vendors or self.tables)
        return f"read from {', '.join(folders)}"


def select(
    vendors: Sequence[Path], schemas: Sequence[Path], paths: Sequence[Path] = (), known: Known | None = None
) -> Selection:
    """Load the packaged files with these folders laid over, and keep what lies at or below the paths. What is `known`
    of an earlier load is not built again.

    Raises UsageError for a folder without files, Nothing when no file was asked for.
    """
    folders = [packaged.vendors(), *(_vendor_folder(folder) for folder in vendors)]
    folders += _further(folders, paths)
    loaded = load(folders, [packaged.schemas(), *(_schema_folder(folder) for folder in schemas)], known or Known())
    chosen = [file for file in loaded.sources if _asked_for(file, paths)]
    if not chosen:
        raise Nothing(f"no vendor file was read from {', '.join(map(str, paths))}: nothing to check")
    read = [file for file in loaded.vendors if file in chosen]
    tables = [file for file in chosen if file not in loaded.vendors]
    diagnostics = [one for one in loaded.diagnostics if not one.span or one.span.file in chosen]
    return Selection(loaded, tuple(read), tuple(tables), tuple(diagnostics))


def _vendor_folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise click.UsageError(f"--vendors {folder}: there is no such folder")
    if not _has_specs(folder):
        raise click.UsageError(f"--vendors {folder}: there is no vendor file (*.yaml) in it")
    return folder


def _schema_folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise click.UsageError(f"--schemas {folder}: there is no such folder")
    if not any((folder / "events").glob("*.json")):
        raise click.UsageError(f"--schemas {folder}: there is no kind in it (events/*.json)")
    return folder


def _has_specs(folder: Path) -> bool:
    return any(path.suffix in (".yaml", ".yml") for path in (*folder.glob("*"), *folder.glob("tables/*")))


def _further(known: Iterable[Path], paths: Iterable[Path]) -> list[Path]:
    """Folders of files that the user names and that no loaded folder holds."""
    loaded = [folder.resolve() for folder in known]
    found: dict[Path, Path] = {}
    for path in paths:
        home = _home(path)
        if home.resolve() not in found and not _holds(home.resolve(), loaded) and _has_specs(home):
            found[home.resolve()] = home
    return list(found.values())


def _holds(home: Path, loaded: Iterable[Path]) -> bool:
    """A folder above a loaded one only says which of its files are meant."""
    return any(folder.is_relative_to(home) for folder in loaded)


def _home(path: Path) -> Path:
    folder = path if path.is_dir() else path.parent
    return folder.parent if folder.name == "tables" else folder


def _asked_for(file: str, paths: Sequence[Path]) -> bool:
    place = Path(realpath(file))  # resolve() raises for a link to itself
    return not paths or any(place.is_relative_to(path.resolve()) for path in paths)
