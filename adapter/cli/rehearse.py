"""Do the examples of the vendor files come out as they say?"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from adapter.cli import options
from adapter.cli.boundary import PROBLEMS, Nothing
from adapter.cli.files import Selection, select
from adapter.cli.show import COLOURS, coloured, diagnosed
from adapter.rehearsal import Rehearsed, rehearse
from adapter.spec.diagnostics import Diagnostic, plural, visible
from adapter.spec.language import Kind, Spec

NOT_WRITTEN = (ValueError, LookupError, TypeError)
"""What an example may raise whose request cannot be built: its body is not of the type that its signature needs."""


@dataclass(frozen=True, slots=True)
class Tested:
    """One file's test: errors of the file itself, else its examples."""

    file: str
    errors: tuple[Diagnostic, ...] = ()
    examples: tuple[Rehearsed, ...] = ()
    failure: str = ""

    @property
    def right(self) -> int:
        return sum(not one.differences for one in self.examples)

    @property
    def good(self) -> bool:
        return not self.errors and not self.failure and self.right == len(self.examples)


@click.command(short_help="Do the examples in vendor files come out as they say?")
@options.paths
@options.specs
@options.output("text", "json")
def test(paths: Sequence[Path], vendors: Sequence[Path], schemas: Sequence[Path], output: str) -> None:
    """Run the examples in vendor files through the engine and compare what comes out.

    Examples with "sign: true" are signed with a test secret; then forged copies of them must be refused.

    \b
    adapter test --vendors my-vendors
    adapter test my-vendors/acme.yaml
    """
    selection = select(vendors, schemas, paths)
    tested = _tested(selection)
    if not any(one.examples for one in tested) and all(one.good for one in tested):
        raise Nothing("no example was found: nothing to test")
    click.echo(REPORTS[output](tested, selection))
    click.echo(_summary(tested, selection), err=output == "json")
    raise SystemExit(0 if all(one.good for one in tested) else PROBLEMS)


def _tested(selection: Selection) -> list[Tested]:
    specs = {spec.place.file: spec for spec in selection.specs}
    kinds = selection.loaded.registry.kinds
    broken = (_broken(selection, file) for file in (*selection.vendors, *selection.tables))
    errors = {one.file: one for one in broken if one.errors}
    return [errors.get(file) or _run(specs[file], kinds) for file in selection.vendors] + [
        errors[file] for file in selection.tables if file in errors
    ]


def _broken(selection: Selection, file: str) -> Tested:
    return Tested(file, tuple(one for one in selection.of(file) if one.severity == "error"))


def _run(spec: Spec, kinds: Mapping[str, Kind]) -> Tested:
    try:
        return Tested(spec.place.file, examples=tuple(rehearse(spec, kinds)))
    except NOT_WRITTEN as error:
        return Tested(spec.place.file, failure=f"its examples cannot be run: {error}")


def _text(tested: Sequence[Tested], selection: Selection) -> str:
    width = max(len(one.file) for one in tested)
    return "\n".join(line for one in tested for line in _lines(one, width, selection))


def _lines(one: Tested, width: int, selection: Selection) -> Iterator[str]:
    count = f"{one.right}/{len(one.examples)} examples" if one.examples else "not tested"
    yield f"{_mark(one.good)} {visible(one.file):{width}}   {count}"
    for example in one.examples:
        yield from _example(example)
    if one.failure:
        yield f"     {visible(one.failure)}"
    if one.errors:
        yield f"\n{diagnosed(one.errors, selection.loaded.sources)}\n"


def _example(one: Rehearsed) -> Iterator[str]:
    forged = "copy" if one.forged == 1 else "copies"
    refused = f"   (+{one.forged} forged {forged} refused)" if one.forged else ""
    yield f"     {_mark(not one.differences)} {visible(one.example.name)}{refused}"
    yield from (f"          {visible(difference)}" for difference in one.differences)


def _mark(good: bool) -> str:
    word = f"{'ok' if good else 'FAIL':4}"
    return click.style(word, fg=COLOURS[good]) if coloured() else word


def _json(tested: Sequence[Tested], _: Selection) -> str:
    return json.dumps([_row(one) for one in tested], indent=2, ensure_ascii=False)


def _row(one: Tested) -> dict[str, Any]:
    return {
        "file": one.file,
        "ok": one.good,
        "errors": [f"{error.span.place if error.span else one.file}: {error.message}" for error in one.errors]
        + ([one.failure] if one.failure else []),
        "examples": [
            {
                "name": each.example.name,
                "line": each.example.place.line,
                "ok": not each.differences,
                "differences": list(each.differences),
                "forged_copies_refused": each.forged,
            }
            for each in one.examples
        ],
    }


REPORTS = {"text": _text, "json": _json}


def _summary(tested: Sequence[Tested], selection: Selection) -> str:
    examples = sum(len(one.examples) for one in tested)
    failed = sum(len(one.examples) - one.right for one in tested)
    left = sum(not one.examples for one in tested)
    untested = f", {plural(left, 'file')} not tested" if left else ""
    return f"{selection.read}, {plural(examples, 'example')}, {failed} failed{untested}"
