"""What may a vendor file say, as a JSON Schema for editors?"""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from adapter.cli import options
from adapter.cli.boundary import PROBLEMS
from adapter.spec import packaged
from adapter.spec.kinds import read_documents
from adapter.spec.loader import shown
from adapter.spec.schema import rendered, vendor_schema

FILE = "vendor.v1.json"


@click.command(short_help="The JSON Schema of vendor files, for editors.")
@options.schemas
@click.option("--check", is_flag=True, help="Exit with 1 if the committed file is not what would be written.")
@click.option(
    "--write", is_flag=True, help="Write the file into the last --schemas folder, else beside the packaged ones."
)
def schema(schemas: Sequence[Path], check: bool, write: bool) -> None:
    """Print the JSON Schema of vendor files, which editors use to complete and explain every word.

    It is made of a skeleton and of the kinds in events/*.json, your own ones included.

    \b
    adapter schema --check
    adapter schema --schemas my-schemas --write
    """
    if check and write:
        raise click.UsageError("choose one of --check and --write")
    folders = [packaged.schemas(), *schemas]
    text, target = _generated(folders), folders[-1] / FILE
    if write:
        target.write_text(text, encoding="utf-8")
        click.echo(f"wrote {shown(target)}")
    elif check:
        _compare(text, target)
    else:
        click.echo(text, nl=False)


def _generated(folders: Sequence[Path]) -> str:
    skeleton = json.loads((packaged.schemas() / FILE).read_text(encoding="utf-8"))
    for folder in folders:
        if not (folder / "events").is_dir():
            raise click.UsageError(f"--schemas {folder}: there is no folder events in it")
    return rendered(vendor_schema(skeleton, read_documents([folder / "events" for folder in folders])))


def _compare(text: str, target: Path) -> None:
    if not target.is_file() or target.read_text(encoding="utf-8") != text:
        click.echo(f"{shown(target)} is not what its kinds make of it: run adapter schema --write")
        raise SystemExit(PROBLEMS)
    click.echo(f"{shown(target)} is up to date")
