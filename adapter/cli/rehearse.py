"""Do the examples of the vendor files come out as they say?"""

from collections.abc import Sequence
from pathlib import Path

import click

from adapter.cli import options
from adapter.cli.accept import accept
from adapter.cli.boundary import PROBLEMS, Nothing
from adapter.cli.files import Selection, select
from adapter.cli.test_report import REPORTS, Report
from adapter.cli.tested import run_examples
from adapter.cli.validate import COVERAGE, examined
from adapter.matrix import detected
from adapter.spec.diagnostics import FOR_PROGRAMS


@click.command(short_help="Do the examples in vendor files come out as they say?")
@options.paths
@options.specs
@click.option("--coverage", is_flag=True, help="List what no example shows, and what none asserts.")
@click.option(
    "--min-coverage", "least", type=click.FloatRange(0, 100), default=0, metavar="PERCENT",
    help="Fail where a file's examples show less of it.",
)  # fmt: skip
@click.option("--matrix", is_flag=True, help="Show which specs claim which examples; each must be its own's alone.")
@click.option("--accept", is_flag=True, help="Write what comes out into examples that say otherwise.")
@click.option("--yes", is_flag=True, help="With --accept: do not ask.")
@options.output(*REPORTS)
@options.color
def test(
    paths: Sequence[Path], vendors: Sequence[Path], schemas: Sequence[Path], least: float, output: str, **flags: bool
) -> None:
    """Run the examples in vendor files through the engine and compare what comes out.

    Examples with "sign: true" are signed with a test secret; then forged copies of them must be refused.

    \b
    adapter test --vendors my-vendors
    adapter test my-vendors/acme.yaml --coverage
    adapter test my-vendors/acme.yaml --accept
    adapter test -o junit > junit.xml
    """
    if flags["yes"] and not flags["accept"]:
        raise click.UsageError("--yes goes with --accept")
    if flags["accept"]:
        accept(vendors, schemas, paths, flags["yes"], output in FOR_PROGRAMS)
    selection = select(vendors, schemas, paths)
    report = _report(selection, least, flags["coverage"], flags["matrix"])
    if not any(one.examples for one in report.tested) and all(one.good for one in report.tested):
        raise Nothing("no example was found: nothing to test")
    REPORTS[output](report)
    raise SystemExit(0 if all(one.good for one in report.tested) else PROBLEMS)


def _report(selection: Selection, least: float, listed: bool, matrix: bool) -> Report:
    found = tuple(detected(selection.loaded.registry, selection.specs)) if matrix else ()
    advice = tuple(one for one in examined(selection) if one.code.startswith(COVERAGE)) if listed else ()
    return Report(tuple(run_examples(selection, least, found)), selection, listed, matrix, found, advice)
