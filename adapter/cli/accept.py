"""What would be written into the vendor files, and does the user agree?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from adapter.accepted import accepted, differs, promised_nothing, why_not
from adapter.cli.files import Selection, select
from adapter.cli.show import coloured
from adapter.cli.tested import NOT_WRITTEN
from adapter.expressions.templates import Missing
from adapter.http_text import BadRequestText
from adapter.model import Refused
from adapter.observed import observe_example
from adapter.rehearsal import compare
from adapter.spec.diagnostics import plural, visible
from adapter.spec.language import Example, Kind, Spec
from adapter.spec.reader import read

COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True, slots=True)
class Change:
    """A file's text before and after; how many examples were written; which were left, and why."""

    file: str
    before: str
    after: str
    written: int
    left: tuple[str, ...]


def accept(
    vendors: Sequence[Path], schemas: Sequence[Path], paths: Sequence[Path], yes: bool, beside: bool = False
) -> None:
    """Show what would change in the examples, ask, write. `beside`: on stderr, since stdout is a program's."""
    changes = [_changed(spec, kinds, file) for spec, kinds, file in _specs(vendors, schemas, paths)]
    for change in changes:
        for line in _diff(change):
            click.echo(line, err=beside)
        for left in change.left:
            click.echo(f"left    {visible(change.file)}: {visible(left)}", err=beside)
    found = [change for change in changes if change.after != change.before]
    count = f"{plural(sum(change.written for change in found), 'example')} in {plural(len(found), 'file')}"
    if not found:
        click.echo("nothing to accept", err=beside)
    elif yes or click.confirm(f"Write {count}?", err=beside):
        for change in found:
            Path(change.file).write_bytes(change.after.encode())
        click.echo(f"wrote   {count}", err=beside)
    click.echo("", err=beside)


def _specs(
    vendors: Sequence[Path], schemas: Sequence[Path], paths: Sequence[Path]
) -> Iterator[tuple[Spec, Mapping[str, Kind], str]]:
    """The specs that were asked for, each with its file: also those held back only because an example says nothing."""
    selection = select(vendors, schemas, paths)
    for spec in selection.specs:
        yield spec, selection.loaded.registry.kinds, spec.place.file
    known = {spec.place.file for spec in selection.specs}
    for file in selection.vendors:
        text = None if file in known else _completed(file)
        if text is not None:
            yield from _as_if(text, file, vendors, schemas)


def _completed(file: str) -> str | None:
    """The file's text as if every example that says nothing expected nothing; None where none says nothing."""
    text, before = _text(file), _text(file)
    document, _ = read(text.encode(), file)
    listed = document.data.get("examples") if document else None
    for place, example in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(example, dict) and "name" in example and not {"expect", "reject", "outcome"} & set(example):
            text = promised_nothing(text, file, place) or text
    return text if text != before else None


def _as_if(
    text: str, file: str, vendors: Sequence[Path], schemas: Sequence[Path]
) -> Iterator[tuple[Spec, Mapping[str, Kind], str]]:
    with TemporaryDirectory(prefix="adapter-accept-") as folder:
        copy = Path(folder, Path(file).name)
        copy.write_bytes(text.encode())
        selection: Selection = select([*vendors, Path(file).parent, Path(folder)], schemas, [copy])
        for spec in selection.specs:
            yield spec, selection.loaded.registry.kinds, file


def _text(file: str) -> str:
    return Path(file).read_bytes().decode()


def _changed(spec: Spec, kinds: Mapping[str, Kind], file: str) -> Change:
    before, written, left = _text(file), 0, []
    text = before
    for place, example in enumerate(spec.examples):
        new, why = _one(spec, kinds, example, text, file, place)
        text, written = new, written + (new != text)
        left += [f"{example.name}: {why}"] if why else []
    return Change(file, before, text, written, tuple(left))


def _one(spec: Spec, kinds: Mapping[str, Kind], example: Example, text: str, file: str, place: int) -> tuple[str, str]:
    """The text with one example's events, or the same and why it is left as it is."""
    try:
        observed = observe_example(spec, kinds, example)
    except (BadRequestText, Missing, Refused, *NOT_WRITTEN) as error:
        return text, f"it could not be run: {error}"
    if not differs(example, observed.outcome) and not compare(example, observed.outcome):
        return text, ""
    why = why_not(example, observed.outcome)
    if why or not differs(example, observed.outcome):
        return text, why
    new = accepted(text, file, place, example, observed)
    return (new, "") if new is not None else (text, "nothing else may change, and here it would: write it by hand")


def _diff(change: Change) -> Iterator[str]:
    before, after = (text.replace("\r\n", "\n").split("\n") for text in (change.before, change.after))
    for line in unified_diff(before, after, change.file, change.file, n=2, lineterm=""):
        shown = visible(line.rstrip("\n"))
        yield click.style(shown, fg=COLOURS.get(line[:1])) if coloured() else shown
