"""Are the files right?"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from adapter.cli import options, step_summary
from adapter.cli.boundary import PROBLEMS, WARNINGS
from adapter.cli.deployed import joined
from adapter.cli.files import Selection, select
from adapter.cli.show import coloured
from adapter.examined.examine import examine
from adapter.spec.diagnostics import FOR_PROGRAMS, RENDERERS, Diagnostic, paint, sort_key

COVERAGE = "COV"
"""Codes about what the examples do not show: `adapter test --coverage` tells them."""


@click.command(short_help="Are vendor files right? Where not, and what instead?")
@options.paths
@options.specs
@options.config
@click.option("--strict", is_flag=True, help="Warnings fail too, with exit code 3.")
@options.output(*RENDERERS)
@options.color
def validate(
    paths: Sequence[Path], vendors: Sequence[Path], schemas: Sequence[Path], config: Path | None,
    strict: bool, output: str,
) -> None:  # fmt: skip
    """Check vendor files: every mistake of every file, where it is, and what to write instead.

    Without PATH all loaded files are checked, and the deployment file; a PATH is a file or a folder and limits what
    is reported.
    In a GitHub workflow "-o github" notes the mistakes on the changed lines.

    \b
    adapter validate --vendors my-vendors
    adapter validate --strict -o github my-vendors/acme.yaml
    adapter validate -o sarif my-vendors > adapter.sarif
    """
    selection = joined(select(vendors, schemas, paths), config, limited=bool(paths))
    shown = (one for one in examined(selection) if not one.code.startswith(COVERAGE))
    found = [*selection.diagnostics, *shown]
    print_found(found, selection, output, selection.summary(found), "adapter validate")
    raise SystemExit(code(found, strict))


def examined(selection: Selection) -> Iterator[Diagnostic]:
    """What the examples of the chosen files show about them, beyond what can be read off the files."""
    for spec in selection.specs:
        yield from examine(spec, selection.loaded.registry.kinds)


def print_found(diagnostics: Sequence[Diagnostic], selection: Selection, output: str, last: str, title: str) -> None:
    """Diagnostics in any format, and the last line: with those for programs it goes to stderr."""
    named = [one.span.file for one in diagnostics if one.span]
    files = dict.fromkeys([*selection.vendors, *selection.tables, *named])
    known = selection.loaded.sources
    text = RENDERERS[output](diagnostics, {file: known[file] for file in files if file in known})
    if text:
        click.echo(paint(text) if output == "text" and coloured() else text)
    click.echo(("\n" if text and output == "text" else "") + last, err=output in FOR_PROGRAMS)
    if output == "github":
        step_summary.append(title, ("", "where", "code", "what"), map(_cells, sorted(diagnostics, key=sort_key)), last)


def _cells(one: Diagnostic) -> tuple[str, str, str, str]:
    return one.severity, f"{one.span.file}:{one.span.line}" if one.span else "", one.code, one.message


def code(diagnostics: Sequence[Diagnostic], strict: bool) -> int:
    """The exit code for what was found."""
    severities = {one.severity for one in diagnostics}
    if "error" in severities:
        return PROBLEMS
    return WARNINGS if strict and severities else 0
