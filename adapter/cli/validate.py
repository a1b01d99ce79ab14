"""Are the files right?"""

from collections.abc import Sequence
from pathlib import Path

import click

from adapter.cli import options
from adapter.cli.boundary import PROBLEMS, WARNINGS
from adapter.cli.files import select
from adapter.cli.show import coloured
from adapter.spec.diagnostics import RENDERERS, Diagnostic, paint

FOR_PROGRAMS = ("json", "github")
"""Formats that something parses, so that nothing else may stand on stdout."""


@click.command(short_help="Are vendor files right? Where not, and what instead?")
@options.paths
@options.specs
@click.option("--strict", is_flag=True, help="Warnings fail too, with exit code 3.")
@options.output("text", "concise", "json", "github")
def validate(
    paths: Sequence[Path], vendors: Sequence[Path], schemas: Sequence[Path], strict: bool, output: str
) -> None:
    """Check vendor files: every mistake of every file, where it is, and what to write instead.

    Without PATH all loaded files are checked; a PATH is a file or a folder and limits what is reported.

    \b
    adapter validate --vendors my-vendors
    adapter validate --strict -o github my-vendors/acme.yaml
    """
    selection = select(vendors, schemas, paths)
    text = RENDERERS[output](selection.diagnostics, selection.loaded.sources)
    if text:
        click.echo(paint(text) if output == "text" and coloured() else text)
    click.echo(("\n" if text and output == "text" else "") + selection.summary(), err=output in FOR_PROGRAMS)
    raise SystemExit(code(selection.diagnostics, strict))


def code(diagnostics: Sequence[Diagnostic], strict: bool) -> int:
    """The exit code for what was found."""
    severities = {one.severity for one in diagnostics}
    if "error" in severities:
        return PROBLEMS
    return WARNINGS if strict and severities else 0
