"""What may a vendor file say: as a JSON Schema for editors, as a page for people?"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from adapter.cli import options
from adapter.cli.boundary import PROBLEMS
from adapter.expressions.filters import FILTERS
from adapter.expressions.functions import FUNCTIONS
from adapter.expressions.templates import SOURCES
from adapter.spec import packaged
from adapter.spec.files import shown
from adapter.spec.kinds import read_documents
from adapter.spec.reference import reference
from adapter.spec.schema import rendered, vendor_schema

FILE, TABLE, PAGE = "vendor.v1.json", "table.v1.json", "README.md"
FOLDERS = ("vendors.d", "my-vendors")


@click.command(short_help="The JSON Schema of vendor files, for editors.")
@options.schemas
@click.option("--check", is_flag=True, help="Exit with 1 if a committed file is not what would be written.")
@click.option(
    "--write", is_flag=True,
    help="Write the schema into the last --schemas folder; without one, it and the reference beside the packaged ones.",
)  # fmt: skip
@click.option("--vscode", is_flag=True, help="Print .vscode/settings.json, for files without the line that names it.")
@options.vendors
def schema(schemas: Sequence[Path], vendors: Sequence[Path], check: bool, write: bool, vscode: bool) -> None:
    """Print the JSON Schema of vendor files, which editors use to complete and explain every word.

    It is made of a skeleton and of the kinds in events/*.json, your own ones included. The reference, README.md
    beside it, is made of the same.

    \b
    adapter schema > schemas/vendor.v1.json
    adapter schema --check
    adapter schema --schemas my-schemas --write
    adapter schema --vscode --vendors my-vendors > .vscode/settings.json
    """
    if check + write + vscode > 1:
        raise click.UsageError("choose one of --check, --write and --vscode")
    folders = [packaged.schemas(), *schemas]
    if vscode:
        click.echo(_settings(folders, [str(folder) for folder in vendors] or FOLDERS), nl=False)
        return
    generated = _generated(folders)
    if write:
        _write(generated)
    elif check:
        _compare(generated)
    else:
        click.echo(generated[folders[-1] / FILE], nl=False)


def _generated(folders: Sequence[Path]) -> dict[Path, str]:
    """Every generated file's text by its path: the reference is ours, nobody's own page is written over."""
    for folder in folders:
        if not (folder / "events").is_dir():
            raise click.UsageError(f"--schemas {folder}: there is no folder events in it")
    home = folders[-1]
    kinds = read_documents([folder / "events" for folder in folders])
    vendor = vendor_schema(_read(packaged.schemas() / FILE), kinds)
    found = {home / FILE: rendered(vendor)}
    if len(folders) == 1:
        table = _read(packaged.schemas() / TABLE)
        found[home / PAGE] = reference(vendor, table, kinds, FUNCTIONS, FILTERS, SOURCES)
    return found


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _write(generated: Mapping[Path, str]) -> None:
    for target, text in generated.items():
        target.write_text(text, encoding="utf-8")
        click.echo(f"wrote {shown(target)}")


def _compare(generated: Mapping[Path, str]) -> None:
    stale = [path for path, text in generated.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in generated:
        old = "is not what its kinds make of it: run adapter schema --write"
        click.echo(f"{shown(path)} {old if path in stale else 'is up to date'}")
    if stale:
        raise SystemExit(PROBLEMS)


def _settings(folders: Sequence[Path], vendors: Sequence[str]) -> str:
    """Which schema an editor uses for which files."""
    globs = {
        FILE: [f"{folder.rstrip('/')}/*.yaml" for folder in vendors],
        TABLE: [f"{folder.rstrip('/')}/tables/*.yaml" for folder in vendors],
    }
    schemas = {_address(folders, name): found for name, found in globs.items()}
    return json.dumps({"yaml.schemas": schemas}, indent=2, ensure_ascii=False) + "\n"


def _address(folders: Sequence[Path], name: str) -> str:
    """Of the schema in the project where there is one, else of the packaged one."""
    for folder in (*reversed(folders[1:]), Path("schemas")):
        if (folder / name).is_file():
            found = shown(folder / name)
            return found if Path(found).is_absolute() else f"./{found}"
    return (packaged.schemas() / name).as_uri()
