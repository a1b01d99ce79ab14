"""How is a test shown: to people, to programs, to CI?"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import Any

import click

from adapter.cli import step_summary
from adapter.cli.files import Selection
from adapter.cli.show import COLOURS, coloured, diagnosed
from adapter.cli.tested import DIFFERS, LOW, NOT_RUN, UNTOLD, Tested, diagnostics, low, untold
from adapter.coverage import Coverage
from adapter.matrix import Detected
from adapter.rehearsal import Rehearsed
from adapter.spec.diagnostics import FOR_PROGRAMS, RENDERERS, Diagnostic, plural, visible
from adapter.spec.junit import Case, Fault, junit


@dataclass(frozen=True, slots=True)
class Report:
    """What was tested, and what of it is asked for: `listed` what is not covered, `matrix` who claims what.

    `advice` is what the examples leave open; no test fails for it.
    """

    tested: tuple[Tested, ...]
    selection: Selection
    listed: bool
    matrix: bool
    detected: tuple[Detected, ...]
    advice: tuple[Diagnostic, ...] = ()

    @property
    def summary(self) -> str:
        """The last line: what was read, and what came of it."""
        examples = sum(len(one.examples) for one in self.tested)
        failed = sum(len(one.examples) - one.right for one in self.tested)
        left = sum(not one.examples for one in self.tested)
        parts = [self.selection.read, plural(examples, "example"), f"{failed} failed"]
        parts += [f"{plural(left, 'file')} not tested"] if left else []
        low_ones, strangers = sum(one.low for one in self.tested), sum(len(one.untold) for one in self.tested)
        parts += [f"{plural(low_ones, 'file')} shown too little"] if low_ones else []
        parts += [f"{strangers} not told apart"] if strangers else []
        return ", ".join(parts)


def _text(report: Report) -> None:
    width = max(len(one.file) for one in report.tested)
    for one in report.tested:
        click.echo("\n".join(_lines(one, width, report)))
    if report.matrix:
        click.echo("\n".join(_matrix(report)))
    if report.advice:
        click.echo(f"\n{diagnosed(report.advice, report.selection.loaded.sources)}\n")
    click.echo(report.summary)


def _lines(one: Tested, width: int, report: Report) -> Iterator[str]:
    count = f"{one.right}/{len(one.examples)} examples" if one.examples else "not tested"
    covered = f"   {counted(one.coverage)}" if one.coverage and one.examples else ""
    yield f"{_mark(one.good)} {visible(one.file):{width}}   {count}{covered}"
    for example in one.examples:
        yield from _example(example)
    if one.failure:
        yield f"     {visible(one.failure)}"
    if one.errors:
        yield f"\n{diagnosed(one.errors, report.selection.loaded.sources)}\n"
    if one.low and one.coverage:
        yield f"     {low(one.coverage, one.least)}"
    if report.listed and one.coverage:
        yield from _missing(one.coverage)


def counted(found: Coverage) -> str:
    """`fields 11/11   kinds 3/3`"""
    return "   ".join(f"{name} {done}/{every}" for name, (done, every) in found.groups.items())


_NOT_SHOWN = {"fields": "never has a value", "kinds": "never comes out", "entries": "never lists a record",
              "codes": "never sent", "acks": "never answered"}  # fmt: skip


def _missing(found: Coverage) -> Iterator[str]:
    for part in found.missing:
        why = _NOT_SHOWN[part.group] if not part.exercised else "never asserted"
        yield f"     {part.group:8}{visible(part.name)}: {why}   ({visible(str(part.place))})"


def _example(one: Rehearsed) -> Iterator[str]:
    forged = "copy" if one.forged == 1 else "copies"
    refused = f"   (+{one.forged} forged {forged} refused)" if one.forged else ""
    yield f"     {_mark(not one.differences)} {visible(one.example.name)}{refused}"
    yield from (f"          {visible(difference)}" for difference in one.differences)


def _mark(good: bool) -> str:
    word = f"{'ok' if good else 'FAIL':4}"
    return click.style(word, fg=COLOURS[good]) if coloured() else word


def _matrix(report: Report) -> Iterator[str]:
    """Rows are vendors with their examples, columns the specs that claim them, by number."""
    asked = [spec.vendor for spec in report.selection.loaded.registry.specs.values() if spec.match]
    rows = list(dict.fromkeys(one.spec.vendor for one in report.detected))
    name, cell = max(map(len, asked), default=0), len(str(len(asked))) + 1
    yield f"\n{'examples claimed by':{name + cell + 2}}" + "".join(f"{at:>{cell}}" for at in range(1, len(asked) + 1))
    for row in rows:
        counts = [_claimed(report, row, column) for column in asked]
        yield f"{asked.index(row) + 1:>{cell}}  {row:{name}}" + "".join(f"{count or '.':>{cell}}" for count in counts)
    for spec in report.selection.specs:
        if not spec.match:
            yield f"     {spec.vendor} has no match: on a shared URL it is not asked"
    wrong = [one for one in report.detected if not one.right]
    yield from (f"{_mark(False)} {visible(one.spec.vendor)}: {visible(untold(one))}" for one in wrong)
    yield f"{_mark(not wrong)} {plural(len(report.detected), 'example')} on a shared URL, {len(wrong)} not told apart\n"


def _claimed(report: Report, vendor: str, by: str) -> int:
    return sum(by in one.claims for one in report.detected if one.spec.vendor == vendor)


def _json(report: Report) -> None:
    click.echo(json.dumps([_row(one) for one in report.tested], indent=2, ensure_ascii=False))


def _row(one: Tested) -> dict[str, Any]:
    errors = [f"{error.span.place if error.span else one.file}: {error.message}" for error in one.errors]
    errors += [one.failure] if one.failure else []
    errors += [low(one.coverage, one.least)] if one.low and one.coverage else []
    return {
        "file": one.file,
        "vendor": one.vendor or None,
        "ok": one.good,
        "errors": [*errors, *map(untold, one.untold)],
        "coverage": _covered(one.coverage) if one.coverage else None,
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


def _covered(found: Coverage) -> dict[str, Any]:
    return {
        "percent": round(found.percent, 1),
        "groups": {name: {"shown": done, "all": every} for name, (done, every) in found.groups.items()},
        "missing": [
            {"group": part.group, "name": part.name, "place": str(part.place), "shown": part.exercised}
            for part in found.missing
        ],
    }


def _junit(report: Report) -> None:
    """One case for each example."""
    click.echo(junit("adapter test", [(visible(one.file), list(_cases(one))) for one in report.tested]))


def _cases(one: Tested) -> Iterator[Case]:
    group, file = one.vendor or visible(PurePath(one.file).stem), visible(one.file)
    for error in one.errors:
        line = error.span.line if error.span else 1
        yield Case(group, f"{error.code} at line {line}", file, line, (_fault(error.code, error.message, "error"),))
    if one.failure:
        yield Case(group, "its examples can be run", file, 1, (_fault(NOT_RUN, one.failure, "error"),))
    for each in one.examples:
        untolds = [_fault(UNTOLD, untold(told)) for told in one.untold if told.example == each.example]
        kind, code = ("failure", DIFFERS) if each.outcome else ("error", NOT_RUN)
        faults = [_fault(code, "\n".join(each.differences), kind)] if each.differences else []
        output = f"{plural(each.forged, 'forged copy').replace('copys', 'copies')} refused" if each.forged else ""
        name, line = visible(each.example.name), each.example.place.line
        yield Case(group, name, file, line, (*faults, *untolds), output)
    if one.least and one.coverage:
        faults = [_fault(LOW, low(one.coverage, one.least))] if one.low else []
        yield Case(group, "coverage by its examples", file, 1, tuple(faults), counted(one.coverage))


def _fault(code: str, message: str, kind: str = "failure") -> Fault:
    return Fault(code, "\n".join(map(visible, message.split("\n"))), kind=kind)


def _rendered(output: str, report: Report) -> None:
    found = diagnostics(report.tested, report.selection)
    text = RENDERERS[output](found, report.selection.loaded.sources)
    if text:
        click.echo(text)


def _github(report: Report) -> None:
    _rendered("github", report)
    step_summary.append(
        "adapter test", ("", "file", "examples", "coverage", "what differs"), map(_cells, report.tested), report.summary
    )


def _cells(one: Tested) -> tuple[str, str, str, str, str]:
    differs = [f"{each.example.name}: {text}" for each in one.examples for text in each.differences]
    differs += [error.message for error in one.errors] + ([one.failure] if one.failure else [])
    covered = f"{one.coverage.percent:.0f} %" if one.coverage else ""
    count = f"{one.right}/{len(one.examples)}"
    return "ok" if one.good else "FAIL", one.file, count, covered, "; ".join([*differs, *map(untold, one.untold)])


def _with_last_line(output: str, show: Callable[[Report], None], report: Report) -> None:
    show(report)
    if output != "text":
        click.echo(report.summary, err=output in FOR_PROGRAMS)


_SHOWN: dict[str, Callable[[Report], None]] = {
    "text": _text,
    "concise": partial(_rendered, "concise"),
    "json": _json,
    "github": _github,
    "junit": _junit,
    "sarif": partial(_rendered, "sarif"),
}
REPORTS = {output: partial(_with_last_line, output, show) for output, show in _SHOWN.items()}
"""By the word behind -o: the report, and the last line."""
