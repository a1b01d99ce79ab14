"""How does a vendor get its file? A first draft from what the vendor has sent."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import click

from adapter.cli import options
from adapter.cli.boundary import FAILED, PROBLEMS
from adapter.cli.captured import captured
from adapter.cli.files import Selection, select
from adapter.rehearsal import rehearse
from adapter.scaffold.compiled import spec_of
from adapter.scaffold.draft import Draft, draft
from adapter.scaffold.nouns import NoDraft, World
from adapter.spec import packaged
from adapter.spec.build.codes import codes, words
from adapter.spec.build.draft import Draft as FileDraft
from adapter.spec.diagnostics import plural, visible
from adapter.spec.files import shown
from adapter.spec.kinds import KindFile, mappable, name_and_version, read_documents
from adapter.spec.language import Codes, Kind
from adapter.spec.loader import load
from adapter.spec.reader import read

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


@click.command(short_help="Draft a vendor file from captured callbacks.")
@click.argument("name")
@click.option(
    "--from", "sources", multiple=True, required=True, type=click.File("rb"), metavar="FILE",
    help="A captured request: raw HTTP text, a curl command or a bare body; - is standard input. May be repeated.",
)  # fmt: skip
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("my-vendors"), show_default=True,
    metavar="DIR", help="Where the file goes.",
)  # fmt: skip
@click.option("--mask/--no-mask", default=True, show_default=True, help="Replace numbers by ones of the same shape.")
@click.option("--kind", default="", metavar="KIND", help="What the callbacks are about, where the guess is wrong.")
@options.specs
def new(
    name: str, sources: Sequence[BinaryIO], folder: Path, mask: bool, kind: str,
    vendors: Sequence[Path], schemas: Sequence[Path],
) -> None:  # fmt: skip
    """Write a first vendor file, NAME.yaml, from callbacks that the vendor has sent.

    Everything is guessed from names and values, and every guess is explained. What only a person can know is marked
    TODO. Phone numbers and passwords do not get into the file, and neither does the token of the URL.

    \b
    adapter new acme --from captured.http
    pbpaste | adapter new acme --from -
    adapter new acme --from report.http --from reply.http --folder vendors.d
    """
    target = folder / f"{name}.yaml"
    if not NAME.fullmatch(name):
        raise click.UsageError(f"'{name}' is no name for a vendor: use small letters, digits, - and _")
    if target.exists() or target.with_suffix(".yml").exists():
        raise click.UsageError(f"{shown(target)} is there already: choose another name, or remove it")
    requests = list(captured(sources))
    world = known(name, [*vendors, *([folder] if any(folder.glob("*.y*ml")) else [])], schemas)
    if kind and kind not in world.kinds:
        raise click.UsageError(f"--kind {kind}: there is no such kind; there are {', '.join(world.kinds)}")
    try:
        made = draft(name, requests, world, lambda text: spec_of(text, world), mask, kind)
    except NoDraft as error:
        raise click.ClickException(str(error)) from error
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(made.text, encoding="utf-8")
    _report(made, target)
    raise SystemExit(_checked(select([], schemas, [target]), target))


def known(name: str, vendors: Sequence[Path], schemas: Sequence[Path]) -> World:
    """Kinds, tables and all vendor files but the one of that name."""
    folders = [packaged.vendors(), *vendors]
    schema_folders = [packaged.schemas(), *schemas]
    loaded = load(folders, schema_folders)
    documents = read_documents([one / "events" for one in schema_folders])
    kinds = loaded.registry.kinds
    others = tuple(spec for vendor, spec in loaded.registry.specs.items() if vendor != name)
    return World(kinds, dict(map(_mapped_from, documents.items())), _tables(folders, kinds), others)


def _mapped_from(item: tuple[str, KindFile]) -> tuple[str, dict[str, tuple[str, ...]]]:
    file, document = item
    fields = mappable(document)
    return name_and_version(file)[0], {name: tuple(one.get("x-mapped-from", ())) for name, one in fields.items()}


def _tables(folders: Sequence[Path], kinds: Mapping[str, Kind]) -> dict[str, Codes]:
    found = {}
    for path in (path for folder in folders for path in sorted((folder / "tables").glob("*.yaml"))):
        document, _ = read(path.read_bytes(), shown(path))
        if document is not None:
            notes = FileDraft(document, document.data, kinds, {})
            rows, fold = notes.get(("codes",), {}), bool(notes.get(("fold",)))
            found[path.stem] = codes(rows, words(kinds), fold, path.stem, ("codes",), notes)
    return found


def _report(made: Draft, target: Path) -> None:
    for label, text in made.told:
        click.echo(f"{label:<9} {visible(text)}".rstrip())
    click.echo(f"wrote     {shown(target)}  ({made.open} TODO)")
    if not (target.parent.parent / "schemas" / "vendor.v1.json").is_file():
        place = shown(target.parent.parent / "schemas")
        click.echo(f"editor    for its schema: mkdir -p {place} && adapter schema > {place}/vendor.v1.json")


def _checked(selection: Selection, target: Path) -> int:
    """The file as everybody will read it: its examples must come out as the draft says."""
    errors = [one for one in selection.diagnostics if one.severity == "error"]
    for one in errors:
        click.echo(f"error     {one.span.place if one.span else target}: {one.message}", err=True)
    runs = [run for spec in selection.specs for run in rehearse(spec, selection.loaded.registry.kinds)]
    wrong = [difference for run in runs for difference in run.differences]
    for difference in wrong:
        click.echo(f"error     {difference}", err=True)
    if errors or wrong:
        return FAILED
    click.echo(f"checked   {plural(len(runs), 'example')} as the file says; next: open it, decide every TODO, then")
    click.echo(f"          adapter validate {shown(target)} && adapter test {shown(target)}")
    return PROBLEMS if any(run.outcome and run.outcome.problems for run in runs) else 0
