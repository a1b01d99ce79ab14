"""Which deployment is meant: a file's, or none, which is open mode?"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from adapter.cli import options
from adapter.cli.boundary import PROBLEMS
from adapter.cli.files import Selection
from adapter.service.deployment import Deployment, read_deployment
from adapter.service.secrets import Fault, Wanted, variable, wanted
from adapter.spec import packaged
from adapter.spec.diagnostics import Diagnostic, Sources, paint, to_text
from adapter.spec.files import shown
from adapter.spec.language import Registry
from adapter.spec.reader import read

FILE = Path("adapter.yaml")


@dataclass(frozen=True, slots=True)
class Deployed:
    """What is served: the registry with its channels, and what it wants of secrets. `file` is empty in open mode;
    a deployment file with an error is no deployment."""

    registry: Registry
    deployment: Deployment | None
    wanted: tuple[Wanted, ...]
    file: str
    diagnostics: tuple[Diagnostic, ...]
    sources: Sources

    @property
    def errors(self) -> bool:
        return any(one.severity == "error" for one in self.diagnostics)


def find(config: Path | None) -> Path | None:
    """The file that is named, or the one that lies here."""
    return config or (FILE if FILE.is_file() else None)


def look(selection: Selection, config: Path | None) -> Deployed:
    """Read the deployment file, if there is one, with every mistake of it. Raises UsageError where it is not there."""
    loaded, path = selection.loaded, find(config)
    if path is None:
        return Deployed(loaded.registry, None, wanted(loaded.registry), "", (), {})
    if not path.is_file():
        raise click.UsageError(f"--config {path}: there is no such file")
    found, diagnostics, text = read_deployment(path, packaged.schemas(), loaded.registry, loaded.held_back)
    file = shown(path)
    registry = found.registry(loaded.registry) if found else loaded.registry
    those = found.wanted(loaded.registry) if found else ()
    return Deployed(registry, found, those, file, tuple(diagnostics), {file: text})


def store_of(config: Path | None) -> str:
    """Which store the deployment file names, if there is one; whatever else is wrong with it is told elsewhere."""
    path = find(config)
    if path is None:
        return options.STORE
    if not path.is_file():
        raise click.UsageError(f"--config {path}: there is no such file")
    document, mistakes = read(path.read_bytes(), shown(path))
    if document is None:
        warn(mistakes, {})
        raise SystemExit(PROBLEMS)
    named = document.data.get("store") if isinstance(document.data, dict) else None
    return named if isinstance(named, str) else options.STORE


def joined(selection: Selection, config: Path | None, limited: bool) -> Selection:
    """The selection with the deployment file among its files; where it is `limited` to others, only if it is named."""
    if limited and config is None:
        return selection
    found = look(selection, config)
    sources = {**selection.loaded.sources, **found.sources}
    return replace(
        selection,
        loaded=replace(selection.loaded, sources=sources),
        tables=(*selection.tables, *found.sources),
        diagnostics=(*selection.diagnostics, *found.diagnostics),
    )


def deployed(selection: Selection, config: Path | None) -> Deployed:
    """The same for a command that cannot go on with a mistake: it says all of them and ends with 1."""
    found = look(selection, config)
    warn(found.diagnostics, found.sources)
    if found.errors:
        click.echo(f"adapter: {found.file} has mistakes, so nothing was started", err=True)
        raise SystemExit(PROBLEMS)
    return found


def warn(diagnostics: Sequence[Diagnostic], sources: Sources) -> None:
    """Diagnostics to stderr, where stdout belongs to something else."""
    if diagnostics:
        text = to_text(diagnostics, sources)
        click.echo((paint(text) if sys.stderr.isatty() else text) + "\n", err=True)


def worded(fault: Fault) -> str:
    """Which secret is meant, by its place, and what is wrong with it."""
    return f"{fault.wanted.name} {fault.what} ({variable(fault.wanted.name)})"
